import { entryOf } from '../../../../entry.js';
import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { flagOf } from '../entities/given.js';
import { libraryData, libraryValue, textOf } from '../sqlalchemy/given.js';

/** The name of the library, for its values. */
export const DJANGO = 'django';

/** A field of a model as it is written: `models.CharField(max_length=50)`. */
export interface FieldData {
  /** Django's own class, or the name of one of another package. */
  readonly type: string;
  readonly named: ReadonlyMap<string, Value>;
  readonly location: Location;
  /** What a class of the project says itself: `db_type`. */
  readonly dbType?: string;
}

const SIGNATURES: Readonly<Record<string, readonly string[]>> = {
  ForeignKey: ['to', 'on_delete', 'related_name', 'related_query_name'],
  OneToOneField: ['to', 'on_delete', 'to_field'],
  ManyToManyField: ['to', 'related_name'],
  ArrayField: ['base_field', 'size'],
  GenericForeignKey: ['ct_field', 'fk_field'],
  GenericRelation: ['to'],
  DecimalField: ['verbose_name', 'name', 'max_digits', 'decimal_places'],
  GeneratedField: [],
};
const PLAIN = ['verbose_name', 'name', 'primary_key', 'max_length', 'unique', 'blank', 'null', 'db_index'];

const SAME: Readonly<Record<string, string>> = {
  TreeForeignKey: 'ForeignKey', ParentalKey: 'ForeignKey', TenantForeignKey: 'ForeignKey', FlexibleForeignKey: 'ForeignKey', AutoOneToOneField: 'OneToOneField',
  TenantOneToOneField: 'OneToOneField', ParentalManyToManyField: 'ManyToManyField', SortedManyToManyField: 'ManyToManyField', TreeManyToManyField: 'ManyToManyField', TreeOneToOneField: 'OneToOneField',
};

/** Whether a name of a package is that of a class of fields. */
export function isFieldName(name: string): boolean {
  return /(?:\w(?:Field|ForeignKey)|^ForeignKey|^GenericRelation|^ParentalKey|^TaggableManager)$/.test(name);
}

/** A field of a class of Django, or of a package that has fields. */
export function fieldValue(name: string, call: Call, custom: { readonly dbType?: string } = {}): LibraryValue {
  const type = entryOf(SAME, name) ?? name;
  const signature = entryOf(SIGNATURES, type) ?? PLAIN;
  const named = new Map(call.arguments.named);
  call.arguments.positional.forEach((value, index) => {
    const key = signature[index];
    if (key !== undefined && !named.has(key)) named.set(key, value);
  });
  return libraryValue(DJANGO, 'field', { type, named, location: call.location, ...custom } satisfies FieldData);
}

/** The field behind a value. */
export function fieldData(value: Value | undefined, ctx: Context): FieldData | undefined {
  return libraryData<FieldData>(value, DJANGO, 'field', ctx);
}

/** An argument of a field that is True or False. */
export function flag(field: FieldData, name: string, ctx: Context): boolean | undefined {
  return flagOf(field.named.get(name), ctx);
}

/** An argument of a field that is a string. */
export function text(field: FieldData, name: string, ctx: Context): string | undefined {
  const value = field.named.get(name);
  return value && textOf(value, ctx);
}

/** A number that is written out. */
export function number(field: FieldData, name: string, ctx: Context): number | undefined {
  const value = field.named.get(name);
  const known = value && ctx.read(value);
  return known?.kind === 'constant' && typeof known.value === 'number' ? known.value : undefined;
}

/** Fields that lead to one row of another model. */
export function isToOne({ type }: FieldData): boolean {
  return type === 'ForeignKey' || type === 'OneToOneField';
}

/** Fields with a column of their own; those of django-prices put together what others hold (`MoneyField(amount_field=..., currency_field=...)`). */
export function hasColumn({ type, named }: FieldData): boolean {
  return !named.has('amount_field') && !named.has('net_amount_field') && !/^(?:ManyToManyField|GenericForeignKey|GenericRelation|TaggableManager|CompositePrimaryKey|ForeignObject)$/.test(type) && !/^ReverseGeneric|GenericTag/.test(type);
}

/** Whether the column admits NULL. */
export function isNullable(field: FieldData, ctx: Context): boolean {
  return field.type === 'NullBooleanField' || (flag(field, 'null', ctx) === true && flag(field, 'primary_key', ctx) !== true);
}

/** Whether the field has a unique key of its own. */
export function isUnique(field: FieldData, ctx: Context): boolean {
  return field.type === 'OneToOneField' || flag(field, 'unique', ctx) === true;
}

/** Whether the field has an index of its own: foreign keys unless it is refused, slugs, and what asks for one. */
export function isIndexed(field: FieldData, ctx: Context): boolean {
  const asked = flag(field, 'db_index', ctx);
  return asked ?? (field.type === 'ForeignKey' || field.type === 'SlugField' || field.type === 'AutoSlugField');
}

/** The column of a field (Django's `Field.get_attname_column`). */
export function columnOf(name: string, field: FieldData, ctx: Context): string {
  return text(field, 'db_column', ctx) ?? (isToOne(field) ? `${name}_id` : name);
}
