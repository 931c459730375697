import type { Random } from '../oracle/random.js';
import { CODE, expand, PRISMA, PYTHON, SQL } from './grammar.js';
import { NAMES } from './hostile.js';

/** A file that was made, not mutated. */
export interface Made {
  readonly path: string;
  readonly text: string;
}

const SCRIPTS = ['ts', 'tsx', 'js', 'mjs', 'cjs', 'jsx', 'mts', 'cts'];

/** A file of some language, mostly right. */
export function generateFile(random: Random): Made[] {
  return random.weighted<() => Made[]>([
    [5, () => [{ path: random.pick(['migrations/0099_made.sql', 'queries/made.sql', 'schema.sql', 'supabase/migrations/20990101000000_made.sql', 'prisma/migrations/20990101000000_made/migration.sql']), text: expand(SQL, 'file', random) }]],
    [5, () => [{ path: `src/made.${random.pick(SCRIPTS)}`, text: expand(CODE, 'file', random) }]],
    [2, () => [component(random)]],
    [4, () => [{ path: random.pick(['src/made.py', 'app/models.py', 'app/migrations/0099_made.py', 'alembic/versions/made.py']), text: expand(PYTHON, 'file', random) }]],
    [2, () => [{ path: 'prisma/schema.prisma', text: expand(PRISMA, 'file', random) }]],
    [2, () => alembicGraph(random)],
    [1, () => journal(random)],
  ])();
}

function component(random: Random): Made {
  const code = expand(CODE, 'file', random);
  const markup = random.pick(['<template><p>{{ x }}</p></template>', '<p>{#if x}{y}{/if}</p>', '<!-- <script> -->', '<style>a { b: c }</style>', '']);
  const open = random.pick(['<script>', '<script lang="ts">', '<script setup lang="ts">', '<script context="module">', '<SCRIPT LANG=ts >', '<script\nlang=\'tsx\'>']);
  return random.pick<Made>([
    { path: 'src/Made.vue', text: `${markup}\n${open}\n${code}\n</script>\n${markup}` },
    { path: 'src/Made.svelte', text: `${open}${code}</script>${open}${code}</script>\n${markup}` },
    { path: 'src/pages/made.astro', text: `---\n${code}\n---\n${markup}\n${open}${code}</script>` },
  ]);
}

/** Revisions that follow one another in any way: heads, cycles, merges, gaps, twins. */
function alembicGraph(random: Random): Made[] {
  const ids = Array.from({ length: random.integer(1, 12) }, (_, index) => (random.chance(0.1) ? random.pick(NAMES) : `r${index}`));
  const quoted = (): string => `'${(random.chance(0.1) ? 'gone' : random.pick(ids)).replace(/['\\\n]/g, '')}'`;
  const down = (): string => random.weighted<() => string>([[5, quoted], [2, () => `(${quoted()}, ${quoted()})`], [1, () => 'None'], [1, () => `[${quoted()}]`], [1, () => 'down()'], [1, () => '()']])();
  const files = ids.map((id, index) => ({
    path: `alembic/versions/${index}_made.py`,
    text: `from alembic import op\nimport sqlalchemy as sa\nrevision = '${id.replace(/['\\\n]/g, '')}'\ndown_revision = ${index === 0 && random.chance(0.5) ? 'None' : down()}\n${random.chance(0.2) ? `depends_on = ${down()}\n` : ''}${random.chance(0.2) ? `branch_labels = ${down()}\n` : ''}def upgrade():\n    op.execute("""${expand(SQL, 'statement', random)}""")\n`,
  }));
  return [{ path: 'alembic.ini', text: random.pick(['[alembic]\nscript_location = alembic\n', '[alembic]\nscript_location = ../alembic\n', '[alembic]\n', '']) }, { path: 'alembic/env.py', text: 'from alembic import context\n' }, ...files];
}

/** Drizzle's list of migrations, beside files that it names or not. */
function journal(random: Random): Made[] {
  const tag = (): string => random.pick(['0000_base', '0001_more', '0001_more', '../../0000_base', '/etc/passwd', '', '__proto__', '..', 'a/b', '0000_base.sql', '\u0000']);
  const entries = Array.from({ length: random.integer(0, 5) }, (_, idx) => ({ idx: random.chance(0.8) ? idx : random.pick([-1, 1e308, null, '0', idx]), version: '7', when: random.integer(0, 5), tag: random.chance(0.9) ? tag() : random.pick([null, 5, {}, []]), breakpoints: true }));
  return [
    { path: 'drizzle/meta/_journal.json', text: JSON.stringify({ version: '7', dialect: random.pick(['postgresql', 'postgresql', 'sqlite', null, 7]), entries: random.chance(0.9) ? entries : random.pick([null, {}, 'x']) }) },
    { path: 'drizzle/0000_base.sql', text: expand(SQL, 'file', random) }, { path: 'drizzle/0001_more.sql', text: `${expand(SQL, 'statement', random)}--> statement-breakpoint\n${expand(SQL, 'statement', random)}` },
  ];
}
