import type { FileFacts } from '../../facts/file.js';
import type { Operation, Statement, Step } from '../../facts/operation.js';
import type { QualifiedName } from '../../facts/query.js';
import { isPlatformSchema, type ObjectKind } from '../catalog/environment.js';
import type { Migration } from '../project.js';
import { walkTree } from './tree.js';

/**
 * What a whole history declares and uses: the policy for names that the catalog lacks at some point of the replay.
 *
 * Such a table is missing, so that PostgreSQL fails, when the same history creates it (the statement came too early, or after a
 * DROP or a rename), or when the history is self-contained: it starts from an empty database, so that everything it uses is
 * created by it. Two or more names outside of the platforms' schemas that are used and never declared, or one that several
 * migrations rely on, mean that it does not start from an empty database; then such a name is external, as are the tables of ORM
 * models and everything in platform schemas.
 */
export class HistoryNames {
  private readonly created = new Map<string, Set<string>>();
  private readonly onlyIfNotExists = new Set<string>();
  /** Functions that are always made by CREATE OR REPLACE: they may be older than the history. */
  private readonly replaceable = new Set<string>();
  /** Name → the migrations whose top level uses it. */
  private readonly used = new Map<string, Set<Migration>>();

  /**
   * @param migrations one history, in order
   * @param files the facts of their files, and of all others
   * @param external names of tables that something else creates (ORM models)
   */
  constructor(migrations: readonly Migration[], private readonly files: ReadonlyMap<string, FileFacts>, private readonly external: ReadonlySet<string>) {
    for (const migration of migrations) {
      for (const statement of statementsOf(migration, files)) this.collect([statement], migration);
    }
  }

  /** Used at the top level of the history, declared neither by it nor by a model. */
  get undeclared(): readonly string[] {
    return this.foreign.filter((name) => !this.external.has(name));
  }

  /** Used at the top level of the history and never declared by it. */
  private get foreign(): readonly string[] {
    return [...this.used.keys()].filter((name) => !this.declares(name, 'table'));
  }

  /** Whether the history starts from an empty database and creates all that it uses. */
  get selfContained(): boolean {
    this.cachedSelfContained ??= (this.created.get('table')?.size ?? 0) > 0 && this.foreign.length === 0;
    return this.cachedSelfContained;
  }

  private cachedSelfContained?: boolean;
  private cachedFunctions?: ReadonlySet<string>;
  private cachedLoneName?: string | null;

  /** Whether the history ever creates an object of this name. */
  declares(name: string, kind: ObjectKind): boolean {
    return this.created.get(kind)?.has(name) ?? false;
  }

  /**
   * Whether an object that the catalog lacks now is certain not to exist.
   * @param inProgram the name stands in a program, whose author may have guarded the statement in ways not seen here
   */
  isKnownMissing(name: QualifiedName, kind: ObjectKind, inProgram: boolean): 'missing' | 'external' {
    if (name.schema !== undefined && isPlatformSchema(name.schema)) return 'external';
    if (kind === 'schema') return this.declares(name.name, kind) ? 'missing' : 'external';
    if (kind === 'function' && this.replaceable.has(name.name) && !this.selfContained) return 'external';
    if (this.declares(name.name, kind)) return kind === 'table' && this.onlyIfNotExists.has(name.name) ? 'external' : 'missing';
    if (this.external.has(name.name) || name.name.startsWith('pg_')) return 'external';
    if (inProgram) return 'external';
    if (kind === 'table') return this.loneName === name.name ? 'missing' : 'external';
    if (kind === 'triggerFunction') return this.selfContained && !this.functionsOfFiles.has(name.name) ? 'missing' : 'external';
    return (kind === 'index' || kind === 'type' || kind === 'sequence') && this.selfContained ? 'missing' : 'external';
  }

  /** Names of the functions that any file makes, of this history or another. */
  private get functionsOfFiles(): ReadonlySet<string> {
    this.cachedFunctions ??= new Set([...this.files.values()].flatMap(({ statements }) => functionsIn(statements)));
    return this.cachedFunctions;
  }

  /** The only name that is used and never declared, where there is exactly one and a single migration uses it: a slip. */
  private get loneName(): string | undefined {
    if (this.cachedLoneName === undefined) {
      const names = (this.created.get('table')?.size ?? 0) > 0 ? this.undeclared : [];
      this.cachedLoneName = names.length === 1 && this.used.get(names[0]!)!.size === 1 ? names[0]! : null;
    }
    return this.cachedLoneName ?? undefined;
  }

  /** @param migration absent inside of a program */
  private collect(steps: readonly Step[], migration?: Migration): void {
    for (const step of steps) {
      if (step.kind === 'statement') {
        for (const operation of step.operations) this.collectOperation(operation, migration);
        continue;
      }
      walkTree(step, (node) => {
        if (node.kind !== 'statement' || node === step) return;
        this.collect([node as Step]);
        return false;
      });
    }
  }

  private collectOperation(operation: Operation, migration: Migration | undefined): void {
    for (const [kind, name, optional] of declaredNames(operation)) {
      const names = this.created.get(kind) ?? new Set<string>();
      this.created.set(kind, names);
      if (kind === 'function' && optional && !names.has(name)) this.replaceable.add(name);
      if (kind === 'function' && !optional) this.replaceable.delete(name);
      if (kind === 'table' && optional && this.used.has(name) && !names.has(name)) this.onlyIfNotExists.add(name);
      else if (!optional) this.onlyIfNotExists.delete(name);
      names.add(name);
    }
    if (operation.kind === 'execution') this.collect([operation.block]);
    else if (migration && operation.kind !== 'createFunction') for (const name of usedTables(operation)) this.used.set(name, (this.used.get(name) ?? new Set()).add(migration));
  }
}

function functionsIn(statements: readonly Statement[]): string[] {
  const names: string[] = [];
  walkTree(statements, (node) => {
    if (node.kind === 'createFunction') names.push((node as unknown as { name: QualifiedName }).name.name);
  });
  return names;
}

/** The statements a migration runs, in its direction. */
export function statementsOf(migration: Migration, files: ReadonlyMap<string, FileFacts>): readonly Statement[] {
  const facts = files.get(migration.file);
  return (migration.direction === 'down' ? facts?.down ?? facts?.statements : facts?.statements) ?? [];
}

/** Names an operation declares, and whether the object may exist before. */
function declaredNames(operation: Operation): (readonly [kind: ObjectKind, name: string, optional: boolean])[] {
  switch (operation.kind) {
    case 'createTable': return [['table', operation.definition.name.name, operation.ifNotExists]];
    case 'createView': return [['table', operation.name.name, operation.orReplace || operation.ifNotExists]];
    case 'renameRelation': return [[operation.relation === 'sequence' ? 'sequence' : 'table', operation.to, false]];
    case 'createIndex': return operation.index.name === undefined ? [] : [['index', operation.index.name, operation.ifNotExists]];
    case 'renameIndex': return [['index', operation.to, false]];
    case 'createFunction': return [['function', operation.name.name, operation.orReplace]];
    case 'createSchema': return [['schema', operation.name, operation.ifNotExists]];
    case 'createType': return [['type', operation.name.name, false]];
    case 'alterEnum': return operation.renameTo === undefined ? [] : [['type', operation.renameTo, false]];
    case 'createSequence': return [['sequence', operation.name.name, operation.ifNotExists]];
    case 'query':
      return operation.query.kind === 'select' && operation.query.intoTable ? [['table', operation.query.intoTable.name, false]] : [];
    default: return [];
  }
}

/** Names of the tables an operation cannot do without. */
function usedTables(operation: Operation): readonly string[] {
  const used: QualifiedName[] = [];
  const optional = (operation.kind === 'dropPolicy' || operation.kind === 'dropTrigger') && operation.ifExists;
  if ('table' in operation && !operation.ifTableExists && !optional) used.push(operation.table);
  if (operation.kind === 'dropRelation' && !['index', 'sequence'].includes(operation.relation) && !operation.ifExists) used.push(operation.name);
  if (operation.kind === 'renameRelation' && !operation.ifExists && operation.relation === 'table') used.push(operation.name);
  if (operation.kind === 'createTable') used.push(...operation.inherits, ...(operation.partitionOf ? [operation.partitionOf] : []));
  const local = new Set<string>();
  walkTree(operation, (node) => {
    if ('with' in node && Array.isArray(node.with)) for (const { name } of node.with as { name: string }[]) local.add(name);
    if (node.kind === 'table' && 'columnAliases' in node) used.push((node as unknown as { name: QualifiedName }).name);
    if (node.kind === 'foreignKey') used.push((node as unknown as { references: QualifiedName }).references);
    return true;
  });
  return used
    .filter(({ schema, name }) => !(schema !== undefined ? isPlatformSchema(schema) : local.has(name) || name.startsWith('pg_')))
    .map(({ name }) => name);
}
