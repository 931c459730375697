import type { Location } from '../../facts/location.js';
import type { Evidence } from '../project.js';
import type { Builder } from './builder.js';
import type { Cell, Flow, Known, Mode, Ref, Seed } from './graph.js';
import type { Solution } from './solve.js';
import type { ReferenceVerdict } from './types.js';
import { isConstant } from './values.js';

type Reason = { readonly reason: string; readonly evidence: readonly Evidence[] };

/** Step by step, from the value to the row, what pins a reference. */
export function whatPins(ref: Ref, solution: Solution): Reason & Pick<ReferenceVerdict, 'literal'> {
  const cause = solution.causeOf(ref);
  if (!cause) return { reason: 'is read under a condition that is never true', evidence: [] };
  const steps: Evidence[] = [];
  let known: Known | undefined = cause;
  for (let count = 0; known && count < 50; count++) {
    const from: Known['cause'] = known.cause;
    if (!from) break;
    const before = from.cell.known.get(from.label);
    const message = before && stepOf(from.cell, before, solution);
    const location = before?.location ?? known.location;
    if (message && location && !steps.some((step) => step.message === message)) steps.push({ location, message });
    known = before;
  }
  const literal = known?.label === 'tenant' && known.location && isConstant(known.origin) ? { literal: { text: solution.wordsOf(known.origin), location: known.location } } : {};
  return { reason: `is pinned: ${steps.map((step) => step.message).join(', ') || 'by its conditions'}`, evidence: steps.reverse(), ...literal };
}

/** The labels of what a column is equal to; the others are names of rows. */
const VALUES = new Set(['tenant', 'principal', 'input', 'vouched', 'derived', 'hashed', 'secret']);

function stepOf(cell: Cell, known: Known, solution: Solution): string | undefined {
  const { kind, name } = cell.ref;
  if (kind !== 'table') return undefined;
  if (cell.name === '*') return undefined;
  const column = `${name}.${cell.name}`;
  if (known.label === 'null') return `${column} may be NULL: a shared row`;
  if (VALUES.has(known.label)) return `${column} is equal to ${solution.wordsOf(known.origin)}`;
  return `${column} names a row of the same tenant`;
}

/** What a query compares a reference with. */
interface Compared {
  readonly seeds: Seed[];
  readonly flows: Flow[];
}

const compared = new WeakMap<Builder, ReadonlyMap<Ref, Compared>>();

/** What a query that is read to its end compares a reference with: gone through once for all of its references. */
function comparedWith(ref: Ref, builder: Builder): Compared {
  const known = compared.get(builder) ?? comparedIn(builder);
  compared.set(builder, known);
  return known.get(ref) ?? { seeds: [], flows: [] };
}

function comparedIn({ facts }: Builder): ReadonlyMap<Ref, Compared> {
  const found = new Map<Ref, Compared>();
  const of = (ref: Ref): Compared => {
    let own = found.get(ref);
    if (own === undefined) found.set(ref, own = { seeds: [], flows: [] });
    return own;
  };
  for (const seed of facts.seeds) of(seed.column.ref).seeds.push(seed);
  for (const flow of facts.flows) if (flow.from.ref.kind !== 'parameter') of(flow.to.ref).flows.push(flow);
  return found;
}

/** What is said about a reference that is not pinned, and where. */
export function whatIsMissing(ref: Ref, reading: Mode | 'unscoped', builder: Builder, proof: Solution): Reason {
  const { classified } = ref.owned!;
  const { seeds, flows } = comparedWith(ref, builder);
  const evidence: Evidence[] = [
    ...seeds.map((seed) => ({ location: seed.location, message: `${ref.name}.${seed.column.name} is compared with ${seed.value.text}` })),
    ...flows.map((flow) => ({ location: flow.location, message: `${ref.name}.${flow.to.name} is compared with ${flow.from.ref.name}.${flow.from.name}` })),
  ].filter((each) => !each.message.includes('#')).slice(0, 10);
  const column = classified.class === 'child' ? 'its parent' : classified.tenantColumnName;
  const filtered = namesOf(seeds.map(({ column: { name }, location }) => ({ name, location })));
  const joined = namesOf(flows.map(({ to: { name }, location }) => ({ name, location }))).filter((name) => !filtered.includes(name));
  return { reason: whatIsShared(ref, proof) ?? reasonOf(reading, column, filtered, joined), evidence };
}

/** Rows that all tenants share are nobody's to change, and rows of any tenant hang on them. */
function whatIsShared(ref: Ref, proof: Solution): string | undefined {
  if (proof.isShared(ref)) return 'may be a row that all tenants share';
  const domain = proof.hangsOnShared(ref);
  return domain && `hangs on rows of ${domain.split('.').at(-2)!} that all tenants may share`;
}

/** Each name once, in the order of the text. */
function namesOf(columns: readonly { readonly name: string; readonly location: Location }[]): string[] {
  const written = [...columns].sort((a, b) => a.location.start - b.location.start).map(({ name }) => name).filter((name) => !name.includes('#'));
  return [...new Set(written)];
}

function reasonOf(reading: Mode | 'unscoped', column: string, filtered: readonly string[], joined: readonly string[]): string {
  switch (reading) {
    case 'optional': return `is filtered by ${column} only if a value is given`;
    case 'negated': return `is filtered by what ${column} is not`;
    case 'chosen': return `is filtered by ${column} in some of several cases only`;
    case 'disjunctive': return `is filtered by ${column} in one branch of OR only`;
    case 'optimistic': return 'has conditions that cannot be read';
    default: return filtered.length + joined.length === 0 ? 'is used with no condition on the tenant' : `is ${[
      ...(filtered.length > 0 ? [`filtered by ${filtered.slice(0, 4).join(', ')}`] : []), ...(joined.length > 0 ? [`joined by ${joined.slice(0, 4).join(', ')}`] : []),
    ].join(' and ')} only`;
  }
}
