import { entryOf } from '../../../../entry.js';
import { flagOf } from '../entities/given.js';
import type { Location } from '../../../../facts/location.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { ModelRelation, ModelTable } from '../../../../facts/schema.js';
import type { Call, Context } from '../../library.js';
import type { Value } from '../../values.js';
import type { Annotated } from './annotations.js';
import { SQLALCHEMY } from './data.js';
import { Given, itemsOf, libraryData, libraryValue, textOf } from './given.js';
import { columnNames } from './constraints.js';
import { tableData } from './tables.js';

/** `relationship('Target', foreign_keys=..., secondary=...)`. */
export interface RelationshipData {
  readonly target?: string;
  /** Attributes (or columns) given as `foreign_keys`. */
  readonly foreignKeys?: readonly string[];
  readonly secondary?: QualifiedName;
  /** Its own join condition: what joins the two is not read from foreign keys. `false`: one that is not known. */
  readonly ownJoin?: readonly JoinPair[] | false;
  readonly list?: boolean;
  /** The relationship of the other side that it makes. */
  readonly backref?: BackrefData;
  readonly location: Location;
}

/** `backref('posts', uselist=False)`. */
interface BackrefData {
  readonly name: string;
  readonly list?: boolean;
}

/** Two columns that a join condition compares, each with the class it is of. */
interface JoinPair {
  readonly left: { readonly model: string; readonly field: string };
  readonly right: { readonly model: string; readonly field: string };
}

/** `relationship(...)`, SQLModel's `Relationship(...)`. */
export function relationshipCall(call: Call, ctx: Context): Value {
  const given = new Given(call, ['argument', 'secondary'], ctx);
  const options = given.value('sa_relationship_kwargs');
  const option = (name: string): Value | undefined => given.value(name) ?? (options && property(options, name, ctx));
  const argument = given.value('argument');
  const target = argument && targetName(argument, ctx);
  const secondary = option('secondary') ?? given.value('link_model');
  const table = secondary && secondaryOf(secondary, ctx);
  const keys = option('foreign_keys');
  const names = keys && foreignKeyNames(keys, ctx);
  const join = option('primaryjoin');
  const uselist = option('uselist');
  const list = uselist && flagOf(uselist, ctx);
  const backref = option('backref');
  const back = backref && backrefOf(backref, ctx);
  return libraryValue(SQLALCHEMY, 'relationship', {
    ...(target !== undefined && { target }), ...(names && { foreignKeys: names }), ...(table && { secondary: table }),
    ...(join && { ownJoin: joinPairs(join, ctx) }), ...(list !== undefined && { list }), ...(back && { backref: back }), location: call.location,
  } satisfies RelationshipData);
}

/** `backref(name, ...)`. */
export function backrefCall(call: Call, ctx: Context): Value | undefined {
  const given = new Given(call, ['name'], ctx);
  const name = given.text('name');
  const uselist = given.value('uselist');
  const list = uselist && flagOf(uselist, ctx);
  return name === undefined ? undefined : libraryValue(SQLALCHEMY, 'backref', { name, ...(list !== undefined && { list }) } satisfies BackrefData);
}

function backrefOf(value: Value, ctx: Context): BackrefData | undefined {
  const name = textOf(value, ctx);
  return name === undefined ? libraryData<BackrefData>(value, SQLALCHEMY, 'backref', ctx) : { name };
}

function property(object: Value, name: string, ctx: Context): Value | undefined {
  const known = ctx.read(object);
  const entry = known.kind === 'object' ? known.entries.find((each) => each.kind === 'property' && each.key === name) : undefined;
  return entry?.value;
}

/** `"User"`, `"app.models.User"`, `User`, `lambda: User`. */
function targetName(value: Value, ctx: Context): string | undefined {
  const text = textOf(value, ctx);
  if (text !== undefined) return text.split('.').at(-1);
  const known = ctx.read(value);
  return known.kind === 'function' ? ctx.nameOf(ctx.invoke(known, [], known.function.location)) : ctx.nameOf(known);
}

/**
 * The columns that `primaryjoin="and_(A.id == foreign(B.a_id), B.kind == 'x')"` equates; what it asks for besides only leaves fewer rows.
 * @returns false when that cannot be read
 */
function joinPairs(value: Value, ctx: Context): readonly JoinPair[] | false {
  const text = textOf(value, ctx);
  if (text === undefined || /\bor_\(|\bnot_\(|[|~]/.test(text)) return false;
  const side = String.raw`(?:(?:foreign|remote|cast)\()*(?:\w+\.)*?(\w+)\.(\w+)(?:,\s*\w+)?\)*`;
  const pairs = [...text.matchAll(new RegExp(String.raw`${side}\s*==\s*${side}(?=\s*(?:[,&)]|$))`, 'g'))];
  return pairs.length > 0 && pairs.map(([, a, b, c, d]) => ({ left: { model: a!, field: b! }, right: { model: c!, field: d! } }));
}

function secondaryOf(value: Value, ctx: Context): QualifiedName | undefined {
  const text = textOf(value, ctx);
  const known = ctx.read(value);
  if (text !== undefined) return { name: text };
  const data = tableData(known, ctx);
  if (data) return data.name;
  return known.kind === 'classValue' ? ctx.models.find(({ modelName, orm }) => orm === 'sqlalchemy' && modelName === known.class.name)?.name : undefined;
}

/** `[User.account_id]`, `"User.account_id"`, `"[User.a, User.b]"`. */
function foreignKeyNames(value: Value, ctx: Context): string[] | undefined {
  const text = textOf(value, ctx);
  if (text !== undefined) return text.replace(/[[\]\s]/g, '').split(',').map((each) => each.split('.').at(-1)!);
  const items = itemsOf(value, ctx) ?? [value];
  const names = columnNames(items, ctx);
  return names.length === items.length ? names : undefined;
}

/** What relationship() was given. */
export function relationshipData(value: Value, ctx: Context): RelationshipData | undefined {
  return libraryData<RelationshipData>(value, SQLALCHEMY, 'relationship', ctx);
}

/** A relationship of a model that waits for the model at its other side. */
export interface PendingRelation {
  readonly name: string;
  readonly data: RelationshipData;
  readonly annotation?: Annotated;
}

/** What joins two models, by their foreign keys; undefined when it is not certain. */
export function relationBetween(own: ModelTable, { data, annotation }: PendingRelation, models: readonly ModelTable[]): ModelRelation | undefined {
  const name = data.target ?? annotation?.target;
  const other = models.find((model) => model.modelName === name);
  if (!other || data.ownJoin === false) return undefined;
  const base = { model: other.modelName, optional: annotation?.optional ?? true };
  if (data.ownJoin) return data.secondary ? undefined : byOwnJoin(own, other, data.ownJoin, { ...base, list: data.list ?? annotation?.list, joinedAt: data.location });
  if (data.secondary) return throughTable(own, other, data.secondary, base, models);
  const forward = keysBetween(own, other, data.foreignKeys);
  const backward = keysBetween(other, own, data.foreignKeys);
  const [mine, theirs] = [forward[0], backward[0]];
  const isList = data.list ?? annotation?.list;
  if (mine && forward.length === 1 && (own !== other ? backward.length === 0 || isList !== true : isList !== true)) {
    return { ...base, list: false, columns: mine.columns, referencedColumns: mine.referenced, owns: true };
  }
  if (theirs && backward.length === 1) return { ...base, list: isList ?? true, columns: theirs.referenced, referencedColumns: theirs.columns, owns: false };
  return undefined;
}

/**
 * The same relationship from its other side, as `backref` makes it.
 * @see SQLAlchemy documentation, "Using the legacy 'backref' relationship parameter"
 */
export function reversed(own: ModelTable, relation: ModelRelation, list: boolean | undefined): ModelRelation {
  const { columns, referencedColumns, through, owns } = relation;
  return {
    model: own.modelName, optional: true, list: list ?? (through !== undefined || owns), columns: referencedColumns, referencedColumns: columns, owns: through === undefined && !owns,
    ...(through && { through: { table: through.table, columns: through.referencedColumns, referencedColumns: through.columns } }),
  };
}

/** A relationship whose columns its own condition names. Of a table with itself it does not say which row is which. */
function byOwnJoin(own: ModelTable, other: ModelTable, pairs: readonly JoinPair[], { list, ...base }: Pick<ModelRelation, 'model' | 'optional' | 'joinedAt'> & { readonly list: boolean | undefined }): ModelRelation | undefined {
  const keys = pairs.flatMap(({ left, right }) => {
    const mine = left.model === own.modelName && right.model === other.modelName ? left : right.model === own.modelName && left.model === other.modelName ? right : undefined;
    const theirs = mine === left ? right : left;
    return mine ? [{ column: entryOf(own.fields, mine.field) ?? mine.field, referenced: entryOf(other.fields, theirs.field) ?? theirs.field }] : [];
  });
  if (keys.length === 0 || own === other) return undefined;
  const isUnique = primaryKey(other).every((column) => keys.some(({ referenced }) => referenced === column)) && primaryKey(other).length > 0;
  return { ...base, list: list ?? !isUnique, columns: keys.map(({ column }) => column), referencedColumns: keys.map(({ referenced }) => referenced), owns: isUnique };
}

interface Key {
  readonly columns: readonly string[];
  readonly referenced: readonly string[];
}

function keysBetween(from: ModelTable, to: ModelTable, only: readonly string[] | undefined): Key[] {
  const keys = from.constraints.flatMap((constraint): Key[] => {
    if (constraint.kind !== 'foreignKey' || constraint.references.name !== to.name.name) return [];
    return [{ columns: constraint.columns, referenced: constraint.referencedColumns.length > 0 ? constraint.referencedColumns : primaryKey(to) }];
  });
  const wanted = only?.map((name) => entryOf(from.fields, name) ?? name);
  return wanted ? keys.filter(({ columns }) => columns.some((column) => wanted.includes(column))) : keys;
}

/** The columns of a model's primary key. */
export function primaryKey(model: ModelTable): readonly string[] {
  return model.constraints.find((constraint) => constraint.kind === 'primaryKey')?.columns ?? [];
}

function throughTable(own: ModelTable, other: ModelTable, table: QualifiedName, base: { readonly model: string; readonly optional: boolean }, models: readonly ModelTable[]): ModelRelation | undefined {
  const middle = models.find(({ name }) => name.name === table.name);
  const [mine] = middle ? keysBetween(middle, own, undefined) : [];
  const [theirs] = middle ? keysBetween(middle, other, undefined).filter((key) => key.columns !== mine?.columns) : [];
  if (!middle || !mine || !theirs) return undefined;
  return {
    ...base, list: true, columns: mine.referenced, referencedColumns: theirs.referenced, owns: false,
    through: { table: middle.name, columns: mine.columns, referencedColumns: theirs.columns },
  };
}
