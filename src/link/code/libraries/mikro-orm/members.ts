import { entryOf } from '../../../../entry.js';
import { stored } from '../../store.js';
import type { CodeType } from '../../../../facts/code.js';
import type { Location } from '../../../../facts/location.js';
import type { Context } from '../../library.js';
import type { ClassValue, TypeInScope, Value } from '../../values.js';
import { fieldsOf } from '../objects.js';
import { decorationsOf, ofClass, type Decoration } from '../entities/decorators.js';
import { classesOf, classOfType, thunk } from '../entities/evaluate.js';
import { option, textOf } from '../entities/given.js';
import { exportedPath } from '../sql-client.js';

export const MIKRO = 'mikro-orm';

/** A property of an entity, as a decorator or a schema declares it. */
export interface Property {
  readonly name: string;
  /** `Property`, `PrimaryKey`, `ManyToOne`, ... */
  readonly kind: string;
  readonly options: Value | undefined;
  readonly target?: Value;
  readonly type?: CodeType;
  readonly scope?: TypeInScope['scope'];
  readonly optional: boolean;
  readonly keys: readonly Decoration[];
  readonly location: Location;
}

const KINDS = new Set(['Property', 'PrimaryKey', 'SerializedPrimaryKey', 'Enum', 'Embedded', 'ManyToOne', 'OneToOne', 'OneToMany', 'ManyToMany', 'Formula']);
const uncalled = (value: Value): string | undefined => (value.kind === 'external' && value.module.startsWith('@mikro-orm/') ? exportedPath(value).at(-1) : undefined);

/** The properties of a decorated class and of those it is made from. */
export function propertiesOf(value: ClassValue, ctx: Context): readonly Property[] {
  const cache = stored(ctx, 'mikro-orm:members', () => new Map<object, readonly Property[]>());
  const known = cache.get(value.class);
  if (known !== undefined) return known;
  const found = new Map<string, Property>();
  for (const owner of classesOf(value, ctx).toReversed()) {
    for (const field of owner.class.fields) {
      if (field.isStatic || field.decorators.length === 0) continue;
      const decorations = decorationsOf(field.decorators, owner.scope, field.name, MIKRO, uncalled, ctx);
      const main = decorations.find(({ name }) => KINDS.has(name));
      if (!main) continue;
      const [first, second] = main.args;
      const isTarget = first !== undefined && ctx.read(first).kind === 'function' && /^(Many|One|Embedded|Enum)/.test(main.name);
      const options = isTarget ? second : first;
      const target = isTarget ? first : option(options, 'entity', ctx) ?? (/^Embedded|^Many|^One/.test(main.name) && textOf(first, ctx) !== undefined ? first : undefined);
      found.set(field.name, {
        name: field.name, kind: main.name, options, ...(target && { target }), ...(field.type && { type: field.type }), scope: owner.scope, optional: field.optional === true,
        keys: decorations.filter(({ name }) => name === 'Index' || name === 'Unique'), location: main.location,
      });
    }
  }
  const all = [...found.values()];
  cache.set(value.class, all);
  return all;
}

const SCHEMA_KINDS: Readonly<Record<string, string>> = { 'm:1': 'ManyToOne', '1:1': 'OneToOne', '1:m': 'OneToMany', 'm:n': 'ManyToMany', embedded: 'Embedded', scalar: 'Property' };

/** The properties of an EntitySchema or of defineEntity. */
export function schemaProperties(value: Value | undefined, ctx: Context): readonly Property[] {
  const known = value && ctx.read(value);
  const object = known?.kind === 'function' ? ctx.read(ctx.invoke(known, [{ kind: 'library', library: MIKRO, type: 'properties', data: undefined }], known.function.location)) : known;
  if (object?.kind !== 'object') return [];
  return fieldsOf(object, ctx).given.map(({ key, value: own, location }): Property => {
    const given = thunk(own, ctx) ?? own;
    const built = given.kind === 'library' && given.type === 'propertyBuilder' ? ctx.allocate({ kind: 'object', entries: given.data as never, location }) : given;
    const kind = textOf(option(built, 'kind', ctx) ?? option(built, 'reference', ctx), ctx);
    const target = option(built, 'entity', ctx);
    const isPrimary = option(built, 'primary', ctx) !== undefined;
    return { name: key, kind: isPrimary ? 'PrimaryKey' : entryOf(SCHEMA_KINDS, kind ?? '') ?? kind ?? 'Property', options: built, ...(target && { target }), optional: false, keys: [], location };
  });
}

/** The decorators of a class that the library knows. */
export function classDecorations(value: ClassValue, ctx: Context): readonly Decoration[] {
  return [...decorationsOf(value.class.decorators, value.scope, '', MIKRO, uncalled, ctx), ...ofClass(value.class, ctx)];
}

/** What a relation leads to. */
export function targetOf({ target, type, scope }: Property, ctx: Context): Value | undefined {
  if (target) return thunk(target, ctx);
  return type && scope ? classOfType({ type, scope }, ctx) : undefined;
}
