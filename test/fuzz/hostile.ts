/** Names that objects of JavaScript have already, names that are keywords somewhere, and names that look like something else. */
export const NAMES = [
  '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'prototype', 'length', 'name', 'then', 'default', 'undefined', 'null', 'NaN', 'this', 'self', 'account_id', 'accounts', 'public', 'pg_catalog',
  'select', 'from', 'where', 'user', 'order', 'table', 'class', 'end', 'if', 'begin', 'é', '名前', '\u{1f4a9}', 'a'.repeat(70), 'A', '_', '"a b"', '"A""B"', '""', '0', '-1', '1e999', '9007199254740993', '99999999999999999999',
];

const EVERYWHERE = [
  '\0', '\r', '\r\n', '\n', '\t', '\f', '\v', '\u00a0', '\u2028', '\u2029', '\ufeff', '\u200b', '\u202e', '\ud800', '\udc00', '\u{1f4a9}', '\u001b[31m', '\u009b31m', '\\', '\'', '"', '`', '(', ')', '[', ']', '{', '}', '<', '>', ';', ',', '.', ':', '=', '/', '*',
  '%', '&', '|', '?', '@', '#', '!', '-', '+', '$', '/*', '*/', '--', '//', '<!--', '-->', '<![CDATA[', ']]>', '-- tenantlint-disable ', '// tenantlint-disable-next-line x', '/* tenantlint-disable-line */', '# tenantlint-enable',
];

const SQL = [
  '$$', '$a$', '$1', ':name', ':\'name\'', '{{x}}', '{% if x %}', '${x}', '@x', '?', '\\connect x\n', '\\i x.sql\n', '\\.\n', 'copy t from stdin;\n1\t2\n', 'E\'\\', 'U&"\\+', 'B\'1\'', 'begin;', 'commit;', 'rollback;', 'end if;', 'end loop;', 'declare', 'exception when others then', 'null;',
  'do $$ begin end $$;', 'execute format(\'%I\', x);', '-- +goose Down\n', '-- +goose StatementBegin\n', '-- migrate:down\n', '-- down\n', 'GO\n', 'delimiter //\n', 'union all select', 'with recursive x as (select 1)', 'lateral', 'natural join', 'for update skip locked', 'returning *', 'on conflict do nothing',
  '::text', ' collate "C"', 'is not distinct from', 'not in (null)', 'array[1]', 'row(1)', '(x).y', 'grouping sets (())', 'over (partition by x)', 'filter (where true)', 'merge into t using s on true when matched then delete;', 'alter table t', 'set row_security = off;', 'set search_path = a, b;',
];
const CODE = [
  '${', '=>', '?.', '??', '...', 'async ', 'await ', 'yield ', 'function* ', 'class X extends ', 'super(', 'new ', 'typeof ', 'enum X { A }', 'namespace X { }', 'declare ', 'import x = require("y")', 'export * from "./x"', 'export default ', '@x() ', '<T,>', 'as const', 'satisfies X', '!.', '</script>', '<script lang="ts">', '<X {...y}/>',
  '/[/]/', '/(?<a>', '#!/usr/bin/env node', '---\n', 'sql`', 'sql.raw(', 'prisma.user.findMany(', 'db.select().from(', 'for (;;) ', 'while (true) ', 'switch (x) { default: }', 'try { } catch { }', 'return ', 'throw x', 'x?.[y]', 'label: ', 'with (x) ', 'var ', 'let [', 'const {', '0n', '0x', '1_000', '\\u{110000}', '\\x',
];
const PYTHON = [
  '"""', '\'\'\'', 'f"{', 'f"{x!r:{y}}"', 'rb"', 'u"', '\\\n', ':=', 'match x:\n    case _:\n        pass\n', 'lambda: ', 'async ', 'await ', 'yield ', 'yield from ', '@x\n', 'print x', 'exec "x"', 'global x\n', 'nonlocal x\n', 'del x\n', 'with a as b, c as d:\n', 'class X(Y, metaclass=Z):\n', 'def f(*, a, **k):\n', 'return\n',
  'for x in y:\n', 'while True:\n', 'try:\n', 'except* X:\n', 'finally:\n', 'raise\n', 'assert x\n', '    ', '\t', '%s', '%(x)s', '.format(', 'op.execute(', 'text("', 'select(', '.filter(', '.where(', 'x if y else z', '[x for x in y]', '{**x}', '*x', '...', 'type X[T] = int\n', 'import *', 'from . import x\n', 'from __future__ import braces\n', '0_0', '1j',
];
const PRISMA = ['model X {', 'enum X {', 'type X {', 'view X {', 'datasource db {', 'generator x {', '@id', '@@id([a, b])', '@relation(fields: [a], references: [b])', '@@map("', '@map("', '@default(dbgenerated("', 'Unsupported("', '[]', '?', '///', '@@schema("x")', '@db.Uuid', '@ignore', '@@ignore', 'references: ', 'env("X")'];
const JSON_TEXT = ['null', 'true', '[]', '{}', '{"__proto__": {}}', '"x"', '1e999', '-0', '"\\ud800"', '// x\n', '/* x */', ',', '"../../../etc/passwd"', '"**/*"', '"[z-a]"', '"(?:"', '"*".repeat(5)', '"!x"', '"/"', '""', '"."'];

const BY_LANGUAGE: Readonly<Record<string, readonly string[]>> = { sql: SQL, code: CODE, python: PYTHON, prisma: PRISMA, json: JSON_TEXT };

/** What languages there are for fuzzing; everything unknown is text. */
export type FuzzLanguage = 'sql' | 'code' | 'python' | 'prisma' | 'json' | 'text';

/** The language of a path. */
export function fuzzLanguage(path: string): FuzzLanguage {
  if (/\.(sql|pgsql|psql)$/i.test(path)) return 'sql';
  if (/\.([cm]?[jt]sx?|vue|svelte|astro)$/i.test(path)) return 'code';
  if (path.endsWith('.py')) return 'python';
  if (path.endsWith('.prisma')) return 'prisma';
  return /\.jsonc?$/.test(path) ? 'json' : 'text';
}

/** Pieces of text that readers of a language stumble over. */
export function hostilePieces(language: FuzzLanguage): readonly string[] {
  return [...EVERYWHERE, ...BY_LANGUAGE[language] ?? []];
}
