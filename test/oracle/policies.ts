import type { PGlite } from '@electric-sql/pglite';
import type { Random } from './random.js';

/** One CREATE POLICY, in parts. */
export interface OraclePolicy {
  readonly name: string;
  readonly permissive: boolean;
  readonly command: 'ALL' | 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';
  readonly using?: string;
  readonly check?: string;
  readonly toApplication: boolean;
}

export interface PolicySet {
  readonly nullableTenant: boolean;
  readonly policies: readonly OraclePolicy[];
}

/** Who asks, and with what in the session. */
export type Session = 'tenant' | 'unset' | 'empty' | 'owner' | 'owner forced';

/** What the session of tenant 7 can do with the rows of tenant 8 (or of nobody, where the column may be NULL). */
export interface Reach {
  readonly read: boolean;
  readonly update: boolean;
  readonly delete: boolean;
  /** INSERT of a row for tenant 8. */
  readonly insert: boolean;
  /** UPDATE that hands an own row to tenant 8. */
  readonly move: boolean;
}

/** `unset` first: once a setting was given in a session, it is empty afterwards and never unset again. */
export const SESSIONS: readonly Session[] = ['unset', 'empty', 'tenant', 'owner', 'owner forced'];

const SETTING = "current_setting('app.tenant', true)";
const STRICT = [
  "tenant_id = current_setting('app.tenant')::int", `tenant_id = ${SETTING}::int`, `tenant_id = NULLIF(${SETTING}, '')::int`, `tenant_id::text = ${SETTING}`,
  `tenant_id IN (SELECT ${SETTING}::int)`, `${SETTING} IS NOT NULL AND tenant_id::text = ${SETTING}`, `tenant_id IS NOT DISTINCT FROM ${SETTING}::int AND tenant_id IS NOT NULL`,
  `EXISTS (SELECT 1 FROM owners o WHERE o.id = owner_id AND o.tenant_id::text = ${SETTING})`, `owner_id IN (SELECT o.id FROM owners o WHERE o.tenant_id::text = ${SETTING})`,
];
const LAX = [
  'true', `tenant_id IS NULL OR tenant_id::text = ${SETTING}`, `tenant_id::text = ${SETTING} OR n = 1`, `COALESCE(${SETTING}, tenant_id::text) = tenant_id::text`,
  `COALESCE(NULLIF(${SETTING}, ''), '8')::int = tenant_id`, `${SETTING} IS NULL OR tenant_id::text = ${SETTING}`, `COALESCE(${SETTING}, '') = '' OR tenant_id::text = ${SETTING}`,
  `tenant_id::text <> ${SETTING}`, `NOT (tenant_id::text = ${SETTING})`, `tenant_id::text >= ${SETTING}`, 'tenant_id IS NOT NULL', 'tenant_id = tenant_id', 'n = 1', 'tenant_id = 8',
  `EXISTS (SELECT 1 FROM owners o WHERE o.tenant_id::text = ${SETTING})`, `owner_id IN (SELECT o.id FROM owners o)`, `${SETTING} IS NOT NULL`,
  `EXISTS (SELECT 1 FROM owners o WHERE o.id = owner_id OR o.tenant_id::text = ${SETTING})`, `CASE WHEN n = 1 THEN true ELSE tenant_id::text = ${SETTING} END`,
  `tenant_id IS NOT DISTINCT FROM ${SETTING}::int`,
];

/** One to three policies for the table `notes`. */
export function generatePolicies(random: Random): PolicySet {
  const condition = (): string => random.pick(random.chance(0.5) ? STRICT : LAX);
  const count = random.weighted([[4, 1], [2, 2], [1, 3]] as [number, number][]);
  const policies = Array.from({ length: count }, (_, index): OraclePolicy => {
    const command = random.weighted([[5, 'ALL'], [1, 'SELECT'], [1, 'INSERT'], [2, 'UPDATE'], [1, 'DELETE']] as [number, OraclePolicy['command']][]);
    const using = command === 'INSERT' ? undefined : condition();
    const mayCheck = command === 'ALL' || command === 'UPDATE' || command === 'INSERT';
    const check = mayCheck && (using === undefined || random.chance(0.5)) ? condition() : undefined;
    return { name: `p${index + 1}`, permissive: index === 0 || random.chance(0.65), command, toApplication: random.chance(0.9), ...(using === undefined ? {} : { using }), ...(check === undefined ? {} : { check }) };
  });
  return { nullableTenant: random.chance(0.3), policies };
}

/** The tables without their policies: what a migration would hold. */
export function tableDdl(set: PolicySet): string {
  return `CREATE TABLE accounts (id int PRIMARY KEY);
CREATE TABLE owners (id int PRIMARY KEY, tenant_id int NOT NULL REFERENCES accounts (id));
CREATE TABLE notes (id int PRIMARY KEY, tenant_id int ${set.nullableTenant ? '' : 'NOT NULL '}REFERENCES accounts (id), owner_id int NOT NULL REFERENCES owners (id), n int);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;`;
}

/** CREATE POLICY statements, one a line. */
export function policyDdl({ policies }: PolicySet): string {
  return policies.map(({ name, permissive, command, using, check, toApplication }) => [
    `CREATE POLICY ${name} ON notes AS ${permissive ? 'PERMISSIVE' : 'RESTRICTIVE'} FOR ${command} TO ${toApplication ? 'app_user' : 'other_user'}`,
    ...(using === undefined ? [] : [`USING (${using})`]), ...(check === undefined ? [] : [`WITH CHECK (${check})`]),
  ].join(' ') + ';').join('\n');
}

const BASE = 'INSERT INTO accounts VALUES (7), (8); INSERT INTO owners VALUES (1, 7), (2, 8);';

/** Each trial stands alone: rows as given, one statement as the role, what became of it, all undone. */
const TRIAL = `
CREATE OR REPLACE FUNCTION policy_trial(role text, setting text, value text, rows text, attempt text, probe text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE reached boolean := false;
BEGIN
  BEGIN
    EXECUTE '${BASE}' || rows;
    IF value IS NOT NULL THEN PERFORM set_config(setting, value, true); END IF;
    EXECUTE format('SET LOCAL ROLE %I', role);
    IF probe IS NULL THEN
      EXECUTE attempt INTO reached;
    ELSE
      EXECUTE attempt;
      RESET ROLE;
      EXECUTE probe INTO reached;
    END IF;
    RAISE EXCEPTION 'done' USING ERRCODE = 'JDONE';
  EXCEPTION WHEN OTHERS THEN
    IF SQLSTATE <> 'JDONE' THEN reached := false; END IF;
  END;
  RETURN coalesce(reached, false);
END $$;`;

/** Creates the roles that the trials need; once a database. */
export async function preparePolicies(db: PGlite): Promise<void> {
  await db.exec(`CREATE ROLE app_user; CREATE ROLE other_user; CREATE ROLE owner_user; ${TRIAL}`);
}

interface Trial {
  readonly kind: keyof Reach;
  readonly rows: string;
  readonly attempt: string;
  /** What tells, as superuser, that the attempt reached the row; absent when the attempt itself tells. */
  readonly probe: string | null;
}

let databases = 0;

/**
 * What PostgreSQL lets a session of tenant 7 do to rows that are not its own.
 * @param db a database prepared by `preparePolicies`
 */
export async function reachOf(db: PGlite, set: PolicySet): Promise<Map<Session, Reach>> {
  databases += 1;
  const setting = `app.tenant${databases}`;
  const policies = policyDdl(set).replaceAll("'app.tenant'", `'${setting}'`);
  await db.exec(`SET client_min_messages = error; DROP SCHEMA IF EXISTS policies CASCADE; CREATE SCHEMA policies; SET search_path = policies, public; ${tableDdl(set)} ${policies}
    GRANT USAGE ON SCHEMA policies TO app_user, owner_user; GRANT ALL ON ALL TABLES IN SCHEMA policies TO app_user, owner_user; ALTER TABLE notes OWNER TO owner_user;`);
  const trials = trialsFor(set.nullableTenant);
  const result = new Map<Session, Reach>();
  for (const session of SESSIONS) {
    await db.exec(`ALTER TABLE notes ${session === 'owner forced' ? 'FORCE' : 'NO FORCE'} ROW LEVEL SECURITY`);
    result.set(session, await reachIn(db, session, setting, trials));
  }
  await db.exec('SET search_path = public');
  return result;
}

async function reachIn(db: PGlite, session: Session, setting: string, trials: readonly Trial[]): Promise<Reach> {
  const role = session === 'owner' || session === 'owner forced' ? 'owner_user' : 'app_user';
  const value = session === 'unset' ? null : session === 'empty' ? '' : '7';
  const { rows } = await db.query<{ kind: keyof Reach; reached: boolean }>(
    `SELECT kind, policy_trial($1, $2, $3, rows, attempt, probe) AS reached FROM unnest($4::text[], $5::text[], $6::text[], $7::text[]) AS t (kind, rows, attempt, probe)`,
    [role, setting, value, trials.map((each) => each.kind), trials.map((each) => each.rows), trials.map((each) => each.attempt), trials.map((each) => each.probe)],
  );
  const reached = (kind: keyof Reach): boolean => rows.some((row) => row.kind === kind && row.reached);
  return { read: reached('read'), update: reached('update'), delete: reached('delete'), insert: reached('insert'), move: reached('move') };
}

function trialsFor(nullable: boolean): Trial[] {
  const owners = nullable ? ['8', 'NULL'] : ['8'];
  return [1, 2].flatMap((n) => owners.flatMap((tenant): Trial[] => {
    const row = `(1, ${tenant}, 2, ${n})`;
    const own = '(1, 7, 1, 1)';
    const gone = (of: string): string => `SELECT NOT EXISTS (SELECT 1 FROM notes WHERE (id, coalesce(tenant_id, 0), owner_id, n) = ${of.replace('NULL', '0')})`;
    const insert = (of: string): string => `INSERT INTO notes VALUES ${of}`;
    return [
      { kind: 'read', rows: insert(row), attempt: 'SELECT count(*) > 0 FROM notes', probe: null },
      { kind: 'update', rows: insert(row), attempt: 'UPDATE notes SET n = 3', probe: gone(row) },
      { kind: 'update', rows: insert(row), attempt: 'UPDATE notes SET tenant_id = 7, owner_id = 1', probe: gone(row) },
      { kind: 'delete', rows: insert(row), attempt: 'DELETE FROM notes', probe: gone(row) },
      { kind: 'insert', rows: '', attempt: insert(row), probe: 'SELECT EXISTS (SELECT 1 FROM notes)' },
      { kind: 'move', rows: insert(own), attempt: `UPDATE notes SET tenant_id = ${tenant}, owner_id = 2, n = ${n}`, probe: gone(own) },
    ];
  }));
}
