import type { Expression } from '../../facts/expression.js';
import type { FromItem, Query } from '../../facts/query.js';
import { findTable } from '../catalog/index.js';
import type { Catalog, FunctionEntry, Table } from '../catalog/types.js';

/** A relation whose columns an expression may name. */
export interface Relation {
  readonly alias: string;
  /** Absent for what is not a table of the catalog. */
  readonly table?: Table;
  /** The row the policy judges. */
  readonly isRow: boolean;
}

/** What names mean at one place: the relations of the block, the arguments of the function, then whatever surrounds it. */
export interface Names {
  readonly relations: readonly Relation[];
  readonly arguments: ReadonlyMap<string, Placed>;
  readonly outer?: Names;
  /** Inside of a SECURITY DEFINER function, where no policy applies. */
  readonly bypassesPolicies?: boolean;
}

/** An expression with the names in force where it stands. */
export interface Placed {
  readonly expression: Expression;
  readonly names: Names;
}

/** A column of a relation in sight. */
export interface FoundColumn {
  readonly relation: Relation;
  readonly name: string;
}

/** The names of the conditions of a policy: the columns of its own table. */
export function namesOfRow(table: Table): Names {
  return { relations: [{ alias: table.name, table, isRow: true }], arguments: new Map() };
}

/** The plain relations of FROM with the conditions that bind them; undefined when something else stands there. */
export interface FromShape {
  readonly relations: readonly Relation[];
  readonly conditions: readonly Expression[];
}

/** Reads FROM as far as it is tables and inner joins. */
export function shapeOfFrom(items: readonly FromItem[], catalog: Catalog): FromShape | undefined {
  const shapes = items.map((item): FromShape | undefined => {
    if (item.kind === 'table') {
      const table = findTable(catalog, item.name, ['public']);
      return { relations: [{ alias: item.alias ?? item.name.name, isRow: false, ...(table && { table }) }], conditions: [] };
    }
    if (item.kind !== 'join' || (item.type !== 'inner' && item.type !== 'cross') || item.natural || item.using.length > 0) return undefined;
    const sides = shapeOfFrom([item.left, item.right], catalog);
    return sides && { relations: sides.relations, conditions: [...sides.conditions, ...(item.on ? [item.on] : [])] };
  });
  if (shapes.some((shape) => shape === undefined)) return undefined;
  return { relations: shapes.flatMap((shape) => shape!.relations), conditions: shapes.flatMap((shape) => shape!.conditions) };
}

/** The relation a column belongs to: the innermost block that has it (PostgreSQL manual, section 7.2). */
export function findColumn(names: Names | undefined, path: readonly string[]): FoundColumn | undefined {
  if (names === undefined) return undefined;
  const name = path.at(-1)!;
  const qualifier = path.at(-2);
  const relation = names.relations.find(({ alias, table }) => (qualifier === undefined ? table?.columns.has(name) : alias === qualifier))
    ?? (qualifier === undefined ? names.relations.find(({ table }) => table === undefined || table.assumed || table.open) : undefined);
  return relation ? { relation, name } : findColumn(names.outer, path);
}

/** Takes casts, brackets of a sub-select without FROM, and arguments of a function away. */
export function unwrap({ expression, names }: Placed): Placed {
  if (expression.kind === 'cast') return unwrap({ expression: expression.operand, names });
  if (expression.kind === 'subquery' && expression.form === 'scalar' && isBare(expression.query)) {
    return unwrap({ expression: expression.query.targets[0]!.expression, names: { relations: [], arguments: new Map(), outer: names } });
  }
  if (expression.kind === 'parameter') return followArgument(names, `$${expression.name.replace(/^\$/, '')}`) ?? { expression, names };
  if (expression.kind === 'column' && findColumn(names, expression.path) === undefined) return followArgument(names, expression.path.at(-1)!) ?? { expression, names };
  return { expression, names };
}

function followArgument(names: Names | undefined, name: string): Placed | undefined {
  if (names === undefined) return undefined;
  const found = names.arguments.get(name);
  return found ? unwrap(found) : followArgument(names.outer, name);
}

function isBare(query: Query): query is Extract<Query, { kind: 'select' }> {
  return query.kind === 'select' && query.from.length === 0 && query.where === undefined && query.having === undefined && query.targets.length === 1;
}

/** What a function gives back, when its body is one expression or one query; undefined otherwise. */
export function resultOf(entry: FunctionEntry): Expression | undefined {
  const steps = entry.body?.body ?? [];
  const [step] = steps;
  if (entry.body === undefined || entry.body.handlers.length > 0 || entry.body.declarations.some(({ name }) => name !== 'found') || steps.length !== 1 || step === undefined) return undefined;
  if (step.kind === 'return') return step.value ?? (step.query && asValue(step.query));
  const operation = step.kind === 'statement' && step.operations.length === 1 ? step.operations[0] : undefined;
  return operation?.kind === 'query' ? asValue(operation.query) : undefined;
}

function asValue(query: Query): Expression {
  if (isBare(query)) return query.targets[0]!.expression;
  return { kind: 'subquery', form: 'scalar', query, location: query.location };
}

/** The functions of the catalog that a call may mean. */
export function functionsNamed(catalog: Catalog, name: readonly string[]): readonly FunctionEntry[] {
  const schema = name.length > 1 ? name.at(-2)! : undefined;
  if (schema !== undefined) return catalog.functions.get(`${schema}.${name.at(-1)!}`) ?? [];
  return [...catalog.functions.values()].find(([entry]) => entry?.name === name.at(-1)) ?? [];
}

/** The names inside of a function: its parameters stand for the arguments of the call. */
export function namesOfCall(entry: FunctionEntry, given: readonly Expression[], names: Names): Names {
  const pairs = entry.parameters.filter(({ mode }) => mode !== 'out' && mode !== 'table').flatMap((parameter, index): [string, Placed][] => {
    const expression = given[index] ?? parameter.default;
    if (expression === undefined) return [];
    const placed: Placed = { expression, names };
    return [[`$${index + 1}`, placed], ...(parameter.name === undefined ? [] : [[parameter.name, placed] as [string, Placed]])];
  });
  return { relations: [], arguments: new Map(pairs), ...(entry.securityDefiner && { bypassesPolicies: true }) };
}

/** Whether policies of other tables hide rows from a sub-select at this place. */
export function obeysPolicies(names: Names | undefined): boolean {
  return names === undefined || (names.bypassesPolicies !== true && obeysPolicies(names.outer));
}
