import type { Block, Operation, UnknownStep } from '../../facts/operation.js';
import type { Failure } from '../project.js';
import type { SessionState } from './session.js';
import { walkTree } from './tree.js';

const OFF: ReadonlySet<string> = new Set(['off', 'false', '0', 'no']);

/**
 * The failure of a DO or CREATE FUNCTION statement whose body PL/pgSQL does not take: it compiles the whole of it before anything runs.
 * @returns undefined: it does, or nobody asks (PostgreSQL manual, check_function_bodies)
 */
export function refusedBody(operation: Operation, session: SessionState): Failure | undefined {
  const body = operation.kind === 'execution' ? operation.block : operation.kind === 'createFunction' ? operation.body : undefined;
  if (body === undefined) return undefined;
  if (operation.kind === 'createFunction' && OFF.has(session.get('check_function_bodies')?.[0]?.toLowerCase() ?? '')) return undefined;
  const step = rejectedStep(body);
  return step && { code: step.rejected, message: step.reason, location: step.location, related: [] };
}

/** The first step that PL/pgSQL refuses; what a CREATE FUNCTION or DO inside of the body holds is a text to it. */
function rejectedStep(body: Block): (UnknownStep & { readonly rejected: string }) | undefined {
  let found: (UnknownStep & { readonly rejected: string }) | undefined;
  walkTree(body, (node) => {
    if (node.kind === 'unknown' && 'rejected' in node) found ??= node as UnknownStep & { readonly rejected: string };
    return found === undefined && node.kind !== 'createFunction' && node.kind !== 'execution';
  });
  return found;
}
