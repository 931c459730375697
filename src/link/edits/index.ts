import { posix } from 'node:path';
import type { CodeModule } from '../../facts/code.js';
import type { Fix } from '../../facts/edit.js';
import type { FileFacts } from '../../facts/file.js';
import { isWithin } from '../../facts/location.js';
import type { ModelTable } from '../../facts/schema.js';
import type { QueryFact, QueryReference } from '../project.js';
import { boundNames } from '../code/mentions.js';
import { kyselyEdit, knexEdit } from './builders.js';
import { drizzleAnd, drizzleEdit } from './drizzle.js';
import { callAt } from './place.js';
import { prismaEdit } from './prisma.js';
import { sqlalchemyEdit } from './sqlalchemy.js';
import { tenantValue } from './tenant-value.js';
import type { Aim } from './types.js';

/** What edits are made from. */
export interface EditSources {
  readonly files: ReadonlyMap<string, FileFacts>;
  readonly models: readonly ModelTable[];
  /** Text of a file of the project. */
  readonly text: ((file: string) => string | undefined) | undefined;
}

/** How a query can be limited to one tenant by a change of its text. */
export interface Tightening {
  /** Two readings of what was meant: then somebody has to choose. */
  readonly kind: 'fix' | 'suggestion';
  readonly fix: Fix;
}

const EDITORS: Readonly<Record<string, (aim: Aim) => Fix | undefined>> = { prisma: prismaEdit, drizzle: drizzleEdit, kysely: kyselyEdit, knex: knexEdit, sqlalchemy: sqlalchemyEdit };

/** The queries, each reference that is not pinned with how it can be. */
export function withTightenings(queries: readonly QueryFact[], sources: EditSources): QueryFact[] {
  return queries.map((query) => {
    if (query.system || query.code === undefined || !query.references.some(isOpen)) return query;
    return { ...query, references: query.references.map((reference) => {
      const tightening = isOpen(reference) ? tighteningOf(query, reference, queries, sources) : undefined;
      return tightening ? { ...reference, tightening } : reference;
    }) };
  });
}

function isOpen({ verdict, enforced, access, conflictKey }: QueryReference): boolean {
  return !enforced && verdict !== 'scoped' && verdict !== 'unknown' && access !== 'insert' && !conflictKey;
}

/**
 * How a reference of a query in code can be pinned: by what was meant anyway (`a && b` of Drizzle), or by the one tenant value in sight.
 * That this value is the one to compare with is for people to say: a function may be about another tenant on purpose.
 */
function tighteningOf({ location, code }: QueryFact, { table }: Pick<QueryReference, 'table'>, queries: readonly QueryFact[], { files, models, text }: EditSources): Tightening | undefined {
  const editor = code && EDITORS[code.library];
  const module = files.get(location.file)?.code;
  const place = editor && module && callAt(module, location);
  if (place === undefined || module === undefined) return undefined;
  const aim = { module, file: location.file, call: place.expression, models, table, namesOf: (model: ModelTable) => namesOf(model, module, files) };
  const and = code!.library === 'drizzle' ? drizzleAnd(aim) : undefined;
  if (and !== undefined) return { kind: 'fix', fix: and };
  const value = tenantValue(place, table.tenantColumns, (expression) => queries.some((query) => isWithin(query.location, expression.location)));
  const version = value && code!.library === 'prisma' ? prismaVersion(location.file, text) : undefined;
  const fix = value && editor!({ ...aim, value, ...(version !== undefined && { prismaVersion: version }) });
  return fix && { kind: 'suggestion', fix };
}

/** The constant that a model is declared as, as the file itself, or its imports, name it. */
function namesOf({ location }: ModelTable, module: CodeModule, files: EditSources['files']): string[] {
  const declared = files.get(location.file)?.code?.body.flatMap((each) => (
    each.kind === 'declare' && each.value !== undefined && isWithin(location, each.value.location) ? boundNames(each.target) : [])) ?? [];
  const imported = module.body.flatMap((each) => (each.kind === 'import' ? each.bindings : [])).filter((binding) => declared.includes(binding.imported)).map(({ local }) => local);
  return module.file === location.file ? declared : imported;
}

/** The major version of Prisma in the nearest package.json that names it. */
function prismaVersion(file: string, text: EditSources['text']): number | undefined {
  for (let folder = posix.dirname(file); ; folder = posix.dirname(folder)) {
    const [, major] = /"(?:@prisma\/client|prisma)"\s*:\s*"[^\d"]*(\d+)/.exec(text?.(posix.join(folder, 'package.json')) ?? '') ?? [];
    if (major !== undefined) return Number(major);
    if (folder === '.' || folder === '/') return undefined;
  }
}
