import type { CodeClass, CodeExpression } from '../../../../facts/code.js';
import type { Context } from '../../library.js';
import type { Scope } from '../../scope.js';
import type { ClassValue, InstanceValue } from '../../values.js';
import { modelOfClass } from '../django/classes.js';
import { isNullable, isToOne } from '../django/fields.js';
import type { DjangoModel } from '../django/model.js';
import { textsOf } from '../sqlalchemy/given.js';

/** The model that `Meta` names. */
export function modelOf({ class: owner }: InstanceValue, ctx: Context): DjangoModel | undefined {
  const found = written(owner, 'model', ctx);
  const known = found && ctx.read(ctx.evaluate(found.node, found.scope));
  return known?.kind === 'classValue' ? modelOfClass(known, ctx) : undefined;
}

interface Written {
  readonly node: CodeExpression;
  readonly scope: Scope;
}

/** A name of the serializer's `Meta`, or of a base's that it does not replace. */
function written(owner: ClassValue, name: string, ctx: Context): Written | undefined {
  for (const each of ctx.ancestry(owner)) {
    if (each.kind !== 'classValue') continue;
    const meta = each.class.rest.find((statement) => statement.kind === 'class' && statement.class.name === 'Meta');
    const field = meta?.kind === 'class' ? meta.class.fields.find((candidate) => candidate.name === name) : undefined;
    if (field?.value) return { node: field.value, scope: each.scope };
    if (meta?.kind === 'class' && meta.class.bases.length === 0) return undefined;
  }
  return undefined;
}

/** The names that a list of `Meta` holds; undefined for none, for `'__all__'` and for what is not known. */
export function listedNames({ class: owner }: InstanceValue, name: string, ctx: Context): readonly string[] | undefined {
  const found = written(owner, name, ctx);
  return found && namesIn(found, ctx);
}

/** `[...]`, `Other.Meta.fields`, and several of them put together. */
function namesIn({ node, scope }: Written, ctx: Context): readonly string[] | undefined {
  if (node.kind === 'binary' && node.operator === '+') {
    const [left, right] = [namesIn({ node: node.left, scope }, ctx), namesIn({ node: node.right, scope }, ctx)];
    return left && right && [...left, ...right];
  }
  if (node.kind === 'member' && node.object.kind === 'member' && node.object.property === 'Meta') {
    const other = ctx.read(ctx.evaluate(node.object.object, scope));
    const found = other.kind === 'classValue' ? written(other, node.property, ctx) : undefined;
    return found && namesIn(found, ctx);
  }
  return textsOf(ctx.evaluate(node, scope), ctx);
}

/** The fields that the classes of a serializer declare. */
export function declaredNames(owner: ClassValue, ctx: Context): readonly string[] {
  return ctx.ancestry(owner).flatMap((each) => (each.kind === 'classValue' ? each.class.fields.flatMap(({ name, value }) => (value?.kind === 'call' ? [name] : [])) : []));
}

/** The fields that are checked: those the classes declare, and those of the model that `Meta` names. */
export function fieldNames(instance: InstanceValue, ctx: Context): readonly string[] {
  const declared = ctx.ancestry(instance.class).flatMap((each) => (each.kind === 'classValue' ? each.class.fields.map(({ name }) => name) : []));
  return [...declared, ...listedNames(instance, 'fields', ctx) ?? [...modelOf(instance, ctx)?.spec.fields.keys() ?? []]];
}

/** The fields that a caller may not send; all, where a list is not known. */
export function closedNames(instance: InstanceValue, ctx: Context): readonly string[] {
  const lists = ['read_only_fields', 'exclude'].map((name) => (written(instance.class, name, ctx) === undefined ? [] : listedNames(instance, name, ctx)));
  return lists.every((list) => list !== undefined) ? [...lists.flat(), ...readOnly(instance.class, ctx)] : fieldNames(instance, ctx);
}

/** Whether the caller has to send a field: what a row refers to and cannot do without, unless the class declares it in a way of its own. */
export function isRequired(name: string, { class: owner }: InstanceValue, { spec }: DjangoModel, ctx: Context): boolean {
  const field = spec.fields.get(name);
  return field !== undefined && isToOne(field) && !isNullable(field, ctx) && !field.named.has('default') && !declaredNames(owner, ctx).includes(name);
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
