import { entryOf } from '../../../../entry.js';
import type { Location } from '../../../../facts/location.js';
import type { Context } from '../../library.js';
import type { Value } from '../../values.js';
import { itemsOf } from '../entities/given.js';
import { libraryData, textOf } from '../sqlalchemy/given.js';
import { appOf, defaultKeyType, userModel } from './apps.js';
import { DJANGO, flag, isToOne, text, type FieldData } from './fields.js';

/** A model at one point of time: as its class says it now, or as the migrations so far have left it. */
export interface ModelSpec {
  readonly app: string;
  readonly name: string;
  readonly table: string;
  /** Its own fields in order; the key among them. */
  readonly fields: ReadonlyMap<string, FieldData>;
  /** Keys of the models it inherits a table from. */
  readonly parents: readonly string[];
  readonly uniqueTogether: readonly (readonly string[])[];
  readonly indexTogether: readonly (readonly string[])[];
  readonly indexes: readonly MetaData[];
  readonly constraints: readonly MetaData[];
  readonly managed: boolean;
  readonly proxy: boolean;
  readonly location: Location;
}

/** An index or a constraint of `Meta`: `UniqueConstraint(fields=[...], condition=Q(...), name='...')`. */
export interface MetaData {
  readonly type: string;
  readonly named: ReadonlyMap<string, Value>;
  readonly positional: readonly Value[];
  readonly location: Location;
}

/** All models at one point of time, by `app.model` in lower case. */
export interface Registry {
  readonly find: (key: string) => ModelSpec | undefined;
  readonly all: () => Iterable<ModelSpec>;
}

/** `app.model` in lower case, as Django's registry has it. */
export function specKey({ app, name }: Pick<ModelSpec, 'app' | 'name'>): string {
  return `${app}.${name}`.toLowerCase();
}

/** The index or constraint behind a value. */
export function metaData(value: Value | undefined, ctx: Context): MetaData | undefined {
  return libraryData<MetaData>(value, DJANGO, 'meta', ctx);
}

/** The name of an index or a constraint, where it is given one. */
export function metaName({ named }: MetaData, ctx: Context): string | undefined {
  const value = named.get('name');
  return value && textOf(value, ctx);
}

/** Tables of Django's own apps that are not called after app and model. */
const OWN_TABLES: Readonly<Record<string, string>> = {
  'contenttypes.contenttype': 'django_content_type', 'sites.site': 'django_site', 'sessions.session': 'django_session', 'admin.logentry': 'django_admin_log',
  'flatpages.flatpage': 'django_flatpage', 'redirects.redirect': 'django_redirect',
};

/** The table of a model that the project does not hold: one of Django, or of another package. */
export function foreignTable(key: string): string {
  return entryOf(OWN_TABLES, key) ?? key.replace('.', '_');
}

/**
 * The key of the model that `to=` names: `'Model'`, `'app.Model'`, `'self'`, a class, `settings.AUTH_USER_MODEL`.
 * @param owner the model the field is of
 */
export function targetKey(value: Value | undefined, owner: Pick<ModelSpec, 'app' | 'name'>, ctx: Context): string | undefined {
  const known = value && ctx.read(value);
  switch (known?.kind) {
    case 'constant': {
      if (typeof known.value !== 'string') return undefined;
      if (known.value === 'self') return specKey(owner);
      const name = known.value.toLowerCase();
      if (name === 'settings.auth_user_model') return userModel(ctx);
      return name.includes('.') ? name.split('.').slice(-2).join('.') : `${owner.app.toLowerCase()}.${name}`;
    }
    case 'external': return known.path.at(-1) === 'AUTH_USER_MODEL' ? userModel(ctx) : externalKey(known.module, known.path);
    case 'library': return known.library === DJANGO && (known.type === 'model' || known.type === 'userModel') ? keyOfModelValue(known.data, ctx) : undefined;
    case 'classValue': return known.class.name === undefined ? undefined : `${appOf(known.scope.file, ctx)}.${known.class.name}`.toLowerCase();
    case 'text': case 'union': { const name = textOf(known, ctx); return name === undefined ? undefined : targetKey({ kind: 'constant', value: name }, owner, ctx); }
    default: return undefined;
  }
}

function keyOfModelValue(data: unknown, ctx: Context): string {
  return typeof data === 'object' && data !== null && 'spec' in data ? specKey((data as { spec: ModelSpec }).spec) : userModel(ctx);
}

/** `django.contrib.auth.models.User` is `auth.user`. */
export function externalKey(module: string, path: readonly string[]): string | undefined {
  const parts = [...module.split('.'), ...path];
  const at = parts.lastIndexOf('models');
  const app = at > 0 ? parts[at - 1] : parts.length > 1 ? parts[0] : undefined;
  return app === undefined ? undefined : `${app}.${parts.at(-1)!}`.toLowerCase();
}

/** The field of a model's primary key, and its name; `undefined` for the `id` that is not declared. */
export function keyField(spec: ModelSpec, ctx: Context): { readonly name: string; readonly field: FieldData } | undefined {
  for (const [name, field] of spec.fields) if (flag(field, 'primary_key', ctx) === true || (isToOne(field) && flag(field, 'parent_link', ctx) === true)) return { name, field };
  const own = spec.fields.get('id');
  return own && { name: 'id', field: own };
}

/** The key that Django adds where a model declares none. */
export function impliedKey(file: string, location: Location, ctx: Context): FieldData {
  return { type: defaultKeyType(file, ctx), named: new Map<string, Value>([['primary_key', { kind: 'constant', value: true }]]), location };
}

/** A relation to one: to the table itself of a model that inherits its table. */
export function parentLink(to: string, location: Location): FieldData {
  const yes: Value = { kind: 'constant', value: true };
  return { type: 'OneToOneField', named: new Map<string, Value>([['to', { kind: 'constant', value: to }], ['primary_key', yes], ['parent_link', yes]]), location };
}

/** The lists of names of `unique_together` and `index_together`: one list stands for a list of one. */
export function together(value: Value | undefined, ctx: Context): readonly (readonly string[])[] {
  const items = itemsOf(value, ctx);
  if (items.length > 0 && items.every((item) => textOf(item, ctx) !== undefined)) return [items.map((item) => textOf(item, ctx)!)];
  return items.map((item) => itemsOf(item, ctx).flatMap((each) => textOf(each, ctx) ?? [])).filter((names) => names.length > 0);
}

/** The model of the table of a many-to-many field; undefined when a model of the project is it (`through=`). */
export function throughSpec(owner: ModelSpec, name: string, field: FieldData, table: string, ctx: Context): ModelSpec | undefined {
  const to = targetKey(field.named.get('to'), owner, ctx);
  if (field.named.has('through') || to === undefined) return undefined;
  const own = specKey(owner);
  const [from, other] = to === own ? [`from_${owner.name.toLowerCase()}`, `to_${owner.name.toLowerCase()}`] : [owner.name.toLowerCase(), to.split('.').at(-1)!];
  const key = (target: string): FieldData => ({ type: 'ForeignKey', named: new Map<string, Value>([['to', { kind: 'constant', value: target }]]), location: field.location });
  return {
    app: owner.app, name: `${owner.name}_${name}`, table: text(field, 'db_table', ctx) ?? table, location: field.location, managed: owner.managed, proxy: false, parents: [], indexTogether: [], indexes: [], constraints: [],
    fields: new Map([['id', impliedKey(owner.location.file, field.location, ctx)], [from, key(own)], [other, key(to)]]), uniqueTogether: [[from, other]],
  };
}
