import type { FileFacts } from '../facts/file.js';
import { resolvePrismaModels } from '../parse/prisma/index.js';
import type { CodeProgram } from './code/program.js';
import { programOf, queriesOf, schemaOf, type Schema, type Sources } from './index.js';
import type { Project } from './project.js';

/** What a project says besides its databases, when nothing of it can stand in the file at hand. */
const NO_SCHEMA_FACTS = {
  tables: [], migrations: [], historyFaults: [], appliedOperations: [], irreversibilities: [], notNullChanges: [], backfills: [], nullChecks: [], rowDeletions: [],
  regressions: [], drifts: [], policies: [], models: [],
} satisfies Partial<Project>;

/** The schema as it is on disk, and which files it was made from. */
interface Base {
  readonly schema: Schema;
  /** Files of code that declare models or migrate, and all that they import. */
  readonly shapedBy: (code: CodeProgram, file: string) => boolean;
}

/**
 * Links a project for the sake of one file: what is found in that file is what `link` would lead to, what is found elsewhere is not looked for.
 * The schema is kept from one time to the next where the file cannot change it.
 */
export class OneFileLinker {
  private base: Base | undefined;

  /** @param sources the project without unsaved texts */
  constructor(private readonly sources: Sources) {}

  /**
   * The project, as far as findings in one file need it.
   * @param sources the project with the file as it is at hand
   * @param facts of that file
   */
  link(sources: Sources, facts: FileFacts): Project {
    const { file } = facts;
    const base = this.base ??= baseOf(this.sources);
    const isCode = facts.role.type === 'source' && facts.code !== undefined;
    const declared = isCode ? base.schema.declared : resolvePrismaModels([...sources.read.values()]);
    const code = programOf(sources, declared);
    const models = code.models();
    const keepsSchema = isCode && !base.shapedBy(code, file) && models.every(({ location }) => location.file !== file);
    const schema = keepsSchema ? { ...base.schema, files: sources.read } : schemaOf(sources, declared, code, models);
    // A text of SQL alone runs no code.
    const effects = facts.code === undefined ? [] : code.effects(schema.facts.databases.map(({ catalog }) => catalog), code.callersOf(file));
    return {
      ...schema.facts, ...(keepsSchema && NO_SCHEMA_FACTS), ...queriesOf(schema, code, effects, sources.config, { only: file }),
      files: new Map([[file, schema.files.get(file) ?? facts]]),
      directives: facts.directives, notices: [],
      coverage: { filesRead: 1, filesSkipped: 0, tablesClassified: 0, tablesUnclassified: 0, migrations: 0, statements: 0, statementsNotUnderstood: 0, queries: 0, queriesScoped: 0, queriesUnscoped: 0, queriesUnknown: 0 },
    };
  }
}

function baseOf(sources: Sources): Base {
  const declared = resolvePrismaModels([...sources.read.values()]);
  const code = programOf(sources, declared);
  const inCode = code.models();
  const shaping = new Set(inCode.map(({ location }) => location.file));
  for (const { file, role } of sources.read.values()) if (role.type === 'migration') shaping.add(file);
  return {
    schema: schemaOf(sources, declared, code, inCode),
    shapedBy: (now, file) => [...now.callersOf(file)].some((each) => shaping.has(each)),
  };
}
