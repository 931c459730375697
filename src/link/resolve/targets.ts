import type { Expression } from '../../facts/expression.js';
import type { Query, Target } from '../../facts/query.js';
import type { Context } from './context.js';
import { failure } from './failure.js';
import type { Relation } from './relation.js';
import type { Scope } from './scope.js';
import { lookupRelation } from './scope.js';
import type { Output } from './value.js';
import { resolveValue } from './values.js';

/** Resolves a select list or RETURNING list. @returns its columns; undefined when `*` stands for something that is not known */
export function resolveTargets(targets: readonly Target[], scope: Scope, context: Context): Output[] | undefined {
  const columns = targets.map((target) => resolveTarget(target, scope, context));
  return columns.every((part) => part !== undefined) ? columns.flat() : undefined;
}

function resolveTarget({ expression, alias }: Target, scope: Scope, context: Context): Output[] | undefined {
  if (expression.kind === 'star') return expandStar(expression.path, expression, scope, context);
  if (expression.kind === 'indirection' && expression.fields.at(-1) === '*') {
    resolveValue(expression, scope, context);
    return undefined;
  }
  const value = resolveValue(expression, scope, context);
  if (expression.kind === 'hole') return undefined;
  return [{ ...value, name: alias ?? outputName(expression) ?? '?column?' }];
}

function expandStar(path: readonly string[], star: Expression, scope: Scope, context: Context): Output[] | undefined {
  if (path.length === 0) {
    const shown = scope.items.filter((item) => item.columnsVisible).map((item) => item.relation);
    if (shown.length === 0 && scope.relations.length === 0) context.fail(failure('42601', 'SELECT * with no tables specified is not valid', star.location));
    return outputsOf(shown, context);
  }
  const found = lookupRelation(scope, path.at(-1)!, path.at(-2));
  if (found.kind === 'found') return outputsOf([found.relation], context);
  resolveValue({ kind: 'column', path: [...path, '*'], location: star.location }, scope, context);
  return undefined;
}

function outputsOf(relations: readonly Relation[], context: Context): Output[] | undefined {
  if (relations.some((relation) => relation.open)) {
    context.leaveOpen();
    return undefined;
  }
  return relations.flatMap((relation) => relation.columns.map(({ binding: _, ...column }) => column));
}

/** The name PostgreSQL gives an output column without alias (FigureColname, src/backend/parser/parse_target.c). */
export function outputName(expression: Expression): string | undefined {
  switch (expression.kind) {
    case 'column': return expression.path.at(-1);
    case 'call': return expression.name.at(-1);
    case 'cast': return outputName(expression.operand) ?? expression.type.name;
    case 'indirection': return expression.fields.at(-1) ?? outputName(expression.operand);
    case 'case': return (expression.otherwise && outputName(expression.otherwise)) ?? 'case';
    case 'array': return 'array';
    case 'row': return 'row';
    case 'subquery': return subqueryName(expression.form, expression.query);
    case 'other': return expression.name;
    default: return undefined;
  }
}

function subqueryName(form: string, query: Query): string | undefined {
  if (form === 'exists' || form === 'array') return form;
  if (form !== 'scalar') return undefined;
  return firstName(query);
}

function firstName(query: Query): string | undefined {
  if (query.kind === 'set') return firstName(query.left);
  if (query.kind === 'values') return 'column1';
  const target = query.kind === 'select' ? query.targets[0] : query.returning[0];
  return target && (target.alias ?? outputName(target.expression));
}
