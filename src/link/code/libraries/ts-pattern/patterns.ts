import type { Location } from '../../../../facts/location.js';
import type { Context } from '../../library.js';
import type { ExternalValue, ObjectEntryValue, Value } from '../../values.js';
import { alternatives } from '../objects.js';

export type Verdict = 'yes' | 'no' | 'maybe';

interface Made {
  readonly name: string;
  readonly args: readonly Value[];
}

/** `P.string`, `P.union('a', 'b')`, `P.select()`. */
function madeOf(value: Value): Made | undefined {
  if (value.kind === 'library') return value.type === 'pattern' ? value.data as Made : undefined;
  return value.kind === 'external' && value.module === 'ts-pattern' ? { name: value.path.at(-1) ?? '', args: [] } : undefined;
}

/** Whether a value matches a pattern (ts-pattern's reference, "Patterns"). */
export function verdictOf(pattern: Value, subject: Value, ctx: Context): Verdict {
  const found = alternatives(subject, ctx).map((each) => verdictOfOne(ctx.read(pattern), each, ctx));
  return found.every((each) => each === found[0]) ? found[0] ?? 'maybe' : 'maybe';
}

function verdictOfOne(pattern: Value, subject: Value, ctx: Context): Verdict {
  const made = madeOf(pattern);
  if (made !== undefined) return verdictOfMade(made, subject, ctx);
  if (pattern.kind === 'constant') return subject.kind === 'constant' ? said(pattern.value === subject.value) : subject.kind === 'object' ? 'no' : 'maybe';
  if (pattern.kind === 'external' && subject.kind === 'external') return sameMember(pattern, subject);
  if (pattern.kind !== 'object') return 'maybe';
  if (subject.kind === 'constant') return 'no';
  const parts = pattern.entries.map((entry): Verdict => (entry.kind === 'property' ? verdictOf(entry.value, memberOf(subject, entry.key, ctx), ctx) : 'maybe'));
  return parts.includes('no') ? 'no' : parts.includes('maybe') ? 'maybe' : 'yes';
}

function verdictOfMade({ name, args }: Made, subject: Value, ctx: Context): Verdict {
  switch (name) {
    case '_': case 'any': return 'yes';
    case 'select': {
      const inner = args.find((each) => ctx.read(each).kind !== 'constant');
      return inner === undefined ? 'yes' : verdictOf(inner, subject, ctx);
    }
    case 'union': {
      const each = args.map((arg) => verdictOf(arg, subject, ctx));
      return each.includes('yes') ? 'yes' : each.every((one) => one === 'no') ? 'no' : 'maybe';
    }
    case 'string': case 'number': case 'boolean': return subject.kind === 'constant' ? said(typeof subject.value === name) : subject.kind === 'object' ? 'no' : 'maybe';
    case 'nullish': return subject.kind === 'constant' ? said(subject.value === null || subject.value === undefined) : subject.kind === 'object' ? 'no' : 'maybe';
    default: return 'maybe';
  }
}

/** Members of an enumeration of a package: `Status.DRAFT`. */
function sameMember(a: ExternalValue, b: ExternalValue): Verdict {
  if (a.module !== b.module || a.path.slice(0, -1).join('.') !== b.path.slice(0, -1).join('.')) return 'maybe';
  return said(a.path.at(-1) === b.path.at(-1));
}

function said(is: boolean): Verdict {
  return is ? 'yes' : 'no';
}

function memberOf(subject: Value, name: string, ctx: Context): Value {
  return ctx.member(subject.kind === 'object' ? ctx.allocate(subject) : subject, name);
}

/** What the handler is given before the value itself: what `P.select()` picks, or an object of what `P.select('name')` picks. */
export function selected(patterns: readonly Value[], subject: Value, location: Location, ctx: Context): Value[] {
  const found = patterns.flatMap((pattern) => selections(pattern, subject, ctx));
  const anonymous = found.find(({ name }) => name === undefined);
  if (anonymous !== undefined) return [anonymous.value];
  const entries = found.map(({ name, value }): ObjectEntryValue => ({ kind: 'property', key: name!, value, maybe: false, location }));
  return entries.length === 0 ? [] : [ctx.allocate({ kind: 'object', entries, location })];
}

function selections(pattern: Value, subject: Value, ctx: Context): { readonly name?: string; readonly value: Value }[] {
  const inner = ctx.read(pattern);
  const made = madeOf(inner);
  if (made?.name === 'select') {
    const name = made.args.map((each) => ctx.read(each)).find((each) => each.kind === 'constant');
    return [{ ...(typeof name?.value === 'string' && { name: name.value }), value: subject }];
  }
  if (inner.kind !== 'object') return [];
  return inner.entries.flatMap((entry) => (entry.kind === 'property' ? selections(entry.value, ctx.member(subject, entry.key), ctx) : []));
}
