import { describe, expect, test } from 'vitest';
import { kinds, operationTexts, readSql } from './sql-file.js';

function noticeTexts(text: string): string[] {
  return readSql(text).notices.map(({ location, reason }) => `${text.slice(location.start, location.end)}: ${reason}`);
}

describe('places', () => {
  test.each([
    ['after characters beyond the basic plane', "/* 😀é */ SELECT '😀'; ALTER TABLE t ALTER c SET NOT NULL, ADD d text DEFAULT '😀', ENABLE ROW LEVEL SECURITY;"],
    ['after a byte order mark', "\ufeffSELECT '😀';\r\nALTER TABLE t ALTER c SET NOT NULL, ADD d text DEFAULT '😀', ENABLE ROW LEVEL SECURITY"],
    ['with CRLF and comments', "SELECT '😀'; -- é\r\nALTER TABLE t /* , 😀 */ -- é, f\r\n ALTER c SET NOT NULL, ADD d text DEFAULT '😀',\r\n ENABLE ROW LEVEL SECURITY\r\n"],
    ['inside the same statement', `SELECT '😀';ALTER TABLE "t😀é" ALTER c SET NOT NULL, ADD d text DEFAULT '😀', ENABLE ROW LEVEL SECURITY`],
  ])('are exact %s', (_, text) => {
    expect(operationTexts(text)).toEqual(["SELECT '😀'", 'ALTER c SET NOT NULL', "ADD d text DEFAULT '😀'", 'ENABLE ROW LEVEL SECURITY']);
    expect(readSql(text).notices).toEqual([]);
  });

  test('span a column and each of its constraints', () => {
    const text = "CREATE TABLE t (é int, a uuid CONSTRAINT n NOT NULL DEFAULT ('x,y' || 'z') REFERENCES b (id) ON DELETE CASCADE DEFERRABLE CHECK (a <> ','));";
    const [operation] = readSql(text).statements[0]!.operations;
    if (operation?.kind !== 'createTable') throw new Error('no table');
    const [, column] = operation.definition.columns;
    const show = (location: { start: number; end: number } | undefined): string => text.slice(location?.start, location?.end);
    expect(show(operation.location)).toBe(text.slice(0, -1));
    expect(show(column?.location)).toBe(text.slice(text.indexOf('a uuid'), -2));
    expect(show(column?.notNullLocation)).toBe('CONSTRAINT n NOT NULL');
    expect(show(column?.default?.location)).toBe("DEFAULT ('x,y' || 'z')");
    expect(operation.definition.constraints.map(({ location }) => show(location)))
      .toEqual(['REFERENCES b (id) ON DELETE CASCADE DEFERRABLE', "CHECK (a <> ',')"]);
  });

  test('do not move when a template hole is masked', () => {
    const text = 'ALTER TABLE {{ .Schema }}.t ALTER c SET DEFAULT ${tenant}, ALTER c SET NOT NULL;';
    expect(operationTexts(text)).toEqual(['ALTER c SET DEFAULT ${tenant}', 'ALTER c SET NOT NULL']);
  });

  test('give the same facts with every kind of line end', () => {
    const text = 'CREATE TABLE a (\n id int\n);\n-- tenantlint-disable\nDROP TABLE b;\n';
    const shape = (sql: string): unknown => [kinds(readSql(sql)), readSql(sql).directives.length, readSql(sql).lineStarts.length];
    expect(shape(text.replaceAll('\n', '\r\n'))).toEqual(shape(text));
    expect(shape(text.replaceAll('\n', '\r'))).toEqual(shape(text));
  });
});

describe('what a statement is', () => {
  test.each([
    ["SELECT 'a;b', \"c;d\", $$e;f$$, $x$g;$$h$x$ /* i; /* j; */ k; */ -- l;\n; SELECT 2", 2],
    ['CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 ELSE 2 END; SELECT 2; END; SELECT 3', 2],
    ['CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2); SELECT 3', 2],
    ['BEGIN; SELECT 1; END', 3],
    [';;; ; -- nothing\n', 0],
    ['', 0],
  ])('%j', (text, count) => {
    expect(readSql(text).statements).toHaveLength(count);
    expect(readSql(text).notices).toEqual([]);
  });

  test('a function whose body cannot be read still exists', () => {
    const facts = readSql('CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFOR 1; END $$; DROP TABLE t;');
    expect(kinds(facts)).toEqual(['createFunction', 'dropRelation']);
    expect(facts.notices).not.toEqual([]);
  });
});

describe('bad input', () => {
  test('a broken statement is one notice at the error, and the rest counts', () => {
    const text = "SELECT '😀';\nALTER TABLE a ADD COLUM b int;\nDROP TABLE c;";
    const facts = readSql(text);
    expect(kinds(facts)).toEqual(['query', 'dropRelation']);
    expect(facts.rejected).toBe(1);
    expect(noticeTexts(text)).toEqual([`int: PostgreSQL's grammar rejects this statement: syntax error at or near "int"`]);
  });

  test.each([
    ['an open quote', "INSERT INTO t VALUES ('it's);\nDROP TABLE a;\nDROP TABLE b;\n"],
    ['an open quote at the end', "DROP TABLE a;\nDROP TABLE b;\nSELECT 'x;\n"],
    ['an open parenthesis', 'CREATE TABLE t (a int;\nDROP TABLE a;\nDROP TABLE b;\n'],
    ['an open dollar quote', 'DO $$ BEGIN NULL; END;\nDROP TABLE a;\nDROP TABLE b;\n'],
  ])('%s does not swallow the other statements', (_, text) => {
    const dropped = readSql(text).statements.flatMap(({ operations }) => operations.filter(({ kind }) => kind === 'dropRelation'));
    expect(dropped).toHaveLength(2);
    expect(readSql(text).notices.length).toBeGreaterThan(0);
  });

  test('an open comment is said', () => {
    expect(noticeTexts('DROP TABLE a; /* b; DROP TABLE c;')).toEqual(['/*: This comment is not closed: the rest of the file was not read']);
  });

  test('a NUL is read as a space, and said', () => {
    const text = 'DROP TABLE\0a; DROP TABLE b;';
    expect(kinds(readSql(text))).toEqual(['dropRelation', 'dropRelation']);
    expect(readSql(text).notices).toHaveLength(1);
  });

  test('a no-break space is read as a space, and said', () => {
    const text = 'DROP\u00a0TABLE a; SELECT 1;';
    expect(operationTexts(text)).toEqual(['DROP\u00a0TABLE a', 'SELECT 1']);
    expect(readSql(text).notices).toHaveLength(1);
  });

  test.each([
    ['nested parentheses', `SELECT ${'('.repeat(10_000)}1${')'.repeat(10_000)}; DROP TABLE a;`],
    ['open parentheses', `SELECT ${'('.repeat(10_000)}; DROP TABLE a;`],
    ['a long chain of operators', `SELECT ${'1 + '.repeat(20_000)}1; DROP TABLE a;`],
    ['a long chain of conditions', `SELECT 1 WHERE ${'NOT '.repeat(20_000)}a; DROP TABLE a;`],
    ['a statement of 2 MB', `SELECT '${'x'.repeat(2 * 1024 * 1024)}'; DROP TABLE a;`],
    ['a file of 25 MB', ' DROP TABLE a;\n'.repeat(1_700_000)],
  ])('%s: one notice', (_, text) => {
    expect(readSql(text).notices).toHaveLength(1);
    expect(kinds(readSql('DROP TABLE b'))).toEqual(['dropRelation']);
  });

  test('a file of 10 MB is read whole', () => {
    expect(readSql(`DROP TABLE a; -- ${'x'.repeat(1000)}\n`.repeat(10_000)).statements).toHaveLength(10_000);
  });

  test('many open quotes in a long file take bounded time', () => {
    const facts = readSql("INSERT INTO t VALUES ('it's);\nDROP TABLE a;\n".repeat(50_000));
    expect(kinds(facts).length).toBeGreaterThan(0);
  });

  test('deeply nested comments are no obstacle', () => {
    const text = `DROP TABLE ${'/*'.repeat(100_000)}${'*/'.repeat(100_000)} a; DROP TABLE b`;
    expect(kinds(readSql(text))).toEqual(['dropRelation', 'dropRelation']);
  });

  test('random cuts of a file never throw', () => {
    const text = `-- +goose Up\nCREATE TABLE "a" (b int DEFAULT 'x' /* c */, d text[]);\r\nDO $$ BEGIN EXECUTE 'x'; END $$;\nCOPY t FROM stdin;\n1\n\\.\nSELECT {{x}}, :y, E'\\'';`;
    for (let start = 0; start < text.length; start += 3) {
      for (let end = start; end <= text.length; end += 7) {
        const piece = text.slice(start, end);
        for (const { location } of readSql(piece).notices) {
          expect(location.start).toBeGreaterThanOrEqual(0);
          expect(location.end).toBeLessThanOrEqual(piece.length);
        }
      }
    }
  });
});

describe('other databases', () => {
  test.each([
    ['MySQL', 'CREATE TABLE a (id INT(11) NOT NULL AUTO_INCREMENT, PRIMARY KEY (id)) ENGINE=InnoDB;\nDROP TABLE b;'],
    ['MySQL', 'ALTER TABLE `a` ADD COLUMN `b` varchar(255);'],
    ['MySQL that PostgreSQL would parse', 'CREATE TABLE a (b datetime, c tinyint);'],
    ['SQLite', 'PRAGMA foreign_keys=OFF;\nCREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT);'],
    ['ClickHouse', 'CREATE TABLE a (b LowCardinality(String)) ENGINE = MergeTree ORDER BY b;'],
    ['SQL Server', 'CREATE TABLE [dbo].[a] (id uniqueidentifier);'],
  ])('%s: one notice, no facts', (_, text) => {
    const facts = readSql(text);
    expect(facts.statements).toEqual([]);
    expect(facts.notices).toHaveLength(1);
    expect(facts.rejected).toBe(0);
  });

  test.each([
    "CREATE TABLE a (id bigserial, b timestamptz, \"datetime\" text);\nCOMMENT ON TABLE a IS 'AUTO_INCREMENT `x`';",
    "-- ENGINE=InnoDB\nCREATE TABLE engine (unsigned_value jsonb);",
    'SELECT a.datetime FROM a;',
  ])('%j is PostgreSQL', (text) => {
    expect(readSql(text).notices).toEqual([]);
  });

  test('a stray backtick in a PostgreSQL file costs one statement', () => {
    const facts = readSql('CREATE TABLE a (b jsonb);\nDROP TABLE `c`;\nDROP TABLE d;\nDROP TABLE e;');
    expect(kinds(facts)).toEqual(['createTable', 'dropRelation', 'dropRelation']);
    expect(facts.rejected).toBe(1);
  });
});

describe('query files', () => {
  test('host placeholders are values', () => {
    const text = 'SELECT * FROM t WHERE a = %s AND b = %(name)s AND c = :c AND d = @d AND e = $1';
    const facts = readSql(text, { type: 'query' });
    expect(facts.notices).toEqual([]);
    expect(kinds(facts)).toEqual(['query']);
  });

  test('a template that is not a value makes the statement unknown', () => {
    expect(kinds(readSql('SELECT * FROM t {where} ORDER BY a', { type: 'query' }))).toEqual(['notUnderstood']);
  });

  test('in a migration, % and @ stay operators', () => {
    expect(readSql('SELECT a %b, @c').notices).toEqual([]);
  });
});
