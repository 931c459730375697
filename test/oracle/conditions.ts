import { canLink, equality, linkPairs, relationOf, sharedPair, tenantColumns, type Block, type Builder, type Reference, type Relation } from './builder.js';
import type { OracleColumn } from './schema.js';
import { alternative, choice, junction, list, print, sequence, type Node } from './tree.js';

/** A condition under which the reference shows only rows of tenant $1. */
export function pin(builder: Builder, block: Block, reference: Reference): Node {
  const { random } = builder;
  const columns = tenantColumns(reference.relation);
  const others = [...block.references, ...block.outer].filter((each) => each !== reference && canLink(reference.relation, each.relation));
  const ways: [number, () => Node][] = [];
  if (columns.length > 0) ways.push([6, () => pinDirectly(builder, block, reference, random.pick(columns))]);
  if (others.length > 0) ways.push([4, () => link(builder, block, reference, random.pick(others))]);
  const partners = builder.tenantRelations(block).filter((relation) => canLink(reference.relation, relation));
  const deep = block.depth >= 3;
  if (partners.length > 0 && (!deep || ways.length === 0)) ways.push([columns.length > 0 ? 2 : 6, () => pinBySubquery(builder, block, reference, random.pick(deep ? nearest(reference.relation, partners) : partners))]);
  if (ways.length === 0) return sequence(`EXISTS (SELECT 1 FROM accounts r WHERE r.${builder.schema.root.key!} = $1 AND FALSE)`);
  const condition = random.weighted(ways)();
  if (random.chance(0.06)) return junction('bare', [condition, junction('bare', [pin(builder, block, reference), condition])], undefined, 'OR');
  return condition;
}

/** Relations that can be pinned without going further, or that lead there: other tables, rather than more of the same. */
function nearest(from: Relation, relations: readonly Relation[]): readonly Relation[] {
  const direct = relations.filter((relation) => tenantColumns(relation).length > 0);
  const tables = relations.filter((relation) => relation.table !== undefined && relation.table !== from.table);
  return direct.length > 0 ? direct : tables.length > 0 ? tables : relations;
}

function pinDirectly(builder: Builder, block: Block, reference: Reference, column: OracleColumn): Node {
  const { random } = builder;
  const left = builder.column(block, reference, column);
  const root = builder.schema.root;
  // Another parameter in the place of the tenant's is untrusted input.
  const tenant = choice('$1', ['$2', '$5']);
  const plain = (): Node => equality(random, left, tenant, true);
  if (reference.relation.table?.shared === true && random.chance(0.5)) return orShared(builder, left, plain());
  return random.weighted<() => Node>([
    [10, plain],
    [1, () => sequence(left, choice(' IN ', [' NOT IN ']), choice('($1)', ['($1, $2)', '($2)']))],
    [1, () => sequence(left, choice(' = ANY', [' <> ALL', ' <> ANY', ' = ALL']), choice(' (ARRAY[$1])', [' (ARRAY[$1, $2])']))],
    [1, () => sequence(left, ' = (SELECT $1)')],
    [0.5, () => sequence(left, choice(' IN ', [' NOT IN ']), '(VALUES ($1))')],
    [0.5, () => sequence(left, choice(' = ANY ', [' <> ALL ', ' <> ANY ']), '(SELECT unnest(ARRAY[$1]))')],
    [1, () => sequence(left, choice(' = ', [' <> ']), choice('COALESCE($1, 0)', ['COALESCE($2, $1)', 'COALESCE($5, ' + print(left) + ')', 'GREATEST($1, $5)']))],
    [1, () => sequence(left, ' = NULLIF($1, 0)::int')],
    [1, () => sequence(left, ` IN (SELECT r.${root.key!} FROM accounts r`, junction('where', [equality(random, `r.${root.key!}`, '$1', true)]), ')')],
    [1, () => sequence('(', left, ', ', builder.column(block, reference, otherInt(reference) ?? column, true), ')', choice(' = ', [' <> ', ' >= ', ' < ']), '($1, ', builder.parameter('int', reference.relation.table, otherInt(reference)?.name), ')')],
  ])();
}

/** Its own rows, and those that all tenants share. */
function orShared({ random }: Builder, tenant: Node, own: Node): Node {
  return random.weighted<() => Node>([
    [6, () => junction('bare', [own, sequence(tenant, choice(' IS NULL', [' IS NOT NULL']))], undefined, 'OR')],
    [1, () => sequence('COALESCE(', tenant, ', $1) = ', choice('$1', ['$5']))],
    [1, () => sequence(tenant, ' IS NULL')],
    [1, () => sequence(tenant, ' IS NOT DISTINCT FROM NULL')],
  ])();
}

const otherInt = (reference: Reference): OracleColumn | undefined => reference.relation.columns.find((column) => column.type === 'int' && column.domain !== 'accounts');

/** An equality, whose near miss says of both columns only that they are in one array. */
function linkByArray(builder: Builder, left: string, right: string, { relation }: Reference, { name }: OracleColumn): Node {
  const array = relation.table === undefined ? '$9' : builder.array(relation.table, name);
  return sequence(choice(`${left} = ${right}`, [`(${left} = ANY (${array}) AND ${right} = ANY (${array}))`]));
}

/** An equality between columns of one domain. */
export function link(builder: Builder, block: Block, left: Reference, right: Reference): Node {
  const { random } = builder;
  const pairs = linkPairs(left.relation, right.relation);
  const pair = sharedPair(left.relation, right.relation);
  if (pair !== undefined && (pairs.length === 0 || random.chance(0.5))) return pairEquality(builder, block, [left, right], pair);
  const [a, b] = random.pick(pairs);
  warnOfShared(builder, left, a);
  const more = [...block.references, ...block.outer].filter((each) => each !== left && each !== right)
    .flatMap((each) => each.relation.columns.filter((column) => column.domain === a.domain).map((column) => ({ each, column })));
  const own = builder.column(block, right, b);
  if (random.chance(0.4)) return linkByArray(builder, print(builder.column(block, left, a)), print(own), right, b);
  if (more.length === 0 || !random.chance(0.08)) return equality(random, builder.column(block, left, a), own, !a.nullable || !b.nullable);
  const { each, column } = random.pick(more);
  return sequence(builder.column(block, left, a), choice(' = ', [' <> ']), 'COALESCE(', own, ', ', builder.column(block, each, column), ')');
}

/** Rows of several tenants may hang on one that they share: right only where that is the row which is read. */
function warnOfShared({ schema, mutations }: Builder, { relation }: Reference, column: OracleColumn): void {
  const target = schema.tables.find((table) => table.name === column.domain);
  if (target?.shared === true && (relation.table !== target || column.name !== target.key)) mutations.push('shared');
}

/** Both columns of a key of two: one of them alone names rows of others too. */
function pairEquality(builder: Builder, block: Block, [left, right]: readonly [Reference, Reference], [a, b]: NonNullable<ReturnType<typeof sharedPair>>): Node {
  const { random } = builder;
  const [x, y] = [0, 1].map((index) => [builder.column(block, left, a[index]!), builder.column(block, right, b[index]!)] as const) as [readonly [Node, Node], readonly [Node, Node]];
  if (random.chance(0.5)) return sequence('(', x[0], ', ', y[0], ')', choice(' = ', [' <> ', ' >= ']), '(', x[1], ', ', y[1], ')');
  return junction('bare', [equality(random, x[0], x[1], false), equality(random, y[0], y[1], false)]);
}

function pinByPair(builder: Builder, block: Block, reference: Reference, relation: Relation, [mine, its]: NonNullable<ReturnType<typeof sharedPair>>): Node {
  const { random } = builder;
  const inner = builder.block([...block.references, ...block.outer], block.ctes, block.depth + 1);
  const other: Reference = { alias: builder.alias(), relation };
  inner.references.push(other);
  const own = pin(builder, { ...inner, outer: block.outer.filter((each) => each !== reference) }, other);
  const from = ` FROM ${relation.name} ${other.alias}`;
  if (random.chance(0.4)) return sequence(choice('EXISTS ', ['NOT EXISTS ']), '(SELECT 1', from, junction('where', [pairEquality(builder, inner, [reference, other], [mine, its]), own], inner.id), ')');
  const [left, right] = [builder.column(block, reference, mine[0]), builder.column(block, reference, mine[1])];
  return sequence('(', left, ', ', right, ')', choice(' IN ', [' NOT IN ']), '(SELECT ', builder.column(inner, other, its[0]), ', ', builder.column(inner, other, its[1]), from, junction('where', [own], inner.id), ')');
}

function pinBySubquery(builder: Builder, block: Block, reference: Reference, relation: Relation): Node {
  const { random } = builder;
  const pair = sharedPair(reference.relation, relation);
  if (pair !== undefined && (linkPairs(reference.relation, relation).length === 0 || random.chance(0.5))) return pinByPair(builder, block, reference, relation, pair);
  const inner = builder.block([...block.references, ...block.outer], block.ctes, block.depth + 1);
  const other: Reference = { alias: builder.alias(), relation };
  inner.references.push(other);
  const [mine, its] = random.pick(linkPairs(reference.relation, relation));
  warnOfShared(builder, reference, mine);
  const left = builder.column(block, reference, mine);
  const right = builder.column(inner, other, its);
  const from = ` FROM ${relation.name} ${other.alias}`;
  const own = pin(builder, { ...inner, outer: block.outer.filter((each) => each !== reference) }, other);
  const more = random.chance(0.3) ? filters(builder, inner, 1) : [];
  const tail = random.chance(0.08) ? list(` ORDER BY ${other.alias}.${its.name}`, [' LIMIT 1'], '') : '';
  const where = junction('where', [own, ...more], inner.id);
  const simple = equality(random, left, left, false);
  return random.weighted<() => Node>([
    [4, () => alternative(sequence(left, choice(' IN ', [' NOT IN ']), '(SELECT ', right, from, where, tail, ')'), simple)],
    [2, () => alternative(sequence(left, choice(' = ANY ', [' <> ALL ', ' = ALL ', ' <> ANY ']), '(SELECT ', right, from, where, tail, ')'), simple)],
    [2, () => alternative(sequence(left, ' = (SELECT ', choice('max', ['min', 'count']), '(', right, ')', from, where, ')'), simple)],
    [4, () => alternative(sequence(choice('EXISTS ', ['NOT EXISTS ']), '(SELECT ', choice('1', ['count(*)']), from, junction('where', [equality(random, right, left, false), own, ...more], inner.id), tail, ')'), simple)],
    [its.domain === 'accounts' ? 1 : 0, () => alternative(sequence(left, ' IN (SELECT ', right, from, ' GROUP BY ', right, junction('having', [equality(random, right, '$1', true)]), ')'), simple)],
    // Without an alias the name may resolve to the outer query.
    [random.chance(0.5) ? 1 : 0, () => alternative(sequence(left, choice(' IN ', [' NOT IN ']), '(SELECT ', choice(its.name, reference.relation.columns.map((column) => column.name)), from, where, ')'), simple)],
    [1, () => alternative(sequence('(', left, ', 1)', choice(' IN ', [' NOT IN ']), '(SELECT ', right, ', 1', from, where, ')'), simple)],
  ])();
}

/** Conditions on other columns than those that name the tenant: what a real query filters by. */
export function filters(builder: Builder, block: Block, count: number): Node[] {
  const { random } = builder;
  return Array.from({ length: count }, () => {
    const condition = filter(builder, block, random.pick(block.references));
    return random.chance(0.15) ? junction('bare', [condition, filter(builder, block, random.pick(block.references))], undefined, 'OR') : condition;
  });
}

function filter(builder: Builder, block: Block, reference: Reference): Node {
  const { random } = builder;
  const { table, columns } = reference.relation;
  const candidates = columns.filter((column) => column.domain !== 'accounts');
  if (candidates.length === 0) return junction('bare', []);
  const column = random.pick(candidates);
  const left = builder.column(block, reference, column, true);
  const value = random.chance(0.7) ? builder.parameter(column.type, table, column.name) : column.type === 'int' ? String(random.integer(1, column.domain === undefined ? 3 : 9)) : "'x'";
  return random.weighted<() => Node>([
    [8, () => sequence(left, choice(' = ', [' <> ', ' >= ']), value)],
    [2, () => sequence('(', left, ` = ${value} OR ${value} IS NULL)`)],
    [1, () => sequence('COALESCE(', value, ', ', left, ') = ', left)],
    [1, () => sequence(left, column.nullable ? choice(' IS NULL', [' IS NOT NULL']) : ' IS NOT NULL')],
    [1, () => sequence('CASE WHEN ', left, ' = ', value, ' THEN TRUE ELSE FALSE END')],
    [1, () => sequence(left, ' = ANY (ARRAY[', value, '])')],
    [column.type === 'int' && table !== undefined ? 2 : 0, () => sequence(left, choice(' = ANY ', [' <> ALL ']), `(${builder.array(table!, column.name)})`)],
    [1, () => sequence('NOT (', left, ' = ', value, ')')],
    [block.depth < 2 ? 2 : 0, () => existence(builder, block, reference)],
  ])();
}

/** [NOT] EXISTS over a block that is pinned by itself. */
function existence(builder: Builder, block: Block, reference: Reference): Node {
  const { random } = builder;
  const relation = random.pick(builder.tenantRelations(block));
  const inner = builder.block([...block.references, ...block.outer], block.ctes, block.depth + 1);
  const other: Reference = { alias: builder.alias(), relation };
  inner.references.push(other);
  const conditions = [pin(builder, inner, other)];
  if (canLink(relation, reference.relation)) conditions.push(link(builder, inner, other, reference));
  const subselect = sequence('(SELECT 1', ` FROM ${relation.name} ${other.alias}`, junction('where', conditions, inner.id), ')');
  return alternative(sequence(choice(random.chance(0.5) ? 'NOT EXISTS ' : 'EXISTS ', ['EXISTS ', 'NOT EXISTS ']), subselect), 'TRUE');
}

/** A scalar sub-select for a select list, SET or RETURNING, pinned by itself or by correlation. */
export function scalar(builder: Builder, block: Block): Node {
  const { random } = builder;
  const relation = random.pick(builder.tenantRelations(block));
  const inner = builder.block([...block.references, ...block.outer], block.ctes, block.depth + 1);
  const other: Reference = { alias: builder.alias(), relation };
  inner.references.push(other);
  const where = junction('where', [pin(builder, inner, other), ...(random.chance(0.3) ? filters(builder, inner, 1) : [])], inner.id);
  const from = sequence(` FROM ${relation.name} ${other.alias}`, where);
  const column = random.pick(relation.columns);
  return random.weighted<() => Node>([
    [3, () => sequence('(SELECT count(*)', from, ')')],
    [2, () => sequence(`(SELECT max(${other.alias}.${column.name})`, from, ')')],
    [1, () => sequence(`ARRAY(SELECT ${other.alias}.${column.name}`, from, ` ORDER BY 1)`)],
    [1, () => sequence(`(SELECT ${other.alias}.${column.name}`, from, ` ORDER BY 1 LIMIT 1)`)],
    [1, () => sequence('(EXISTS (SELECT 1', from, '))')],
    [1, () => sequence(`(SELECT count(*) FILTER (WHERE ${other.alias}.${column.name} IS NOT NULL)`, from, ')')],
  ])();
}

export { relationOf };
