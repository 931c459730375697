import type { CallExpression, Expression } from '../../facts/expression.js';
import type { Query, SelectQuery } from '../../facts/query.js';
import type { FunctionEntry } from '../catalog/types.js';
import { evaluate } from './evaluate.js';
import type { Context } from './flow.js';
import { Frame, unknownValue } from './frame.js';
import type { Interpreter } from './interpreter.js';
import type { ProgramScope } from './program-scope.js';
import { withSafeType } from './safe-text.js';
import { constant } from './values.js';

const maximumDepth = 8;
const maximumRows = 500;

/** The calls of a query's select list (and of a function in FROM), once for each row, with their arguments evaluated. */
export function callsOf(query: SelectQuery, scope: ProgramScope): { readonly call: string; readonly args: readonly Expression[] }[] {
  const calls: CallExpression[] = [];
  for (const { expression } of query.targets) if (expression.kind === 'call' && !expression.over) calls.push(expression);
  const tables = query.from.flatMap((item) => (item.kind === 'function' ? item.calls : []));
  for (const call of tables) if (call.kind === 'call') calls.push(call);
  const world = scope.world();
  return calls.flatMap((call) => {
    const name = call.name.join('.').replace(/^pg_catalog\./, '');
    if (name !== 'set_config' && findFunctions(name, scope).length === 0) return [];
    if (query.from.length === 0 || tables.includes(call)) {
      return [{ call: name, args: call.arguments.map((argument) => evaluate(argument, world.scope)) }];
    }
    const rows: Query = { ...query, targets: [{ expression: { kind: 'row', items: call.arguments, location: call.location } }] };
    const result = scope.rows(rows);
    if (!result) {
      const types = scope.typesOf({ ...query, targets: call.arguments.map((expression) => ({ expression })) });
      return [{ call: name, args: call.arguments.map((argument, index) => (argument.kind === 'constant' ? argument : withSafeType(argument, types[index], query))) }];
    }
    return result.rows.slice(0, maximumRows).map(({ values }) => ({ call: name, args: values[0]?.kind === 'row' ? values[0].items : [] }));
  });
}

function findFunctions(name: string, scope: ProgramScope): readonly FunctionEntry[] {
  return scope.functions(name).filter(({ body }) => body !== undefined);
}

/** Interprets a function of the history with its arguments; overloads are told apart by their number of arguments. */
export function enterFunction(interpreter: Interpreter, name: string, args: readonly Expression[], context: Context): void {
  if (context.depth >= maximumDepth) return;
  const { machine } = interpreter;
  const candidates = findFunctions(name, interpreter.scope(context));
  const entry = candidates.find(({ parameters }) => accepts(parameters, args.length)) ?? candidates.at(-1);
  if (!entry?.body || entry.returns?.name === 'trigger' || entry.returns?.name === 'event_trigger') return;
  const { body } = entry;
  const frame = new Frame(undefined, entry.name);
  const at = body.location;
  entry.parameters.forEach((parameter, index) => {
    const value = parameter.mode === 'out' || parameter.mode === 'table' ? constant(null, at)
      : args[index] ?? parameter.default ?? unknownValue(parameter.name ?? `$${index + 1}`, at);
    const type = `${parameter.type.name}${'[]'.repeat(parameter.type.dimensions)}`;
    if (parameter.name !== undefined) frame.declare(parameter.name, type, value);
    frame.declare(`$${index + 1}`, type, value);
  });
  frame.declare('found', 'boolean', constant(false, at));
  machine.session.within(entry.settings, () => interpreter.runProgram(body, { ...context, frame, catchers: context.catchers, depth: context.depth + 1 }));
}

function accepts(parameters: FunctionEntry['parameters'], count: number): boolean {
  const inputs = parameters.filter(({ mode }) => mode === 'in' || mode === 'inout' || mode === 'variadic');
  return count <= inputs.length && count >= inputs.filter((parameter) => parameter.default === undefined).length;
}
