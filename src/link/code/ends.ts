import type { CodeExpression, CodeFunction, CodeStatement, LoopStatement } from '../../facts/code.js';
import { nodes } from '../queries/nodes.js';
import { neverReturns, rejects } from './values.js';

const known = new WeakMap<CodeFunction, boolean>();

/**
 * Whether a function can only throw or end the program, by how it is written: it says so (`never`), or its last statement throws and nothing returns.
 * What was found out of values on its way is not asked: a field that is empty now may be filled by the time others call it.
 */
export function alwaysThrows(code: CodeFunction): boolean {
  let found = known.get(code);
  if (found === undefined) known.set(code, found = !code.generator && (saysNever(code) || (leavesAtEnd(code.body) && !returns(code.body))));
  return found;
}

/** Whether a value is what a call gives after which nothing runs. `isAwaited`: a promise that is rejected counts as well. */
export function endsPath(value: unknown, isAwaited = false): boolean {
  return value === neverReturns || (isAwaited && value === rejects);
}

/**
 * Whether a path goes on from all that were taken on another: it is that one, or stands behind a `try` that the other is in.
 * @param isMerged the other is one of several that have come together
 */
export function isAlwaysAfter(path: readonly number[], other: readonly number[], isMerged = false): boolean {
  return other.length >= path.length && other.every((branch, index) => (index < path.length ? branch === path[index] : isMerged || branch < 0));
}

/** `process.exit()`, `sys.exit()`, Next.js's `notFound()` and `redirect()`: the path ends. */
export function exits(node: CodeExpression): boolean {
  const call = node.kind === 'await' ? node.operand : node;
  if (call.kind !== 'call') return false;
  const { callee } = call;
  if (callee.kind === 'member') return (callee.property === 'exit' && callee.object.kind === 'name' && /^(process|sys)$/.test(callee.object.name)) || (callee.property === 'abort' && callee.object.kind === 'name' && callee.object.name === 'flask');
  return callee.kind === 'name' && /^(notFound|redirect|permanentRedirect|forbidden|unauthorized|abort)$/.test(callee.name);
}

/** `while (true)`, `while 1:`. */
export function isEndless({ form, test }: LoopStatement): boolean {
  return form === 'while' && test?.kind === 'literal' && (test.value === true || test.value === 1);
}

/** Whether what stands behind a loop may run although its condition never fails: something in it breaks out. */
export function isLeft({ body }: LoopStatement): boolean {
  return nodes(body).some(({ kind }) => kind === 'break');
}

function saysNever({ returns: type }: CodeFunction): boolean {
  const inner = type?.kind === 'named' && type.path.join() === 'Promise' ? type.arguments[0] : type;
  return inner?.kind === 'named' && /^(never|NoReturn|Never)$/.test(inner.path.at(-1)!);
}

function leavesAtEnd(body: readonly CodeStatement[]): boolean {
  const last = body.at(-1);
  switch (last?.kind) {
    case 'throw': return true;
    case 'block': return leavesAtEnd(last.body);
    case 'if': return leavesAtEnd(last.then) && leavesAtEnd(last.otherwise);
    case 'expression': return exits(last.expression);
    default: return false;
  }
}

/** Whether anything of a body returns, functions inside of it left aside. */
function returns(body: readonly CodeStatement[]): boolean {
  const isFunction = (node: object): boolean => 'parameters' in node && 'generator' in node;
  return nodes(body, (node) => !('function' in node && isFunction(node.function as object)) && node.kind !== 'class' && node.kind !== 'classValue').some(({ kind }) => kind === 'return');
}
