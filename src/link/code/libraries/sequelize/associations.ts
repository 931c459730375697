import type { Location } from '../../../../facts/location.js';
import type { ColumnDefinition, ConstraintDefinition, ModelRelation } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import type { Value } from '../../values.js';
import { flagOf, option, textOf } from '../entities/given.js';
import { camelCase, plural, singular, snakeCase } from '../entities/naming.js';
import { entityNamed, entityOf, type Entity } from '../entities/registry.js';
import { thunk } from '../entities/evaluate.js';
import { actionOf } from './attributes.js';
import type { SequelizeData } from './models.js';
import { SEQUELIZE } from './types.js';

/** `User.belongsTo(Org, { foreignKey, as })`, `@BelongsTo(() => Org, 'orgId') org`. */
export interface Association {
  readonly kind: 'belongsTo' | 'hasOne' | 'hasMany' | 'belongsToMany';
  readonly target: Value;
  readonly options: Value | undefined;
  /** The property of a decorated class. */
  readonly name?: string;
  /** Of decorated classes: the attribute with `@ForeignKey(() => Target)`. */
  readonly foreignKey?: (entity: Entity, target: Entity) => string | undefined;
  readonly location: Location;
}

export interface FoundRelations {
  readonly relations: Readonly<Record<string, ModelRelation>>;
  readonly columns: readonly ColumnDefinition[];
  readonly constraints: readonly ConstraintDefinition[];
  /** Attributes that the associations add. */
  readonly attributes: readonly { readonly name: string; readonly column: string }[];
}

/** The relations of a model's associations (Sequelize's manual, "Associations"). */
export function relationsOf(entity: Entity, associations: readonly Association[], known: ReadonlyMap<string, ColumnDefinition>, ctx: Context): FoundRelations {
  const relations: Record<string, ModelRelation> = {};
  const columns = new Map<string, ColumnDefinition>();
  const constraints: ConstraintDefinition[] = [];
  const attributes: { name: string; column: string }[] = [];
  for (const each of associations) {
    const target = entityOf(SEQUELIZE, thunk(each.target, ctx), ctx);
    if (target === undefined) continue;
    const name = each.name ?? textOf(option(each.options, 'as', ctx), ctx) ?? (/Many$/.test(each.kind) ? plural(target.name) : singular(target.name));
    const key = keyAttribute(each, entity, target, ctx);
    if (each.kind === 'belongsTo') {
      const column = columnOf(entity, key);
      const targetKey = columnOf(target, textOf(option(each.options, 'targetKey', ctx), ctx) ?? 'id');
      relations[name] = { model: target.name, list: false, optional: !(known.get(column)?.notNull ?? false), columns: [column], referencedColumns: [targetKey], owns: true };
      if (!known.has(column)) {
        attributes.push({ name: key, column });
        const allowNull = flagOf(option(option(each.options, 'foreignKey', ctx), 'allowNull', ctx), ctx);
        columns.set(column, { name: column, type: target === entity ? { name: 'int4', modifiers: [], dimensions: 0 } : keyType(target, targetKey), notNull: allowNull === false, ...(allowNull === undefined && { nullabilityUnsaid: true as const }), location: each.location });
      }
      const isEnforced = flagOf(option(each.options, 'constraints', ctx), ctx) !== false;
      constraints.push({
        kind: 'foreignKey', columns: [column], references: target.model.name, referencedColumns: [targetKey], onDelete: actionOf(option(each.options, 'onDelete', ctx), ctx), onUpdate: 'noAction', match: 'simple', notValid: false,
        enforced: isEnforced, location: each.location,
      });
    } else if (each.kind === 'belongsToMany') relations[name] = throughOf(each, entity, target, key, ctx);
    else {
      const source = columnOf(entity, textOf(option(each.options, 'sourceKey', ctx), ctx) ?? 'id');
      relations[name] = { model: target.name, list: each.kind === 'hasMany', optional: true, columns: [source], referencedColumns: [columnOf(target, key)], owns: false };
    }
  }
  return { relations, columns: [...columns.values()], constraints, attributes };
}

function keyType({ model }: Entity, column: string): ColumnDefinition['type'] {
  return model.columns.find(({ name }) => name === column)?.type ?? { name: 'int4', modifiers: [], dimensions: 0 };
}

/** The column of an attribute, without asking for the whole model. */
function columnOf(entity: Entity, attribute: string): string {
  return (entity.data as SequelizeData).column(attribute);
}

/** The attribute of the foreign key: as given, of `@ForeignKey()`, else made of the model's name and its key. */
function keyAttribute(association: Association, entity: Entity, target: Entity, ctx: Context): string {
  const given = option(association.options, 'foreignKey', ctx) ?? association.options;
  const written = textOf(given, ctx) ?? textOf(option(given, 'name', ctx), ctx) ?? textOf(option(given, 'fieldName', ctx), ctx);
  if (written !== undefined) return written;
  const decorated = association.kind === 'belongsTo' ? association.foreignKey?.(entity, target) : association.foreignKey?.(target, entity);
  if (decorated !== undefined) return decorated;
  const base = association.kind === 'belongsTo' ? textOf(option(association.options, 'as', ctx), ctx) ?? association.name ?? singular(target.name) : singular(entity.name);
  const data = entity.data as SequelizeData;
  // Sequelize makes the name in the case of the model's.
  return /^[A-Z]/.test(base) && !data.underscored ? `${base}Id` : `${camelCase(base)}Id`;
}

function throughOf(association: Association, entity: Entity, target: Entity, key: string, ctx: Context): ModelRelation {
  const given = option(association.options, 'through', ctx);
  const model = thunk(option(given, 'model', ctx) ?? given, ctx);
  const through = entityOf(SEQUELIZE, model, ctx) ?? entityNamed(SEQUELIZE, textOf(model, ctx) ?? '', ctx);
  const table = through?.model.name ?? { name: textOf(model, ctx) ?? [entity.name, target.name].map(plural).sort().join('') };
  const other = textOf(option(association.options, 'otherKey', ctx), ctx) ?? (through && association.foreignKey?.(through, target)) ?? `${camelCase(singular(target.name))}Id`;
  const own = textOf(option(association.options, 'foreignKey', ctx), ctx) ?? (through && association.foreignKey?.(through, entity)) ?? key;
  const column = (attribute: string): string => (through ? columnOf(through, attribute) : (entity.data as SequelizeData).underscored ? snakeCase(attribute) : attribute);
  return { model: target.name, list: true, optional: true, columns: [columnOf(entity, 'id')], referencedColumns: [columnOf(target, 'id')], owns: false, through: { table, columns: [column(own)], referencedColumns: [column(other)] } };
}
