import type { Random } from './random.js';
import type { ColumnType, OracleColumn, OracleSchema, OracleTable } from './schema.js';
import { choice, sequence, type Node } from './tree.js';

/** Something that can stand in FROM: table, view, CTE, derived table. */
export interface Relation {
  readonly name: string;
  readonly columns: readonly OracleColumn[];
  readonly table?: OracleTable;
}

export interface Reference {
  readonly alias: string;
  readonly relation: Relation;
}

/** A query block while it is written. Every reference in sight is pinned, unless a mutation later undoes it. */
export interface Block {
  readonly id: number;
  readonly references: Reference[];
  readonly outer: readonly Reference[];
  /** CTEs that may be named here. */
  readonly ctes: readonly Relation[];
  readonly depth: number;
}

/** $1 is the tenant; $2 to $6 are numbers, $7 and $8 texts that the attacker chooses; $9 is an array of values of $2. */
export const NUMBER_PARAMETERS = ['$2', '$3', '$4', '$5', '$6'];
export const TEXT_PARAMETERS = ['$7', '$8'];

/** Names, parameters and relations of one query. */
export class Builder {
  private aliases = 0;
  private blocks = 0;
  private numbers = 0;
  private texts = 0;
  /** Which column each parameter is compared with, so that it gets values that occur there. */
  readonly hints = new Map<string, { readonly table: string; readonly column: string }>();

  /** What is wrong with the query from the start. */
  readonly mutations: string[] = [];

  constructor(readonly schema: OracleSchema, readonly random: Random) {}

  alias(): string {
    this.aliases += 1;
    return `t${this.aliases}`;
  }

  block(outer: readonly Reference[], ctes: readonly Relation[], depth: number): Block {
    this.blocks += 1;
    return { id: this.blocks, references: [], outer, ctes, depth };
  }

  parameter(type: ColumnType, table?: OracleTable, column?: string): string {
    const names = type === 'int' ? NUMBER_PARAMETERS : TEXT_PARAMETERS;
    const name = names[Math.min(type === 'int' ? this.numbers++ : this.texts++, names.length - 1)]!;
    if (table !== undefined && column !== undefined) this.hints.set(name, { table: table.name, column });
    return name;
  }

  /** The array parameter; its first value occurs in the column. */
  array(table: OracleTable, column: string): string {
    this.hints.set('$2', { table: table.name, column });
    return '$9';
  }

  /** Tables, views and CTEs whose rows belong to tenants. */
  tenantRelations(block: Block): Relation[] {
    const tables = this.schema.tables.filter((table) => table.class !== 'global').map(relationOf);
    // A CTE that nobody reads shows nothing: half of what is read are CTEs, where there are any.
    const ctes = block.ctes.flatMap((cte) => Array<Relation>(Math.ceil(tables.length / block.ctes.length)).fill(cte));
    return [...tables, ...this.schema.views, ...ctes];
  }

  globals(): Relation[] {
    return this.schema.tables.filter((table) => table.class === 'global').map(relationOf);
  }

  table(name: string): OracleTable {
    return this.schema.tables.find((table) => table.name === name)!;
  }

  /** `alias.column`; other columns of that type, here or in sight, are its near misses. */
  column(block: Block, reference: Reference, column: OracleColumn, spareTenant = false): Node {
    const value = `${reference.alias}.${column.name}`;
    const suits = (other: OracleColumn): boolean => other.type === column.type && !(spareTenant && other.domain === 'accounts');
    const others = [...block.references, ...block.outer, reference].flatMap((each) => each.relation.columns.filter(suits).map((other) => `${each.alias}.${other.name}`));
    return choice(value, [...new Set(others)]);
  }
}

export const relationOf = (table: OracleTable): Relation => ({ name: table.name, columns: table.columns, table });

/** The columns of the root's domain: tenant columns, the root's key. */
export const tenantColumns = (relation: Relation): OracleColumn[] => relation.columns.filter((column) => column.domain === 'accounts');

/** Pairs of columns that a correct query may equate. */
export function linkPairs(left: Relation, right: Relation): [OracleColumn, OracleColumn][] {
  return left.columns.flatMap((a) => right.columns.filter((b) => a.domain !== undefined && a.domain === b.domain).map((b): [OracleColumn, OracleColumn] => [a, b]));
}

type Pair = readonly [OracleColumn, OracleColumn];

/** The columns by which both name rows of a table that has a key of two columns. */
export function sharedPair(left: Relation, right: Relation): readonly [Pair, Pair] | undefined {
  const [a, b] = [left, right].map(({ columns }) => ([0, 1] as const).map((index) => columns.find((column) => column.pair?.index === index)));
  return [a, b].every((side) => side!.every((column) => column !== undefined)) ? [a as unknown as Pair, b as unknown as Pair] : undefined;
}

/** Whether a correct query may join them. */
export const canLink = (left: Relation, right: Relation): boolean => linkPairs(left, right).length > 0 || sharedPair(left, right) !== undefined;

/** `left = right` in one of its spellings. */
export function equality(random: Random, left: Node, right: Node, neverNull: boolean): Node {
  const operator = choice('=', ['<>', '>=', '<', 'IS DISTINCT FROM', 'IS NOT DISTINCT FROM']);
  const [a, b] = random.chance(0.3) ? [right, left] : [left, right];
  const spelling = random.weighted([[12, 'plain'], [1, 'cast'], [neverNull ? 1 : 0, 'distinct'], [1, 'row'], [1, 'between']] as [number, string][]);
  if (spelling === 'cast') return sequence(a, '::bigint ', operator, ' ', b);
  if (spelling === 'distinct') return sequence(a, choice(' IS NOT DISTINCT FROM ', [' IS DISTINCT FROM ', ' = ']), b);
  if (spelling === 'row') return sequence('(', a, ', 1) ', choice('=', ['<>', '<=', '>']), ' (', b, ', 1)');
  return sequence(a, ' ', operator, ' ', b);
}
