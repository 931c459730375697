import { canLink, relationOf, type Block, type Builder, type Reference } from './builder.js';
import { filters, link, pin, scalar } from './conditions.js';
import type { Built } from './select.js';
import type { OracleColumn, OracleTable } from './schema.js';
import { alternative, choice, junction, list, sequence, type Node } from './tree.js';

/** Columns that a product changes freely: neither key nor reference nor part of a unique key. */
const plainColumns = (table: OracleTable): OracleColumn[] => table.columns.filter((column) => (
  column.domain === undefined && column.pair === undefined && column.references === undefined && !table.primaryKey.includes(column.name) && !table.uniques.flat().includes(column.name)
));

const ownTables = (builder: Builder): OracleTable[] => builder.schema.tables.filter((table) => table.class === 'tenant' || table.class === 'child');

/** An INSERT, UPDATE, DELETE or MERGE on a table of a tenant; RETURNING always when `returning` is set (for a CTE). */
export function write(builder: Builder, block: Block, returning: boolean): Built {
  const kind = builder.random.weighted([[4, 'update'], [3, 'delete'], [3, 'insert'], [2, 'merge']] as [number, string][]);
  const table = builder.random.pick(ownTables(builder));
  if (kind === 'delete' || plainColumns(table).length === 0) return remove(builder, block, table, returning);
  if (kind === 'insert' && table.key !== undefined) return insert(builder, block, table, returning);
  if (kind === 'merge' && !returning) return merge(builder, block, table);
  return update(builder, block, table, returning);
}

/** The target and what stands in FROM or USING, with the conditions that pin them. */
function targetAndSource(builder: Builder, block: Block, table: OracleTable, word: string): { target: Reference; source: Node; where: Node } {
  const { random } = builder;
  const target: Reference = { alias: builder.alias(), relation: relationOf(table) };
  const conditions: Node[] = [];
  let source: Node = '';
  const candidates = builder.tenantRelations(block).filter((relation) => canLink(relation, target.relation));
  if (candidates.length > 0 && random.chance(0.4)) {
    const other: Reference = { alias: builder.alias(), relation: random.pick(candidates) };
    conditions.push(pin(builder, block, other));
    block.references.push(other);
    source = ` ${word} ${other.relation.name} ${other.alias}`;
    conditions.push(random.chance(0.8) ? link(builder, block, target, other) : pin(builder, block, target));
  } else {
    conditions.push(pin(builder, block, target));
  }
  block.references.push(target);
  conditions.push(...filters(builder, block, random.integer(0, 1)));
  return { target, source, where: junction('where', random.shuffle(conditions), block.id) };
}

function returningOf(builder: Builder, block: Block, target: Reference, always: boolean): { node: Node; columns: readonly OracleColumn[] } {
  const columns = target.relation.columns;
  if (!always && builder.random.chance(0.6)) return { node: '', columns };
  const names: Node[] = columns.map((column) => `${target.alias}.${column.name}`);
  const extra = !always && builder.random.chance(0.3) ? [alternative(scalar(builder, block), 'NULL')] : [];
  return { node: sequence(' RETURNING ', list('', [...names, ...extra])), columns };
}

function update(builder: Builder, block: Block, table: OracleTable, always: boolean): Built {
  const { target, source, where } = targetAndSource(builder, block, table, 'FROM');
  const set = plainColumns(table).map((column) => sequence(`${column.name} = `, assigned(builder, block, target, column)));
  const { node, columns } = returningOf(builder, block, target, always);
  return { node: sequence(`UPDATE ${table.name} ${target.alias} SET `, list('', builder.random.sample(set, 1)), source, where, node), columns };
}

function assigned(builder: Builder, block: Block, target: Reference, column: OracleColumn): Node {
  const { random } = builder;
  if (column.type === 'text') return random.pick(["'w'", builder.parameter('text')]);
  if (random.chance(0.25)) return alternative(sequence('(SELECT count(*) FROM (', countSource(builder, block), ') c)::int'), '5');
  return random.pick([builder.parameter('int'), `${target.alias}.${column.name} + 1`, '5']);
}

function countSource(builder: Builder, block: Block): Node {
  const inner = builder.block([...block.references, ...block.outer], block.ctes, block.depth + 1);
  const other: Reference = { alias: builder.alias(), relation: builder.random.pick(builder.tenantRelations(block)) };
  inner.references.push(other);
  return sequence(`SELECT 1 FROM ${other.relation.name} ${other.alias}`, junction('where', [pin(builder, inner, other)], inner.id));
}

function remove(builder: Builder, block: Block, table: OracleTable, always: boolean): Built {
  const { target, source, where } = targetAndSource(builder, block, table, 'USING');
  const { node, columns } = returningOf(builder, block, target, always);
  return { node: sequence(`DELETE FROM ${table.name} ${target.alias}`, source, where, node), columns };
}

/** Copies rows under new keys, or writes one new row. */
function insert(builder: Builder, block: Block, table: OracleTable, always: boolean): Built {
  const { random } = builder;
  const target: Reference = { alias: table.name, relation: relationOf(table) };
  const copies = table.class === 'child' || table.columns.some((column) => column.pair !== undefined) || table.columns.some((column) => column.references !== undefined && column.name !== table.tenantColumn && !column.nullable) || random.chance(0.5);
  const names = table.columns.map((column) => column.name).join(', ');
  // A key of the caller's choice: the row that is there already may be another tenant's.
  const clashes = !copies && plainColumns(table).length > 0 && random.chance(0.15);
  const key = clashes ? builder.parameter('int', table, table.key) : '1000';
  if (clashes) builder.mutations.push('conflict');
  const source = copies ? copyOf(builder, block, table) : sequence('VALUES (', list('', table.columns.map((column) => newValue(builder, block, table, column, key))), ')');
  const conflict = clashes ? ` ON CONFLICT (${table.key!}) DO UPDATE SET ${plainColumns(table)[0]!.name} = excluded.${plainColumns(table)[0]!.name}` : conflictOf(builder, table);
  const { node, columns } = returningOf(builder, { ...block, references: [target] }, target, always);
  return { node: sequence(`INSERT INTO ${table.name} (${names}) `, source, conflict, node), columns };
}

function copyOf(builder: Builder, block: Block, table: OracleTable): Node {
  const { random } = builder;
  const from: Reference = { alias: builder.alias(), relation: relationOf(table) };
  const conditions = [pin(builder, block, from)];
  block.references.push(from);
  conditions.push(...filters(builder, block, random.integer(0, 1)));
  const values = table.columns.map((column): Node => {
    const own = `${from.alias}.${column.name}`;
    if (column.name === table.key) return `1000 + ${own}`;
    if (column.name === table.tenantColumn) return column.nullable ? '$1' : choice(random.pick(['$1', own]), ['$1', own]);
    return table.uniques.flat().includes(column.name) ? `'c' || ${from.alias}.${table.key!}` : own;
  });
  return sequence('SELECT ', values.map((value, index) => (index === 0 ? value : sequence(', ', value))).reduce((a, b) => sequence(a, b)), ` FROM ${table.name} ${from.alias}`, junction('where', conditions, block.id));
}

function newValue(builder: Builder, block: Block, table: OracleTable, column: OracleColumn, key: string): Node {
  const { random } = builder;
  if (column.name === table.key) return key;
  if (column.name === table.tenantColumn) return '$1';
  // A value that another tenant may have taken is the subject of another rule.
  if (table.uniques.some((columns) => columns.length === 1 && columns[0] === column.name)) return "'new'";
  if (table.uniques.flat().includes(column.name)) return random.pick(["'new'", "'x'"]);
  if (column.references === undefined) return column.type === 'int' ? builder.parameter('int') : builder.parameter('text');
  const owner = builder.table(column.references);
  if (owner.class === 'global' || random.chance(0.5)) return 'NULL';
  const other: Reference = { alias: builder.alias(), relation: relationOf(owner) };
  const inner = builder.block(block.outer, block.ctes, block.depth + 1);
  inner.references.push(other);
  return alternative(sequence(`(SELECT max(${other.alias}.${owner.key!}) FROM ${owner.name} ${other.alias}`, junction('where', [pin(builder, inner, other)], inner.id), ')'), 'NULL');
}

/** ON CONFLICT on a key of the tenant's own; one that leaves the tenant out is the subject of another rule than the scope. */
function conflictOf(builder: Builder, table: OracleTable): Node {
  const own = table.uniques.find((columns) => columns.includes(table.tenantColumn ?? ''));
  const [column] = plainColumns(table);
  if (own === undefined || column === undefined || !builder.random.chance(0.6)) return '';
  if (builder.random.chance(0.3)) return list(' ON CONFLICT', [` (${own.join(', ')}) DO NOTHING`]);
  return sequence(` ON CONFLICT (${own.join(', ')}) DO UPDATE SET ${column.name} = excluded.${column.name}`);
}

function merge(builder: Builder, block: Block, table: OracleTable): Built {
  const { random } = builder;
  const target: Reference = { alias: builder.alias(), relation: relationOf(table) };
  const candidates = builder.tenantRelations(block).filter((relation) => canLink(relation, target.relation));
  const relation = random.pick(candidates);
  const inner = builder.block(block.outer, block.ctes, block.depth + 1);
  const innerReference: Reference = { alias: builder.alias(), relation };
  inner.references.push(innerReference);
  const source: Reference = { alias: builder.alias(), relation: { name: '', columns: relation.columns.filter((column, index) => relation.columns.findIndex((other) => other.name === column.name) === index) } };
  const columns = source.relation.columns.map((column) => `${innerReference.alias}.${column.name}`).join(', ');
  const using = sequence(`(SELECT ${columns} FROM ${relation.name} ${innerReference.alias}`, junction('where', [pin(builder, inner, innerReference)], inner.id), `) ${source.alias}`);
  block.references.push(source);
  const on = [link(builder, { ...block, references: [target, source] }, target, source), pin(builder, block, target)];
  block.references.push(target);
  const [column] = plainColumns(table);
  const value = column!.type === 'int' ? '9' : "'m'";
  const matched = [sequence(' WHEN MATCHED', list(' AND ', random.chance(0.5) ? filters(builder, block, 1) : [], ' AND '), random.pick([` THEN UPDATE SET ${column!.name} = ${value}`, ' THEN DELETE', ' THEN DO NOTHING']))];
  if (random.chance(0.3)) {
    const bySource = pin(builder, { ...block, references: [target] }, target);
    matched.push(sequence(' WHEN NOT MATCHED BY SOURCE AND ', junction('bare', [bySource]), random.pick([` THEN UPDATE SET ${column!.name} = ${value}`, ' THEN DELETE'])));
  }
  return { node: sequence(`MERGE INTO ${table.name} ${target.alias} USING `, using, junction('on', on, block.id), list('', matched, '')), columns: [] };
}
