import { endsPath } from '../../ends.js';
import type { Call, Context } from '../../library.js';
import type { Fact, InstanceValue, Value } from '../../values.js';
import { flagOf } from '../entities/given.js';
import { fieldsOf, isMissing, namedRow } from './serializer-fields.js';
import { fieldNames } from './serializer-meta.js';
import { sent } from './serializer-data.js';
import { keep, kept, methodsOf, selfOf, withArguments } from './serializer-state.js';

/**
 * `is_valid(raise_exception=True)` returns only where every check has passed; else it says whether they have.
 * @see Django REST framework documentation, "Validation": fields, `validate_<field>()`, `validate()`, in this order
 */
export function valid(instance: InstanceValue, call: Call, ctx: Context): Value {
  if (flagOf(call.arguments.named.get('raise_exception') ?? call.arguments.positional[0], ctx) === true) return validated(instance, call, ctx) ?? { kind: 'constant', value: true };
  const before = ctx.state.facts;
  let facts: readonly Fact[] = before;
  let values: Value | undefined;
  const results = ctx.oneOf<Value>([
    () => {
      const ended = validated(instance, call, ctx);
      facts = ctx.state.facts.filter((fact) => !before.includes(fact));
      values = kept(instance, '#validated', ctx);
      if (values) values = ctx.read(values);
      return ended ?? { kind: 'constant', value: true };
    },
    () => ({ kind: 'constant', value: false }),
  ], call.location);
  if (values) keep(instance, '#validated', values, ctx);
  return { kind: 'union', options: results.map((value) => ({ value, facts: value.kind === 'constant' && value.value === true ? facts : [] })) };
}

/** @returns what ends the path, where a check fails whatever was sent */
function validated(instance: InstanceValue, call: Call, ctx: Context): Value | undefined {
  const self = selfOf(instance, ctx);
  const { location } = call;
  const values = sent(instance, ctx);
  const found = new Map<string, Value>();
  const serializer = { self, context: ctx.member(self, 'context'), location };
  const fields = ctx.read(fieldsOf(instance, ctx));
  for (const entry of fields.kind === 'object' ? fields.entries : []) {
    const named = entry.kind === 'property' ? namedRow(entry.key, entry.value, values, serializer, ctx) : undefined;
    if (named) found.set(named.source, named.value);
  }
  const names = new Set(fieldNames(instance, ctx));
  for (const method of new Set(methodsOf(instance.class, ctx))) {
    const name = method.startsWith('validate_') ? method.slice('validate_'.length) : '';
    const value = found.get(name) ?? ctx.member(values, name);
    if (!names.has(name) || isMissing(value)) continue;
    const given = ctx.callMethod(self, method, withArguments(call, [value]));
    if (endsPath(given)) return given;
    if (isGiven(given, ctx)) found.set(name, given);
  }
  const whole = ctx.allocate({ kind: 'object', location, entries: [{ kind: 'spread', value: values, maybe: false, location }, ...[...found].map(([key, value]) => ({ kind: 'property', key, value, maybe: false, location }) as const)] });
  const given = methodsOf(instance.class, ctx).includes('validate') ? ctx.callMethod(self, 'validate', withArguments(call, [whole])) : whole;
  if (endsPath(given)) return given;
  keep(instance, '#validated', isGiven(given, ctx) ? given : whole, ctx);
  return undefined;
}

/** Whether a check says what the value is to be. */
function isGiven(value: Value, ctx: Context): boolean {
  const known = ctx.read(value);
  return known.kind !== 'unknown' && !(known.kind === 'constant' && (known.value === undefined || known.value === null));
}
