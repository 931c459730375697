import type { Call } from './library.js';
import type { Machine } from './machine.js';
import { fieldsIn, COMPARES } from './secrets.js';
import { SIGNED_MESSAGE } from './signed.js';
import type { InputValue, Value } from './values.js';

/** What is noted of an input whose signature was right: whoever sent it knows the program's secret. */
const SIGNED = 'what was signed of ';
/** What is noted of one in the making, and an input that was added to it. */
const ADDED = 'added to the signature ';
/** Names of the body of one request, as it was sent and as it was read. */
const BODY = /^(the request|.*?@.*?:\d+)\.(?:rawBody|raw_body|body|json|form|text|data|get_data)(?=[.[]|$)/;
/** What a signature is made by, and given in the end. */
const OF_SIGNATURES = /^(?:update|digest|hexdigest|copy)$/;

/**
 * What the result of a call says of signatures: that it is one (`createHmac('sha256', secret).update(body).digest('hex')`, Python's `hmac.new(secret, body)`),
 * or that it tells whether one is right (`timingSafeEqual(given, expected)`). The secret is the program's: one that is stored in a row, or was sent, proves nothing of what is sent with it.
 * @see Node.js documentation, "Class: Hmac"; Python documentation, "hmac"
 */
export function signaturesOf(m: Machine, callee: Value, given: readonly Value[], call: Call): Pick<InputValue, 'signs' | 'attests'> {
  const own = m.read(callee);
  if (own.kind === 'external' && own.module.replace(/^node:/, '') === 'crypto' && own.path.at(-1) === 'createHmac') return isOwnSecret(m, given[1]) ? { signs: [] } : {};
  if (own.kind === 'external' && m.language === 'python' && own.module === 'hmac' && own.path.at(-1) === 'new') return isOwnSecret(m, given[0]) ? { signs: saidIn(m, given[1]) } : {};
  if (own.kind === 'input' && own.signs !== undefined) return { signs: ofMethod(m, own, own.signs, given[0], call.name ?? '') };
  const [one, other] = given;
  if (one === undefined) return {};
  if (other !== undefined && call.name !== undefined && COMPARES.test(call.name)) {
    const attests = signedBy(m, one, other);
    return attests.length > 0 ? { attests } : {};
  }
  const signs = signsIn(m, one);
  return signs.length > 0 ? { signs } : {};
}

/** `hmac.update(body)` adds to it, whether its result is used or not. */
function ofMethod(m: Machine, { key }: InputValue, signs: readonly string[], given: Value | undefined, name: string): readonly string[] {
  const added = `${ADDED}${key.slice(0, -name.length)}`;
  if (name !== 'update') return [...signs, ...m.state.facts.flatMap((fact) => (fact.kind === 'defined' && fact.key.startsWith(added) ? [fact.key.slice(added.length)] : []))];
  const said = saidIn(m, given);
  for (const each of said) m.state.add({ kind: 'defined', key: `${added}${each}` });
  return [...signs, ...said];
}

/** What a method of a signature in the making is read as: other members of it say nothing of what it signs. */
export function signsOfMember({ signs }: InputValue, name: string): Pick<InputValue, 'signs'> {
  return signs !== undefined && OF_SIGNATURES.test(name) ? { signs } : {};
}

/** Two values are equal: where one is a signature, and the other was sent, what it signs comes from whoever knows the secret. */
export function equalSignatures(m: Machine, left: Value, right: Value): void {
  attested(m, signedBy(m, left, right));
}

/** What the one of two values signs where the other was sent: one that is stored may be of whatever else was signed. */
function signedBy(m: Machine, left: Value, right: Value): readonly string[] {
  const isSent = (value: Value): boolean => ['input', 'text'].includes(m.read(value).kind) && signsIn(m, value).length === 0 && fieldsIn(m, value).length === 0;
  return isSent(right) ? signsIn(m, left) : isSent(left) ? signsIn(m, right) : [];
}

/** The signature of some inputs was right. */
export function attested(m: Machine, keys: readonly string[]): void {
  for (const key of keys) m.state.add({ kind: 'defined', key: `${SIGNED}${plain(key)}` });
}

/** An input as it is known on the path reached: what was signed is said by who signed it. */
export function asSigned(m: Machine, value: Value): Value {
  if (value.kind !== 'input' || value.trust === 'trusted') return value;
  const key = plain(value.key);
  const isOf = (whole: string): boolean => key.startsWith(whole) && (key.length === whole.length || key[whole.length] === '.' || key[whole.length] === '[');
  const isSigned = m.state.facts.some((fact) => fact.kind === 'defined' && fact.key.startsWith(SIGNED) && isOf(fact.key.slice(SIGNED.length)));
  return isSigned ? { ...value, trust: 'trusted', key: `${SIGNED_MESSAGE}.${value.key}` } : value;
}

function plain(key: string): string {
  return key.replace(BODY, '$1.body');
}

function isOwnSecret(m: Machine, value: Value | undefined): boolean {
  const inner = value && m.read(value);
  return inner !== undefined && !(inner.kind === 'input' && inner.trust === 'untrusted') && !['row', 'rowList', 'field', 'constant'].includes(inner.kind) && fieldsIn(m, inner).length === 0;
}

/** The inputs that a value is made of. */
function saidIn(m: Machine, value: Value | undefined): readonly string[] {
  const inner = value && m.read(value);
  switch (inner?.kind) {
    case 'input': return [inner.key];
    case 'text': return inner.parts.flatMap((part) => (part.kind === 'hole' ? saidIn(m, part.value) : []));
    default: return [];
  }
}

/** What a value is a signature of. */
function signsIn(m: Machine, value: Value): readonly string[] {
  const inner = m.read(value);
  switch (inner.kind) {
    case 'input': return inner.signs ?? [];
    case 'text': return inner.parts.flatMap((part) => (part.kind === 'hole' ? signsIn(m, part.value) : []));
    default: return [];
  }
}
