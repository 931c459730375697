import type { SqlType } from '../facts/expression.js';
import type { Catalog, Column, Table } from './catalog/types.js';
import type { ClassifiedTable, Drift } from './project.js';
import type { TenantColumns } from './tenancy.js';

/** A second declaration of the tables: ORM models, or DDL kept for fresh installs. */
export interface SecondSource {
  readonly catalog: Catalog;
  /** How to call it in a message: `the Prisma schema`. */
  readonly label: string;
  /** What it is expected to declare: one that only the migrations have is no drift otherwise. Prisma and the like cannot express every index. */
  readonly keys: 'all' | 'unique' | 'none';
}

/**
 * Compares the tenant column of every tenant table with what a second source says of it (rule `schema-drift`):
 * existence, nullability, default, type, and the plain unique keys and indexes that contain it.
 */
export function findDrifts(tables: readonly ClassifiedTable[], second: SecondSource, columns: TenantColumns): Drift[] {
  return tables.filter(({ class: kind }) => kind === 'tenant' || kind === 'child').flatMap((table) => {
    const other = second.catalog.tables.get(`${table.table.schema}.${table.table.name}`);
    // The table itself may come from the second source: then only what migrations did to it can differ.
    if (!other || other === table.table) return [];
    return new Comparison(table, other, second).drifts(columns);
  });
}

class Comparison {
  constructor(private readonly classified: ClassifiedTable, private readonly other: Table, private readonly second: SecondSource) {}

  drifts(columns: TenantColumns): Drift[] {
    const { table } = this.classified;
    const names = new Set([...table.columns.keys(), ...this.other.columns.keys()].filter((name) => columns.levelOf(table, name) >= 0));
    return [...names].flatMap((name) => {
      const ours = table.columns.get(name);
      const theirs = this.other.columns.get(name);
      if (ours && ours === theirs) return [];
      if (ours && theirs) return [...this.columnDrifts(ours, theirs), ...this.keyDrifts(name)];
      return this.existence(name, ours, theirs);
    });
  }

  private existence(name: string, ours: Column | undefined, theirs: Column | undefined): Drift[] {
    if (ours ? this.other.open || this.other.assumed : this.classified.unread.has('column')) return [];
    const message = ours
      ? `The migrations give "${this.classified.name}" the column ${name}; ${this.second.label} does not have it`
      : `${capitalized(this.second.label)} gives "${this.classified.name}" the column ${name}; the migrations never add it`;
    const location = theirs?.added.location ?? this.other.created.location;
    const place = ours?.added.location ?? this.classified.table.created.location;
    return [this.drift(name, 'existence', location, message, place)];
  }

  private columnDrifts(ours: Column, theirs: Column): Drift[] {
    const drifts: Drift[] = [];
    const at = theirs.added.location;
    const place = ours.notNullOrigin?.location ?? ours.added.location;
    const { name } = ours;
    if (ours.notNull !== theirs.notNull && !theirs.nullabilityUnsaid && !(theirs.notNull && this.classified.unread.has('notNull'))) {
      const message = `"${this.classified.name}".${name} is ${nullability(theirs)} in ${this.second.label}, but ${nullability(ours)} after the migrations`;
      drifts.push(this.drift(name, 'nullability', at, message, place));
    }
    // Whatever the column says, readers of the model believe its annotation.
    if (theirs.annotatedNullable !== undefined && theirs.annotatedNullable === ours.notNull && ours.notNull === theirs.notNull) {
      const message = `The annotation of "${this.classified.name}".${name} says ${theirs.annotatedNullable ? 'that it may be None' : 'that it is never None'}, but the column is ${nullability(ours)}`;
      drifts.push(this.drift(name, 'nullability', at, message, place));
    }
    if (isKnown(ours.type) && isKnown(theirs.type) && family(ours.type) !== family(theirs.type)) {
      const message = `"${this.classified.name}".${name} is ${display(theirs.type)} in ${this.second.label}, but ${display(ours.type)} after the migrations`;
      drifts.push(this.drift(name, 'type', at, message, ours.added.location));
    }
    const [mine, other] = [defaultOf(ours), defaultOf(theirs)];
    if (mine !== other) {
      const message = `"${this.classified.name}".${name} has ${other ?? 'no default'} in ${this.second.label}, but ${mine ?? 'no default'} after the migrations`;
      drifts.push(this.drift(name, 'default', theirs.default?.location ?? at, message, ours.default?.location ?? ours.added.location));
    }
    return drifts;
  }

  private keyDrifts(column: string): Drift[] {
    const mine = keysWith(this.classified.table, column);
    const theirs = keysWith(this.other, column);
    const drifts: Drift[] = [];
    for (const [key, place] of this.classified.unread.has('index') ? [] : theirs) {
      if (!covers(mine, key)) {
        const message = `${capitalized(this.second.label)} declares ${describe(key)} on "${this.classified.name}"; the migrations do not make it`;
        drifts.push(this.drift(column, place.unique ? 'unique' : 'index', place.location, message, this.classified.table.created.location));
      }
    }
    for (const [key, place] of mine) {
      if ((this.second.keys === 'all' || (place.unique && this.second.keys === 'unique')) && !covers(theirs, key)) {
        const message = `The migrations make ${describe(key)} on "${this.classified.name}"; ${this.second.label} does not declare it`;
        drifts.push(this.drift(column, place.unique ? 'unique' : 'index', this.other.created.location, message, place.location));
      }
    }
    return drifts;
  }

  private drift(column: string, aspect: Drift['aspect'], location: Drift['location'], message: string, place: Drift['location']): Drift {
    return { table: this.classified.name, column, aspect, location, message, other: { location: place, message: 'the migrations say so here' } };
  }
}

function capitalized(label: string): string {
  return label.startsWith('the ') ? `T${label.slice(1)}` : label;
}

function nullability(column: Column): string {
  return column.notNull ? 'NOT NULL' : 'nullable';
}

function display(type: SqlType): string {
  return `${type.name}${'[]'.repeat(type.dimensions)}`;
}

/** The type that code computes may not be known. */
function isKnown(type: SqlType): boolean {
  return type.name !== 'unknown';
}

/** Types that an ORM cannot tell apart by its usual notation count as one. */
function family(type: SqlType): string {
  const name = ['varchar', 'bpchar', 'citext', 'name'].includes(type.name) ? 'text' : type.name;
  return `${name}${type.dimensions}`;
}

function defaultOf(column: Column): string | undefined {
  const { default: value } = column;
  if (!value || value.clientSide) return undefined;
  const { expression } = value;
  const inner = expression.kind === 'cast' ? expression.operand : expression;
  if (inner.kind !== 'constant') return 'a computed default';
  return inner.value === null ? undefined : `the default ${String(inner.value)}`;
}

type Keys = ReadonlyMap<string, { readonly unique: boolean; readonly location: Drift['location'] }>;

/** Plain unique keys and indexes that contain the column; the primary key is the table's own affair, and a second one like it adds nothing. */
function keysWith(table: Table, column: string): Keys {
  const keys = new Map<string, { unique: boolean; location: Drift['location'] }>();
  const primary = table.primaryKey?.columns.join(', ');
  for (const constraint of table.uniques) {
    if (constraint.columns.includes(column) && constraint.columns.join(', ') !== primary) keys.set(`unique ${constraint.columns.join(', ')}`, { unique: true, location: constraint.origin.location });
  }
  for (const index of table.indexes) {
    const names = index.keys.map((key) => key.column);
    if (index.where || index.constraint !== undefined || index.method !== 'btree' || names.includes(undefined) || !names.includes(column)) continue;
    if (names.join(', ') === primary) continue;
    keys.set(`${index.unique ? 'unique' : 'index'} ${names.join(', ')}`, { unique: index.unique, location: index.origin.location });
  }
  return keys;
}

/** A plain index is also served by a unique one over the same columns. */
function covers(keys: Keys, key: string): boolean {
  return keys.has(key) || keys.has(key.replace(/^index /, 'unique '));
}

function describe(key: string): string {
  const [kind, ...columns] = key.split(' ');
  return `${kind === 'unique' ? 'a unique key' : 'an index'} over (${columns.join(' ')})`;
}
