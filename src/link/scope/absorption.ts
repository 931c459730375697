import type { CallExpression, Expression } from '../../facts/expression.js';
import { conjuncts } from '../backfill/walk.js';
import type { Term } from './branches.js';

/** The most pairs of terms that are compared in one OR. */
const MOST_PAIRS = 256;

/** Functions whose result may be another one each time they stand somewhere. */
const volatile: ReadonlySet<string> = new Set(['random', 'clock_timestamp', 'nextval', 'gen_random_uuid', 'uuidv4', 'uuidv7']);

/** The terms of an OR that add nothing: in `p OR (p AND q)`, q decides of no row. */
export function absorbedTerms(terms: readonly Term[]): ReadonlySet<Term> {
  const plain = terms.filter((term) => !term.negated && !term.nulls);
  const single = plain.filter(({ expression }) => expression.kind !== 'and');
  const absorbed = new Set<Term>();
  let pairs = 0;
  for (const term of plain) {
    if (term.expression.kind !== 'and') continue;
    const parts = conjuncts(term.expression);
    pairs += parts.length * single.length;
    if (pairs > MOST_PAIRS) break;
    if (single.some(({ expression }) => parts.some((part) => isSame(part, expression)))) absorbed.add(term);
  }
  return absorbed;
}

/** Whether two expressions of one block say the same, wherever they stand. */
function isSame(left: Expression, right: Expression): boolean {
  const open: [unknown, unknown][] = [[left, right]];
  for (let pair = open.pop(); pair; pair = open.pop()) {
    const [a, b] = pair;
    if (a === b) continue;
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
    if (isVolatile(a)) return false;
    const names = new Set([...Object.keys(a), ...Object.keys(b)]);
    names.delete('location');
    for (const name of names) open.push([(a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]]);
  }
  return true;
}

function isVolatile(node: object): boolean {
  return 'kind' in node && node.kind === 'call' && volatile.has((node as CallExpression).name.at(-1)!);
}
