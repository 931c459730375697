import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Target } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import type { Value } from '../../values.js';
import { column, hole } from '../build.js';
import { fieldsOf } from '../objects.js';
import { columnName, columnValue, made, qualifierOf, sourceOf, type Source } from './data.js';
import { lowerValue } from './expressions.js';
import { leavesOfQuery } from './subqueries.js';

/** A field of what a query selects, by its path in a row; `whole`: all fields of a source stand there. */
export interface Leaf {
  readonly path: readonly string[];
  readonly value?: Value;
  readonly whole?: Source;
  readonly location: Location;
}

/** The fields that an object of columns names, at any depth; a table among them stands for all of its columns. */
export function leavesOf(value: Value, path: readonly string[], location: Location, ctx: Context): readonly Leaf[] {
  const inner = ctx.read(value);
  const whole = sourceOf(inner);
  if (whole) return [{ path, whole, location }];
  if (inner.kind !== 'object') return [{ path, value, location }];
  return fieldsOf(inner, ctx).given.flatMap((given) => leavesOf(given.value, [...path, given.key], given.location, ctx));
}

/** What a query selects that names no fields: those of its source, of several each under its name. */
export function defaultLeaves(sources: readonly Source[], location: Location): readonly Leaf[] {
  if (sources.length === 1) return [{ path: [], whole: sources[0]!, location }];
  return sources.map((whole) => ({ path: [qualifierOf(whole)], whole, location }));
}

/** The name of a field in a sub-query's select list. */
function outputName(path: readonly string[]): string {
  return path.join('.');
}

/** Paths of all fields of a source. */
export function pathsOf(source: Source, ctx: Context): readonly (readonly string[])[] {
  if (source.kind === 'table') return [...source.columns.keys()].map((key) => [key]);
  return leavesOfQuery(source.query, ctx).flatMap((leaf) => (leaf.whole ? pathsOf(leaf.whole, ctx).map((path) => [...leaf.path, ...path]) : [leaf.path]));
}

/** A member of a source: a column, or the group of fields under a name. */
export function memberOfSource(source: Source, path: readonly string[], ctx: Context): Value {
  if (source.kind === 'table') {
    const info = source.columns.get(path[0]!);
    return info ? columnValue(source, info) : { kind: 'constant', value: undefined };
  }
  const below = pathsOf(source, ctx).filter((each) => each.length > path.length && path.every((part, index) => each[index] === part));
  if (below.length > 0) return made('fields', { source, path });
  return columnValue(source, { key: path.at(-1)!, given: outputName(path) });
}

/** Every column of a source as an expression. */
function columnsOf(source: Source, location: Location, ctx: Context): readonly { path: readonly string[]; expression: Expression }[] {
  if (source.kind === 'table') return [...source.columns.values()].map((info) => ({ path: [info.key], expression: column(qualifierOf(source), columnName(info, ctx), location) }));
  return pathsOf(source, ctx).map((path) => ({ path, expression: column(source.name, outputName(path), location) }));
}

/** The select list. @param isPart it belongs to a sub-query: every field gets the name by which it is referred to */
export function targetsOf(leaves: readonly Leaf[], isPart: boolean, ctx: Context): readonly Target[] {
  return leaves.flatMap((leaf): readonly Target[] => {
    if (!leaf.whole) return [{ expression: selected(leaf.value!, leaf.location, ctx), ...(isPart && { alias: outputName(leaf.path) }) }];
    if (!isPart && leaf.whole.kind === 'table') return [{ expression: { kind: 'star', path: [qualifierOf(leaf.whole)], location: leaf.location } }];
    return columnsOf(leaf.whole, leaf.location, ctx).map(({ path, expression }) => ({ expression, ...(isPart && { alias: outputName([...leaf.path, ...path]) }) }));
  });
}

function selected(value: Value, location: Location, ctx: Context): Expression {
  const inner = ctx.read(value);
  if (inner.kind === 'constant' || inner.kind === 'unknown') return inner.kind === 'constant' ? { kind: 'constant', value: inner.value ?? null, location } : hole('a field that is not known', location);
  return lowerValue(value, location, ctx);
}

/** The field of a row at a path. */
export function expressionAt(leaves: readonly Leaf[], path: readonly string[], location: Location, ctx: Context): Expression | undefined {
  for (const leaf of leaves) {
    if (!leaf.path.every((part, index) => path[index] === part)) continue;
    const rest = path.slice(leaf.path.length);
    if (!leaf.whole) {
      if (rest.length === 0) return lowerValue(leaf.value!, location, ctx);
      continue;
    }
    if (rest.length === 0) continue;
    const found = columnsOf(leaf.whole, location, ctx).find((each) => each.path.join('.') === rest.join('.'));
    if (found) return found.expression;
  }
  return undefined;
}

/** Whether a path leads to a group of fields (the columns of a joined table) instead of a column. */
export function isGroup(leaves: readonly Leaf[], path: readonly string[], ctx: Context): boolean {
  return leaves.some((leaf) => {
    const full = leaf.whole ? pathsOf(leaf.whole, ctx).map((each) => [...leaf.path, ...each]) : [leaf.path];
    return full.some((each) => each.length > path.length && path.every((part, index) => each[index] === part));
  });
}
