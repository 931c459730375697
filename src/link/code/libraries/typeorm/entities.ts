import { entryOf } from '../../../../entry.js';
import { begin } from '../../store.js';
import type { Location } from '../../../../facts/location.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { ColumnDefinition, ConstraintDefinition, IndexDefinition, ModelRelation } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import type { ClassValue } from '../../values.js';
import { constant } from '../build.js';
import { type Decoration } from '../entities/decorators.js';
import { classesOf } from '../entities/evaluate.js';
import { flagOf, option, textOf } from '../entities/given.js';
import { declareEntity, entityOfClass, type Entity, type ModelParts } from '../entities/registry.js';
import { columnDecoration, columnSpec, type ColumnSpec } from './columns.js';
import { classDecorations, decoration, embeddedClass, membersOf, propertiesNamed, relationDecoration, TYPEORM, type Member } from './members.js';
import { namingOf } from './naming.js';
import { relationParts } from './relations.js';

/** Takes a class with `@Entity()` into the project's models. */
export function declareClass(value: ClassValue, ctx: Context): Entity | undefined {
  const known = entityOfClass(TYPEORM, value.class, ctx);
  if (known !== undefined || !begin(ctx, 'typeorm:being', value.class)) return known;
  const decorations = classDecorations(value, ctx);
  const found = decorations.find(({ name }) => name === 'Entity' || name === 'ViewEntity' || name === 'ChildEntity');
  if (found === undefined) return undefined;
  const parent = found.name === 'ChildEntity' ? parentOf(value, ctx) : undefined;
  const name = value.class.name ?? 'Entity';
  return declareEntity({
    orm: 'typeorm', name, table: parent?.model.name ?? tableName(name, found, ctx), location: value.class.location, isView: found.name === 'ViewEntity', owner: value, isPart: parent !== undefined,
    parts: () => partsOf(value, decorations, ctx), deleted: () => membersOf(value, ctx).find((member) => decoration(member, 'DeleteDateColumn'))?.name,
  }, ctx);
}

function parentOf(value: ClassValue, ctx: Context): Entity | undefined {
  return classesOf(value, ctx).slice(1).map((each) => declareClass(each, ctx)).find((each) => each !== undefined);
}

function tableName(className: string, { args }: Decoration, ctx: Context): QualifiedName {
  const [first, second] = args;
  const written = textOf(first, ctx);
  const options = written === undefined ? first : second;
  const name = written ?? textOf(option(options, 'name', ctx), ctx) ?? namingOf(ctx).table(className);
  const schema = textOf(option(options, 'schema', ctx), ctx);
  return { ...(schema !== undefined && schema !== 'public' && { schema }), name };
}

/** A column with the property that it is of. */
export interface Placed {
  readonly property: string;
  readonly column: string;
  readonly spec: ColumnSpec;
  readonly member: Member;
}

/** The columns that the properties of a class declare themselves, embedded ones too. */
export function declaredColumns(value: ClassValue, ctx: Context, prefixes: readonly string[] = [], path = ''): readonly Placed[] {
  const naming = namingOf(ctx);
  return membersOf(value, ctx).flatMap((member): readonly Placed[] => {
    const embedded = embeddedClass(member, ctx);
    if (embedded) return prefixes.length > 5 ? [] : declaredColumns(embedded, ctx, embeddedPrefix(member, prefixes, ctx), `${path}${member.name}.`);
    const spec = columnSpec(member, ctx);
    return spec ? [{ property: `${path}${member.name}`, column: naming.column(member.name, prefixes, spec.name), spec, member }] : [];
  });
}

function embeddedPrefix(member: Member, prefixes: readonly string[], ctx: Context): readonly string[] {
  const given = option(columnDecoration(member)?.args[1], 'prefix', ctx);
  if (flagOf(given, ctx) === false) return prefixes;
  return [...prefixes, textOf(given, ctx) ?? member.name];
}

/** The columns of the primary key. */
export function primaryColumns(value: ClassValue, ctx: Context): readonly Placed[] {
  return declaredColumns(value, ctx).filter(({ spec }) => spec.primary);
}

function partsOf(value: ClassValue, decorations: readonly Decoration[], ctx: Context): ModelParts {
  const declared = declaredColumns(value, ctx);
  const children = childrenOf(value, decorations, ctx);
  const fields: Record<string, string> = Object.fromEntries(declared.map(({ property, column }) => [property, column]));
  const columns = new Map<string, ColumnDefinition>(declared.map(({ column, spec }) => [column, { ...spec.definition, name: column }]));
  const constraints: ConstraintDefinition[] = [];
  const relations: Record<string, ModelRelation> = {};
  for (const child of children) for (const { column, spec } of declaredColumns(child, ctx)) if (!columns.has(column)) columns.set(column, { ...spec.definition, name: column, notNull: false });
  const primary = declared.filter(({ spec }) => spec.primary);
  for (const member of [value, ...children].flatMap((each) => membersOf(each, ctx))) {
    if (!relationDecoration(member)) continue;
    const found = relationParts(member, value, ctx);
    if (!found) continue;
    if (found.relation) relations[member.name] ??= found.relation;
    // A column of a relation has the type of the key that it references, whatever is declared (TypeORM, RelationJoinColumnBuilder).
    for (const each of found.columns) columns.set(each.name, { ...each, ...columns.get(each.name), type: each.type });
    constraints.push(...found.constraints);
    if (found.primary) primary.push(...found.columns.map((each): Placed => ({ property: each.name, column: each.name, spec: { definition: each, primary: true, unique: false, deletes: false }, member })));
  }
  if (primary.length > 0) constraints.unshift({ kind: 'primaryKey', columns: [...new Set(primary.map(({ column }) => column))], location: primary[0]!.spec.definition.location });
  const columnOf = (property: string): string => entryOf(fields, property) ?? entryOf(relations, property)?.columns[0] ?? property;
  for (const { column, spec } of declared) if (spec.unique) constraints.push(unique([column], spec.definition.location));
  const keys = keysOf(value, decorations, columnOf, declared, ctx);
  return { columns: [...columns.values()], constraints: [...constraints, ...keys.constraints], indexes: keys.indexes, fields, relations };
}

/** The classes whose rows are in this one's table: those with `@ChildEntity()` that extend it. */
function childrenOf(value: ClassValue, decorations: readonly Decoration[], ctx: Context): readonly ClassValue[] {
  if (!decorations.some(({ name }) => name === 'TableInheritance')) return [];
  const all = (ctx.store.get('typeorm:children') ?? []) as readonly ClassValue[];
  return all.filter((each) => classesOf(each, ctx).some(({ class: code }) => code === value.class));
}

/** Remembers a class with `@ChildEntity()`. */
export function noteChild(value: ClassValue, ctx: Context): void {
  ctx.journal.changes++;
  ctx.store.set('typeorm:children', [...(ctx.store.get('typeorm:children') ?? []) as ClassValue[], value]);
}

function unique(columns: readonly string[], location: Location, name?: string): ConstraintDefinition {
  return { kind: 'unique', columns, nullsNotDistinct: false, location, ...(name !== undefined && { name }) };
}

interface Keys {
  readonly constraints: ConstraintDefinition[];
  readonly indexes: IndexDefinition[];
}

/** What `@Index`, `@Unique` and `@Check` on the class and on its properties say. */
function keysOf(value: ClassValue, decorations: readonly Decoration[], columnOf: (property: string) => string, declared: readonly Placed[], ctx: Context): Keys {
  const keys: Keys = { constraints: [], indexes: [] };
  const inherited = classesOf(value, ctx).slice(1).flatMap((each) => classDecorations(each, ctx).filter(({ name }) => name === 'Index' || name === 'Unique'));
  for (const each of [...decorations, ...inherited]) addKey(each, undefined, columnOf, keys, ctx);
  for (const { member, column } of declared) for (const each of member.decorations) addKey(each, [column], columnOf, keys, ctx);
  for (const member of membersOf(value, ctx)) if (relationDecoration(member) && !columnDecoration(member)) for (const each of member.decorations) addKey(each, [columnOf(member.name)], columnOf, keys, ctx);
  return keys;
}

function addKey({ name, args, location }: Decoration, own: readonly string[] | undefined, columnOf: (property: string) => string, { constraints, indexes }: Keys, ctx: Context): void {
  if (name !== 'Index' && name !== 'Unique') return;
  const written = textOf(args[0], ctx);
  const rest = written === undefined ? args : args.slice(1);
  const named = rest[0] && ['list', 'function'].includes(ctx.read(rest[0]).kind) ? propertiesNamed(rest[0], ctx).map(columnOf) : undefined;
  const columns = named ?? own ?? [];
  if (columns.length === 0) return;
  if (name === 'Unique') {
    constraints.push(unique(columns, location, written));
    return;
  }
  const options = rest[named === undefined ? 0 : 1];
  const where = textOf(option(options, 'where', ctx), ctx);
  indexes.push({
    ...(written !== undefined && { name: written }), unique: flagOf(option(options, 'unique', ctx), ctx) === true, keys: columns.map((column) => ({ column })), include: [],
    ...(where !== undefined && { where: constant(true, location) }), method: 'btree', nullsNotDistinct: false, concurrently: false, location,
  });
}
