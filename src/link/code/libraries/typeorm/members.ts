import { stored } from '../../store.js';
import type { ClassField } from '../../../../facts/code.js';
import type { Context } from '../../library.js';
import type { ClassValue, LibraryValue, Value } from '../../values.js';
import { decorationsOf, ofClass, type Decoration } from '../entities/decorators.js';
import { classesOf, classOfType, thunk } from '../entities/evaluate.js';

export const TYPEORM = 'typeorm';

/** A property of a class with decorators of TypeORM. */
export interface Member {
  readonly name: string;
  readonly field: ClassField;
  readonly owner: ClassValue;
  readonly decorations: readonly Decoration[];
}

/** The properties of a class and of those it is made from that have decorators; the nearest of a name wins. */
export function membersOf(value: ClassValue, ctx: Context): readonly Member[] {
  const cache = stored(ctx, 'typeorm:members', () => new Map<object, readonly Member[]>());
  const known = cache.get(value.class);
  if (known !== undefined) return known;
  const found = new Map<string, Member>();
  for (const owner of classesOf(value, ctx).toReversed()) {
    for (const field of owner.class.fields) {
      if (field.isStatic || field.decorators.length === 0) continue;
      const decorations = decorationsOf(field.decorators, owner.scope, field.name, TYPEORM, () => undefined, ctx);
      if (decorations.length > 0) found.set(field.name, { name: field.name, field, owner, decorations });
    }
  }
  const members = [...found.values()];
  cache.set(value.class, members);
  return members;
}

/** The decorators of a class itself. */
export function classDecorations(value: ClassValue, ctx: Context): readonly Decoration[] {
  const own = decorationsOf(value.class.decorators, value.scope, '', TYPEORM, () => undefined, ctx);
  return [...own, ...ofClass(value.class, ctx)];
}

/** A decorator of a property, by its name. */
export function decoration(member: Member, ...names: readonly string[]): Decoration | undefined {
  return member.decorations.find(({ name }) => names.includes(name));
}

const RELATIONS = ['ManyToOne', 'OneToOne', 'OneToMany', 'ManyToMany'];

/** The decorator that makes a member a relation. */
export function relationDecoration(member: Member): Decoration | undefined {
  return decoration(member, ...RELATIONS);
}

/** The class a relation leads to: `() => User`, `type => User`, `'User'`, else the type of the property. */
export function targetClass(member: Member, ctx: Context): ClassValue | string | undefined {
  const [first] = relationDecoration(member)!.args;
  const target = thunk(first, ctx);
  if (target?.kind === 'classValue') return target;
  if (target?.kind === 'constant' && typeof target.value === 'string') return target.value;
  return member.field.type && classOfType({ type: member.field.type, scope: member.owner.scope }, ctx);
}

/** The property that `(user) => user.posts` or `'posts'` names. */
export function propertyNamed(value: Value | undefined, ctx: Context): string | undefined {
  return propertiesNamed(value, ctx)[0];
}

/** The properties that `(e) => [e.a, e.b]`, `['a', 'b']` or an object of them names. */
export function propertiesNamed(value: Value | undefined, ctx: Context): readonly string[] {
  const known = value && ctx.read(value);
  const given = known?.kind === 'function' ? ctx.read(ctx.invoke(known, [names('')], known.function.location)) : known;
  switch (given?.kind) {
    case 'constant': return typeof given.value === 'string' ? [given.value] : [];
    case 'list': return given.items.flatMap((item) => propertiesNamed(item.value, ctx));
    case 'object': return given.entries.flatMap((entry) => (entry.kind === 'property' ? [entry.key] : []));
    case 'library': return given.type === 'names' ? [given.data as string] : [];
    default: return [];
  }
}

/** Stands for an entity whose properties are names. */
export function names(path: string): LibraryValue {
  return { kind: 'library', library: TYPEORM, type: 'names', data: path };
}

/** A class that is named by an expression: `@Column(() => Address)`. */
export function embeddedClass(member: Member, ctx: Context): ClassValue | undefined {
  const [first] = decoration(member, 'Column')?.args ?? [];
  const known = first && ctx.read(first);
  if (known?.kind !== 'function') return undefined;
  const target = thunk(known, ctx);
  return target?.kind === 'classValue' ? target : undefined;
}
