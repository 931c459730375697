import { Builder, type Relation } from './builder.js';
import { Random } from './random.js';
import type { OracleSchema } from './schema.js';
import { canBeOpen, openSelect, recursive, select, simpleSelect, type Built } from './select.js';
import { mutate, list, sequence, choice, type Node } from './tree.js';
import { write } from './write.js';

/** A query to be judged. */
export interface OracleQuery {
  readonly tree: Node;
  /** What was done to a query that was right, in order. */
  readonly mutations: readonly string[];
  readonly hints: ReadonlyMap<string, { readonly table: string; readonly column: string }>;
}

/**
 * Writes one query for the schema: first one whose every table is pinned to tenant $1, then, in half of the cases, a near miss of it.
 * @param schema the tables and views it may read
 * @param random where the choices come from
 */
export function generateQuery(schema: OracleSchema, random: Random): OracleQuery {
  const builder = new Builder(schema, random);
  let tree = statement(builder);
  const mutations: string[] = [...builder.mutations];
  const count = random.weighted([[8, 0], [10, 1], [3, 2], [1, 3]] as [number, number][]);
  for (let index = 0; index < count; index += 1) {
    const next = mutate(tree, random);
    tree = next.tree;
    mutations.push(next.mutation);
  }
  return { tree, mutations, hints: builder.hints };
}

function statement(builder: Builder): Node {
  const { random } = builder;
  const { parts, relations, isRecursive } = commonTables(builder);
  const main = random.chance(0.3) ? write(builder, builder.block([], relations, 0), false).node
    : random.chance(0.14) ? setOperation(builder, relations).node : select(builder, builder.block([], relations, 0));
  return sequence(list(isRecursive ? 'WITH RECURSIVE ' : 'WITH ', parts, ', ', ' '), main);
}

function commonTables(builder: Builder): { parts: Node[]; relations: Relation[]; isRecursive: boolean } {
  const { random } = builder;
  const parts: Node[] = [];
  const relations: Relation[] = [];
  let isRecursive = false;
  const count = random.weighted([[6, 0], [2, 1], [1, 2]] as [number, number][]);
  for (let index = 0; index < count; index += 1) {
    // A CTE may bear the name of a table, which it then hides.
    const name = random.chance(0.05) ? 'projects' : `w${index + 1}`;
    const built = commonTable(builder, relations, name);
    if (built === undefined) continue;
    isRecursive ||= built.recursive;
    const hint = built.recursive || !random.chance(0.15) ? '' : random.pick(['MATERIALIZED ', 'NOT MATERIALIZED ']);
    parts.push(sequence(`${name} AS ${hint}(`, built.node, ')'));
    relations.push({ name, columns: built.columns });
  }
  return { parts, relations, isRecursive };
}

function commonTable(builder: Builder, relations: readonly Relation[], name: string): (Built & { recursive: boolean }) | undefined {
  const { random } = builder;
  const block = builder.block([], relations, 1);
  const kind = random.weighted([[6, 'select'], [2, 'recursive'], [2, 'write'], [1, 'set']] as [number, string][]);
  if (kind === 'recursive') {
    const built = recursive(builder, block, name);
    return built === undefined ? undefined : { ...built, recursive: true };
  }
  if (kind === 'write') return { ...write(builder, block, true), recursive: false };
  if (kind === 'set') return { ...setOperation(builder, relations), recursive: false };
  const relation = random.pick(builder.tenantRelations(block));
  const built = canBeOpen(relation) && random.chance(0.3) ? openSelect(builder, block, relation) : simpleSelect(builder, block, relation, undefined);
  return { ...built, recursive: false };
}

/** Two arms over the same columns. */
function setOperation(builder: Builder, relations: readonly Relation[]): Built {
  const { random } = builder;
  const [a, b] = [builder.block([], relations, 1), builder.block([], relations, 1)];
  const first = random.pick(builder.tenantRelations(a));
  const left = simpleSelect(builder, a, first, undefined);
  const right = simpleSelect(builder, b, random.chance(0.5) ? first : random.pick(builder.tenantRelations(b)), undefined);
  const columns = left.columns.filter((column, index) => right.columns.some((other) => other.name === column.name && other.type === column.type && other.domain === column.domain)
    && left.columns.findIndex((other) => other.name === column.name) === index);
  if (columns.length === 0) return left;
  const arms = [left, right].map(({ node }) => {
    const alias = builder.alias();
    return sequence(`SELECT ${columns.map((column) => `${alias}.${column.name}`).join(', ')} FROM (`, node, `) ${alias}`);
  });
  const operators = ['UNION', 'UNION ALL', 'INTERSECT', 'EXCEPT'];
  const tail = random.chance(0.1) ? ` ORDER BY ${columns.map((_, index) => index + 1).join(', ')} LIMIT 2` : '';
  return { node: sequence(arms[0]!, ' ', choice(random.pick(operators), operators), ' ', arms[1]!, tail), columns };
}

/** The schema, its states and its queries are all decided by the seed. */
export const randomFor = (seed: number, part: number): Random => new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(part + 1, 0x85ebca6b));
