import type { CodeFunction } from '../../facts/code.js';
import type { Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import { parameterNames } from '../parameters.js';
import { nodes } from '../queries/nodes.js';
import { GATES } from './asked.js';
import { checkedTogether } from './checked.js';
import type { Call } from './library.js';
import type { Machine } from './machine.js';
import type { Fact, RowValue, Value } from './values.js';

/** Names of functions that throw where somebody may not do something with a row. */
const REFUSES = /^(?:authori[sz]e|enforce|throwUnless|throwIfNot|(?:assert|ensure|require|check|validate|verify)\w*(?:Can|Access|Permi|Allow|Authori))/;

/** Names of functions that say whether somebody may. */
const PERMITS = /^(?:can|may|is(?:Allowed|Owner|Member|Authori)|has(?:Access|Permission|Role)|owns|belongs|checkAccess|checkPermission|allowed|permitted)/;

/**
 * `authorize(user, 'read', document)`: a row is handed, with who asks, to a function that throws unless they may. What it asks was not understood
 * (abilities that are looked up in a table of functions, a package): whether the row is the tenant's cannot be told.
 * @param code the function, where it is one of the project; it counts if it throws and looks at the row
 */
export function gated(m: Machine, code: CodeFunction | undefined, { arguments: { positional }, name }: Call): void {
  if (name === undefined) return;
  if (code === undefined && (REFUSES.test(name) || GATES.test(name))) for (const fact of vouchedIds(m, positional, name)) m.state.add(fact);
  if (!REFUSES.test(name) || (code !== undefined && !nodes(code.body).some(({ kind }) => kind === 'throw'))) return;
  positional.forEach((value, index) => {
    if (code !== undefined && (!looksAt(code, index) || !positional.some((other, at) => at !== index && mayAsk(m, other)))) return;
    for (const row of rowsOf(m, value)) m.state.add(vouched(m, row, name));
  });
}

/**
 * `if (!canAccess(user, note)) throw`: a function that is not known has been asked about a row and somebody. What it says then, yes or no.
 * @returns nothing where it is called otherwise than such functions are
 */
export function permits(m: Machine, { arguments: { positional }, name }: Call): Value | undefined {
  if (name === undefined || !PERMITS.test(name)) return undefined;
  const rows = positional.flatMap((value) => rowsOf(m, value));
  const isAsked = rows.length > 0 && positional.some((each) => rowsOf(m, each).length === 0 && mayAsk(m, each));
  const facts = [...isAsked ? rows.map((row) => vouched(m, row, name)) : [], ...vouchedIds(m, positional, name)];
  if (facts.length === 0) return undefined;
  return { kind: 'union', options: [{ value: { kind: 'constant', value: true }, facts }, { value: { kind: 'constant', value: false }, facts: [] }] };
}

function rowsOf(m: Machine, value: Value): readonly RowValue[] {
  const known = m.read(value);
  const options = known.kind === 'union' ? known.options.map((each) => m.read(each.value)) : [known];
  return options.filter((each): each is RowValue => each.kind === 'row');
}

/** Whether a value may say who asks: what the caller of the program sent does not. */
function mayAsk(m: Machine, value: Value): boolean {
  const known = m.read(value);
  return known.kind !== 'constant' && known.kind !== 'text' && !(known.kind === 'input' && known.trust === 'untrusted');
}

function looksAt({ parameters, body }: CodeFunction, index: number): boolean {
  const target = parameters[index]?.target;
  return target !== undefined && (target.kind !== 'name' || nodes(body).some((node) => node.kind === 'name' && (node as unknown as { name: string }).name === target.name));
}

/** `await requireAccess(user, id)`: what is named by a value that a function which is not known was given, with who asks, is not known further. */
function vouchedIds(m: Machine, given: readonly Value[], name: string): Fact[] {
  return given.flatMap((value): Fact[] => {
    const known = m.read(value);
    if (known.kind !== 'input' || known.trust === 'trusted' || !given.some((other) => other !== value && mayAsk(m, other))) return [];
    const location = { file: m.file, start: 0, end: 0 };
    return [{ kind: 'holds', expression: checkedUnknown(name, [`checked by ${name}`, known.key].map((each): Expression => ({ kind: 'parameter', name: each, location })), location) }];
  });
}

/** What is known of the row, and of whatever is named by the same values of the request, is not known further. */
function vouched(m: Machine, { result }: RowValue, name: string): Fact {
  const location = { file: m.file, start: 0, end: 0 };
  const sent = [...parameterNames(result.rows)].filter((each) => {
    const value = m.parameter(each);
    return value?.kind === 'input' && value.trust !== 'trusted';
  });
  const asked = (parts: readonly Expression[]): Expression => checkedUnknown(name, parts, location);
  const parts = [`checked by ${name}`, ...sent].map((each): Expression => ({ kind: 'parameter', name: each, location }));
  return { kind: 'holds', expression: asked(sent.length === 0 ? [] : parts), about: { result: result.id, check: asked([]) } };
}

function checkedUnknown(name: string, parts: readonly Expression[], location: Location): Expression {
  return checkedTogether([{ kind: 'hole', text: `what ${name}() asks`, location }, ...parts], location);
}
