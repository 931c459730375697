import { entryOf } from '../../../../entry.js';
import type { Location } from '../../../../facts/location.js';
import type { ColumnDefinition, ConstraintDefinition, ReferentialAction } from '../../../../facts/schema.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import type { Value } from '../../values.js';
import { flagOf, option, textOf } from '../entities/given.js';
import { entityOf } from '../entities/registry.js';
import { generated, plainType } from '../column-text.js';
import { dataType, defaultValue, SEQUELIZE, sqlType } from './types.js';

/** A column as an attribute of a model or a migration declares it. */
export interface Attribute {
  readonly column: ColumnDefinition;
  readonly constraints: readonly ConstraintDefinition[];
  readonly primary: boolean;
  /** `allowNull` is written. */
  readonly allowNull: boolean | undefined;
  readonly typed: boolean;
}

const ACTIONS: Readonly<Record<string, ReferentialAction>> = { CASCADE: 'cascade', 'SET NULL': 'setNull', 'SET DEFAULT': 'setDefault', RESTRICT: 'restrict', 'NO ACTION': 'noAction' };

/** ON DELETE and ON UPDATE as written. */
export function actionOf(value: Value | undefined, ctx: Context): ReferentialAction {
  return entryOf(ACTIONS, textOf(value, ctx)?.toUpperCase() ?? '') ?? 'noAction';
}

/** The name of a table: text, `{ tableName, schema }`, or a model. */
export function tableNameOf(value: Value | undefined, ctx: Context): QualifiedName | undefined {
  const known = value && ctx.read(value);
  const text = textOf(known, ctx) ?? textOf(option(known, 'tableName', ctx), ctx);
  if (text === undefined) return known?.kind === 'classValue' || known?.kind === 'library' ? entityOf(SEQUELIZE, known, ctx)?.model.name : undefined;
  const schema = textOf(option(known, 'schema', ctx), ctx);
  return { ...(schema !== undefined && schema !== 'public' && { schema }), name: text };
}

/**
 * Reads `{ type, allowNull, primaryKey, defaultValue, unique, references, ... }` (Sequelize's manual, "Model basics").
 * @param inDatabase a migration's: defaults that Sequelize makes itself are none
 */
export function attributeOf(column: string, value: Value, table: QualifiedName, location: Location, ctx: Context, inDatabase: boolean): Attribute | undefined {
  const known = ctx.read(value);
  const isType = dataType(known, ctx) !== undefined || known.kind === 'constant';
  const get = (key: string): Value | undefined => (isType ? undefined : option(known, key, ctx));
  const typeValue = isType ? known : get('type');
  if (dataType(typeValue, ctx)?.name === 'VIRTUAL') return undefined;
  const primary = flagOf(get('primaryKey'), ctx) === true;
  const increments = flagOf(get('autoIncrement'), ctx) === true;
  const allowNull = flagOf(get('allowNull'), ctx);
  const given = increments ? generated('nextval', location) : defaultValue(get('defaultValue'), location, ctx, inDatabase);
  const constraints: ConstraintDefinition[] = [];
  const unique = get('unique') && ctx.read(get('unique')!);
  if (unique?.kind === 'constant' && unique.value === true) constraints.push({ kind: 'unique', columns: [column], nullsNotDistinct: false, name: `${table.name}_${column}_key`, location });
  const references = get('references');
  const target = tableNameOf(option(references, 'model', ctx) ?? option(references, 'table', ctx) ?? references, ctx);
  if (references && target) {
    constraints.push({
      kind: 'foreignKey', columns: [column], references: target, referencedColumns: [textOf(option(references, 'key', ctx) ?? option(references, 'field', ctx), ctx) ?? 'id'], onDelete: actionOf(get('onDelete'), ctx),
      onUpdate: actionOf(get('onUpdate'), ctx), match: 'simple', notValid: false, enforced: true, name: `${table.name}_${column}_fkey`, location,
    });
  }
  return {
    column: { name: column, type: inDatabase && dataType(typeValue, ctx)?.name === 'ENUM' ? plainType(`enum_${table.name}_${column}`) : typeValue === undefined ? plainType('varchar') : sqlType(typeValue, ctx), notNull: primary || allowNull === false, ...(allowNull === undefined && !inDatabase && { nullabilityUnsaid: true as const }), ...(given && { default: given }), location },
    constraints, primary, allowNull, typed: typeValue !== undefined,
  };
}
