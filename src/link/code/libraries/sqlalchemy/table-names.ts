import type { CodeExpression, CodeStatement } from '../../../../facts/code.js';
import { hasDecorator } from '../../classes.js';
import type { Context } from '../../library.js';
import type { ClassValue, ExternalValue, Value } from '../../values.js';
import { scopeWith } from './evaluate.js';
import { textOf } from './given.js';

/**
 * The name of the table that a class has of its own: `__tablename__` as it or an unmapped base gives it, by value, declared_attr or
 * `__init_subclass__`; else as SQLModel, Flask-SQLAlchemy and Advanced Alchemy make it.
 * @param hasParent a base is mapped itself: without a name of its own the class shares its table
 */
export function tableNameOf(value: ClassValue, chain: readonly ClassValue[], base: ExternalValue, hasParent: boolean, ctx: Context): string | undefined {
  for (const each of chain) {
    if (hasParent && each !== value && each.class.fields.some(({ name }) => name === '__tablename__')) return undefined;
    const found = ownName(each, value, ctx);
    if (found !== undefined) return found;
  }
  if (hasParent) return undefined;
  const name = value.class.name ?? '';
  if (base.module.startsWith('sqlmodel')) return name.toLowerCase();
  return /^(?:flask_sqlalchemy|advanced_alchemy|litestar)\b/.test(base.module) ? snakeCase(name) : undefined;
}

function ownName(each: ClassValue, value: ClassValue, ctx: Context): string | undefined {
  const field = each.class.fields.find(({ name }) => name === '__tablename__');
  if (field?.value) return textOf(ctx.evaluate(field.value, scopeWith(ctx, each.scope, new Map())), ctx);
  const method = each.class.methods.find(({ name }) => name === '__tablename__');
  if (method && (hasDecorator(method, 'declared_attr') || hasDecorator(method, 'directive') || hasDecorator(method, 'classmethod') || hasDecorator(method, 'property'))) {
    const result = ctx.invoke({ kind: 'function', function: method, scope: each.scope, self: value }, [], method.location);
    return nameFrom(result, value, ctx, method.body);
  }
  // A class's own hook is for those made from it.
  const hook = each === value ? undefined : each.class.methods.find(({ name }) => name === '__init_subclass__');
  const assigned = hook && assignedName(hook.body);
  if (!hook || !assigned) return undefined;
  const first = hook.parameters[0]?.target;
  const result = ctx.evaluate(assigned, scopeWith(ctx, each.scope, new Map<string, Value>([[first?.kind === 'name' ? first.name : 'cls', value]])));
  return nameFrom(result, value, ctx, hook.body);
}

/** The name that was computed; a computation that cannot be followed but is called after snake case makes that of the class's name. */
function nameFrom(result: Value, value: ClassValue, ctx: Context, body: readonly CodeStatement[]): string | undefined {
  const text = textOf(result, ctx);
  if (text !== undefined) return text;
  return /snake|underscore|tableize|"sub"/i.test(JSON.stringify(body, (key, part: unknown) => (key === 'location' ? undefined : part))) ? snakeCase(value.class.name ?? '') : undefined;
}

/** `cls.__tablename__ = ...`, also in an `if`. */
function assignedName(body: readonly CodeStatement[]): CodeExpression | undefined {
  for (const statement of body) {
    if (statement.kind === 'declare' && statement.target.kind === 'target' && statement.target.expression.kind === 'member' && statement.target.expression.property === '__tablename__') return statement.value;
    const inner = statement.kind === 'if' ? assignedName(statement.then) ?? assignedName(statement.otherwise) : undefined;
    if (inner) return inner;
  }
  return undefined;
}

/** `UserAccount` → `user_account`, as Flask-SQLAlchemy makes it. */
function snakeCase(name: string): string {
  return name.replace(/((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))/g, '_$1').toLowerCase();
}
