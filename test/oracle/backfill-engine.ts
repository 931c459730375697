import { defaultConfig } from '../../src/config/load.js';
import type { FileFacts, SourceFile } from '../../src/facts/file.js';
import type { Location } from '../../src/facts/location.js';
import { link } from '../../src/link/index.js';
import type { Evidence, Project } from '../../src/link/project.js';
import { parseSqlFile } from '../../src/parse/sql/index.js';
import { BACKFILL_BASE } from './backfills.js';

const fileOf = (number: number): SourceFile => ({ path: `migrations/${String(number).padStart(4, '0')}.sql`, language: 'sql', role: { type: 'migration', kind: 'sql', source: 0, direction: 'up' } });
const BASE = fileOf(1);
const base = parseSqlFile(BASE, BACKFILL_BASE);

/** Stands between the statements of two migrations. */
export const NEXT = '---';

/** The text of a migration: one statement a line. */
export const textOf = (statements: readonly string[]): string => statements.map((each) => (each === NEXT ? '\n' : `${each};\n`)).join('');

/** Migrations that follow the base, each with the number of its first statement. */
export interface Backfill {
  readonly files: readonly { readonly file: SourceFile; readonly facts: FileFacts; readonly text: string; readonly first: number }[];
}

/** Migrations as the engine reads them. */
export function readBackfill(statements: readonly string[]): Backfill {
  const files: Backfill['files'][number][] = [];
  for (let first = 0; first < statements.length;) {
    const end = statements.indexOf(NEXT, first);
    const text = textOf(statements.slice(first, end < 0 ? undefined : end));
    const file = fileOf(files.length + 2);
    files.push({ file, text, first: first + 1, facts: parseSqlFile(file, text) });
    first = end < 0 ? statements.length : end + 1;
  }
  return { files };
}

/** The project of the base and the migrations, each of which runs in a transaction. */
export function projectOfBackfill({ files }: Backfill): Project {
  const config = defaultConfig('/');
  const read = [{ file: BASE, facts: base }, ...files];
  const entries = read.map(({ file: { path } }, index) => ({ id: String(index), file: path }));
  const discovery = { root: '/', files: read.map(({ file }) => file), sources: [{ kind: 'sql' as const, dir: 'migrations', transaction: 'file' as const, entries, faults: [] }], notices: [] };
  return link({ ...config, tenant: [{ columns: ['account_id', 'tenant'], root: 'accounts' }] }, discovery, new Map(read.map(({ file, facts }) => [file.path, facts])));
}

/** The number of the statement at a place, beginning with 1; undefined: in the base. */
export function numberAt({ files }: Backfill, { file, start }: Pick<Location, 'file' | 'start'>): number | undefined {
  const found = files.find((each) => each.file.path === file);
  return found && found.first + found.text.slice(0, start).split('\n').length - 1;
}

/** Everything the engine says of the backfills, tests and NOT NULLs of the migrations, a fact a line; each begins with the number of its statement. */
export function factsOf(backfill: Backfill): string[] {
  const { backfills, nullChecks, notNullChanges, rowDeletions } = projectOfBackfill(backfill);
  const at = (location: Location): string => {
    const text = backfill.files.find(({ file }) => file.path === location.file)?.text ?? BACKFILL_BASE;
    const words = text.slice(location.start, Math.min(location.end, location.start + 24)).split('\n')[0]!;
    return `${numberAt(backfill, location) ?? 'base'}: \`${words}\``;
  };
  const all = (evidence: readonly Evidence[]): string => evidence.map(({ message, location }) => `${message} (${at(location)})`).join(', ');
  const nameOf = ({ table, column, isTenantColumn }: { readonly table: string; readonly column: string; readonly isTenantColumn: boolean }): string => `${table}.${column}${isTenantColumn ? ' (tenant)' : ''}`;
  const some = (texts: readonly (string | false | undefined)[]): string => texts.filter(Boolean).join('; ');
  return [
    ...backfills.map((each) => some([
      `${at(each.location)} backfill of ${nameOf(each)}: ${each.coverage}`, each.leavesNull.length > 0 && `leaves NULL: ${all(each.leavesNull)}`, each.isLast && 'last', each.verifiedLater && 'verified',
      each.ambiguous && `ambiguous: ${each.ambiguous.reason} (${at(each.ambiguous.location)})`, each.unready.length > 0 && `unready: ${each.unready.map(({ table, column, reason, location }) => `${table}.${column} ${reason} (${at(location)})`).join(', ')}`,
      each.hiddenByRls.length > 0 && `hidden: ${all(each.hiddenByRls)}`, each.rewritesWholeTable && 'rewrites',
    ])),
    ...nullChecks.map((each) => some([`${at(each.location)} test of ${nameOf(each)}: aborts ${each.aborts}`, each.reason, each.hiddenByRls.length > 0 && all(each.hiddenByRls)])),
    ...notNullChanges.map((each) => some([
      `${at(each.location)} ${each.form} of ${nameOf(each)}: may hold rows ${each.mayHoldRows}`, each.added && `added ${at(each.added)}`, `filled by ${each.filledBy.map(({ how, coverage, location }) => `${how} ${coverage} (${at(location)})`).join(', ') || 'nothing'}`,
      each.needsNoVerify, each.verifiedBy && `verified by ${at(each.verifiedBy)}`, each.totalBackfill && 'total backfill', each.weakCheck && `weak check ${at(each.weakCheck)}`, each.skippedWhenNullsRemain === true && 'skipped when NULLs remain', all(each.evidence),
    ])),
    ...rowDeletions.map((each) => `${at(each.location)} deletes rows of ${each.table} without ${each.column}`),
  ];
}
