import type { CodeCall, CodeExpression, CodeStatement } from '../../facts/code.js';
import { nodes } from '../queries/nodes.js';
import type { Machine } from './machine.js';
import type { Scope } from './scope.js';
import { stored } from './store.js';
import type { Fact } from './values.js';

/** Conditions that a path was left for by `return` where they do not hold: `if (!isMember) return res.status(403).end()`. */
export function guards(m: Machine): WeakSet<Fact> {
  return stored(m, 'guards', () => new WeakSet<Fact>());
}

const ANSWER = /^(?:status|json|send|end|redirect|code|writeHead|sendStatus|render)$/;
const RESPONSE = /(?:Response|Reply)$/;

/**
 * Whether the handler of an exception answers the request (`catch (error) { res.status(500).end() }`, `answer(error, res)`): what the body has found
 * and returned for was no exception, so that only a failure of the check itself comes here. One that is only logged lets whoever asks go on.
 */
export function answers(m: Machine, body: readonly CodeStatement[], scope: Scope): boolean {
  return nodes(body).some((node) => node.kind === 'call' && isAnswer(m, node as unknown as CodeCall, scope));
}

function isAnswer(m: Machine, call: CodeCall, scope: Scope): boolean {
  if (call.callee.kind === 'member' && ANSWER.test(call.callee.property) && isParameter(m, rootOf(call.callee), scope)) return true;
  return call.arguments.some(({ value }) => isParameter(m, value, scope, RESPONSE));
}

function rootOf(node: CodeExpression): CodeExpression {
  return node.kind === 'member' ? rootOf(node.object) : node.kind === 'call' ? rootOf(node.callee) : node;
}

/** A parameter of the function that is no part of the request, of a type of that name where one is asked for. */
function isParameter(m: Machine, node: CodeExpression, scope: Scope, type?: RegExp): boolean {
  if (node.kind !== 'name') return false;
  const parameter = m.frames.at(-1)?.function?.parameters.find(({ target }) => target.kind === 'name' && target.name === node.name);
  const slot = scope.find(node.name);
  const value = typeof slot === 'number' ? m.state.slot(slot) : undefined;
  if (parameter === undefined || value === undefined || value.kind === 'library' || (value.kind === 'input' && value.trust !== 'unknown')) return false;
  return type === undefined || (parameter.type?.kind === 'named' && type.test(parameter.type.path.at(-1)!));
}
