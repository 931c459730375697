import type { ColumnExpression, Expression } from '../../facts/expression.js';
import type { Query, SelectQuery, TableReference } from '../../facts/query.js';
import { isQuery, nodes } from '../queries/nodes.js';
import { checkedRows, existsExpression, nameOf } from './lower.js';
import type { Machine } from './machine.js';
import { isCompound, meaningOf } from './meaning.js';
import type { FieldValue, Result, Value } from './values.js';

/** A condition on a row that was found before. */
interface Check {
  readonly of: Result;
  readonly about: { readonly result: number; readonly check: Expression };
}

/**
 * What a condition says of single rows that were found before: `EXISTS (SELECT 1 FROM members WHERE org_id = (SELECT org_id FROM projects WHERE id = :id))`
 * is, for the project, `EXISTS (SELECT 1 FROM members WHERE org_id = projects.org_id)`. So the query that found it is judged with a check of its row's membership.
 */
function checksOn(m: Machine, condition: Expression): Check[] {
  const named = new Map(contentOf(m, condition).outer.map((of) => [of.id, of]));
  return [...named].flatMap(([result, of]): Check[] => {
    const check = ofRow(m, condition, result);
    return check === undefined ? [] : [{ of, about: { result, check } }];
  });
}

const known = new WeakMap<SelectQuery, Map<string, readonly Check[]>>();

/**
 * What it says of other rows that were found before that a result has a row, or one of which something holds besides. Paths find it out again and again.
 * @param exists the condition that says it
 */
export function checksOfRow(m: Machine, rows: SelectQuery, exists: Expression, besides?: Expression): Check[] {
  let all = known.get(rows);
  if (all === undefined) known.set(rows, all = new Map());
  const key = besides === undefined ? m.file : `${m.file} ${meaningOf(besides)} ${contentOf(m, besides).results.join()}`;
  let checks = all.get(key);
  if (checks === undefined) all.set(key, checks = checksOn(m, exists));
  // Each time that something is checked is one of its own.
  return checks.map(({ of, about: { result, check } }) => ({ of, about: { result, check: { ...check } } }));
}

/** What a part of a condition holds. */
interface Content {
  /** The results whose rows' fields it names, but inside of what finds such a row. */
  readonly outer: readonly Result[];
  /** Those that it names anywhere. */
  readonly results: readonly number[];
  readonly tables: readonly string[];
}

const NONE: readonly never[] = [];
const NOTHING: Content = { outer: NONE, results: NONE, tables: NONE };

const contents = new WeakMap<object, Content>();

/** Conditions are made of others: each part is looked at once. */
function contentOf(m: Machine, part: unknown): Content {
  if (typeof part !== 'object' || part === null) return NOTHING;
  if (!isCompound(part)) return lookedAt(m, part);
  let known = contents.get(part);
  if (known === undefined) contents.set(part, known = lookedAt(m, part));
  return known;
}

function lookedAt(m: Machine, part: object): Content {
  let inner = NOTHING;
  for (const key in part) if (key !== 'location') inner = together(inner, contentOf(m, (part as Record<string, unknown>)[key]));
  const node = part as Query | TableReference;
  if (node.kind === 'table') return together({ ...NOTHING, tables: [nameOf(node)] }, inner);
  const field = isQuery(node) ? fieldOf(m, node) : undefined;
  return field === undefined ? inner : { outer: [field.result], results: union([field.result.id], inner.results), tables: inner.tables };
}

function together(one: Content, other: Content): Content {
  if (one === NOTHING || other === NOTHING) return one === NOTHING ? other : one;
  return { outer: union(one.outer, other.outer), results: union(one.results, other.results), tables: union(one.tables, other.tables) };
}

function union<T>(one: readonly T[], other: readonly T[]): readonly T[] {
  const added = other.filter((each) => !one.includes(each));
  return added.length === 0 ? one : one.length === 0 ? added : [...one, ...added];
}

function fieldOf(m: Machine, query: Query): FieldValue | undefined {
  const field = m.borrowed.get(query);
  return field?.many === false ? field : undefined;
}

/** The column that a field stands for, and the name of its table: without it, it would be a column of a table inside. */
function qualified({ result, path }: FieldValue): { readonly column: Expression; readonly owner: string } | undefined {
  const column = result.column(path);
  if (column?.kind === 'column' && column.path.length > 1) return { column, owner: column.path[0]! };
  const [only, ...others] = result.rows?.from ?? [];
  if (only?.kind !== 'table' || others.length > 0) return undefined;
  const owner = nameOf(only);
  if (column?.kind === 'column') return { column: { ...column, path: [owner, ...column.path] }, owner };
  return column?.kind === 'subquery' && column.form === 'scalar' && columnsIn(column).every((path) => path.length > 1) ? { column, owner } : undefined;
}

/** The columns that an expression names: of a related row (`note.project.account_id`), each with its table. */
function columnsIn(expression: Expression): readonly ColumnExpression['path'][] {
  return nodes(expression).flatMap((node) => (node.kind === 'column' ? [(node as unknown as ColumnExpression).path] : []));
}

/** The condition with the columns of a result in place of the sub-selects that find them; undefined where there is none, or where a table inside hides the row's own. */
function ofRow(m: Machine, condition: Expression, result: number): Expression | undefined {
  const owners = new Set<string>();
  const check = withColumns(m, condition, result, owners);
  const isHidden = (inside: Expression) => contentOf(m, inside).tables.some((name) => owners.has(name));
  if (owners.size === 0 || !isHidden(check)) return owners.size === 0 ? undefined : check;
  const apart = withColumns(m, renamed(m, condition, owners) as Expression, result, owners);
  return isHidden(apart) ? undefined : apart;
}

/** The tables of a condition that have one of the names, by another one: what stands inside of the sub-selects that find a row's columns is not looked at. */
function renamed(m: Machine, value: unknown, names: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((each) => renamed(m, each, names));
  if (typeof value !== 'object' || value === null) return value;
  const node = value as Expression | TableReference;
  if (node.kind === 'subquery' && node.form === 'scalar' && fieldOf(m, node.query) !== undefined) return node;
  if (node.kind === 'column' && node.path.length > 1 && names.has(node.path[0]!)) return { ...node, path: [`${node.path[0]} of its own`, ...node.path.slice(1)] };
  const inner = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, key === 'location' ? part : renamed(m, part, names)]));
  return node.kind === 'table' && names.has(nameOf(node)) ? { ...inner, alias: `${nameOf(node)} of its own` } : inner;
}

function withColumns(m: Machine, condition: Expression, result: number, owners: Set<string>): Expression {
  const replaced = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (!contentOf(m, value).results.includes(result)) return apartOf(value);
    const node = value as Expression;
    const field = node.kind === 'subquery' && node.form === 'scalar' ? fieldOf(m, node.query) : undefined;
    const own = field?.result.id === result ? qualified(field) : undefined;
    if (own !== undefined) {
      owners.add(own.owner);
      return own.column;
    }
    return withParts(value, replaced);
  };
  return replaced(condition) as Expression;
}

function withParts(value: object, change: (part: unknown) => unknown): object {
  if (Array.isArray(value)) return value.map(change);
  return Object.fromEntries(Object.entries(value).map(([key, part]: [string, unknown]) => [key, key === 'location' ? part : change(part)]));
}

const copies = new WeakMap<object, object>();

/** A part that stands in a check as it stands in the condition: a sub-select there is none that says where a value came from. It is the same one in all checks. */
function apartOf(part: unknown): unknown {
  if (typeof part !== 'object' || part === null) return part;
  if (!isCompound(part)) return withParts(part, apartOf);
  let copy = copies.get(part);
  if (copy === undefined) copies.set(part, copy = withParts(part, apartOf));
  return copy;
}

/** What was checked of whichever row it is holds of the one that it is on this path. */
export function holdChecks(m: Machine, value: Value): void {
  const row = m.read(value);
  if (row.kind !== 'row' || row.result.rows === undefined) return;
  const rows = checkedRows(m, row.result.id, row.result.rows);
  const exists = rows === row.result.rows ? undefined : existsExpression(m, { ...row.result, rows }, rows.location);
  if (exists !== undefined) m.state.add({ kind: 'holds', expression: exists });
}
