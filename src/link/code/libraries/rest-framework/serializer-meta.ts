import type { CodeClass, CodeExpression } from '../../../../facts/code.js';
import type { Context } from '../../library.js';
import type { ClassValue, InstanceValue, Value } from '../../values.js';
import { modelOfClass } from '../django/classes.js';
import type { DjangoModel } from '../django/model.js';
import { textsOf } from '../sqlalchemy/given.js';

/** The model that `Meta` names. */
export function modelOf({ class: owner }: InstanceValue, ctx: Context): DjangoModel | undefined {
  const value = metaField(owner, 'model', ctx);
  const known = value && ctx.read(value);
  return known?.kind === 'classValue' ? modelOfClass(known, ctx) : undefined;
}

/** A name of the serializer's `Meta`, or of a base's that it does not replace. */
export function metaField(owner: ClassValue, name: string, ctx: Context): Value | undefined {
  for (const each of ctx.ancestry(owner)) {
    if (each.kind !== 'classValue') continue;
    const meta = each.class.rest.find((statement) => statement.kind === 'class' && statement.class.name === 'Meta');
    const field = meta?.kind === 'class' ? meta.class.fields.find((candidate) => candidate.name === name) : undefined;
    if (field?.value) return ctx.evaluate(field.value, each.scope);
    if (meta?.kind === 'class' && meta.class.bases.length === 0) return undefined;
  }
  return undefined;
}

/** The fields that are checked: those the classes declare, and those of the model that `Meta` names. */
export function fieldNames(instance: InstanceValue, ctx: Context): readonly string[] {
  const declared = ctx.ancestry(instance.class).flatMap((each) => (each.kind === 'classValue' ? each.class.fields.map(({ name }) => name) : []));
  const listed = metaField(instance.class, 'fields', ctx);
  return [...declared, ...(listed && textsOf(listed, ctx)) ?? [...modelOf(instance, ctx)?.spec.fields.keys() ?? []]];
}

/** The fields that a caller may not send. */
export function closedNames({ class: owner }: InstanceValue, ctx: Context): readonly string[] {
  return [...textsIn(owner, 'read_only_fields', ctx), ...textsIn(owner, 'exclude', ctx), ...readOnly(owner, ctx)];
}

function textsIn(owner: ClassValue, name: string, ctx: Context): readonly string[] {
  const value = metaField(owner, name, ctx);
  return (value && textsOf(value, ctx)) ?? [];
}

/** The fields that the class declares as read-only. */
function readOnly(owner: ClassValue, ctx: Context): readonly string[] {
  return ctx.ancestry(owner).flatMap((each) => (each.kind === 'classValue' ? closedFields(each.class) : []));
}

function closedFields({ fields }: CodeClass): readonly string[] {
  return fields.flatMap(({ name, value }) => (value?.kind === 'call' && isClosed(value) ? [name] : []));
}

function isClosed({ callee, arguments: given }: Extract<CodeExpression, { kind: 'call' }>): boolean {
  const name = callee.kind === 'member' ? callee.property : callee.kind === 'name' ? callee.name : '';
  return name === 'SerializerMethodField' || name === 'ReadOnlyField' || given.some((each) => each.name === 'read_only' && each.value.kind === 'literal' && each.value.value === true);
}
