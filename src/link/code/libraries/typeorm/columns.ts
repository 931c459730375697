import { entryOf } from '../../../../entry.js';
import type { SqlType } from '../../../../facts/expression.js';
import type { ColumnDefault, ColumnDefinition } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import type { Value } from '../../values.js';
import type { Decoration } from '../entities/decorators.js';
import { flagOf, option, textOf } from '../entities/given.js';
import { defaultOf, defaultOfText, generated, plainType, typeOfText } from '../column-text.js';
import type { Member } from './members.js';
import { decoration } from './members.js';

const COLUMNS = ['Column', 'PrimaryColumn', 'PrimaryGeneratedColumn', 'CreateDateColumn', 'UpdateDateColumn', 'DeleteDateColumn', 'VersionColumn', 'ViewColumn', 'ObjectIdColumn', 'TreeLevelColumn'];

/** What a property says of its column. */
export interface ColumnSpec {
  readonly definition: Omit<ColumnDefinition, 'name'>;
  readonly name?: string;
  readonly primary: boolean;
  readonly unique: boolean;
  readonly deletes: boolean;
}

/** The decorator that makes a property a column. */
export function columnDecoration(member: Member): Decoration | undefined {
  return decoration(member, ...COLUMNS);
}

/** The column that a property is; its type is that of the decorator, else of the property (TypeORM's manual, "Entity columns"). */
export function columnSpec(member: Member, ctx: Context): ColumnSpec | undefined {
  const found = columnDecoration(member);
  if (!found) return undefined;
  const [first, second] = found.args;
  const written = textOf(first, ctx);
  const options = written === undefined ? first : second;
  const primary = found.name.startsWith('Primary') || flagOf(option(options, 'primary', ctx), ctx) === true;
  const isGenerated = found.name === 'PrimaryGeneratedColumn' ? written ?? 'increment' : textOf(decoration(member, 'Generated')?.args[0], ctx) ?? (decoration(member, 'Generated') ? 'increment' : undefined);
  const nullable = flagOf(option(options, 'nullable', ctx), ctx) ?? found.name === 'DeleteDateColumn';
  const name = textOf(option(options, 'name', ctx), ctx);
  const { location } = found;
  const value = defaultValue(found, isGenerated, option(options, 'default', ctx), ctx);
  return {
    definition: { type: typeOf(found, isGenerated, written, options, member, ctx), notNull: primary || !nullable, location, ...(value && { default: value }), ...generation(isGenerated) },
    ...(name !== undefined && { name }), primary, unique: flagOf(option(options, 'unique', ctx), ctx) === true, deletes: found.name === 'DeleteDateColumn',
  };
}

function generation(strategy: string | undefined): Pick<ColumnDefinition, 'generated'> {
  return strategy === 'identity' ? { generated: 'identity' } : {};
}

function defaultValue({ name, location }: Decoration, strategy: string | undefined, given: Value | undefined, ctx: Context): ColumnDefault | undefined {
  if (strategy === 'uuid') return generated('gen_random_uuid', location);
  if (strategy === 'increment' || strategy === 'rowid') return generated('nextval', location);
  if (name === 'CreateDateColumn' || name === 'UpdateDateColumn') return generated('now', location);
  return given && optionDefault(given, location, ctx);
}

/** The option `default`: a value, or a function that gives SQL text. */
export function optionDefault(given: Value, location: Decoration['location'], ctx: Context): ColumnDefault | undefined {
  const known = ctx.read(given);
  if (known.kind === 'function') {
    const text = textOf(ctx.invoke(known, [], location), ctx);
    return text === undefined ? defaultOf({ kind: 'other', name: 'default', parts: [], location }, location) : defaultOfText(text, location);
  }
  if (known.kind === 'constant') return known.value === undefined || known.value === null ? undefined : defaultOf({ kind: 'constant', value: known.value, location }, location);
  if (known.kind === 'object' || known.kind === 'list') return defaultOf({ kind: 'constant', value: '{}', location }, location);
  return defaultOf({ kind: 'other', name: 'default', parts: [], location }, location);
}

const DATES = new Set(['CreateDateColumn', 'UpdateDateColumn', 'DeleteDateColumn']);

function typeOf({ name }: Decoration, strategy: string | undefined, written: string | undefined, options: Value | undefined, member: Member, ctx: Context): SqlType {
  const given = textOf(option(options, 'type', ctx), ctx) ?? (name === 'PrimaryGeneratedColumn' ? undefined : written) ?? constructorType(option(options, 'type', ctx), ctx);
  const isArray = flagOf(option(options, 'array', ctx), ctx) === true;
  const type = given !== undefined ? namedType(given) : strategy === 'uuid' ? plainType('uuid') : strategy !== undefined || name === 'VersionColumn' ? plainType('int4')
    : DATES.has(name) ? plainType('timestamp') : propertyType(member);
  return isArray ? { ...type, dimensions: Math.max(1, type.dimensions) } : type;
}

/** The type of a name of TypeORM. */
export function namedType(name: string): SqlType {
  if (name === 'simple-array' || name === 'simple-json' || name === 'enum' || name === 'simple-enum') return plainType('text');
  if (name === 'datetime') return plainType('timestamp');
  return typeOfText(name);
}

/** The type that one of JavaScript's constructors stands for: `type: String`. */
export function constructorType(value: Value | undefined, ctx: Context): string | undefined {
  const known = value && ctx.read(value);
  return known?.kind === 'external' ? entryOf(({ String: 'varchar', Number: 'integer', Boolean: 'boolean', Date: 'timestamp' } as Record<string, string>), known.path.at(-1) ?? '') : undefined;
}

function propertyType({ field }: Member): SqlType {
  const type = field.type?.kind === 'union' ? field.type.parts.find((part) => part.kind !== 'literal' && !(part.kind === 'named' && /^(null|undefined)$/.test(part.path[0]!))) : field.type;
  const name = type?.kind === 'named' ? type.path.at(-1) : undefined;
  const known: Record<string, string> = { number: 'int4', boolean: 'bool', Date: 'timestamp' };
  return plainType(entryOf(known, name ?? '') ?? 'varchar');
}
