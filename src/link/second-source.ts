import type { Config } from '../config/types.js';
import type { FileFacts } from '../facts/file.js';
import type { ModelTable } from '../facts/schema.js';
import type { Catalog } from './catalog/types.js';
import { catalogOfModels } from './models.js';
import type { SecondSource } from './drift.js';
import { replay } from './replay/index.js';
import { listenAll } from './replay/listeners.js';

/** One declaration of a whole schema apart from the migrations: ORM models, or DDL kept for fresh installs. */
export interface Declarations {
  readonly label: string;
  readonly files: readonly string[];
  readonly models: readonly ModelTable[];
  readonly keys: SecondSource['keys'];
  /** Built when first asked for. */
  readonly catalog: () => Catalog;
  /** The database its files belong to, where the project holds several. */
  readonly group?: string;
  /** ORM models, not DDL. */
  readonly isModels: boolean;
}

/** How models are called in a message. */
const MODELS: Readonly<Record<ModelTable['orm'], string>> = {
  prisma: 'the Prisma schema', drizzle: 'the Drizzle schema', typeorm: 'the TypeORM entity', sequelize: 'the Sequelize model', 'mikro-orm': 'the MikroORM entity',
  sqlalchemy: 'the SQLAlchemy model', django: 'the Django model',
};

/** Groups what the models and the schema files of a project declare, one group a schema folder. `groups`: the database of each file. */
export function secondSources(files: ReadonlyMap<string, FileFacts>, models: readonly ModelTable[], config: Config, groups: ReadonlyMap<string, string>): Declarations[] {
  const bySchema = new Map<string, ModelTable[]>();
  for (const model of models) {
    const { file } = model.location;
    // The models of one ORM may stand all over a project.
    const schema = `${model.orm}:${model.orm === 'prisma' ? schemaFolder(file) : groups.get(file) ?? ''}`;
    bySchema.set(schema, [...(bySchema.get(schema) ?? []), model]);
  }
  const modelled = [...bySchema.values()].map((group) => declarations(MODELS[group[0]!.orm], [...new Set(group.map(({ location }) => location.file))], group, groups,
    () => catalogOfModels(group)));
  const ddl = [...files.values()].filter(({ language, role, statements }) => language === 'sql' && role.type === 'model' && statements.length > 0);
  const byDir = new Map<string, FileFacts[]>();
  for (const file of ddl) byDir.set(folderOf(file.file), [...(byDir.get(folderOf(file.file)) ?? []), file]);
  const schemas = [...byDir.entries()].map(([dir, group]) => declarations(group.length > 2 ? `the DDL of ${dir}` : group.map(({ file }) => file).join(', '), group.map(({ file }) => file), [], groups,
    () => replayDeclarations(group, files, config)));
  return [...modelled, ...schemas];
}

/** Models of Sequelize name keys and `allowNull: true` for `sync()` alone (its manual, "Model Synchronization"): beside migrations they are left out. */
function declarations(
  label: string, files: readonly string[], models: readonly ModelTable[], groups: ReadonlyMap<string, string>, build: () => Catalog,
): Declarations {
  const group = groups.get(files[0]!);
  let catalog: Catalog | undefined;
  const isModels = models.length > 0;
  return { label, files, models, isModels, keys: !isModels ? 'all' : models[0]!.orm === 'sequelize' ? 'none' : 'unique', catalog: () => (catalog ??= build()), ...(group !== undefined && { group }) };
}

function replayDeclarations(group: readonly FileFacts[], files: ReadonlyMap<string, FileFacts>, config: Config): Catalog {
  const migrations = group.map(({ file }, index) => ({ index, history: 0, kind: 'sql' as const, file, id: file, transaction: 'none' as const, direction: 'up' as const }));
  return replay(migrations, files, listenAll([]), config, new Set()).catalog;
}

function folderOf(file: string): string {
  return file.slice(0, Math.max(0, file.lastIndexOf('/')));
}

/** A multi-file Prisma schema may have subfolders below the one named `schema` or `prisma`. */
function schemaFolder(file: string): string {
  const parts = folderOf(file).split('/');
  const at = parts.findIndex((part) => part === 'prisma' || part === 'schema');
  return (at < 0 ? parts : parts.slice(0, at + 1)).join('/');
}
