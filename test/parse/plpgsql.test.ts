import { describe, expect, it } from 'vitest';
import type { Block, Step } from '../../src/facts/operation.js';
import { parsePlpgsqlTree } from '../../src/parse/sql/engine.js';
import { lowerFunctionBody } from '../../src/parse/sql/plpgsql.js';
import { contextOf, shape, textOf } from './lower.js';

function lowered(sql: string): Block {
  return lowerFunctionBody(sql, contextOf(sql));
}

/** The steps of a DO block with that body. */
function steps(body: string, declarations = ''): { steps: readonly Step[]; texts: string[] } {
  const sql = `DO $$ DECLARE x int; y int; v text; r record; ${declarations} BEGIN ${body} END $$`;
  const block = lowered(sql);
  return { steps: block.body, texts: block.body.map(({ location }) => textOf(sql, location)) };
}

const column = (name: string) => ({ kind: 'column', path: [name] });

describe('simple statements', () => {
  it.each<[string, readonly object[]]>([
    ['x := y + 1;', [{ kind: 'assign', target: ['x'], value: { operator: '+' } }]],
    ['r.f = 1;', [{ kind: 'assign', target: ['r', 'f'] }]],
    ['v[1] := 2;', [{ kind: 'assign', target: ['v'], partial: true }]],
    ['x := count(*) FROM t WHERE a IS NULL;', [{ kind: 'assign', value: { kind: 'subquery', form: 'scalar', query: { from: [{ kind: 'table' }] } } }]],
    ['NULL;', []],
    ['SELECT a, b INTO STRICT x, r.f FROM t;', [{ kind: 'selectInto', strict: true, targets: [['x'], ['r', 'f']], query: { kind: 'select', from: [{ name: { name: 't' } }] } }]],
    ['SELECT count(*) FROM t WHERE a IS NULL INTO x;', [{ kind: 'selectInto', targets: [['x']], query: { where: { kind: 'nullTest' } } }]],
    ['INSERT INTO t VALUES (1) RETURNING a INTO x;', [{ kind: 'selectInto', targets: [['x']], query: { kind: 'insert', returning: [{}] } }]],
    ['WITH i AS (INSERT INTO t VALUES (1) RETURNING a) SELECT a INTO x FROM i;', [{ kind: 'selectInto', targets: [['x']] }]],
    ['PERFORM f(a) FROM t;', [{ kind: 'selectInto', targets: [], query: { kind: 'select' } }]],
    ['UPDATE t SET a = 1;', [{ kind: 'statement', operations: [{ kind: 'query', query: { kind: 'update' } }] }]],
    ['EXECUTE v;', [{ kind: 'execute', text: column('v'), using: [], targets: [], strict: false }]],
    ["EXECUTE format('x %I', v) INTO x, y USING x, y + 1;", [{ kind: 'execute', text: { name: ['format'] }, targets: [['x'], ['y']], using: [{}, { operator: '+' }] }]],
    ['EXECUTE v USING x INTO STRICT y;', [{ kind: 'execute', targets: [['y']], using: [{}], strict: true }]],
    ["RAISE EXCEPTION 'a % %%', x USING ERRCODE = '23502', HINT = v;", [{
      kind: 'raise', level: 'exception', message: 'a % %%', arguments: [column('x')], options: [{ name: 'errcode' }, { name: 'hint', value: column('v') }],
    }]],
    ["RAISE NOTICE 'a';", [{ kind: 'raise', level: 'notice', message: 'a' }]],
    ["RAISE 'a';", [{ kind: 'raise', level: 'exception', message: 'a' }]],
    ['RAISE unique_violation;', [{ kind: 'raise', level: 'exception', condition: 'unique_violation' }]],
    ["RAISE SQLSTATE '23505' USING MESSAGE = 'm';", [{ kind: 'raise', condition: 'sqlstate 23505', message: 'm' }]],
    ["ASSERT x = 1, 'message';", [{ kind: 'assert', condition: { operator: '=' } }]],
    ['GET DIAGNOSTICS x = ROW_COUNT, v = PG_CONTEXT;', [{ kind: 'assign', target: ['x'], value: { name: ['row_count'] } }, { kind: 'assign', value: { name: ['pg_context'] } }]],
    ['CALL p(1);', [{ kind: 'statement' }]],
    ['COMMIT;', [{ kind: 'statement', operations: [{ kind: 'transaction', action: 'commit' }] }]],
    ['RETURN;', [{ kind: 'return', continues: false }]],
  ])('%s', (sql, wanted) => {
    const found = steps(sql);
    expect(found.steps).toMatchObject(wanted);
    expect(found.steps).toHaveLength(wanted.length);
    if (wanted.length === 1) expect(found.texts).toEqual([sql.slice(0, -1)]);
  });

  it('reads the forms of RETURN', () => {
    const body = (text: string, type = 'SETOF int') => lowered(`CREATE FUNCTION f() RETURNS ${type} LANGUAGE plpgsql AS $$ BEGIN ${text} END $$`).body;
    expect(body('RETURN 1;', 'int')).toMatchObject([{ kind: 'return', value: { value: 1 }, continues: false }]);
    expect(body('RETURN NEXT 1;')).toMatchObject([{ kind: 'return', value: { value: 1 }, continues: true }]);
    expect(body('RETURN QUERY SELECT a FROM t;')).toMatchObject([{ kind: 'return', query: { kind: 'select' }, continues: true }]);
    expect(body("RETURN QUERY EXECUTE 'x' USING 1;")).toMatchObject([{ kind: 'execute', using: [{ value: 1 }] }, { kind: 'return', continues: true }]);
  });
});

describe('compound statements', () => {
  it.each([
    ['IF a THEN ', ' END IF;'], ['BEGIN ', ' END;'], ['LOOP ', ' END LOOP;'], ['CASE WHEN a THEN ', ' END CASE;'], ['BEGIN EXCEPTION WHEN others THEN ', ' END;'],
  ])('names what is nested more deeply than is followed: %s', (open, close) => {
    expect(lowered(`DO $$ BEGIN ${open.repeat(150)}NULL;${close.repeat(150)} END $$`).body).toMatchObject([{ kind: 'unknown', reason: 'it is nested too deeply' }]);
    expect(lowered(`DO $$ BEGIN ${`${open}NULL;${close}`.repeat(150)}${open.repeat(50)}NULL;${close.repeat(50)} END $$`).body).not.toMatchObject([{ kind: 'unknown' }]);
  });

  it('reads IF with its branches', () => {
    const sql = 'DO $$ DECLARE x int; BEGIN IF a THEN x := 1; ELSIF b THEN ELSEIF c THEN x := 2; ELSE x := 3; END IF; END $$';
    const [step] = lowered(sql).body;
    if (step?.kind !== 'if') throw new Error('not an if');
    expect(step.branches.map(({ location }) => textOf(sql, location))).toEqual(['IF a THEN', 'ELSIF b THEN', 'ELSEIF c THEN']);
    expect(step.branches.map(({ body }) => body.length)).toEqual([1, 0, 1]);
    expect(step.otherwise).toHaveLength(1);
  });

  it('lowers CASE to IF; without ELSE it raises', () => {
    expect(steps('CASE x WHEN 1, 2 THEN y := 1; ELSE NULL; END CASE;').steps).toMatchObject([
      { kind: 'if', branches: [{ condition: { kind: 'inList', operand: column('x'), list: [{ value: 1 }, { value: 2 }] } }], otherwise: [] },
    ]);
    expect(steps('CASE WHEN x = 1 THEN y := 1; END CASE;').steps).toMatchObject([
      { kind: 'if', otherwise: [{ kind: 'raise', level: 'exception', condition: 'case_not_found' }] },
    ]);
  });

  it.each<[string, object]>([
    ['LOOP EXIT WHEN x > 1; END LOOP;', { kind: 'loop', body: [{ kind: 'exit', condition: {} }] }],
    ['<<l>> WHILE x < 3 LOOP CONTINUE l; END LOOP l;', { kind: 'loop', label: 'l', condition: { operator: '<' }, body: [{ kind: 'continue', label: 'l' }] }],
    ['FOR i IN 1..10 LOOP END LOOP;', { kind: 'forRange', variable: 'i', from: { value: 1 }, to: { value: 10 }, reverse: false }],
    ['FOR i IN REVERSE x + 1 .. y BY 2 LOOP NULL; END LOOP;', { kind: 'forRange', from: { operator: '+' }, to: column('y'), by: { value: 2 }, reverse: true }],
    ['FOR r IN SELECT a FROM t LOOP x := r.a; END LOOP;', { kind: 'forQuery', targets: [['r']], query: { kind: 'select' }, body: [{ kind: 'assign' }] }],
    ['FOR x, y IN VALUES (1, 2) LOOP NULL; END LOOP;', { kind: 'forQuery', targets: [['x'], ['y']], query: { kind: 'values' } }],
    ['FOR r IN EXECUTE v USING x LOOP NULL; END LOOP;', { kind: 'forQuery', dynamic: { text: column('v'), using: [column('x')] } }],
    ["FOREACH v SLICE 1 IN ARRAY ARRAY['a', 'b'] LOOP NULL; END LOOP;", { kind: 'forEach', targets: [['v']], slice: 1, array: { kind: 'array', items: [{}, {}] } }],
  ])('%s', (sql, wanted) => {
    const found = steps(sql);
    expect(found.steps).toMatchObject([wanted]);
    expect(found.texts).toEqual([sql.slice(0, -1)]);
  });

  it('reads blocks with handlers', () => {
    expect(steps("BEGIN x := 1; EXCEPTION WHEN unique_violation OR SQLSTATE '42710' THEN NULL; WHEN OTHERS THEN RAISE; END;").steps).toMatchObject([{
      kind: 'block', body: [{ kind: 'assign' }],
      handlers: [{ conditions: ['unique_violation', 'sqlstate 42710'], body: [] }, { conditions: ['others'], body: [{ kind: 'raise', level: 'exception' }] }],
    }]);
  });

  it('follows cursors to their query', () => {
    const found = steps('OPEN c; FETCH c INTO x; FOR q IN c LOOP NULL; END LOOP; OPEN d FOR SELECT b FROM u; FETCH NEXT FROM d INTO y; CLOSE d;', 'c CURSOR FOR SELECT a FROM t; d refcursor;').steps;
    expect(found).toMatchObject([
      { kind: 'assign', target: ['c'], value: { kind: 'subquery' } },
      { kind: 'selectInto', targets: [['x']], query: { from: [{ name: { name: 't' } }] } },
      { kind: 'forQuery', targets: [['q']], declaresTarget: true, query: { from: [{ name: { name: 't' } }] } },
      { kind: 'assign', target: ['d'] },
      { kind: 'selectInto', targets: [['y']], query: { from: [{ name: { name: 'u' } }] } },
    ]);
  });

  it('keeps declarations with the block that has them', () => {
    const block = lowered(`DO $$
      <<outer>>
      DECLARE
        a CONSTANT int NOT NULL := 1;
        "B" text[] DEFAULT ARRAY['x', 'y'];
        c accounts.id%TYPE; d public.accounts%ROWTYPE; e numeric(10, 2) = 2;
        f ALIAS FOR a;
      BEGIN
        DECLARE g double precision; BEGIN NULL; END;
      END outer $$`);
    expect(block).toMatchObject({
      label: 'outer',
      declarations: [
        { name: 'a', type: 'int', constant: true, notNull: true, value: { value: 1 } }, { name: 'B', type: 'text[]', value: { kind: 'array' } },
        { name: 'c', type: 'accounts.id%type', constant: false }, { name: 'd', type: 'public.accounts%rowtype' }, { name: 'e', type: 'numeric(10,2)', value: { value: 2 } },
        { name: 'f', type: 'alias', aliasFor: 'a' },
      ],
      body: [{ kind: 'block', declarations: [{ name: 'g', type: 'double precision' }] }],
    });
  });

  it('reads variable_conflict', () => {
    expect(lowered('DO $$ #variable_conflict use_column\nBEGIN NULL; END $$')).toMatchObject({ variableConflict: 'column' });
  });
});

describe('places', () => {
  it.each([
    ['DO', 'DO $$ BEGIN ALTER TABLE t ADD b int, ALTER COLUMN a SET NOT NULL; END $$'],
    ['tagged quotes, comments, CRLF', 'DO LANGUAGE plpgsql\r\n/* $$ */ $body$\r\n-- BEGIN ;\r\nBEGIN /* ; */\r\n  ALTER TABLE t\r\n ALTER COLUMN a SET NOT NULL;\r\nEND\r\n$body$'],
    ['doubled quotes before it', "DO 'BEGIN RAISE NOTICE ''é 😀''; ALTER TABLE t ALTER COLUMN a SET NOT NULL; END'"],
    ['an escape string', "DO E'BEGIN\\n RAISE NOTICE \\'x\\'; ALTER TABLE t ALTER COLUMN a SET NOT NULL; END'"],
    ['LANGUAGE after AS', 'CREATE FUNCTION f(a text DEFAULT $$x$$) RETURNS void AS $$ BEGIN ALTER TABLE t ALTER COLUMN a SET NOT NULL; END $$ LANGUAGE plpgsql'],
  ])('of a sub-command: %s', (_name, sql) => {
    const operations = lowered(sql).body.flatMap((step) => (step.kind === 'statement' ? step.operations : []));
    const found = operations.find(({ kind }) => kind === 'setNotNull');
    expect(found && textOf(sql, found.location)).toBe('ALTER COLUMN a SET NOT NULL');
  });

  it('of an expression with characters of several bytes before it', () => {
    const sql = "DO $$ BEGIN IF 'é😀' = v AND (a IS NULL) THEN NULL; END IF; END $$";
    const [step] = lowered(sql).body;
    if (step?.kind !== 'if') throw new Error('not an if');
    expect(textOf(sql, step.branches[0]!.condition.location)).toBe("'é😀' = v AND (a IS NULL)");
  });
});

describe('what cannot be read', () => {
  it('is an unknown step, and the rest survives', () => {
    const sql = 'DO $$ BEGIN x := 1 +; ALTER TABLE t ADD CONSTRAINT IF NOT EXISTS c CHECK (a); UPDATE t SET a = 1; END $$';
    const block = lowered(sql);
    expect(block.body.map(({ kind }) => kind)).toEqual(['unknown', 'assign', 'unknown', 'statement']);
    expect(block.body[2]).toMatchObject({ rejected: '42601', reason: 'syntax error at or near "EXISTS"' });
    expect(textOf(sql, block.body[2]!.location)).toBe('ALTER TABLE t ADD CONSTRAINT IF NOT EXISTS c CHECK (a)');
  });

  it.each([
    ['DO $$ BEGIN IF a THEN NULL; END $$'],
    ['DO $$ BEGIN RAISE NOTICE \'%\'; END $$'],
    ['DO $$ BEGIN not_declared := 1; END $$'],
    ['DO $$ SELECT 1 $$'],
    ['DO $$ $$'],
  ])('as PL/pgSQL rejects it: %s', (sql) => {
    expect(lowered(sql).body[0]).toMatchObject({ kind: 'unknown' });
  });

  it('is not a type of the database that the grammar cannot know', () => {
    const sql = 'CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ DECLARE a app.role; b int; BEGIN SELECT c, d INTO a, b FROM t; END $$';
    expect(lowered(sql).body).toMatchObject([{ kind: 'selectInto', targets: [['a'], ['b']] }]);
  });
});

describe('bodies in SQL', () => {
  it.each([
    ['CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ UPDATE t SET a = 1; SELECT 1 $$', ['UPDATE t SET a = 1', 'SELECT 1']],
    ["CREATE FUNCTION f() RETURNS text AS 'SELECT ''x''' LANGUAGE sql", ["SELECT ''x''"]],
    ['CREATE FUNCTION f() RETURNS int BEGIN ATOMIC UPDATE t SET a = CASE WHEN b THEN 1 END; SELECT 1; END', ['UPDATE t SET a = CASE WHEN b THEN 1 END', 'SELECT 1']],
    ['CREATE FUNCTION f(a int) RETURNS int RETURN a + 1', ['RETURN a + 1']],
  ])('%s', (sql, wanted) => {
    expect(lowered(sql).body.map(({ location }) => textOf(sql, location))).toEqual(wanted);
  });

  it('keep what the grammar rejects as an unknown step', () => {
    expect(lowered('CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT FROM WHERE; SELECT 1 $$').body.map(({ kind }) => kind)).toEqual(['unknown', 'statement']);
  });

  it('are refused in other languages', () => {
    expect(() => lowered('CREATE FUNCTION f() RETURNS int LANGUAGE plperl AS $$ 1 $$')).toThrow('plperl');
  });
});

describe("PL/pgSQL's own parser", () => {
  /** Kinds of the statements of a body, in order, as the parser names them; NULL statements leave no trace there. */
  const KINDS: Readonly<Record<string, string>> = {
    PLpgSQL_stmt_assign: 'assign', PLpgSQL_stmt_if: 'if', PLpgSQL_stmt_fori: 'forRange', PLpgSQL_stmt_fors: 'forQuery', PLpgSQL_stmt_execsql: 'sql',
    PLpgSQL_stmt_raise: 'raise', PLpgSQL_stmt_dynexecute: 'execute', PLpgSQL_stmt_perform: 'sql', PLpgSQL_stmt_block: 'block', PLpgSQL_stmt_loop: 'loop',
    PLpgSQL_stmt_while: 'loop', PLpgSQL_stmt_foreach_a: 'forEach', PLpgSQL_stmt_return: 'return', PLpgSQL_stmt_exit: 'jump',
  };

  function theirs(node: unknown, found: string[] = []): string[] {
    if (Array.isArray(node)) node.forEach((item) => theirs(item, found));
    else if (node !== null && typeof node === 'object') {
      for (const [key, value] of Object.entries(node)) {
        if (KINDS[key] !== undefined) found.push(KINDS[key]);
        theirs(value, found);
      }
    }
    return found;
  }

  function ours(node: unknown, found: string[] = []): string[] {
    if (Array.isArray(node)) node.forEach((item) => ours(item, found));
    else if (node !== null && typeof node === 'object') {
      const kind = (node as { kind?: string }).kind ?? '';
      const named = kind === 'statement' || kind === 'selectInto' ? 'sql' : kind === 'exit' || kind === 'continue' ? 'jump' : kind;
      if (Object.values(KINDS).includes(named)) found.push(named);
      for (const [key, value] of Object.entries(node)) if (['body', 'branches', 'otherwise', 'handlers'].includes(key)) ours(value, found);
    }
    return found;
  }

  it('finds the same statements', () => {
    const sql = `DO $$ DECLARE x int; r record; BEGIN
      IF x = 1 THEN x := 2; ELSIF x = 3 THEN PERFORM f(); ELSE RAISE NOTICE 'IF ; THEN'; END IF;
      FOR i IN 1..(SELECT 3) LOOP EXIT WHEN i = (CASE WHEN x = 1 THEN 2 END); END LOOP;
      FOR r IN SELECT 'loop' AS "loop" FROM t LOOP EXECUTE 'DROP TABLE ' || r.loop; END LOOP;
      BEGIN UPDATE t SET a = 1; EXCEPTION WHEN OTHERS THEN RAISE; END;
      <<w>> WHILE x < 3 LOOP CONTINUE w; END LOOP;
    END $$`;
    const tree = parsePlpgsqlTree(sql);
    if (!tree.ok) throw new Error(tree.message);
    const [, ...inner] = theirs(tree.functions);
    expect(ours(lowered(sql).body)).toEqual(inner.slice(0, -1));
    expect(shape(lowered(sql).handlers)).toEqual([]);
  });
});
