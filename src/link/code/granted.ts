import type { Expression } from '../../facts/expression.js';
import { parameterNames } from '../parameters.js';
import type { Machine } from './machine.js';
import { checked } from './missing.js';
import type { Fact, UnionValue, Value } from './values.js';

/** Takes a value for true: of one of several, what follows whichever it is. */
export function grant(m: Machine, value: Value): void {
  const known = m.read(value);
  if (known.kind !== 'union') {
    m.assume({ operator: 'truthy', value }, true);
    return;
  }
  const ways = waysOf(m, known);
  const [only, ...others] = ways;
  if (only !== undefined && others.length === 0) return only.facts.forEach((fact) => m.state.add(fact));
  const wanting = wantedBy(ways);
  if (wanting !== undefined) return checked(m, wanting.key, wanting.facts);
  const expressions = ways.map(({ facts }) => facts.flatMap((fact) => (fact.kind === 'holds' && fact.given === undefined ? [fact.expression] : [])));
  if (expressions.length > 0 && areAllAboutOne(expressions)) m.state.add({ kind: 'holds', expression: either(expressions) });
}

type Way = UnionValue['options'][number];

/** What holds where each of the options is the one, and is true. */
function waysOf(m: Machine, { options }: UnionValue): readonly Way[] {
  return options.flatMap((option) => {
    const { live, snapshot } = m.path(() => m.assume({ operator: 'truthy', value: option.value }, true));
    return live ? [{ ...option, facts: [...option.facts, ...snapshot.facts] }] : [];
  });
}

/** `if (!accountId) return true`: the input that every way is for want of but one, and what that one has found out. */
function wantedBy(ways: readonly Way[]): { readonly key: string; readonly facts: readonly Fact[] } | undefined {
  const given = ways.filter(({ missing }) => missing === undefined);
  const keys = new Set(ways.flatMap(({ missing }) => missing ?? []));
  const [key] = keys;
  return given.length === 1 && keys.size === 1 && typeof key === 'string' ? { key, facts: given[0]!.facts } : undefined;
}

/** Whether every way says something of the same two values at least. */
function areAllAboutOne(ways: readonly (readonly Expression[])[]): boolean {
  const [first, ...rest] = ways.map((expressions) => parameterNames(expressions));
  return [...first!].filter((name) => rest.every((names) => names.has(name))).length > 1;
}

function either(ways: readonly (readonly Expression[])[]): Expression {
  const { location } = ways[0]![0]!;
  return { kind: 'or', operands: ways.map((expressions) => ({ kind: 'and', operands: expressions, location })), chosen: true, location };
}
