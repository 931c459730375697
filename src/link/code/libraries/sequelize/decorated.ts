import { entryOf } from '../../../../entry.js';
import { begin, stored } from '../../store.js';
import type { IndexDefinition } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import type { ClassValue, Value } from '../../values.js';
import { decorationsOf, ofClass, type Decoration } from '../entities/decorators.js';
import { classesOf, thunk } from '../entities/evaluate.js';
import { option, textOf } from '../entities/given.js';
import { entityOf, entityOfClass, type Entity } from '../entities/registry.js';
import { exportedPath } from '../sql-client.js';
import type { Association } from './associations.js';
import { defineModel, type DeclaredAttribute } from './models.js';
import { dataType, SEQUELIZE } from './types.js';

/** A property of a class of sequelize-typescript. */
interface Member {
  readonly name: string;
  readonly decorations: readonly Decoration[];
  readonly type?: string;
}

const uncalled = (value: Value): string | undefined => (value.kind === 'external' && /^sequelize-typescript|^@sequelize\/core/.test(value.module) ? exportedPath(value).at(-1) : undefined);

function membersOf(value: ClassValue, ctx: Context): readonly Member[] {
  const cache = stored(ctx, 'sequelize:members', () => new Map<object, readonly Member[]>());
  const known = cache.get(value.class);
  if (known !== undefined) return known;
  const found = new Map<string, Member>();
  for (const owner of classesOf(value, ctx).toReversed()) {
    const parts = [
      ...owner.class.fields.filter(({ isStatic }) => !isStatic).map((each) => ({ name: each.name, decorators: each.decorators, type: each.type })),
      ...owner.class.methods.filter(({ form }) => form === 'getter' || form === 'setter').map((each) => ({ name: each.name!, decorators: each.decorators, type: each.returns })),
    ];
    for (const { name, decorators, type } of parts) {
      if (decorators.length === 0) continue;
      const decorations = decorationsOf(decorators, owner.scope, name, SEQUELIZE, uncalled, ctx);
      const named = type?.kind === 'union' ? type.parts.find((part) => part.kind === 'named' && !/^(null|undefined)$/.test(part.path[0]!)) : type;
      const typeName = named?.kind === 'named' ? named.path.at(-1) : undefined;
      if (decorations.length > 0) found.set(name, { name, decorations: [...found.get(name)?.decorations ?? [], ...decorations], ...(typeName !== undefined && { type: typeName }) });
    }
  }
  const members = [...found.values()];
  cache.set(value.class, members);
  return members;
}

function classDecorations(value: ClassValue, ctx: Context): readonly Decoration[] {
  return [...decorationsOf(value.class.decorators, value.scope, '', SEQUELIZE, uncalled, ctx), ...ofClass(value.class, ctx)];
}

/** Takes a class with `@Table` into the project's models. */
export function declareDecorated(value: ClassValue, ctx: Context): Entity | undefined {
  const known = entityOfClass(SEQUELIZE, value.class, ctx);
  if (known) return known;
  if (!begin(ctx, 'sequelize:being', value.class)) return undefined;
  const decorations = classDecorations(value, ctx);
  const table = decorations.find(({ name }) => name === 'Table');
  if (!table) return undefined;
  const scoped = (name: string): Value | undefined => decorations.find((each) => each.name === name)?.args[0];
  const [defaultScope, scopes] = [scoped('DefaultScope'), scoped('Scopes')];
  return defineModel({
    name: value.class.name ?? 'Model', options: table.args[0], location: value.class.location, owner: value,
    attributes: () => membersOf(value, ctx).flatMap((member) => attributeOf(member, value, ctx)),
    associations: () => membersOf(value, ctx).flatMap((member) => associationOf(member, ctx)),
    ...(defaultScope && { defaultScope }), ...(scopes && { scopes }), extraIndexes: (column) => indexesOf(value, column, ctx),
  }, ctx);
}

const FLAGS: Readonly<Record<string, readonly [string, Value]>> = {
  PrimaryKey: ['primaryKey', { kind: 'constant', value: true }], AutoIncrement: ['autoIncrement', { kind: 'constant', value: true }], Unique: ['unique', { kind: 'constant', value: true }],
};

const STAMPS: readonly string[] = ['CreatedAt', 'UpdatedAt', 'DeletedAt'];

/** `@AllowNull(false) @Default(...) @Column(DataType.STRING) name` as one attribute. */
function attributeOf({ name, decorations, type }: Member, owner: ClassValue, ctx: Context): readonly DeclaredAttribute[] {
  const column = decorations.find((each) => each.name === 'Column' || each.name === 'Attribute');
  if (!column && !decorations.some((each) => each.name === 'ForeignKey' || STAMPS.includes(each.name))) return [];
  const { location } = column ?? decorations[0]!;
  const given = column?.args[0] && ctx.read(column.args[0]);
  const entries = given === undefined || given.kind !== 'object' ? [] : [...given.entries];
  const set = (key: string, value: Value) => entries.push({ kind: 'property', key, value, maybe: false, location });
  if (given && (dataType(given, ctx) || given.kind === 'constant')) set('type', given);
  else if (!entries.some((entry) => entry.kind === 'property' && entry.key === 'type')) set('type', { kind: 'constant', value: typeNamed(type, decorations) });
  for (const each of decorations) {
    const flag = entryOf(FLAGS, each.name);
    if (flag) set(...flag);
    if (each.name === 'AllowNull') set('allowNull', each.args[0] ?? { kind: 'constant', value: true });
    if (each.name === 'NotNull') set('allowNull', { kind: 'constant', value: false });
    if (each.name === 'Default' && each.args[0]) set('defaultValue', each.args[0]);
  }
  return [{ name, value: ctx.allocate({ kind: 'object', entries, location: owner.class.location }), location }];
}

function typeNamed(type: string | undefined, decorations: readonly Decoration[]): string {
  if (decorations.some(({ name }) => name === 'IsUUID')) return 'uuid';
  if (decorations.some(({ name }) => STAMPS.includes(name))) return 'timestamptz';
  return { number: 'integer', boolean: 'boolean', Date: 'timestamptz' }[type ?? ''] ?? 'varchar';
}

const KINDS: Readonly<Record<string, Association['kind']>> = { BelongsTo: 'belongsTo', HasOne: 'hasOne', HasMany: 'hasMany', BelongsToMany: 'belongsToMany' };

function associationOf({ name, decorations }: Member, ctx: Context): readonly Association[] {
  return decorations.flatMap((each): readonly Association[] => {
    const kind = entryOf(KINDS, each.name);
    const [target, second, third, fourth] = each.args;
    if (kind === undefined || target === undefined) return [];
    const foreignKey = (from: Entity, to: Entity): string | undefined => foreignKeyOf(from, to, name, ctx);
    if (kind !== 'belongsToMany') return [{ kind, target, options: second, name, foreignKey, location: each.location }];
    // @BelongsToMany(() => B, () => AB, 'aId', 'bId')
    const through = second && ctx.read(second).kind === 'object' && option(second, 'through', ctx) ? option(second, 'through', ctx) : second;
    const { location } = each;
    const property = (key: string, value: Value | undefined) => (value && textOf(value, ctx) !== undefined ? [{ kind: 'property', key, value, maybe: false, location } as const] : []);
    const options = ctx.allocate({ kind: 'object', location, entries: [
      ...(through ? [{ kind: 'property', key: 'through', value: thunk(through, ctx) ?? through, maybe: false, location } as const] : []),
      ...property('foreignKey', third), ...property('otherKey', fourth),
    ] });
    return [{ kind, target, options, name, foreignKey, location }];
  });
}

/** The attribute of a class with `@ForeignKey(() => Target)`. */
function foreignKeyOf(from: Entity, to: Entity, property: string, ctx: Context): string | undefined {
  if (from.owner === undefined) return undefined;
  const found = membersOf(from.owner, ctx).filter(({ decorations }) => decorations.some((each) => each.name === 'ForeignKey' && entityOf(SEQUELIZE, thunk(each.args[0], ctx), ctx) === to));
  return (found.find(({ name }) => name === `${property}Id`) ?? found[0])?.name;
}

function indexesOf(value: ClassValue, column: (attribute: string) => string, ctx: Context): readonly IndexDefinition[] {
  return membersOf(value, ctx).flatMap(({ name, decorations }) => decorations.filter((each) => each.name === 'Index').map(({ location }): IndexDefinition => ({
    unique: false, keys: [{ column: column(name) }], include: [], method: 'btree', nullsNotDistinct: false, concurrently: false, location,
  })));
}
