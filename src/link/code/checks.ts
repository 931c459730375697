import type { ColumnExpression, Expression } from '../../facts/expression.js';
import type { Query, TableReference } from '../../facts/query.js';
import { isQuery, nodes } from '../queries/nodes.js';
import { checkedRows, existsExpression } from './lower.js';
import type { Machine } from './machine.js';
import type { FieldValue, Value } from './values.js';

/** A condition on a row that was found before. */
interface Check {
  readonly result: number;
  readonly check: Expression;
}

/**
 * What a condition says of single rows that were found before: `EXISTS (SELECT 1 FROM members WHERE org_id = (SELECT org_id FROM projects WHERE id = :id))`
 * is, for the project, `EXISTS (SELECT 1 FROM members WHERE org_id = projects.org_id)`. So the query that found it is judged with a check of its row's membership.
 */
export function checksOn(m: Machine, condition: Expression): Check[] {
  const fields = new Map<number, FieldValue>();
  for (const node of nodes(condition, (each) => !(isQuery(each) && fieldOf(m, each) !== undefined))) {
    const field = isQuery(node) ? fieldOf(m, node) : undefined;
    if (field !== undefined) fields.set(field.result.id, field);
  }
  return [...fields.keys()].flatMap((result): Check[] => {
    const check = ofRow(m, condition, result);
    return check === undefined ? [] : [{ result, check }];
  });
}

function fieldOf(m: Machine, query: Query): FieldValue | undefined {
  const field = m.borrowed.get(query);
  return field?.many === false ? field : undefined;
}

/** The column that a field stands for, with the name of its table: without it, it would be a column of a table inside. */
function qualified({ result, path }: FieldValue): ColumnExpression | undefined {
  const column = result.column(path);
  if (column?.kind !== 'column' || column.path.length > 1) return column?.kind === 'column' ? column : undefined;
  const [only, ...others] = result.rows?.from ?? [];
  return only?.kind === 'table' && others.length === 0 ? { ...column, path: [only.alias ?? only.name.name, ...column.path] } : undefined;
}

/** The condition with the columns of a result in place of the sub-selects that find them; undefined where there is none, or where a table inside hides the row's own. */
function ofRow(m: Machine, condition: Expression, result: number): Expression | undefined {
  const owners = new Set<string>();
  const check = withColumns(m, condition, result, owners);
  const isHidden = (inside: unknown) => tablesIn(inside).some((name) => owners.has(name));
  if (owners.size === 0 || !isHidden(check)) return owners.size === 0 ? undefined : check;
  const apart = withColumns(m, renamed(m, condition, owners) as Expression, result, owners);
  return isHidden(apart) ? undefined : apart;
}

function tablesIn(value: unknown): string[] {
  return nodes(value).filter(({ kind }) => kind === 'table').map((node) => nameOf(node as unknown as TableReference));
}

function nameOf({ alias, name }: TableReference): string {
  return alias ?? name.name;
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
    if (Array.isArray(value)) return value.map(replaced);
    if (typeof value !== 'object' || value === null) return value;
    const node = value as Expression;
    const field = node.kind === 'subquery' && node.form === 'scalar' ? fieldOf(m, node.query) : undefined;
    const column = field?.result.id === result ? qualified(field) : undefined;
    if (column !== undefined) {
      owners.add(column.path[0]!);
      return column;
    }
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, key === 'location' ? part : replaced(part)]));
  };
  return replaced(condition) as Expression;
}

/** What was checked of whichever row it is holds of the one that it is on this path. */
export function holdChecks(m: Machine, value: Value): void {
  const row = m.read(value);
  if (row.kind !== 'row' || row.result.rows === undefined) return;
  const rows = checkedRows(m, row.result.id, row.result.rows);
  const exists = rows === row.result.rows ? undefined : existsExpression(m, { ...row.result, rows }, rows.location);
  if (exists !== undefined) m.state.add({ kind: 'holds', expression: exists });
}
