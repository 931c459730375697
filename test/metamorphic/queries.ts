import { ask, environmentOf } from '../oracle/engine.js';
import { generateQuery, randomFor } from '../oracle/generate.js';
import type { Random } from '../oracle/random.js';
import { generateSchema, type OracleSchema } from '../oracle/schema.js';
import { print, type Node } from '../oracle/tree.js';
import { recase, reformat, rename } from './text.js';

/** One way to write a query in other words. */
interface Change {
  readonly name: string;
  /** @returns undefined where the query cannot be written so */
  readonly apply: (query: { sql: string; tree: Node; schema: OracleSchema; random: Random }) => { sql: string; schema?: OracleSchema } | undefined;
}

/** Names that the oracle's own description of a schema relies on. */
const FIXED = new Set(['accounts', 'kinds']);

const isSelect = (sql: string): boolean => /^\s*SELECT\b/i.test(sql) && !/\bFOR (?:UPDATE|SHARE|NO KEY|KEY)\b/i.test(sql);

const CHANGES: readonly Change[] = [
  { name: 'other blanks and comments', apply: ({ sql, random }) => ({ sql: reformat(sql, random) }) },
  { name: 'other cases of letters', apply: ({ sql, random }) => ({ sql: recase(sql, random) }) },
  { name: 'in parentheses', apply: ({ sql }) => (isSelect(sql) ? { sql: `(${sql})` } : undefined) },
  { name: 'as a derived table', apply: ({ sql }) => (isSelect(sql) ? { sql: `SELECT * FROM (${sql}) AS zq` } : undefined) },
  { name: 'as a CTE', apply: ({ sql }) => (isSelect(sql) ? { sql: `WITH zq AS (${sql}) SELECT * FROM zq` } : undefined) },
  { name: 'as a materialized CTE of a derived table', apply: ({ sql }) => (isSelect(sql) ? { sql: `WITH zq AS MATERIALIZED (SELECT * FROM (${sql}) AS zr) SELECT * FROM zq AS zs` } : undefined) },
  { name: 'as an arm of a union with nothing', apply: ({ sql }) => (isSelect(sql) ? { sql: `(${sql}) UNION ALL (${sql})` } : undefined) },
  { name: 'conditions in another order', apply: ({ tree, random }) => ({ sql: print(shuffled(tree, random)) }) },
  {
    name: 'other names of tables',
    apply: ({ sql, schema }) => {
      const names = new Map([...schema.tables, ...schema.views].map(({ name }) => name).filter((name) => !FIXED.has(name)).map((name) => [name, `zq${name}`]));
      return { sql: rename(sql, names), schema: renamed(schema, names) };
    },
  },
  {
    name: 'other names of aliases and CTEs',
    apply: ({ sql, schema }) => {
      const taken = new Set([...schema.tables, ...schema.views].flatMap(({ name, columns }) => [name, ...columns.map((column) => column.name)]));
      const found = [...sql.matchAll(/\b(?:AS|WITH|,) ([a-z]+\d+)\b(?! AS text)/g)].map(([, alias]) => alias!).filter((alias) => !taken.has(alias));
      return { sql: rename(sql, new Map(found.map((alias) => [alias, `zq${alias}`]))) };
    },
  },
];

/** The names of a schema, changed wherever they stand in its description. */
function renamed(schema: OracleSchema, names: ReadonlyMap<string, string>): OracleSchema {
  return JSON.parse(JSON.stringify(schema), (_, value: unknown) => (typeof value === 'string' ? rename(value, names) : value)) as OracleSchema;
}

function shuffled(node: Node, random: Random): Node {
  if (typeof node === 'string' || node.kind === 'choice') return node;
  switch (node.kind) {
    case 'sequence': return { ...node, parts: node.parts.map((part) => shuffled(part, random)) };
    case 'list': return { ...node, items: node.items.map((item) => shuffled(item, random)) };
    case 'junction': return { ...node, items: random.shuffle(node.items.map((item) => shuffled(item, random))) };
    case 'alternative': return { ...node, node: shuffled(node.node, random) };
  }
}

/** What came out of a run. */
export interface Metamorphosis {
  readonly queries: number;
  readonly compared: number;
  /** Wordings of which the engine said something else. */
  readonly vaguer: number;
  /** Scoped queries whose tenant was taken away. */
  readonly unpinned: number;
  readonly differences: readonly string[];
}

/**
 * Writes generated queries in other words: the engine must say of them what it said before. With every tenant value taken away,
 * nothing may be scoped any more.
 */
export function compareWordings(seed: number, schemas: number, each: number): Metamorphosis {
  const differences: string[] = [];
  const tally = { queries: 0, compared: 0, vaguer: 0, unpinned: 0 };
  for (let part = 0; part < schemas; part += 1) {
    const random = randomFor(seed, part);
    const schema = generateSchema(random);
    const environment = environmentOf(schema);
    const environments = new Map([[JSON.stringify(schema), environment]]);
    for (let count = 0; count < each; count += 1) {
      const { tree } = generateQuery(schema, random);
      const sql = print(tree);
      const before = ask(sql, environment);
      if (before.kind === 'unread') continue;
      tally.queries += 1;
      for (const { name, apply } of CHANGES) {
        const changed = apply({ sql, tree, schema, random });
        if (changed === undefined) continue;
        const key = JSON.stringify(changed.schema ?? schema);
        const other = environments.get(key) ?? environmentOf(changed.schema!);
        environments.set(key, other);
        tally.compared += 1;
        const { kind } = ask(changed.sql, other);
        if (kind !== before.kind) tally.vaguer += 1;
        // What is flagged may become unknown where more is unknown around it; what is scoped and what is not stay apart.
        if ((kind === 'scoped') !== (before.kind === 'scoped') || kind === 'unread') differences.push(`seed ${seed}, part ${part}: ${name}: ${before.kind} became ${kind}\n${sql}\n${changed.sql}`);
      }
      // Rows without a tenant, no rows at all, nothing done, and a CTE that nobody reads are the same for everybody.
      if (before.kind !== 'scoped' || before.uses.length === 0 || /\b(?:NULL|FALSE|DO NOTHING|WITH)\b/i.test(sql)) continue;
      tally.unpinned += 1;
      const without = sql.replace(/\$1\b/g, '$2');
      if (ask(without, environment).kind === 'scoped') differences.push(`seed ${seed}, part ${part}: scoped without a tenant\n${sql}\n${without}`);
    }
  }
  return { ...tally, differences };
}
