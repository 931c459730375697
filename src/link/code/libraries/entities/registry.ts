import { entryOf } from '../../../../entry.js';
import { modelsInCode, stored } from '../../store.js';
import type { CodeClass } from '../../../../facts/code.js';
import type { Location } from '../../../../facts/location.js';
import type { ColumnDefinition, ConstraintDefinition, IndexDefinition, ModelRelation, ModelTable } from '../../../../facts/schema.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import type { ClassValue, Value } from '../../values.js';

/** What a model says once all models are known. */
export interface ModelParts {
  readonly columns: readonly ColumnDefinition[];
  readonly constraints: readonly ConstraintDefinition[];
  readonly indexes: readonly IndexDefinition[];
  readonly fields: Readonly<Record<string, string>>;
  readonly relations: Readonly<Record<string, ModelRelation>>;
}

/** A model of an ORM of classes. */
export interface Entity {
  readonly orm: ModelTable['orm'];
  readonly name: string;
  readonly model: ModelTable;
  /** Names of the primary key's properties. */
  readonly key: () => readonly string[];
  /** The property whose value says that a row is deleted; queries leave such rows out. */
  readonly deleted: () => string | undefined;
  /** What else its library knows. */
  readonly data: unknown;
  readonly owner?: ClassValue;
}

export interface Declared {
  readonly orm: ModelTable['orm'];
  readonly name: string;
  readonly table: QualifiedName;
  readonly location: Location;
  readonly isView?: boolean;
  readonly owner?: ClassValue;
  readonly data?: unknown;
  readonly parts: () => ModelParts;
  readonly deleted?: () => string | undefined;
  /** Its rows are in the table of another model: it is no table of its own. */
  readonly isPart?: boolean;
}

const NONE: ModelParts = { columns: [], constraints: [], indexes: [], fields: {}, relations: {} };

function entitiesOf(orm: string, ctx: Context): { readonly byClass: Map<CodeClass, Entity>; readonly byName: Map<string, Entity[]> } {
  return stored(ctx, `entities:${orm}`, () => ({ byClass: new Map<CodeClass, Entity>(), byName: new Map<string, Entity[]>() }));
}

/** Takes a model into the project's. What it says of other models is found out when it is first asked for. */
export function declareEntity(declared: Declared, ctx: Context): Entity {
  const { orm, name, location, owner, data } = declared;
  const model = lazyModel(declared);
  const entity: Entity = {
    orm, name, model, data, ...(owner && { owner }), deleted: declared.deleted ?? (() => undefined),
    key: () => {
      const columns = model.constraints.find((each) => each.kind === 'primaryKey')?.columns ?? [];
      return columns.map((column) => Object.keys(model.fields).find((field) => entryOf(model.fields, field) === column) ?? column);
    },
  };
  const all = entitiesOf(orm, ctx);
  ctx.journal.declared++;
  if (owner) all.byClass.set(owner.class, entity);
  all.byName.set(name, [...all.byName.get(name) ?? [], entity]);
  if (declared.isPart !== true) modelsInCode(ctx).set(`${location.file}:${location.start}`, model);
  return entity;
}

function lazyModel({ orm, name, table, location, isView, parts }: Declared): ModelTable {
  let known: ModelParts | undefined;
  let busy = false;
  const get = (): ModelParts => {
    if (known !== undefined || busy) return known ?? NONE;
    busy = true;
    try {
      known = parts();
    } finally {
      busy = false;
    }
    return known;
  };
  const model = { orm, name: table, modelName: name, isView: isView === true, ignored: false, location };
  for (const part of ['columns', 'constraints', 'indexes', 'fields', 'relations'] as const) Object.defineProperty(model, part, { enumerable: true, get: () => get()[part] });
  return model as unknown as ModelTable;
}

/** The model that a class is. */
export function entityOfClass(orm: string, code: CodeClass, ctx: Context): Entity | undefined {
  return entitiesOf(orm, ctx).byClass.get(code);
}

/** The model of a name, or of a table's name. Of several, none is known. */
export function entityNamed(orm: string, name: string, ctx: Context): Entity | undefined {
  const all = entitiesOf(orm, ctx).byName;
  const found = all.get(name) ?? [...all.values()].flat().filter(({ model }) => model.name.name === name);
  return found.length === 1 ? found[0] : found.find((each) => each.owner !== undefined);
}

/** All models of an ORM. */
export function allEntities(orm: string, ctx: Context): readonly Entity[] {
  return [...entitiesOf(orm, ctx).byName.values()].flat();
}

/** The model that a value names: a class, its name, a library's value for it (`data` is the entity), or an instance of it. */
export function entityOf(orm: string, value: Value | undefined, ctx: Context): Entity | undefined {
  const known = value && ctx.read(value);
  switch (known?.kind) {
    case 'classValue': return entityOfClass(orm, known.class, ctx);
    case 'instance': return entityOfClass(orm, known.class.class, ctx);
    case 'constant': return typeof known.value === 'string' ? entityNamed(orm, known.value, ctx) : undefined;
    case 'library': return isEntityValue(known.data) ? known.data : undefined;
    case 'row': case 'rowList': {
      const model = known.result.entity?.model;
      return model && allEntities(orm, ctx).find((each) => each.model === model);
    }
    case 'union': {
      const found = known.options.map((each) => entityOf(orm, each.value, ctx)).filter((each) => each !== undefined);
      return found.length > 0 && found.every((each) => each === found[0]) ? found[0] : undefined;
    }
    default: return undefined;
  }
}

function isEntityValue(data: unknown): data is Entity {
  return typeof data === 'object' && data !== null && 'model' in data && 'orm' in data && 'key' in data;
}
