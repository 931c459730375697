import type { Location } from '../../facts/location.js';
import type { Block, CreateFunction, CreateRule, FunctionParameter, Operation, Step, UnknownStep } from '../../facts/operation.js';
import type { TriggerDefinition } from '../../facts/schema.js';
import type { LowerContext } from './context.js';
import type { TreeNode } from './engine.js';
import { lowerExpression, lowerType } from './expression.js';
import { lowerFunctionBody } from './plpgsql.js';
import { argumentTypes, constantText, list, locate, option, partsName, rangeName, stringOf, strings } from './tree.js';
import type { Span } from './tree.js';

/** Told of a routine's body, or of a step in it, that cannot be read; the routine itself still exists. */
export type OnUnreadable = (location: Location, reason: string) => void;

const MODES: Readonly<Record<string, FunctionParameter['mode']>> = {
  FUNC_PARAM_OUT: 'out', FUNC_PARAM_INOUT: 'inout', FUNC_PARAM_VARIADIC: 'variadic', FUNC_PARAM_TABLE: 'table',
};

/** Lowers CREATE FUNCTION and CREATE PROCEDURE. */
export function lowerFunction(node: TreeNode, ctx: LowerContext, span: Span, unreadable: OnUnreadable): Operation[] {
  const options: unknown = node['options'];
  const language = (stringOf(option(options, 'language')?.['arg'] as TreeNode | undefined) || 'sql').toLowerCase();
  const volatility = stringOf(option(options, 'volatility')?.['arg'] as TreeNode | undefined);
  const returns = node['returnType'] as TreeNode | undefined;
  const parameters = list(node['parameters']).map((item) => parameter(item['FunctionParameter'] as TreeNode, ctx));
  const names = parameters.flatMap(({ name }) => name ?? []);
  const body = language === 'sql' || language === 'plpgsql' ? readBody(ctx, span, unreadable, names) : undefined;
  return [{
    kind: 'createFunction',
    name: partsName(strings(node['funcname'])),
    parameters,
    ...(returns && { returns: lowerType(returns) }),
    language,
    orReplace: node['replace'] === true,
    procedure: node['is_procedure'] === true,
    securityDefiner: option(options, 'security')?.['arg']?.['Boolean']?.['boolval'] === true,
    volatility: volatility === 'immutable' || volatility === 'stable' ? volatility : 'volatile',
    settings: settings(options),
    ...(body && { body }),
    location: locate(ctx, span),
  }];
}

function readBody(ctx: LowerContext, span: Span, unreadable: OnUnreadable, parameters: readonly string[] = []): Block | undefined {
  try {
    const body = lowerFunctionBody(ctx.text.slice(span.start, span.end), ctx, parameters);
    for (const { location, reason } of unknownSteps(body)) unreadable(location, reason);
    return body;
  } catch (error) {
    unreadable(locate(ctx, span), error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

/** The steps of a body that could not be read, at any depth; what PL/pgSQL refuses for another reason than its syntax is read all the same. */
function unknownSteps(step: Step): UnknownStep[] {
  switch (step.kind) {
    case 'unknown': return step.rejected === undefined || step.reason.startsWith('syntax error') ? [step] : [];
    case 'if': return [...step.branches.flatMap(({ body }) => body), ...step.otherwise].flatMap(unknownSteps);
    case 'block': return [...step.body, ...step.handlers.flatMap(({ body }) => body)].flatMap(unknownSteps);
    case 'loop': case 'forRange': case 'forEach': case 'forQuery': return step.body.flatMap(unknownSteps);
    default: return [];
  }
}

function parameter(node: TreeNode, ctx: LowerContext): FunctionParameter {
  const name = node['name'] as string | undefined;
  const value = node['defexpr'] as TreeNode | undefined;
  return {
    ...(name !== undefined && { name }),
    type: lowerType(node['argType'] as TreeNode),
    mode: MODES[node['mode'] as string] ?? 'in',
    ...(value && { default: lowerExpression(value, ctx) }),
  };
}

function settings(options: unknown): CreateFunction['settings'] {
  const result: Record<string, string> = {};
  for (const item of list(options)) {
    const set = item['DefElem']?.['defname'] === 'set' ? (item['DefElem']['arg']?.['VariableSetStmt'] as TreeNode | undefined) : undefined;
    if (set?.['name'] !== undefined) result[set['name'] as string] = list(set['args']).map(constantText).join(', ');
  }
  return result;
}

/** Lowers ALTER FUNCTION. */
export function lowerAlterFunction(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  const security = option(node['actions'], 'security')?.['arg']?.['Boolean'] as TreeNode | undefined;
  const parameters = argumentTypes(node['func'] as TreeNode)?.map(lowerType);
  return [{
    kind: 'alterFunction', name: partsName(strings(node['func']?.['objname'])), ...(parameters && { parameters }),
    ...(security && { securityDefiner: security['boolval'] === true }), location: locate(ctx, span),
  }];
}

/** Lowers DO. */
export function lowerDo(node: TreeNode, ctx: LowerContext, span: Span, unreadable: OnUnreadable): Operation[] {
  const location = locate(ctx, span);
  const language = (stringOf(option(node['args'], 'language')?.['arg'] as TreeNode | undefined) || 'plpgsql').toLowerCase();
  if (language !== 'plpgsql') return [{ kind: 'notUnderstood', reason: `DO in language ${language}`, tables: [], location }];
  const block = readBody(ctx, span, unreadable);
  if (block === undefined) return [{ kind: 'notUnderstood', reason: 'the body of a DO block could not be read', tables: [], location }];
  return [{ kind: 'execution', block, location }];
}

/** Bits of pg_trigger.tgtype. */
const EVENTS = { insert: 4, delete: 8, update: 16, truncate: 32 } as const;
const [BEFORE, INSTEAD] = [2, 64];

/** Lowers CREATE TRIGGER. */
export function lowerTrigger(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  const when = node['whenClause'] as TreeNode | undefined;
  const bits = (node['events'] as number | undefined) ?? 0;
  const timing = node['timing'] as number | undefined;
  const location = locate(ctx, span);
  const trigger: TriggerDefinition = {
    name: String(node['trigname']),
    timing: timing === BEFORE ? 'before' : timing === INSTEAD ? 'insteadOf' : 'after',
    events: (['insert', 'update', 'delete', 'truncate'] as const).filter((event) => (bits & EVENTS[event]) !== 0),
    updateOf: strings(node['columns']),
    forEachRow: node['row'] === true,
    function: partsName(strings(node['funcname'])),
    ...(when && { when: lowerExpression(when, ctx) }),
    location,
  };
  return [{ kind: 'createTrigger', table: rangeName(node['relation'] as TreeNode), trigger, orReplace: node['replace'] === true, location }];
}

const RULE_EVENTS: Readonly<Record<string, CreateRule['event']>> = { CMD_INSERT: 'insert', CMD_UPDATE: 'update', CMD_DELETE: 'delete' };

/** Lowers CREATE RULE. */
export function lowerRule(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  return [{
    kind: 'createRule', table: rangeName(node['relation'] as TreeNode), name: String(node['rulename']), event: RULE_EVENTS[String(node['event'])] ?? 'select',
    instead: node['instead'] === true, conditional: node['whereClause'] !== undefined, nothing: list(node['actions']).length === 0, location: locate(ctx, span),
  }];
}
