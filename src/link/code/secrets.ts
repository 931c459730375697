import type { CodeFunction } from '../../facts/code.js';
import type { Expression } from '../../facts/expression.js';
import type { Call } from './library.js';
import { expressionOf } from './lower.js';
import type { Machine } from './machine.js';
import type { FieldValue, InputValue, Value } from './values.js';

/** Functions that tell whether a secret is the one that is stored, by their names. */
export const COMPARES = /^(?:compare|verify|check|match|is_?valid|valid|(?:timing|constant_?time)_?(?:safe|compare)|safe_?(?:compare|equal))/i;
/** Columns that such a function is given. */
const STORED = /pass(?!age|port)|secret|token(?!s?_?(?:count|limit|use))|otp|signature|(?:api|access|signing|private)_?key|hashed|(?:key|pin|code)_?(?:hash|digest)|^(?:hash|salt|digest)$/i;
/** Columns that hold a secret, so that whoever says what stands there has been told it. A hash of the row's own content is none. */
const SECRET = /(?:^|_)(?:token|secret|pass(?:word|wd|code|phrase)|(?:api|access|signing|secret|private)_?key)(?:_?(?:hash|digest))?$|^(?:hashed|encrypted)_/i;
/** Packages whose functions of these names are awaited, but for those that end in `Sync`. */
const PROMISES = /^(?:bcrypt|bcryptjs|argon2|@node-rs\/(?:bcrypt|argon2)|@phc\/.*|oslo\/.*)$/;
/** Methods of rows that compare what they are given with their own password. */
const OF_ROW = /^(?:check|verify|validate?|compare|match(?:es)?|is_?valid|authenticate)_?pass(?:word|wd)?$/i;
const PASSWORDS = ['password', 'passwordHash', 'password_hash', 'hashedPassword', 'hashed_password', 'encryptedPassword', 'encrypted_password'];

/** Whether a call of a package raises where a secret is another one than is stored: argon2-cffi, `PasswordHasher.verify`. */
export function raisesOnOther(m: Machine, callee: Value): boolean {
  return m.language === 'python' && callee.kind === 'input' && callee.name === 'PasswordHasher(...).verify';
}

/** The fields of rows that a value is made of: `hash(row.salt + given)`. */
export function fieldsIn(m: Machine, value: Value): readonly FieldValue[] {
  const inner = m.read(value);
  switch (inner.kind) {
    case 'field': return inner.many ? [] : [inner];
    case 'input': return inner.madeOf ?? [];
    case 'text': return inner.parts.flatMap((part) => (part.kind === 'hole' ? fieldsIn(m, part.value) : []));
    default: return [];
  }
}

/** What the result of a call that is not known is made of, and which stored secret it says something of. */
export function madeOf(m: Machine, callee: Value, given: readonly Value[], call: Call): Pick<InputValue, 'madeOf' | 'verifies' | 'promise'> {
  const own = m.read(callee);
  // `row.hash.encode()`: the method is read as a part of the field.
  const receiver = own.kind === 'field' ? (own.path.length > 1 ? [{ ...own, path: own.path.slice(0, -1) }] : []) : fieldsIn(m, own);
  const fields = [...new Set([...receiver, ...given.flatMap((each) => fieldsIn(m, each))])];
  const stored = storedSecret(m, given, call.name) ?? checkedByRow(m, own, given);
  const isPromise = m.language === 'javascript' && own.kind === 'external' && PROMISES.test(own.module) && !call.name?.endsWith('Sync');
  return { ...(fields.length > 0 && { madeOf: fields }), ...(stored !== undefined && { verifies: stored, ...(isPromise && { promise: true as const }) }) };
}

/** The one of two arguments that was stored, where the other is not of a row. */
function storedSecret(m: Machine, given: readonly Value[], name: string | undefined): FieldValue | undefined {
  if (given.length < 2 || name === undefined || !COMPARES.test(name)) return undefined;
  const [one, other] = given.map((each) => fieldsIn(m, each));
  if ((one!.length === 0) === (other!.length === 0) || !isSaid(m, one!.length === 0 ? given[0]! : given[1]!)) return undefined;
  return [...one!, ...other!].find((field) => STORED.test(field.path.at(-1) ?? ''));
}

/**
 * What a function of the project tells that compares a secret with the one that is stored, as its name and its arguments say, in a way that is not followed:
 * `verifySecureHash(given, row.tokenHash)`, which takes the salt out of the hash first.
 */
export function verifies(m: Machine, code: CodeFunction, call: Call, result: Value): Value | undefined {
  const called = call.name ?? code.name;
  const stored = storedSecret(m, call.arguments.positional, called);
  if (stored === undefined || !isSecret(stored)) return undefined;
  const inner = m.read(result);
  const isOpen = inner.kind === 'condition' ? inner.condition.operator === 'equal' && equalSecrets(m, inner.condition.left, inner.condition.right).length === 0
    : inner.kind === 'unknown' || (inner.kind === 'input' && inner.verifies === undefined && COMPARES.test(inner.name));
  return !isOpen ? undefined : { kind: 'input', key: `${call.location.file}:${call.location.start}`, name: `${called!}(...)`, trust: 'unknown', maybe: false, verifies: stored, ...(code.async && { promise: true }) };
}

/** A value that somebody has said: no constant, and nothing that cannot be read. */
function isSaid(m: Machine, value: Value): boolean {
  const { kind } = m.read(value);
  return kind === 'input' || kind === 'text' || kind === 'union';
}

/** `row.checkPassword(given)`, where nothing of the project says what it does. */
function checkedByRow(m: Machine, callee: Value, given: readonly Value[]): FieldValue | undefined {
  if (callee.kind !== 'field' || callee.path.length !== 1 || !OF_ROW.test(callee.path[0]!) || !given.some((each) => isSaid(m, each) && fieldsIn(m, each).length === 0)) return undefined;
  const column = PASSWORDS.find((each) => callee.result.column([each]) !== undefined);
  return column === undefined ? undefined : { ...callee, path: [column] };
}

/** Whoever has said the secret that is stored in a row is its holder: the row's own query is judged with that. */
export function verified(m: Machine, field: FieldValue): void {
  const column = field.result.column(field.path);
  if (column === undefined) return;
  const location = { file: m.file, start: 0, end: 0 };
  const holds = (left: Expression): Expression => ({ kind: 'operator', operator: '=', left, right: { kind: 'parameter', name: 'the secret that was given', secret: true, location }, location });
  m.state.add({ kind: 'holds', expression: holds(expressionOf(m, field, location)), about: { result: field.result.id, check: holds(column) } });
}

/** The secrets that are known to whoever has said one of two equal values: the other is stored, or a signature that was made with what is. */
export function equalSecrets(m: Machine, left: Value, right: Value): readonly FieldValue[] {
  return ([[left, right], [right, left]] as const).flatMap(([one, other]) => (fieldsIn(m, other).length === 0 && isSaid(m, other) && m.read(one).kind !== 'text' ? fieldsIn(m, one).filter(isSecret) : []));
}

function isSecret({ path }: FieldValue): boolean {
  return isSecretColumn(path.at(-1) ?? '');
}

/** Whether a column is called so that only the holder of the row knows what stands there. */
export function isSecretColumn(name: string): boolean {
  return SECRET.test(name.replace(/([a-z\d])([A-Z])/g, '$1_$2'));
}

