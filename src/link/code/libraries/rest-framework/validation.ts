import { endsPath } from '../../ends.js';
import type { Call, Context } from '../../library.js';
import type { Fact, InstanceValue, Value } from '../../values.js';
import { flagOf } from '../entities/given.js';
import { managerValue } from '../django/managers.js';
import { modelNamed } from '../django/model.js';
import { relationOf } from '../prisma/models.js';
import { callAt, declaredFields, namedRow, sourceOf } from './serializer-fields.js';
import { closedNames, fieldNames, modelOf } from './serializer-meta.js';
import { keep, kept, methodsOf, selfOf, sent, withArguments } from './serializer-state.js';

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
    if (!names.has(name)) continue;
    const given = ctx.callMethod(self, method, withArguments(call, [found.get(name) ?? ctx.member(values, name)]));
    if (endsPath(given)) return given;
    if (isGiven(given, ctx)) found.set(name, given);
  }
  const whole = found.size === 0 ? values : ctx.allocate({ kind: 'object', location, entries: [{ kind: 'spread', value: values, maybe: false, location }, ...[...found].map(([key, value]) => ({ kind: 'property', key, value, maybe: false, location }) as const)] });
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

/** `self.fields`, `get_fields()`: the fields that name rows of other models. */
export function fieldsOf(instance: InstanceValue, ctx: Context): Value {
  const known = kept(instance, '#fields', ctx);
  if (known) return known;
  const own = methodsOf(instance.class, ctx).includes('get_fields') ? ctx.callMethod(selfOf(instance, ctx), 'get_fields', callAt(instance.class.class.location)) : undefined;
  const made = own && ctx.read(own).kind === 'object' ? own : baseFields(instance, ctx);
  keep(instance, '#fields', made, ctx);
  return kept(instance, '#fields', ctx) ?? made;
}

/** The fields that name rows, by the attribute of the model that each is put into. */
export function sourcesOf(instance: InstanceValue, ctx: Context): ReadonlyMap<string, string> {
  const fields = ctx.read(fieldsOf(instance, ctx));
  return new Map(fields.kind !== 'object' ? [] : fields.entries.flatMap((entry) => (entry.kind === 'property' ? [[entry.key, sourceOf(entry.key, entry.value, ctx)] as const] : [])));
}

/** What the package itself makes of the fields. */
export function baseFields(instance: InstanceValue, ctx: Context): Value {
  const model = modelOf(instance, ctx);
  const closed = new Set(closedNames(instance, ctx));
  const implied = fieldNames(instance, ctx).flatMap((name): readonly (readonly [string, Value])[] => {
    const relation = closed.has(name) ? undefined : model && relationOf(model.table, name);
    const other = relation?.owns === true ? modelNamed(relation.model, model!.registry, ctx) : undefined;
    return other ? [[name, managerValue({ model: other })]] : [];
  });
  return ctx.allocate(declaredFields(instance.class, new Map(implied), ctx));
}

