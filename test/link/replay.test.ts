import { describe as suite, expect, it } from 'vitest';
import { replaySql } from './replay-support.js';

const schema = `
CREATE TABLE organizations (id uuid PRIMARY KEY, name text);
CREATE TABLE users (id uuid PRIMARY KEY, email text);
CREATE TABLE leads (id uuid PRIMARY KEY, user_id uuid REFERENCES users (id), org_id uuid);
CREATE TABLE calls (id uuid PRIMARY KEY, lead_id uuid, org_id uuid);`;

/** Events after the schema. */
function events(...texts: string[]): string[] {
  return replaySql([schema, ...texts]).events.slice(4).filter((event) => event !== 'execution');
}

/** SQLSTATE and the text at fault of every reported failure. */
function failures(texts: readonly string[], options: Parameters<typeof replaySql>[1] = {}): string[] {
  const { result, source } = replaySql(texts, options);
  return result.applied.flatMap(({ failure }) => (failure ? [`${failure.code} ${source(failure.location).split('\n')[0]!}`] : []));
}

const block = (declarations: string, body: string) => `DO $$ DECLARE ${declarations} BEGIN ${body} END $$;`;

suite('loops over known tables', () => {
  it('unrolls FOREACH with EXECUTE format, USING and INTO', () => {
    expect(events(block(`tables text[] := ARRAY['leads', 'calls']; t text; n integer; org uuid := 'a0000000-0000-0000-0000-000000000001';`, `
      FOREACH t IN ARRAY tables LOOP
        EXECUTE format('UPDATE %I SET org_id = $1 WHERE org_id IS NULL', t) USING org;
        EXECUTE format('SELECT COUNT(*) FROM %I WHERE org_id IS NULL', t) INTO n;
        IF n > 0 THEN RAISE EXCEPTION 'NULLs remain in %', t; END IF;
        EXECUTE format('ALTER TABLE %I ALTER COLUMN org_id SET NOT NULL', t);
      END LOOP;`))).toEqual([
      'update leads', 'select leads', 'aborts {count leads org_id is null}>0', 'setNotNull leads',
      'update calls', 'select calls', 'aborts {count calls org_id is null}>0', 'setNotNull calls',
    ]);
  });

  it('loops over the rows of system views', () => {
    expect(events(block('r record;', `
      FOR r IN SELECT table_name FROM information_schema.columns WHERE column_name = 'org_id' AND table_schema = 'public' ORDER BY table_name LOOP
        EXECUTE 'ALTER TABLE ' || quote_ident(r.table_name) || ' ALTER COLUMN org_id SET NOT NULL';
      END LOOP;`)).slice(1)).toEqual(['setNotNull calls', 'setNotNull leads']);
  });

  it('unrolls ranges, unnest and WHILE, and honours CONTINUE and EXIT', () => {
    expect(events(block(`t text; i integer := 1; names text[] := '{leads,calls}';`, `
      FOR t IN SELECT unnest(names) LOOP
        CONTINUE WHEN t = 'leads';
        EXECUTE format('DELETE FROM %I', t);
      END LOOP;
      WHILE i <= array_length(names, 1) LOOP
        EXECUTE 'TRUNCATE ' || names[i];
        i := i + 1;
        EXIT WHEN i = 2;
      END LOOP;`)).filter((event) => !event.startsWith('select'))).toEqual(['delete calls', 'truncate leads']);
  });

  it('runs the body of a loop over data rows once, undecided', () => {
    expect(events(block('r record;', `FOR r IN SELECT id FROM users LOOP UPDATE leads SET org_id = r.id WHERE user_id = r.id; END LOOP;`)))
      .toEqual(['select users', 'update leads unknown if exists{users}']);
  });

  it('stays linear when an accumulator grows over many tables', () => {
    const names = Array.from({ length: 60 }, (_, index) => `t${index}`);
    const tables = names.map((name) => `CREATE TABLE ${name} (org_id uuid);`).join('\n');
    const { events: heard } = replaySql([tables, block(`t text; n bigint; bad integer := 0; missing text[] := '{}';`, `
      FOREACH t IN ARRAY ARRAY[${names.map((name) => `'${name}'`).join(', ')}] LOOP
        EXECUTE format('SELECT count(*) FROM %I WHERE org_id IS NULL', t) INTO n;
        IF n > 0 THEN bad := bad + 1; missing := array_append(missing, t); END IF;
      END LOOP;
      IF bad > 0 THEN RAISE EXCEPTION 'NULLs'; END IF;
      IF array_length(missing, 1) IS NOT NULL THEN RAISE EXCEPTION 'NULLs'; END IF;`)]);
    const aborts = heard.filter((event) => event.startsWith('aborts'));
    expect(aborts).toHaveLength(2);
    for (const abort of aborts) for (const name of names) expect(abort).toContain(`count ${name} org_id is null}>0`);
  });
});

suite('tests on data', () => {
  const cases: readonly (readonly [name: string, sql: string, expected: readonly string[]])[] = [
    ['a notice', block('n integer;', `SELECT count(*) INTO n FROM leads WHERE org_id IS NULL; IF n > 0 THEN RAISE NOTICE '% left', n; END IF;`),
      ['select leads', 'message {count leads org_id is null}>0']],
    ['a notice without a condition', block('n integer;', `SELECT count(*) INTO n FROM leads WHERE org_id IS NULL; RAISE NOTICE '% left', n;`),
      ['select leads', 'message {count leads org_id is null}>0']],
    ['NOT NULL only when nothing is left', block('n integer;', `
      EXECUTE 'SELECT COUNT(*) FROM leads WHERE org_id IS NULL' INTO n;
      IF n = 0 THEN EXECUTE 'ALTER TABLE leads ALTER COLUMN org_id SET NOT NULL'; END IF;`),
      ['select leads', 'setNotNull leads unknown if {count leads org_id is null}=0']],
    ['ELSE aborts', block('n integer;', `
      SELECT count(*) INTO n FROM leads WHERE org_id IS NULL;
      IF n = 0 THEN ALTER TABLE leads ALTER COLUMN org_id SET NOT NULL; ELSE RAISE EXCEPTION 'left'; END IF;`),
      ['select leads', 'aborts not({count leads org_id is null}=0)', 'setNotNull leads']],
    ['EXISTS', block('', `IF EXISTS (SELECT 1 FROM leads WHERE org_id IS NULL) THEN RAISE EXCEPTION 'left'; END IF;`).replace('DECLARE', ''),
      ['aborts exists{leads org_id is null}']],
    ['FOUND', block('', `PERFORM 1 FROM leads WHERE org_id IS NULL; IF FOUND THEN RAISE EXCEPTION 'left'; END IF;`).replace('DECLARE', ''),
      ['select leads', 'aborts exists{leads org_id is null}']],
    ['ASSERT', block('', `ASSERT (SELECT count(*) FROM leads WHERE org_id IS NULL) = 0, 'left';`).replace('DECLARE', ''),
      ['aborts not({count leads org_id is null}=0)']],
    ['a sum over tables', block('total bigint := 0; t text; n bigint;', `
      FOREACH t IN ARRAY ARRAY['leads', 'calls'] LOOP EXECUTE format('SELECT count(*) FROM %I WHERE org_id IS NULL', t) INTO n; total := total + n; END LOOP;
      IF total > 0 THEN RAISE EXCEPTION 'left'; END IF;`),
      ['select leads', 'select calls', 'aborts ({count leads org_id is null}>0 or {count calls org_id is null}>0)']],
    ['a swallowed exception', block('', `
      IF EXISTS (SELECT 1 FROM leads WHERE org_id IS NULL) THEN RAISE EXCEPTION 'left'; END IF;
      ALTER TABLE leads ALTER COLUMN org_id SET NOT NULL;
      EXCEPTION WHEN OTHERS THEN RAISE WARNING 'failed: %', SQLERRM;`).replace('DECLARE', ''),
      ['swallowed aborts exists{leads org_id is null}', 'setNotNull leads unknown if not(exists{leads org_id is null})']],
    ['a handler that raises again', block('', `
      IF EXISTS (SELECT 1 FROM leads WHERE org_id IS NULL) THEN RAISE EXCEPTION 'left'; END IF;
      EXCEPTION WHEN OTHERS THEN RAISE;`).replace('DECLARE', ''),
      ['aborts exists{leads org_id is null}']],
    ['an early return', block('n integer;', `
      SELECT count(*) INTO n FROM leads WHERE org_id IS NULL;
      IF n > 0 THEN RAISE WARNING 'left'; RETURN; END IF;
      ALTER TABLE leads ALTER COLUMN org_id SET NOT NULL;`),
      ['select leads', 'message {count leads org_id is null}>0', 'setNotNull leads unknown if not({count leads org_id is null}>0)']],
    ['a bare SELECT', 'SELECT count(*) FROM leads WHERE org_id IS NULL;', ['select leads', 'none {count leads org_id is null}>0']],
    ['a count that nothing uses', block('n integer;', 'SELECT count(*) INTO n FROM leads WHERE org_id IS NULL;'),
      ['select leads', 'none {count leads org_id is null}>0']],
  ];
  it.each(cases)('%s', (_, sql, expected) => {
    expect(events(sql)).toEqual(expected);
  });
});

suite('guards on the catalog', () => {
  it('takes the branch that the catalog decides', () => {
    expect(events(`DO $$ BEGIN
      IF EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'leads' AND column_name = 'org_id' AND is_nullable = 'YES') THEN
        EXECUTE 'ALTER TABLE public.leads ALTER COLUMN "org_id" SET NOT NULL';
      END IF; END $$;`)).toEqual(['setNotNull leads']);
  });

  it('adds a constraint only once', () => {
    const guard = `DO $$ BEGIN
      IF NOT EXISTS (SELECT 1 FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid WHERE c.conname = 'leads_org_fk' AND t.relname = 'leads') THEN
        ALTER TABLE leads ADD CONSTRAINT leads_org_fk FOREIGN KEY (org_id) REFERENCES organizations (id);
      END IF; END $$;`;
    expect(events(guard, guard)).toEqual(['addConstraint leads,organizations']);
  });

  it('compares regclass values', () => {
    expect(events(`DO $$ BEGIN
      IF to_regclass('public.leads') IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = 'leads'::regclass AND attname = 'team_id') THEN
        ALTER TABLE leads ADD COLUMN team_id uuid;
      END IF; END $$;`)).toEqual(['addColumn leads']);
  });

  it('swallows what a handler catches, and undoes the block', () => {
    const { result } = replaySql([`CREATE TYPE s AS ENUM ('a');
      DO $$ BEGIN CREATE TABLE made (id int); CREATE TYPE s AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;`]);
    expect(result.applied.some(({ failure }) => failure)).toBe(false);
    expect(result.catalog.tables.has('public.made')).toBe(false);
  });

  it('leaves open what an undecided branch may have done', () => {
    expect(failures([schema, `DO $$ BEGIN IF EXISTS (SELECT 1 FROM users) THEN ALTER TABLE leads ADD COLUMN extra int; END IF; END $$;
      ALTER TABLE leads ADD COLUMN extra int;`])).toEqual([]);
  });
});

suite('failures', () => {
  it('finds a name that is both variable and column', () => {
    expect(failures([schema, block('table_name text; n integer;', `
      FOREACH table_name IN ARRAY ARRAY['leads'] LOOP
        IF EXISTS (SELECT 1 FROM information_schema.columns WHERE table_name = table_name) THEN RAISE NOTICE 'x'; END IF;
      END LOOP;`)])).toEqual(['42702 table_name']);
  });

  it('places the failure of dynamic SQL inside the literal', () => {
    expect(failures([schema, `DO $$ BEGIN EXECUTE 'UPDATE leads SET user_id = NULL WHERE email = ''a'' OR nothing IS NULL'; END $$;`])).toEqual(['42703 email']);
    expect(failures([schema, `DO $$ BEGIN EXECUTE format('UPDATE %I SET user_id = %L WHERE nothing IS NULL', 'leads', NULL); END $$;`])).toEqual(['42703 nothing']);
  });

  it('knows a transaction', () => {
    const sql = `CREATE TABLE a (id int); CREATE INDEX CONCURRENTLY i ON a (id);`;
    expect(failures([sql])).toEqual([]);
    expect(failures([sql], { transaction: 'file', kind: 'prisma' })).toEqual([expect.stringMatching(/^25001/)]);
    expect(failures(['CREATE TABLE a (id int);', 'CREATE INDEX CONCURRENTLY i ON a (id);'], { transaction: 'file', kind: 'prisma' })).toEqual([]);
  });

  it('tells a missing table from one of outside', () => {
    expect(failures(['CREATE TABLE a (id int); ALTER TABLE b ADD COLUMN x int; CREATE TABLE b (id int);'])).toEqual([expect.stringMatching(/^42P01/)]);
    expect(failures(['CREATE TABLE a (id int); ALTER TABLE users ADD COLUMN x int; ALTER TABLE orders ADD COLUMN x int;'])).toEqual([]);
    expect(failures(['CREATE TABLE a (id uuid REFERENCES auth.users (id));'])).toEqual([]);
  });

  it('does not report the consequences of a failed CREATE TABLE', () => {
    expect(failures(['CREATE TABLE a (id int, id int); CREATE INDEX i ON a (id); INSERT INTO a VALUES (1);'])).toEqual([expect.stringMatching(/^42701/)]);
  });

  it('undoes what ROLLBACK takes back', () => {
    expect(replaySql(['BEGIN; CREATE TABLE a (id int); ROLLBACK; CREATE TABLE b (id int);']).result.catalog.tables.has('public.a')).toBe(false);
  });
});

suite('dynamic SQL that is not wholly known', () => {
  const unknown = (sql: string) => {
    const { result } = replaySql([schema, sql]);
    return {
      notUnderstood: result.applied.flatMap(({ notUnderstood, tables }) => (notUnderstood === undefined ? [] : [`${notUnderstood} (${tables.join(',')})`])),
      interpolations: result.interpolations.map(({ expression }) => expression),
    };
  };

  it('recognises the table when only a value is not known, and says what was pasted', () => {
    expect(unknown(`DO $$ BEGIN EXECUTE 'UPDATE leads SET org_id = ''' || current_setting('app.org') || ''' WHERE org_id IS NULL'; END $$;`))
      .toEqual({ notUnderstood: [], interpolations: [`current_setting('app.org')`] });
  });

  it('names the unknown table', () => {
    expect(unknown(`DO $$ BEGIN EXECUTE format('ALTER TABLE %I ALTER COLUMN org_id SET NOT NULL', current_setting('app.table')); END $$;`).notUnderstood[0])
      .toContain(`current_setting('app.table') is not known`);
  });

  it('accepts quoted values and numbers', () => {
    expect(unknown(block('v uuid; n bigint;', `
      SELECT id INTO v FROM organizations LIMIT 1;
      SELECT count(*) INTO n FROM organizations;
      EXECUTE format('UPDATE leads SET org_id = %L', v);
      EXECUTE 'ALTER SEQUENCE s RESTART WITH ' || n;`)).interpolations).toEqual([]);
  });
});

suite('functions of the history', () => {
  it('interprets a call with its arguments', () => {
    expect(events(`CREATE FUNCTION tighten(t text, c text DEFAULT 'org_id') RETURNS void LANGUAGE plpgsql AS $$
      BEGIN EXECUTE format('ALTER TABLE %I ALTER COLUMN %I SET NOT NULL', t, c); END $$;
      SELECT tighten('leads'); SELECT tighten(x) FROM unnest(ARRAY['calls']) x;`))
      .toEqual(['createFunction', 'select', 'setNotNull leads', 'select', 'setNotNull calls']);
  });
});
