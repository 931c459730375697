import type { CallExpression } from '../../facts/expression.js';
import type { FromItem, FunctionTable, Join, QualifiedName, Query, TableReference } from '../../facts/query.js';
import { isPlatformSchema } from '../catalog/environment.js';
import { displayName, findTable } from '../catalog/names.js';
import { checkBoolean } from './checks.js';
import type { Context } from './context.js';
import { didYouMean, failure } from './failure.js';
import { builtinName, functionColumns } from './functions.js';
import { joinSides } from './join.js';
import { Joined } from './joined.js';
import type { Relation, RelationColumn } from './relation.js';
import { outputColumns, renameColumns, tableColumns } from './relation.js';
import type { NamespaceItem, Scope } from './scope.js';
import { namedRelations } from './scope.js';
import { systemColumnsOf } from './system-relations.js';
import { settle } from './value.js';
import { resolveValue } from './values.js';

/** Resolves a FROM list, left to right, and puts its items into the scope (PostgreSQL's transformFromClause). */
export function resolveFrom(items: readonly FromItem[], scope: Scope, context: Context): void {
  const taken = new Joined();
  for (const relation of namedRelations(scope.items)) taken.name(relation);
  for (const item of items) {
    const added = fromItem(item, scope, context);
    checkDuplicates(taken, namesOf(added), context);
    for (const relation of namedRelations([added])) taken.name(relation);
    scope.items.push({ ...added, lateralOnly: true, lateralAllowed: true });
  }
  scope.items = scope.items.map((entry) => ({ ...entry, lateralOnly: false, lateralAllowed: true }));
}

/** A name space entry that shows everything of a relation. */
export function visible(relation: Relation): NamespaceItem {
  return { relation, relationVisible: relation.name !== undefined, columnsVisible: true, lateralOnly: false, lateralAllowed: true };
}

function fromItem(item: FromItem, scope: Scope, context: Context): NamespaceItem {
  switch (item.kind) {
    case 'table': return single(tableRelation(item, scope, context), scope);
    case 'derived': {
      const outer = scope.lateralActive;
      scope.lateralActive = item.lateral;
      const columns = context.within(undefined, () => context.resolveSubquery(item.query, scope, context));
      scope.lateralActive = outer;
      return single(aliased(item, scope.block, columns && outputColumns(settle(columns), item, scope.block), item.columnAliases, context), scope);
    }
    case 'function': return single(functionRelation(item, scope, context), scope);
    case 'join': return joinItems(item, scope, context);
  }
}

function single(relation: Relation, scope: Scope): NamespaceItem {
  scope.relations.push(relation);
  return visible(relation);
}

/** A FROM item with an alias and a column alias list; `columns` is absent when they are not known. */
function aliased(
  item: FromItem & { readonly alias?: string }, block: Query, columns: readonly RelationColumn[] | undefined, aliases: readonly string[], context: Context,
  rest: Partial<Relation> = {},
): Relation {
  const open = columns === undefined || rest.open === true;
  const known = columns ?? [];
  if (!open && aliases.length > known.length) {
    const name = item.alias ?? rest.name ?? '';
    context.fail(failure('42P10', `table "${name}" has ${known.length} columns available but ${aliases.length} columns specified`, item.location));
  }
  return {
    item, block, ...(item.alias === undefined ? {} : { name: item.alias }), aliased: item.alias !== undefined,
    ...rest, columns: renameColumns(known, aliases, open, item, block), open,
  };
}

/** The relation a table reference names: a CTE, a relation of the context, of PostgreSQL, or of the catalog. */
export function tableRelation(item: TableReference, scope: Scope, context: Context, isTarget = false): Relation {
  const { name } = item;
  const { env } = context;
  const visibleName = item.alias ?? name.name;
  const rest = { name: visibleName, aliased: item.alias !== undefined };
  const block = scope.block;
  if (name.schema === undefined && !isTarget) {
    const common = scope.commonTable(name.name);
    if (common) return aliased(item, block, common.columns && outputColumns(common.columns, item, block), item.columnAliases, context, rest);
  }
  if (name.schema === undefined && env.extraRelations?.has(name.name) === true) return aliased(item, block, undefined, item.columnAliases, context, rest);
  const table = findTable(env.catalog, name, env.searchPath);
  if (table) {
    context.tables.set(item, table);
    return aliased(item, block, tableColumns(table, item, block), item.columnAliases, context, { ...rest, table, open: table.assumed || table.open });
  }
  const system = systemColumnsOf(name.schema, name.name);
  if (system) {
    const columns = system.map((column): RelationColumn => ({ name: column, nullable: 'unknown', binding: { item, block, name: column } }));
    return aliased(item, block, columns, item.columnAliases, context, { ...rest, open: true });
  }
  if (isMissing(name, context)) missingRelation(item, scope, context);
  context.leaveOpen();
  return aliased(item, block, undefined, item.columnAliases, context, rest);
}

function isMissing(name: QualifiedName, context: Context): boolean {
  if (name.schema !== undefined ? isPlatformSchema(name.schema) : name.name.startsWith('pg_')) return false;
  return context.env.isKnownMissing?.(name, 'table') === 'missing';
}

function missingRelation(item: TableReference, scope: Scope, context: Context): void {
  const { name } = item;
  const text = name.schema === undefined ? name.name : `${name.schema}.${name.name}`;
  const later = [...scope.chain()].some((level) => level.laterNames.has(name.name));
  const known = [...context.env.catalog.tables.values()];
  const elsewhere = known.find((table) => table.name === name.name);
  const suggestion = later && name.schema === undefined
    ? `There is a WITH item named "${name.name}", but it cannot be referenced from here: use WITH RECURSIVE, or re-order the WITH items.`
    : elsewhere ? `There is a table "${displayName(elsewhere)}": name its schema, or set the search_path.`
      : didYouMean(name.name, known.filter((table) => !table.assumed).map((table) => table.name));
  context.fail(failure('42P01', `relation "${text}" does not exist`, item.location, { suggestion }));
}

function functionRelation(item: FunctionTable, scope: Scope, context: Context): Relation {
  const outer = scope.lateralActive;
  scope.lateralActive = true;
  context.within(undefined, () => { for (const call of item.calls) resolveValue(call, scope, context); });
  scope.lateralActive = outer;
  const call = item.calls[0];
  const name = item.alias ?? (call?.kind === 'call' ? call.name.at(-1)! : undefined);
  const known = item.calls.length === 1 && call?.kind === 'call' ? columnsOfCall(call, name!, context) : undefined;
  const names = known && item.ordinality ? [...known, 'ordinality'] : known;
  const columns = names?.map((column): RelationColumn => ({ name: column, nullable: 'unknown', binding: { item, block: scope.block, name: column } }));
  if (!columns) context.leaveOpen();
  const isOpen = columns === undefined || (call?.kind === 'call' && call.name.at(-1) === 'unnest' && item.columnAliases.length === 0);
  const aliases = columns && item.columnAliases.length > columns.length ? undefined : item.columnAliases;
  const relation = aliased(item, scope.block, aliases ? columns : undefined, item.columnAliases, context, { open: isOpen });
  return name === undefined ? relation : { ...relation, name };
}

function columnsOfCall(call: CallExpression, name: string, context: Context): readonly string[] | undefined {
  const builtin = builtinName(call, context.env.catalog, context.env.searchPath);
  const columns = builtin === undefined ? undefined : functionColumns(builtin, call.arguments.length);
  return columns === 'alias' ? [name] : columns;
}

function joinItems(join: Join, scope: Scope, context: Context): NamespaceItem {
  const left = fromItem(join.left, scope, context);
  const canSeeLeft = join.type === 'inner' || join.type === 'left' || join.type === 'cross';
  const before = scope.items.length;
  scope.items.push({ ...left, lateralOnly: true, lateralAllowed: canSeeLeft });
  const right = fromItem(join.right, scope, context);
  scope.items.length = before;
  checkDuplicates(namesOf(left), namesOf(right), context);
  if (join.on) resolveCondition(join, [left, right], scope, context);
  const { relation: made, inner, merged } = joinSides(join, left, right, context);
  const relation: Relation = Object.assign(made, { block: scope.block });
  scope.relations.push(relation);
  if (join.usingAlias === undefined) return { ...visible(relation), ...(join.alias === undefined ? { inner } : {}) };
  const named = join.alias === undefined ? inner : Joined.of(relation);
  named.name({ item: join, block: scope.block, name: join.usingAlias, aliased: true, columns: merged, open: false });
  return { ...visible(relation), inner: named };
}

/** ON sees the two sides of its join alone, and the blocks around (PostgreSQL's transformJoinOnClause). */
function resolveCondition(join: Join, sides: readonly NamespaceItem[], scope: Scope, context: Context): void {
  const outer = scope.items;
  scope.items = [...sides];
  context.within('JOIN conditions', () => {
    checkBoolean(resolveValue(join.on!, scope, context), 'JOIN/ON', join.on!.location, context);
  });
  scope.items = outer;
}

function namesOf(item: NamespaceItem): Joined {
  return item.inner ?? Joined.of({ ...item.relation, columns: [] });
}

/** 42712: two items of one name in a FROM list (PostgreSQL's checkNameSpaceConflicts). */
function checkDuplicates(present: Joined, added: Joined, context: Context): void {
  const clashes = present.clashes(added).sort(([, a], [, b]) => a.item.location.start - b.item.location.start);
  for (const [other, relation] of clashes) {
    if (differentTables(relation, other)) continue;
    context.fail(failure('42712', `table name "${relation.name!}" specified more than once`, relation.item.location, {
      suggestion: 'Give one of them another alias.',
      related: [{ location: other.item.location, message: `"${relation.name!}" is used here first` }],
    }));
  }
}

/** Two tables of one name in different schemas, both without alias, do not conflict. */
function differentTables(left: Relation, right: Relation): boolean {
  if (left.aliased || right.aliased || left.item.kind !== 'table' || right.item.kind !== 'table') return false;
  if (left.table && right.table) return left.table !== right.table;
  return left.item.name.schema !== right.item.name.schema;
}
