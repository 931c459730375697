import { entryOf } from '../../../../entry.js';
import type { Value } from '../../values.js';
import type { FieldData } from './fields.js';

const NOWHERE = { file: '', start: 0, end: 0 };

/** A field that no file of the project declares. */
export function plainField(type: string, args: Readonly<Record<string, string | number | boolean>> = {}): FieldData {
  return { type, named: new Map(Object.entries(args).map(([name, value]): [string, Value] => [name, { kind: 'constant', value }])), location: NOWHERE };
}

const password = (): [string, FieldData][] => [['password', plainField('CharField', { max_length: 128 })], ['last_login', plainField('DateTimeField', { null: true })]];
const permissions = (): [string, FieldData][] => [
  ['is_superuser', plainField('BooleanField', { default: false })], ['groups', plainField('ManyToManyField', { to: 'auth.Group', related_name: 'user_set', related_query_name: 'user' })],
  ['user_permissions', plainField('ManyToManyField', { to: 'auth.Permission', related_name: 'user_set', related_query_name: 'user' })],
];
const user = (): [string, FieldData][] => [
  ...password(), ...permissions(), ['username', plainField('CharField', { max_length: 150, unique: true })], ['first_name', plainField('CharField', { max_length: 150 })],
  ['last_name', plainField('CharField', { max_length: 150 })], ['email', plainField('EmailField')], ['is_staff', plainField('BooleanField')], ['is_active', plainField('BooleanField')], ['date_joined', plainField('DateTimeField')],
];
const times = (created: string, modified: string) => (): [string, FieldData][] => [[created, plainField('DateTimeField')], [modified, plainField('DateTimeField')]];

/** Abstract bases of Django and of well-known packages: the fields that they bring. */
const BASES: Readonly<Record<string, () => [string, FieldData][]>> = {
  AbstractUser: user, AbstractBaseUser: password, PermissionsMixin: permissions, TimeStampedModel: times('created', 'modified'),
  TimeFramedModel: times('start', 'end'), SoftDeletableModel: () => [['is_removed', plainField('BooleanField')]], StatusModel: () => [['status', plainField('CharField', { max_length: 100 })]],
  UUIDModel: () => [['id', plainField('UUIDField', { primary_key: true })]],
  MPTTModel: () => ['lft', 'rght', 'tree_id', 'level'].map((name) => [name, plainField('PositiveIntegerField')]),
  MP_Node: () => [['path', plainField('CharField', { max_length: 255, unique: true })], ['depth', plainField('PositiveIntegerField')], ['numchild', plainField('PositiveIntegerField')]],
  OrderedModel: () => [['order', plainField('PositiveIntegerField', { db_index: true })]],
  ActivatorModel: () => [['status', plainField('IntegerField')], ['activate_date', plainField('DateTimeField', { null: true })], ['deactivate_date', plainField('DateTimeField', { null: true })]],
  AbstractBaseSession: () => [['session_key', plainField('CharField', { max_length: 40, primary_key: true })], ['session_data', plainField('TextField')], ['expire_date', plainField('DateTimeField', { db_index: true })]],
};

/** The fields of an abstract base that is not of the project; undefined for a class that is none. */
export function baseFields(name: string): [string, FieldData][] | undefined {
  return entryOf(BASES, name)?.();
}

/** Classes whose subclasses are models. */
export function isModelBase(name: string): boolean {
  return /^(?:Model|PolymorphicModel|TenantModel|TenantMixin|DomainMixin|TranslatableModel|ClusterableModel|BaseModel|Page|LifecycleModel|SoftDeleteObject|SafeDeleteModel|SoftDeleteModel|AbstractAPIKey|AbstractOrganization|OrganizationBase|HistoricalRecords)$/.test(name) || Object.hasOwn(BASES, name);
}

/** The fields of models of Django's own apps. */
export function foreignFields(key: string): [string, FieldData][] {
  switch (key) {
    case 'auth.user': return user();
    case 'auth.group': return [['name', plainField('CharField', { max_length: 150, unique: true })]];
    case 'auth.permission': return [['name', plainField('CharField')], ['codename', plainField('CharField')], ['content_type', plainField('ForeignKey', { to: 'contenttypes.ContentType' })]];
    case 'contenttypes.contenttype': return [['app_label', plainField('CharField', { max_length: 100 })], ['model', plainField('CharField', { max_length: 100 })]];
    case 'sites.site': return [['domain', plainField('CharField')], ['name', plainField('CharField')]];
    default: return [];
  }
}
