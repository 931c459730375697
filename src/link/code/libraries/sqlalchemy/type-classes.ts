import type { Context } from '../../library.js';
import type { ClassValue, ExternalValue } from '../../values.js';
import type { TypeData } from './data.js';
import { dialectValue } from './dialect.js';
import { textOf } from './given.js';
import { isTypeName, sqlType, typeOf } from './types.js';

/** Modules of the language whose names are also types' names: `enum.Enum`. */
const PYTHON = new Set(['enum', 'uuid', 'datetime', 'typing', 'decimal', 'string']);

const DECORATORS = new Set(['TypeDecorator', 'UserDefinedType', 'TypeEngine']);

/** Whether a class made from this name of the package is a type. */
export function isTypeBase(name: string): boolean {
  return DECORATORS.has(name) || isTypeName(name);
}

/**
 * The type that a project's own class is: what `load_dialect_impl()` gives for PostgreSQL, the `impl` of a TypeDecorator,
 * the name that `get_col_spec()` gives, or the type it is made from.
 */
export function ownType(value: ClassValue, base: ExternalValue, ctx: Context): TypeData {
  const chain = ctx.ancestry(value).filter((each): each is ClassValue => each.kind === 'classValue');
  for (const name of ['load_dialect_impl', 'get_col_spec', 'impl']) {
    for (const each of chain) {
      const found = name === 'impl' ? implOf(each, ctx) : computed(each, name, ctx);
      if (found) return found;
    }
  }
  return typeOf(base, ctx) ?? { type: sqlType('unknown') };
}

/** The type of a project's class that is made from one; undefined for any other class. */
export function classType(value: ClassValue, ctx: Context): TypeData | undefined {
  const base = ctx.ancestry(value).find((each): each is ExternalValue => each.kind === 'external' && !PYTHON.has(each.module) && isTypeBase(each.path.at(-1) ?? ''));
  return base && ownType(value, base, ctx);
}

function implOf({ class: code, scope }: ClassValue, ctx: Context): TypeData | undefined {
  const field = code.fields.find(({ name }) => name === 'impl');
  return field?.value && typeOf(ctx.evaluate(field.value, scope), ctx);
}

function computed(each: ClassValue, name: string, ctx: Context): TypeData | undefined {
  const method = each.class.methods.find((candidate) => candidate.name === name);
  if (!method) return undefined;
  const result = ctx.invoke({ kind: 'function', function: method, scope: each.scope, self: each }, [dialectValue()], method.location);
  if (name === 'load_dialect_impl') return typeOf(result, ctx);
  const text = textOf(result, ctx)?.trim().toLowerCase();
  const spec = text === undefined ? null : /^(\w+)\s*(?:\(([\d,\s]+)\))?$/.exec(text);
  return spec ? { type: sqlType(spec[1]!, (spec[2] ?? '').split(',').filter((part) => part.trim() !== '').map(Number)) } : undefined;
}
