import type { Location } from '../../facts/location.js';
import type { Block, Operation, UnknownStep } from '../../facts/operation.js';
import { NEWEST_VERSION, tooNew, type Need } from '../../facts/version.js';
import type { Failure } from '../project.js';
import type { SessionState } from './session.js';
import { walkTree } from './tree.js';

const OFF: ReadonlySet<string> = new Set(['off', 'false', '0', 'no']);

/**
 * The failure of a DO or CREATE FUNCTION statement whose body PL/pgSQL does not take: it compiles the whole of it before anything runs.
 * @param version major version of PostgreSQL
 * @returns undefined: it does, or nobody asks (PostgreSQL manual, check_function_bodies)
 */
export function refusedBody(operation: Operation, session: SessionState, version: number): Failure | undefined {
  const body = operation.kind === 'execution' ? operation.block : operation.kind === 'createFunction' ? operation.body : undefined;
  if (body === undefined) return undefined;
  if (operation.kind === 'createFunction' && OFF.has(session.get('check_function_bodies')?.[0]?.toLowerCase() ?? '')) return undefined;
  const step = rejectedStep(body);
  return step ? { code: step.rejected, message: step.reason, location: step.location, related: [] } : newSyntax(body, version);
}

/** The refusal of a version of PostgreSQL that lacks what a statement uses. */
export function lacking(need: Need, version: number, location: Location): Failure {
  return { code: need.code, message: tooNew(need, version), location, related: [] };
}

/** The first statement of a body whose syntax is too new for the server: names and functions are looked up when it runs. */
function newSyntax(body: Block, version: number): Failure | undefined {
  return version === NEWEST_VERSION ? undefined : firstIn(body, (node) => {
    const { needs, location } = node as Operation;
    const need = needs?.find((each) => each.version > version && each.code === '42601');
    return need && lacking(need, version, location);
  });
}

/** The first step that PL/pgSQL refuses. */
function rejectedStep(body: Block): (UnknownStep & { readonly rejected: string }) | undefined {
  return firstIn(body, (node) => (node.kind === 'unknown' && 'rejected' in node ? node as UnknownStep & { readonly rejected: string } : undefined));
}

/** What is found first in a body; what a CREATE FUNCTION or DO inside of it holds is a text to it. */
function firstIn<T>(body: Block, find: (node: { readonly kind?: string }) => T | undefined): T | undefined {
  let found: T | undefined;
  walkTree(body, (node) => {
    found ??= find(node);
    return found === undefined && node.kind !== 'createFunction' && node.kind !== 'execution';
  });
  return found;
}
