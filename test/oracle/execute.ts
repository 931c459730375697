import { PGlite } from '@electric-sql/pglite';
import type { Random } from './random.js';
import { ddl, OWN_TENANT, OWN_USER, ownerOf, type OracleSchema, type OracleTable } from './schema.js';
import { inserts, type State, type Value } from './states.js';

export type Judgement =
  | { readonly kind: 'no leak' }
  | { readonly kind: 'leak'; readonly how: string }
  /** PostgreSQL rejects it whatever the data. */
  | { readonly kind: 'invalid'; readonly how: string };

/** What one query is run with: `numbers` for $1 to $6, `texts` for $7 and $8, one after the other; $9 holds $2 of this round and of the next ones, so that rows of several tenants are in it. */
export interface Assignments {
  readonly numbers: readonly (number | null)[];
  readonly texts: readonly (string | null)[];
}

/** The same, with NULL for the tenant. */
export const withoutTenant = ({ numbers, texts }: Assignments): Assignments => ({ numbers: numbers.map((value, index) => (index % NUMBERS === 0 ? null : value)), texts });

const NUMBERS = 6;
const TEXTS = 2;
const ASSIGNMENTS = 9;
const MOST_ROWS = 4000;
const WRITES = /\b(INSERT INTO|UPDATE|DELETE FROM|MERGE INTO)\b/;

/**
 * All rounds of one query: states outside, parameters inside, so that PostgreSQL plans it once a state.
 * judge.once is made anew for each query: static SQL in PL/pgSQL keeps its plan, EXECUTE does not.
 */
const FUNCTIONS = `
CREATE SCHEMA judge;
CREATE FUNCTION judge.verdict(schemas text[], rounds int, numbers int[], texts text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE s text; a int; i int[]; t text[]; first text[] := '{}'; answer text;
BEGIN
  FOREACH s IN ARRAY schemas LOOP
    PERFORM set_config('search_path', s, true);
    FOR a IN 1 .. rounds LOOP
      i := numbers[(a - 1) * ${NUMBERS} + 1 : a * ${NUMBERS}];
      t := texts[(a - 1) * ${TEXTS} + 1 : a * ${TEXTS}];
      answer := judge.once(i[1], i[2], i[3], i[4], i[5], i[6], t[1], t[2], ARRAY[i[2], numbers[(a % rounds) * ${NUMBERS} + 2], numbers[((a + 1) % rounds) * ${NUMBERS} + 2]]);
      IF answer ~ '^error (42|0A|JLARG|53|54)' THEN RETURN 'invalid ' || answer; END IF;
      IF answer LIKE 'error%' THEN answer := substr(answer, 1, 11); END IF;
      IF answer = 'changed' THEN RETURN 'leak: changes rows of another tenant in ' || s || ' with ' || i::text || ' ' || t::text; END IF;
      IF first[a] IS NULL THEN first[a] := answer;
      ELSIF answer <> first[a] THEN RETURN 'leak: ' || s || ' differs from ' || schemas[1] || ' with ' || i::text || ' ' || t::text || ': ' || first[a] || ' / ' || answer; END IF;
    END LOOP;
  END LOOP;
  RETURN 'no leak';
END $$;`;

/**
 * Runs the query, compares what it wrote, and rolls back.
 * @param effect a query of two columns: what a writing query left behind, and whether the rows of others are as they were
 */
export function onceFunction(sql: string, effect: string): string {
  const run = givesRows(sql) ? `FOR judge_row IN ${sql} LOOP
        judge_count := judge_count + 1;
        IF judge_count > ${MOST_ROWS} THEN RAISE EXCEPTION 'too many rows' USING ERRCODE = 'JLARG'; END IF;
        judge_seen := judge_seen || judge_row::text;
      END LOOP;` : `${sql};`;
  const compare = WRITES.test(sql) ? `
      SELECT e.* INTO judge_own, judge_same FROM (${effect}) e;
      judge_answer := CASE WHEN judge_same THEN judge_answer || judge_own ELSE 'changed' END;` : '';
  return `CREATE OR REPLACE FUNCTION judge.once(int, int, int, int, int, int, text, text, int[]) RETURNS text LANGUAGE plpgsql AS $judge$
DECLARE judge_row record; judge_seen text[] := '{}'; judge_answer text; judge_own text; judge_same boolean; judge_count int := 0;
BEGIN
  BEGIN
    ${run}
    judge_answer := judge_count || ':' || md5(array_to_string(ARRAY(SELECT s FROM unnest(judge_seen) s ORDER BY s COLLATE "C"), '|'));${compare}
    RAISE EXCEPTION 'done' USING ERRCODE = 'JDONE';
  EXCEPTION WHEN OTHERS THEN
    IF SQLSTATE <> 'JDONE' THEN judge_answer := 'error ' || SQLSTATE || ' ' || SQLERRM; END IF;
  END;
  RETURN judge_answer;
END $judge$`;
}

/** PostgreSQL as the judge of leaks: one instance, one schema of the database a state. */
export class Judge {
  private schemas: string[] = [];
  private constructor(readonly db: PGlite) {}

  static async start(): Promise<Judge> {
    const db = await PGlite.create();
    await db.exec(`SET plan_cache_mode = force_generic_plan; SET client_min_messages = error; ${FUNCTIONS}`);
    return new Judge(db);
  }

  /** Replaces the tables and rows that queries run on. */
  async load(schema: OracleSchema, states: readonly State[]): Promise<void> {
    const drops = this.schemas.map((name) => `DROP SCHEMA ${name} CASCADE;`).join('');
    this.schemas = states.map((_, index) => `state${index}`);
    const functions = digestFunction('own', schema, (table) => isOwn(schema, table, 'x')) + digestFunction('others', schema, (table) => `NOT (${isOwn(schema, table, 'x')})`);
    const creations = states.map((state, index) => `CREATE SCHEMA state${index}; SET LOCAL search_path = state${index};\n${ddl(schema)}\n${inserts(schema, state)}\n${functions} CREATE TABLE others_before AS SELECT others() AS digest;`);
    await this.db.exec(`BEGIN; ${drops} ${creations.join('\n')} COMMIT;`);
  }

  /** Whether the query leaks, over all states and assignments. */
  async judge(sql: string, assignments: Assignments): Promise<Judgement> {
    try {
      await this.db.exec(onceFunction(sql, 'SELECT own(), others() = b.digest FROM others_before b'));
    } catch (error) {
      return { kind: 'invalid', how: String(error) };
    }
    return this.verdict(sql, this.schemas, assignments);
  }

  /** Runs what judge.once was made to run, on each of the search paths. */
  async verdict(sql: string, paths: readonly string[], assignments: Assignments): Promise<Judgement> {
    const rounds = /\$[2-9]/.test(sql) ? assignments.numbers.length / NUMBERS : 1;
    const { rows } = await this.db.query<{ verdict: string }>('SELECT judge.verdict($1, $2, $3, $4) AS verdict', [paths, rounds, assignments.numbers, assignments.texts]);
    const { verdict } = rows[0]!;
    if (verdict === 'no leak') return { kind: 'no leak' };
    return verdict.startsWith('leak: ') ? { kind: 'leak', how: verdict.slice(6) } : { kind: 'invalid', how: verdict.slice(8) };
  }

  async close(): Promise<void> {
    await this.db.close();
  }
}

/** A function that gives the contents of all tables in short. */
export function digestFunction(name: string, schema: OracleSchema, condition: (table: OracleTable) => string): string {
  const parts = schema.tables.map((table) => `(SELECT string_agg(x::text, ',' ORDER BY x::text COLLATE "C") FROM ${table.name} x WHERE ${condition(table)})`);
  return `CREATE FUNCTION ${name}() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT md5(concat_ws('/', ${parts.join(', ')}))); END $$;`;
}

/** Whether the statement returns rows: a SELECT, or a write with RETURNING outside of any CTE. */
function givesRows(sql: string): boolean {
  let depth = 0;
  let text = '';
  for (const character of sql) {
    if (character === '(') depth += 1;
    if (depth === 0) text += character;
    if (character === ')') depth -= 1;
  }
  return /\bRETURNING\b/.test(text) || !WRITES.test(text);
}

/** A condition that holds for rows of the own tenant and of global tables. */
function isOwn(schema: OracleSchema, table: OracleTable, alias: string): string {
  if (table.class === 'global') return 'TRUE';
  if (table.class === 'root') return `${alias}.${table.key!} = ${OWN_TENANT}`;
  if (table.tenantColumn !== undefined) return `${alias}.${table.tenantColumn} = ${OWN_TENANT}`;
  const { owner, condition } = ownerOf(schema, table, alias);
  return `EXISTS (SELECT 1 FROM ${owner.name} ${alias}o WHERE ${condition} AND ${isOwn(schema, owner, `${alias}o`)})`;
}

/** What an attacker may send: ids of any tenant, values that occur in the compared column, NULL. What the schema says is trusted is the own tenant's. */
export function assignmentsFor(hints: ReadonlyMap<string, { readonly table: string; readonly column: string }>, states: readonly State[], random: Random, rounds = ASSIGNMENTS, schema?: OracleSchema): Assignments {
  const trusted = schema === undefined ? new Map<number, number>() : trustedNumbers(schema, states[0]!);
  const numbers: (number | null)[] = [];
  const texts: (string | null)[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const state = states[round % states.length]!;
    const focus = random.integer(1, 20);
    numbers.push(OWN_TENANT);
    for (let index = 2; index <= NUMBERS; index += 1) numbers.push(trusted.get(index) ?? (round === 0 ? null : valueFor(`$${index}`, hints, state, round, random, focus) as number | null));
    for (let index = NUMBERS + 1; index <= NUMBERS + TEXTS; index += 1) texts.push(round === 0 ? null : valueFor(`$${index}`, hints, state, round, random, ['x', 'y', 'z'][focus % 3]!) as string | null);
  }
  return { numbers, texts };
}

function trustedNumbers({ tables, trust }: OracleSchema, state: State): ReadonlyMap<number, number> {
  const inner = tables.find(({ name }) => name === trust?.inner?.root);
  const own = inner && state.get(inner.name)!.find(({ tenant }) => tenant === OWN_TENANT)?.values[inner.key!];
  const NOBODY = -1;
  return new Map([...inner === undefined || trust?.inner?.proof ? [] : [[5, Number(own ?? NOBODY)] as const], ...trust?.principalColumns === undefined ? [] : [[6, OWN_USER] as const]]);
}

function valueFor(name: string, hints: ReadonlyMap<string, { readonly table: string; readonly column: string }>, state: State, round: number, random: Random, focus: Value): Value {
  const hint = hints.get(name);
  if (hint === undefined || random.chance(0.15)) return random.chance(0.15) ? null : focus;
  const foreign = round % 4 !== 1;
  const rows = state.get(hint.table)!.filter((row) => foreign === (row.tenant !== OWN_TENANT)).map((row) => row.values[hint.column] ?? null);
  return rows.length === 0 ? focus : random.pick(rows);
}
