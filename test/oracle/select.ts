import { canLink, linkPairs, relationOf, type Block, type Builder, type Reference, type Relation } from './builder.js';
import { filters, link, pin, scalar } from './conditions.js';
import type { OracleColumn } from './schema.js';
import { alternative, choice, junction, list, sequence, type Node } from './tree.js';

/** A query and the columns that it gives to whoever reads it. */
export interface Built {
  readonly node: Node;
  readonly columns: readonly OracleColumn[];
}

const JOINS = ['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN'];

/** FROM and WHERE of a block; its references are added to `block`. */
export function fromWhere(builder: Builder, block: Block): Node {
  const { random } = builder;
  const conditions: Node[] = [];
  const anchor: Reference = { alias: builder.alias(), relation: random.chance(0.06) ? random.pick(builder.globals()) : random.pick(builder.tenantRelations(block)) };
  const open = canBeOpen(anchor.relation) && random.chance(0.4);
  const source = random.chance(0.14) && block.depth < 2 ? derive(builder, block, anchor.relation, open) : undefined;
  const first: Reference = source === undefined ? anchor : { alias: anchor.alias, relation: { name: anchor.alias, columns: source.columns } };
  const head = source === undefined ? `${anchor.relation.name} ${anchor.alias}` : sequence('(', source.node, `) ${anchor.alias}`);
  if ((source === undefined || open) && !isGlobal(anchor.relation)) conditions.push(pin(builder, block, first));
  block.references.push(first);
  const joins: Node[] = [];
  const count = random.weighted([[4, 0], [4, 1], [2, 2], [1, 3]] as [number, number][]);
  for (let index = 0; index < count; index += 1) {
    const join = joined(builder, block, conditions);
    if (join !== undefined) joins.push(join);
  }
  conditions.push(...filters(builder, block, random.weighted([[6, 0], [3, 1], [1, 2]] as [number, number][])));
  return sequence(' FROM ', head, list('', joins, ''), junction('where', random.shuffle(conditions), block.id));
}

const isGlobal = (relation: Relation): boolean => relation.table?.class === 'global';

function joined(builder: Builder, block: Block, conditions: Node[]): Node | undefined {
  const { random } = builder;
  if (random.chance(0.1)) return joinGlobal(builder, block);
  const existing = random.pick(block.references);
  const candidates = builder.tenantRelations(block).filter((relation) => canLink(relation, existing.relation));
  const way = random.weighted([[6, 'on'], [2, 'comma'], [2, 'using'], [1, 'natural'], [1, 'lateral'], [1, 'derived'], [1, 'outerWhere'], [1, 'cross'], [1, 'values'], [1, 'full']] as [number, string][]);
  const relation = random.pick(candidates.length > 0 ? candidates : builder.tenantRelations(block));
  const next: Reference = { alias: builder.alias(), relation };
  const linked = candidates.length > 0;
  const connect = (): Node => (linked && random.chance(0.75) ? link(builder, block, next, existing) : pin(builder, block, next));
  const named = `${relation.name} ${next.alias}`;
  const word = (value: string): Node => choice(value, JOINS);
  if (way === 'comma' || way === 'cross') {
    conditions.push(connect());
    block.references.push(next);
    return sequence(` CROSS JOIN ${named}`);
  }
  if (way === 'using' || way === 'natural') {
    const shared = relation.columns.filter((column) => block.references.filter((each) => each.relation.columns.some((other) => other.name === column.name)).length === 1
      && block.references.some((each) => each.relation.columns.some((other) => other.name === column.name && other.domain === column.domain && column.domain !== undefined)));
    if (shared.length > 0) {
      block.references.push(next);
      if (way === 'natural') return sequence(' NATURAL ', word('JOIN'), ` ${named}`);
      const using = random.chance(0.7) ? [random.pick(shared)] : shared;
      return sequence(' ', word('JOIN'), ` ${named} USING (`, list('', using.map((column) => column.name)), ')');
    }
  }
  if (way === 'lateral' || way === 'derived') {
    const inner = builder.block(way === 'lateral' ? [...block.references, ...block.outer] : block.outer, block.ctes, block.depth + 1);
    const derived = simpleSelect(builder, inner, relation, way === 'lateral' && linked ? (reference) => link(builder, inner, reference, existing) : undefined);
    const reference: Reference = { alias: next.alias, relation: { name: next.alias, columns: derived.columns } };
    const on = way === 'derived' && canLink(reference.relation, existing.relation) ? [link(builder, block, reference, existing)] : [];
    block.references.push(reference);
    return sequence(' ', choice(random.chance(0.3) ? 'LEFT JOIN' : 'JOIN', ['JOIN', 'LEFT JOIN']), way === 'lateral' ? ' LATERAL (' : ' (', derived.node, `) ${next.alias}`, junction('on', on, block.id));
  }
  if (way === 'values') {
    const given: Reference = { alias: next.alias, relation: { name: next.alias, columns: [{ name: 'x', type: 'int', nullable: false, domain: 'accounts' }] } };
    block.references.push(given);
    return sequence(' CROSS JOIN ', choice(random.pick(['(VALUES ($1))', 'unnest(ARRAY[$1])', '(SELECT $1::int)']), ['(VALUES ($2))', 'unnest(ARRAY[$1, $2])']), ` ${next.alias} (x)`);
  }
  if (way === 'full') {
    conditions.push(pin(builder, { ...block, references: [next], outer: [] }, next));
    const merged = linkPairs(existing.relation, relation).find(([a, b]) => a.name === b.name && a.domain === 'accounts' && block.references.every((each) => each === existing || !each.relation.columns.some((column) => column.name === a.name)));
    block.references.push(next);
    if (merged !== undefined) {
      conditions.push(sequence(choice(merged[0].name, [`${existing.alias}.${merged[0].name}`, `${next.alias}.${merged[0].name}`]), choice(' = ', [' <> ']), '$1'));
      return sequence(' ', word('FULL JOIN'), ` ${named} USING (${merged[0].name})`);
    }
    return sequence(' CROSS JOIN ', named);
  }
  const condition = connect();
  block.references.push(next);
  if (way === 'outerWhere') {
    conditions.push(pin(builder, { ...block, references: [next], outer: [] }, next));
    return sequence(' ', word(random.pick(['RIGHT JOIN', 'LEFT JOIN', 'JOIN'])), ` ${named}`, junction('on', [condition], block.id));
  }
  const more = random.chance(0.25) ? filters(builder, { ...block, references: [next] }, 1) : [];
  return sequence(' ', word(random.chance(0.3) ? 'LEFT JOIN' : 'JOIN'), ` ${named}`, junction('on', [condition, ...more], block.id));
}

function joinGlobal(builder: Builder, block: Block): Node {
  const [relation] = builder.globals();
  const next: Reference = { alias: builder.alias(), relation: relation! };
  const reference = block.references.find((each) => each.relation.columns.some((column) => column.references === relation!.name));
  const on = reference === undefined ? [] : [`${next.alias}.${relation!.table!.key!} = ${reference.alias}.kind_id`];
  block.references.push(next);
  return sequence(' ', choice('JOIN', ['LEFT JOIN']), ` ${relation!.name} ${next.alias}`, junction('on', on, block.id));
}

function derive(builder: Builder, block: Block, relation: Relation, open: boolean): Built {
  const inner = builder.block(block.outer, block.ctes, block.depth + 1);
  return open ? openSelect(builder, inner, relation) : simpleSelect(builder, inner, relation, undefined);
}

/** Whether whoever reads all of it can pin it from outside. */
export const canBeOpen = (relation: Relation): boolean => relation.columns.some((column) => column.domain === 'accounts') && !isGlobal(relation);

/** SELECT of all tenants' rows, for a reader that pins them; what would keep the reader's condition out is only a near miss. */
export function openSelect(builder: Builder, block: Block, relation: Relation): Built {
  const { random } = builder;
  const reference: Reference = { alias: builder.alias(), relation };
  block.references.push(reference);
  const columns = distinctNames(relation.columns);
  const tenant = columns.find((column) => column.domain === 'accounts')!;
  const names = columns.map((column) => `${reference.alias}.${column.name}`);
  const own = `${reference.alias}.${tenant.name}`;
  const from = sequence(` FROM ${relation.name} ${reference.alias}`, junction('where', random.chance(0.3) ? filters(builder, block, 1) : [], block.id));
  const others = (value: string): Node => choice(value, names);
  const limit = choice('', [` ORDER BY ${names.join(', ')} LIMIT 2`, ` ORDER BY ${names.join(', ')} OFFSET 1`]);
  const plain = sequence(`SELECT ${names.join(', ')}`, from, limit);
  const total: OracleColumn = { name: 'total', type: 'int', nullable: false };
  const shape = random.weighted([[6, 'plain'], [1, 'distinct'], [2, 'group'], [1, 'window'], [1, 'distinctOn'], [1, 'union']] as [number, string][]);
  if (shape === 'distinct') return { node: alternative(sequence(`SELECT DISTINCT ${names.join(', ')}`, from, limit), plain), columns };
  if (shape === 'group') return { node: sequence(`SELECT ${own}, count(*)::int AS total`, from, ` GROUP BY ${own}`), columns: [tenant, total] };
  // Only the tenant column goes out with a window or DISTINCT ON: a reader's condition on another column could not go in.
  if (shape === 'window') return { node: sequence(`SELECT ${own}, count(*) OVER (`, choice('PARTITION BY ', ['ORDER BY ']), others(own), `)::int AS total`, from), columns: [tenant, total] };
  if (shape === 'distinctOn') return { node: sequence('SELECT DISTINCT ON (', others(own), `) ${own}`, from, ' ORDER BY 1'), columns: [tenant] };
  if (shape === 'union') return { node: alternative(sequence(plain, choice(' UNION ', [' UNION ALL ', ' EXCEPT ', ' INTERSECT ']), `SELECT ${names.join(', ')}`, from), plain), columns };
  return { node: plain, columns };
}

/** SELECT of one relation's columns: plain, distinct, grouped, limited or windowed. */
export function simpleSelect(builder: Builder, block: Block, relation: Relation, condition: ((reference: Reference) => Node) | undefined): Built {
  const { random } = builder;
  const reference: Reference = { alias: builder.alias(), relation };
  const first = condition?.(reference) ?? (isGlobal(relation) ? 'TRUE' : pin(builder, block, reference));
  block.references.push(reference);
  const where = junction('where', [first, ...(random.chance(0.3) ? filters(builder, block, 1) : [])], block.id);
  const from = sequence(` FROM ${relation.name} ${reference.alias}`, where);
  const columns = distinctNames(relation.columns);
  const names = columns.map((column) => `${reference.alias}.${column.name}`);
  const order = ` ORDER BY ${names.join(', ')}`;
  const shape = random.weighted([[8, 'plain'], [1, 'distinct'], [1, 'group'], [1, 'limit'], [1, 'window'], [1, 'distinctOn'], [1, 'star']] as [number, string][]);
  const plain = sequence(`SELECT ${names.join(', ')}`, from);
  if (shape === 'distinct') return { node: alternative(sequence(`SELECT DISTINCT ${names.join(', ')}`, from), plain), columns };
  if (shape === 'limit') return { node: alternative(sequence(`SELECT ${names.join(', ')}`, from, `${order} LIMIT ${random.pick(['1', '3', '$6'])}`), plain), columns };
  if (shape === 'star') return { node: alternative(sequence(`SELECT ${reference.alias}.*`, from), plain), columns: relation.columns };
  const total: OracleColumn = { name: 'total', type: 'int', nullable: false };
  if (shape === 'group') {
    const keys = random.sample(columns, random.integer(1, Math.min(2, columns.length)));
    const group = keys.map((column) => `${reference.alias}.${column.name}`).join(', ');
    return { node: sequence(`SELECT ${group}, count(*)::int AS total`, from, ` GROUP BY ${group}`), columns: [...keys, total] };
  }
  if (shape === 'window') {
    const key = random.pick(names);
    return { node: alternative(sequence(`SELECT ${names.join(', ')}, count(*) OVER (PARTITION BY ${key})::int AS total`, from), plain), columns: [...columns, total] };
  }
  if (shape === 'distinctOn') {
    const key = random.pick(names);
    return { node: alternative(sequence(`SELECT DISTINCT ON (${key}) ${names.join(', ')}`, from, ` ORDER BY ${key}, ${names.join(', ')}`), plain), columns };
  }
  return { node: plain, columns };
}

function distinctNames(columns: readonly OracleColumn[]): OracleColumn[] {
  return columns.filter((column, index) => columns.findIndex((other) => other.name === column.name) === index);
}

/** A SELECT over the whole grammar. */
export function select(builder: Builder, block: Block): Node {
  const { random } = builder;
  const body = fromWhere(builder, block);
  const visible = block.references.flatMap(({ alias, relation }) => relation.columns.map((column) => ({ text: `${alias}.${column.name}`, column })));
  const everything = visible.map((each) => each.text);
  const shape = random.weighted([[9, 'plain'], [1, 'star'], [2, 'group'], [1, 'aggregate'], [1, 'window'], [1, 'distinct'], [1, 'distinctOn'], [2, 'limit'], [1, 'ordered']] as [number, string][]);
  const extra = (): Node[] => (random.chance(0.2) ? [alternative(scalar(builder, block), 'NULL')] : []);
  const plain = sequence('SELECT ', list('', everything), body);
  switch (shape) {
    case 'star': return alternative(sequence('SELECT *', body), plain);
    case 'group': {
      const keys = random.sample(everything, random.integer(1, 2));
      const having = random.chance(0.4) ? havingOf(builder, block, keys) : [];
      return sequence(`SELECT ${keys.join(', ')}, `, list('', [`count(*)`, `max(${random.pick(everything)})`]), body, ` GROUP BY ${keys.join(', ')}`, junction('having', having));
    }
    case 'aggregate': return sequence('SELECT ', list('', ['count(*)', `count(DISTINCT ${random.pick(everything)})`, `min(${random.pick(everything)})`]), body);
    case 'window': return alternative(sequence(`SELECT ${everything.join(', ')}, `, random.pick([
      `count(*) OVER (PARTITION BY ${random.pick(everything)})`, `rank() OVER (ORDER BY ${random.pick(everything)})`, `max(${random.pick(everything)}) OVER ()`,
    ]), body), plain);
    case 'distinct': return alternative(sequence('SELECT DISTINCT ', list('', everything), body), plain);
    case 'distinctOn': {
      const key = random.pick(everything);
      return alternative(sequence(`SELECT DISTINCT ON (${key}) ${everything.join(', ')}`, body, ` ORDER BY ${key}, ${everything.join(', ')}`), plain);
    }
    case 'limit': return alternative(sequence(`SELECT ${everything.join(', ')}`, body, ` ORDER BY ${everything.join(', ')} LIMIT ${random.pick(['1', '2', '$6'])}`, list('', random.chance(0.3) ? [' OFFSET 1'] : [])), plain);
    case 'ordered': return sequence(`SELECT `, list('', [...everything, ...extra()]), body, ` ORDER BY ${random.pick(everything)}`);
    default: return sequence('SELECT ', list('', [...everything, ...extra()]), body);
  }
}

function havingOf(builder: Builder, block: Block, keys: readonly string[]): Node[] {
  const { random } = builder;
  const key = block.references.flatMap(({ alias, relation }) => relation.columns.filter((column) => column.domain === 'accounts' && keys.includes(`${alias}.${column.name}`)).map((column) => `${alias}.${column.name}`));
  return key.length > 0 && random.chance(0.7) ? [sequence(key[0]!, choice(' = ', [' <> ']), '$1')] : [`count(*) ${random.pick(['>', '>='])} 1`];
}

/** A recursive CTE over a self reference or a foreign key: the base arm pinned, the recursive arm linked to it. */
export function recursive(builder: Builder, block: Block, name: string): Built | undefined {
  const { random } = builder;
  const tables = builder.schema.tables.filter((table) => table.columns.some((column) => column.name === 'parent_id'));
  const table = tables.length > 0 ? random.pick(tables) : undefined;
  if (table === undefined) return undefined;
  const columns = table.columns.filter((column) => [table.key, table.tenantColumn, 'parent_id'].includes(column.name));
  const relation = relationOf(table);
  const base: Reference = { alias: builder.alias(), relation };
  const step: Reference = { alias: builder.alias(), relation };
  const self: Reference = { alias: builder.alias(), relation: { name, columns } };
  const baseBlock = builder.block(block.outer, block.ctes, block.depth + 1);
  const stepBlock = builder.block([], block.ctes, block.depth + 1);
  const start = junction('where', [pin(builder, baseBlock, base), ...(random.chance(0.5) ? [`${base.alias}.${table.key!} = ${builder.parameter('int', table, table.key)}`] : [])], baseBlock.id);
  stepBlock.references.push(step, self);
  const [from, to] = random.chance(0.5) ? ['parent_id', table.key!] : [table.key!, 'parent_id'];
  const find = (column: string): OracleColumn => columns.find((each) => each.name === column)!;
  const joinOn = [sequence(builder.column(stepBlock, step, find(from)), ' = ', builder.column(stepBlock, self, find(to)))];
  const alsoPinned = random.chance(0.3) ? [`${step.alias}.${table.tenantColumn!} = $1`] : [];
  const names = (reference: Reference): string => columns.map((column) => `${reference.alias}.${column.name}`).join(', ');
  const node = sequence(
    `SELECT ${names(base)} FROM ${table.name} ${base.alias}`, start,
    ` UNION SELECT ${names(step)} FROM ${table.name} ${step.alias} JOIN ${name} ${self.alias}`, junction('on', joinOn, stepBlock.id), junction('where', alsoPinned, stepBlock.id),
  );
  return { node, columns };
}
