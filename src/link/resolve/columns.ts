import type { ColumnExpression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import { displayName } from '../catalog/names.js';
import type { Evidence } from '../project.js';
import type { Context } from './context.js';
import { declaredHere, didYouMean, failure, nearest } from './failure.js';
import type { Relation, RelationColumn } from './relation.js';
import { isSystemColumn } from './relation.js';
import type { Scope } from './scope.js';
import { lookupColumn, lookupRelation, namedRelations, unreachableRelation } from './scope.js';
import type { Value } from './value.js';
import { unknownValue } from './value.js';

/** Variables that PL/pgSQL declares by itself (manual, sections 41.10 and 41.6.8). */
const implicitVariables: ReadonlySet<string> = new Set(['found', 'sqlstate', 'sqlerrm', 'new', 'old', 'value']);

/** Functions of a row that may be written like a column (manual, section 8.16.5). */
const rowFunctions: ReadonlySet<string> = new Set([
  'to_json', 'to_jsonb', 'row_to_json', 'hash_record', 'num_nulls', 'num_nonnulls', 'count', 'pg_column_size', 'json_agg', 'jsonb_agg', 'array_agg', 'max', 'min',
  'concat', 'quote_literal', 'json_build_array', 'jsonb_build_array', 'json_build_object', 'jsonb_build_object', 'pg_typeof', 'record_out', 'any_value',
  'hash_record_extended', 'record_send', 'quote_nullable', 'lead', 'lag', 'first_value', 'last_value', 'unnest',
]);

/** Resolves a column reference as PostgreSQL's transformColumnRef does. */
export function resolveColumn(column: ColumnExpression, scope: Scope, context: Context): Value {
  const name = column.path.at(-1)!;
  if (column.path.length === 1) return resolveBare(column, name, scope, context);
  return resolveQualified(column, column.path.at(-2)!, name, scope, context);
}

function resolveBare(column: ColumnExpression, name: string, scope: Scope, context: Context): Value {
  const isVariable = context.env.variables.has(name);
  const conflict = context.env.variableConflict ?? 'error';
  if (isVariable && conflict === 'variable') return unknownValue;
  const found = lookupColumn(scope, name);
  switch (found.kind) {
    case 'found':
      if (isVariable && conflict === 'error') return ambiguousVariable(column, found.relation, context);
      return bind(column, found.column, context);
    case 'system': return bindSystem(column, found.relation, name, context);
    case 'unknown': context.leaveOpen(); return unknownValue;
    case 'ambiguous': return ambiguousColumn(column, found.relations, context);
    case 'forbidden': return invalidReference(found.relation.name ?? name, column.location, '42P10', scope, context);
    case 'missing':
  }
  const row = lookupRelation(scope, name);
  if (row.kind === 'found' && isVariable && conflict === 'error') return ambiguousVariable(column, row.relation, context);
  if (row.kind === 'found' || isVariable) return unknownValue;
  if (row.kind === 'forbidden') return invalidReference(name, column.location, '42P10', scope, context);
  if (isImplicit(name)) {
    context.leaveOpen();
    return unknownValue;
  }
  context.fail(failure('42703', `column "${name}" does not exist`, column.location, missingColumnHelp(name, scope)));
  return unknownValue;
}

function isImplicit(name: string): boolean {
  return implicitVariables.has(name) || name.startsWith('tg_');
}

function resolveQualified(column: ColumnExpression, qualifier: string, name: string, scope: Scope, context: Context): Value {
  const schema = column.path.at(-3);
  const found = lookupRelation(scope, qualifier, schema);
  const isVariable = context.env.variables.has(column.path[0]!) || context.env.labels?.has(column.path[0]!) === true;
  if (found.kind === 'found') return resolveField(column, found.relation, name, isVariable, context);
  if (found.kind === 'ambiguous') {
    context.fail(failure('42P09', `table reference "${qualifier}" is ambiguous`, column.location));
    return unknownValue;
  }
  if (found.kind === 'forbidden') return invalidReference(qualifier, column.location, '42P10', scope, context);
  if (isVariable) return unknownValue;
  if (isImplicit(qualifier) || isImplicit(column.path[0]!) || context.env.extraRelations?.has(qualifier) === true || mayBeVariable(column, scope, context)) {
    context.leaveOpen();
    return unknownValue;
  }
  return invalidReference(qualifier, column.location, '42P01', scope, context);
}

/** A composite column or variable with a field of a field, or a variable qualified by the name of an unnamed function. */
function mayBeVariable(column: ColumnExpression, scope: Scope, context: Context): boolean {
  if (context.env.variables.has(column.path.at(-1)!) || column.path.length > 3) return true;
  return column.path.length > 2 && lookupRelation(scope, column.path[0]!).kind === 'found';
}

function resolveField(column: ColumnExpression, relation: Relation, name: string, isVariable: boolean, context: Context): Value {
  const matches = relation.columns.filter((candidate) => candidate.name === name);
  if (matches.length > 1) return ambiguousColumn(column, [relation], context);
  if (matches[0]) return bind(column, matches[0], context);
  if (isSystemColumn(name) && relation.table) return bindSystem(column, relation, name, context);
  if (relation.open || isVariable || isFunctionName(name, context)) {
    context.leaveOpen();
    return unknownValue;
  }
  context.fail(failure('42703', `column ${column.path.join('.')} does not exist`, column.location, {
    suggestion: didYouMean(name, relation.columns.map((candidate) => candidate.name)),
    related: declaredHere(relation.table),
  }));
  return unknownValue;
}

/** Whether `t.f` may mean `f(t)`. */
export function isFunctionName(name: string, context: Context): boolean {
  if (rowFunctions.has(name)) return true;
  for (const key of context.env.catalog.functions.keys()) if (key.endsWith(`.${name}`)) return true;
  return false;
}

function bind(expression: ColumnExpression, column: RelationColumn, context: Context): Value {
  context.bindings.set(expression, column.binding);
  return {
    ...(column.type ? { type: column.type } : {}),
    nullable: column.nullable,
    ...(column.source ? { source: column.source } : {}),
  };
}

function bindSystem(expression: ColumnExpression, { item, block }: Relation, name: string, context: Context): Value {
  context.bindings.set(expression, { item, block, name });
  return { nullable: 'no' };
}

function ambiguousVariable(column: ColumnExpression, relation: Relation, context: Context): Value {
  const name = column.path.at(-1)!;
  const qualified = relation.name === undefined ? `the column "${name}"` : `"${relation.name}.${name}"`;
  context.fail(failure('42702', `column reference "${name}" is ambiguous`, column.location, {
    suggestion: `It is a PL/pgSQL variable and a table column: rename the variable, or write ${qualified} where the column is meant.`,
    related: declarationOf(relation, name),
  }));
  return unknownValue;
}

function ambiguousColumn(column: ColumnExpression, relations: readonly Relation[], context: Context): Value {
  const name = column.path.at(-1)!;
  const names = relations.flatMap((relation) => (relation.name === undefined ? [] : [`${relation.name}.${name}`]));
  context.fail(failure('42702', `column reference "${name}" is ambiguous`, column.location, {
    suggestion: names.length > 1 ? `Qualify it: ${names.join(' or ')}.` : undefined,
    related: relations.flatMap((relation) => declarationOf(relation, name)),
  }));
  return unknownValue;
}

function declarationOf(relation: Relation, name: string): readonly Evidence[] {
  const column = relation.table?.columns.get(name);
  if (!column || !relation.table || relation.table.assumed) return [];
  return [{ location: column.added.location, message: `"${displayName(relation.table)}.${name}" is declared here` }];
}

function invalidReference(qualifier: string, location: Location, code: '42P01' | '42P10', scope: Scope, context: Context): Value {
  const { named, hidden } = unreachableRelation(scope, qualifier);
  if (named || hidden || code === '42P10') {
    context.fail(failure(code, `invalid reference to FROM-clause entry for table "${qualifier}"`, location, {
      suggestion: hidden ? `The alias hides the table's name: write "${hidden.name}" instead of "${qualifier}".` : unreachableAdvice(named, qualifier),
      related: named ? [{ location: named.item.location, message: `"${qualifier}" stands here, out of reach of that place` }] : [],
    }));
    return unknownValue;
  }
  const visible = [...scope.chain()].flatMap((level) => namedRelations(level.items).map((relation) => relation.name!));
  context.fail(failure('42P01', `missing FROM-clause entry for table "${qualifier}"`, location, { suggestion: didYouMean(qualifier, visible) }));
  return unknownValue;
}

function unreachableAdvice(relation: Relation | undefined, name: string): string {
  const { block, item } = relation ?? {};
  if (block && (block.kind === 'update' || block.kind === 'delete') && block.target === item) {
    const clause = block.kind === 'update' ? 'FROM' : 'USING';
    return `The target of ${block.kind.toUpperCase()} cannot be used inside ${clause}: move the condition to WHERE, or join the table again under another alias.`;
  }
  return `There is an entry for table "${name}", but it cannot be referenced from this part of the query: move the condition, or use LATERAL.`;
}

function missingColumnHelp(name: string, scope: Scope): { suggestion: string | undefined; related: readonly Evidence[] } {
  const levels = [...scope.chain()];
  const relations = levels.flatMap((level) => level.items.flatMap((item) => [item.relation, ...(item.inner?.named() ?? [])]));
  const candidate = nearest(name, relations.flatMap((relation) => relation.columns.map((column) => column.name)));
  if (candidate !== undefined) {
    const quoted = candidate.toLowerCase() === name ? ` (in double quotes: without them it is read as ${name})` : '';
    return { suggestion: `Did you mean "${candidate}"${quoted}?`, related: tablesOf(relations) };
  }
  const hidden = levels.flatMap((level) => level.relations).find((relation) => relation.columns.some((column) => column.name === name));
  if (hidden?.name !== undefined) return { suggestion: `There is a column "${name}" in "${hidden.name}", but it cannot be referenced from this part of the query.`, related: [] };
  return { suggestion: undefined, related: tablesOf(relations) };
}

/** Where the tables of a block were made, when there are few enough to be of help. */
function tablesOf(relations: readonly Relation[]): readonly Evidence[] {
  const tables = new Set(relations.flatMap((relation) => relation.table ?? []));
  return tables.size <= 2 ? [...tables].flatMap((table) => declaredHere(table)) : [];
}
