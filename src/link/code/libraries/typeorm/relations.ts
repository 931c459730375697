import { entryOf } from '../../../../entry.js';
import type { ColumnDefinition, ConstraintDefinition, ModelRelation, ReferentialAction } from '../../../../facts/schema.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import type { ClassValue, Value } from '../../values.js';
import { flagOf, itemsOf, option, textOf } from '../entities/given.js';
import { entityNamed, entityOfClass, type Entity } from '../entities/registry.js';
import { declaredColumns, primaryColumns, type Placed } from './entities.js';
import { decoration, membersOf, propertyNamed, relationDecoration, targetClass, TYPEORM, type Member } from './members.js';
import { namingOf } from './naming.js';

/** What a relation adds to the model of its class. */
export interface RelationParts {
  readonly relation?: ModelRelation;
  readonly columns: readonly ColumnDefinition[];
  readonly constraints: readonly ConstraintDefinition[];
  readonly primary: boolean;
}

const ACTIONS: Readonly<Record<string, ReferentialAction>> = { CASCADE: 'cascade', 'SET NULL': 'setNull', 'SET DEFAULT': 'setDefault', RESTRICT: 'restrict', 'NO ACTION': 'noAction' };

function targetOf(member: Member, ctx: Context): Entity | undefined {
  const target = targetClass(member, ctx);
  return typeof target === 'string' ? entityNamed(TYPEORM, target, ctx) : target && entityOfClass(TYPEORM, target.class, ctx);
}

/** The relation that a property with `@ManyToOne()` and the like is (TypeORM's manual, "Relations"). */
export function relationParts(member: Member, owner: ClassValue, ctx: Context): RelationParts | undefined {
  const target = targetOf(member, ctx);
  if (target?.owner === undefined) return undefined;
  const found = relationDecoration(member)!;
  switch (found.name) {
    case 'ManyToOne': return owning(member, owner, target, ctx);
    case 'OneToOne': return decoration(member, 'JoinColumn') ? owning(member, owner, target, ctx) : { ...EMPTY, ...inverse(member, owner, target, false, ctx) };
    case 'OneToMany': return { ...EMPTY, ...inverse(member, owner, target, true, ctx) };
    default: return { ...EMPTY, ...manyToMany(member, owner, target, ctx) };
  }
}

const EMPTY = { columns: [], constraints: [], primary: false } as const;

interface JoinColumns {
  readonly columns: readonly string[];
  readonly referenced: readonly Placed[];
}

/** The columns of the foreign key of a relation: those of `@JoinColumn()`, else named by the strategy. */
function joinColumns(member: Member, target: ClassValue, ctx: Context): JoinColumns {
  const naming = namingOf(ctx);
  const [first] = decoration(member, 'JoinColumn')?.args ?? [];
  const listed = itemsOf(first, ctx);
  const given: readonly (Value | undefined)[] = listed.length > 0 ? listed : [first];
  const columns = declaredColumns(target, ctx);
  const keys = primaryColumns(target, ctx);
  const pairs = (given.length === 1 && keys.length > 1 && textOf(option(first, 'referencedColumnName', ctx), ctx) === undefined ? keys.map(() => undefined) : given).flatMap((each, index) => {
    const wanted = textOf(option(each, 'referencedColumnName', ctx), ctx);
    const referenced = wanted === undefined ? keys[index] : columns.find(({ property, column }) => property === wanted || column === wanted);
    return referenced ? [{ referenced, column: textOf(option(each, 'name', ctx), ctx) ?? naming.joinColumn(member.name, referenced.property) }] : [];
  });
  return { columns: pairs.map(({ column }) => column), referenced: pairs.map(({ referenced }) => referenced) };
}

function owning(member: Member, owner: ClassValue, target: Entity, ctx: Context): RelationParts | undefined {
  const { columns, referenced } = joinColumns(member, target.owner!, ctx);
  if (columns.length === 0) return undefined;
  const { args, location, name } = relationDecoration(member)!;
  const options = args.slice(1).map((each) => ctx.read(each)).find((each) => each.kind === 'object');
  const primary = flagOf(option(options, 'primary', ctx), ctx) === true;
  const optional = !primary && flagOf(option(options, 'nullable', ctx), ctx) !== false;
  const declared = declaredColumns(owner, ctx);
  const nullable = columns.some((column) => !(declared.find((each) => each.column === column)?.spec.definition.notNull ?? !optional));
  const action = (key: string): ReferentialAction => entryOf(ACTIONS, textOf(option(options, key, ctx), ctx)?.toUpperCase() ?? '') ?? 'noAction';
  const referencedColumns = referenced.map(({ column }) => column);
  const enforced = flagOf(option(options, 'createForeignKeyConstraints', ctx), ctx) !== false;
  return {
    relation: { model: target.name, list: false, optional: nullable, columns, referencedColumns, owns: true },
    columns: columns.map((column, index): ColumnDefinition => ({ name: column, type: referenced[index]!.spec.definition.type, notNull: !optional, location })),
    constraints: [
      { kind: 'foreignKey', columns, references: target.model.name, referencedColumns, onDelete: action('onDelete'), onUpdate: action('onUpdate'), match: 'simple', notValid: false, enforced, location },
      ...(name === 'OneToOne' ? [{ kind: 'unique', columns, nullsNotDistinct: false, location } as const] : []),
    ],
    primary,
  };
}

/** The side without the foreign key: `(post) => post.author` names the other. */
function inverse(member: Member, owner: ClassValue, target: Entity, list: boolean, ctx: Context): { readonly relation?: ModelRelation } {
  const wanted = propertyNamed(relationDecoration(member)!.args[1], ctx);
  const other = wanted === undefined ? undefined : membersOf(target.owner!, ctx).find(({ name }) => name === wanted);
  if (other === undefined || !relationDecoration(other)) return {};
  const { columns, referenced } = joinColumns(other, owner, ctx);
  if (columns.length === 0) return {};
  return { relation: { model: target.name, list, optional: true, columns: referenced.map(({ column }) => column), referencedColumns: columns, owns: false } };
}

function manyToMany(member: Member, owner: ClassValue, target: Entity, ctx: Context): { readonly relation?: ModelRelation } {
  const own = entityOfClass(TYPEORM, owner.class, ctx);
  if (own === undefined) return {};
  if (decoration(member, 'JoinTable')) return { relation: through(member, owner, own, target, false, ctx) };
  const wanted = propertyNamed(relationDecoration(member)!.args[1], ctx);
  const other = wanted === undefined ? undefined : membersOf(target.owner!, ctx).find(({ name }) => name === wanted);
  return other && decoration(other, 'JoinTable') ? { relation: through(other, target.owner!, target, own, true, ctx) } : {};
}

/** @param reversed seen from the side without `@JoinTable()` */
function through(member: Member, owner: ClassValue, own: Entity, target: Entity, reversed: boolean, ctx: Context): ModelRelation {
  const naming = namingOf(ctx);
  const [options] = decoration(member, 'JoinTable')!.args;
  const keys = primaryColumns(owner, ctx);
  const others = primaryColumns(target.owner!, ctx);
  const table: QualifiedName = { name: textOf(option(options, 'name', ctx), ctx) ?? naming.joinTable(own.model.name.name, target.model.name.name, member.name) };
  const named = (key: 'joinColumn' | 'inverseJoinColumn', of: Entity, columns: readonly Placed[]): readonly string[] => columns.map((each) =>
    textOf(option(option(options, key, ctx), 'name', ctx), ctx) ?? naming.joinTableColumn(of.model.name.name, each.property));
  const left = named('joinColumn', own, keys);
  const right = named('inverseJoinColumn', target, others);
  const [a, b] = [keys.map(({ column }) => column), others.map(({ column }) => column)];
  return reversed
    ? { model: own.name, list: true, optional: true, columns: b, referencedColumns: a, owns: false, through: { table, columns: right, referencedColumns: left } }
    : { model: target.name, list: true, optional: true, columns: a, referencedColumns: b, owns: false, through: { table, columns: left, referencedColumns: right } };
}
