import type { Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';

/** That values have been asked about together, whatever the answer: it pins nothing, but shows that they were not taken on trust. */
export function checkedTogether(values: readonly Expression[], location: Location): Expression {
  return { kind: 'call', name: ['checked'], arguments: values, location };
}

/** The same of parameters by their names. */
export function checkedParameters(names: Iterable<string>, location: Location): Expression {
  return checkedTogether([...names].map((name) => ({ kind: 'parameter', name, location })), location);
}

/** What such a condition, or a comparison, is about; nothing for any other. */
export function askedAbout(expression: Expression): readonly (Expression | undefined)[] {
  if (expression.kind === 'operator') return [expression.left, expression.right];
  return expression.kind === 'call' && expression.name[0] === 'checked' ? expression.arguments : [];
}

/** Whether two such conditions are of one place, about the same parameters. */
export function isSameCheck(a: Expression, b: Expression): boolean {
  const [first, second] = [askedTogether(a), askedTogether(b)];
  return first.length > 0 && first.length === second.length && a.location.start === b.location.start && a.location.file === b.location.file
    && first.every((each, index) => { const other = second[index]!; return each.kind === 'parameter' && other.kind === 'parameter' && each.name === other.name; });
}

function askedTogether(expression: Expression): readonly Expression[] {
  return expression.kind === 'call' && expression.name[0] === 'checked' ? expression.arguments : [];
}
