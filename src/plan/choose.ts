import type { ForeignKey } from '../link/catalog/types.js';
import type { ClassifiedTable } from '../link/project.js';
import { describeSource } from './sources.js';
import type { Source } from './types.js';

/** What decides between several foreign keys of one table. */
export interface Preferences {
  /** `--via`: the columns to follow, in order. */
  readonly via?: readonly string[];
  readonly agree: boolean;
  /** Columns that hold the signed-in user, as the config names them (`user_id`, `users.id`). */
  readonly principalColumns: readonly string[];
  /** Every row of the first table belongs to one row of the second, over foreign keys that are never NULL. */
  readonly isBelow: (table: ClassifiedTable, other: ClassifiedTable) => boolean;
  /** Every row of the table gets the same tenant: the default. */
  readonly isUniform: (table: ClassifiedTable) => boolean;
}

export type Choice =
  | { readonly sources: readonly Source[]; readonly guarded: boolean; readonly reason: string }
  | { readonly refused: string };

type Criterion = readonly [words: string, holds: (source: Source, others: readonly Source[]) => boolean];

/**
 * Chooses the foreign keys by which a table's rows get their tenant. One that is never NULL is enough by itself; the nullable ones
 * are tried one after the other. Of several that are never NULL one must be better than the rest, for they may name different tenants.
 */
export function choose(table: ClassifiedTable, found: readonly Source[], preferences: Preferences): Choice {
  if (preferences.via) return chosenByUser(table, found, preferences.via);
  // A row that always has this parent belongs to nobody while the parent does: no nullable key may say otherwise.
  const total = found.filter((source) => source.always);
  if (total.length === 0) return fallbacks(table, found, preferences);
  let left = total;
  let reason = total.length === 1 ? (found.length > 1 ? 'the only foreign key that is never NULL' : 'its foreign key is never NULL') : '';
  for (const [words, holds] of criteria(table, preferences)) {
    if (left.length === 1) break;
    const better = left.filter((source) => holds(source, left));
    if (better.length > 0 && better.length < left.length) [left, reason] = [better, words];
  }
  if (left.length === 1) return { sources: left, guarded: false, reason };
  if (left.every((source) => preferences.isUniform(source.hops[0]!.to))) return { sources: [left[0]!], guarded: false, reason: 'all of its parents belong to the default tenant' };
  if (preferences.agree) return { sources: left, guarded: true, reason: 'equally good foreign keys, which must agree' };
  return { refused: ambiguity(table, left) };
}

function chosenByUser(table: ClassifiedTable, found: readonly Source[], via: readonly string[]): Choice {
  const sources = via.map((column) => found.find(({ hops }) => hops[0]!.columns.includes(column)));
  const missing = via.filter((_, index) => !sources[index]);
  const names = found.map(({ hops }) => hops[0]!.columns.join('+'));
  if (missing.length > 0) {
    return { refused: `--via ${table.name}.${missing[0]!}: no foreign key over this column leads to a tenant${names.length > 0 ? ` (${names.join(', ')} ${names.length === 1 ? 'does' : 'do'})` : ''}` };
  }
  return { sources: sources as Source[], guarded: false, reason: 'as --via says' };
}

/** Nullable keys in the order of their worth; where two of them name a tenant they must name the same. */
function fallbacks(table: ClassifiedTable, found: readonly Source[], preferences: Preferences): Choice {
  const rank = (source: Source) => criteria(table, preferences).findIndex(([, holds]) => holds(source, found));
  const position = (source: Source) => (rank(source) < 0 ? Infinity : rank(source));
  const sources = found.map((source, index) => ({ source, index })).sort((a, b) => position(a.source) - position(b.source) || a.index - b.index).map(({ source }) => source);
  const uniform = sources.every((source) => preferences.isUniform(source.hops[0]!.to));
  return {
    sources, guarded: sources.length > 1 && !uniform,
    reason: sources.length > 1 ? 'none is never NULL: each fills what those before it left' : 'its only foreign key to a tenant',
  };
}

function criteria(table: ClassifiedTable, { principalColumns, isBelow }: Preferences): Criterion[] {
  const primary = table.table.primaryKey?.columns ?? [];
  return [
    ['it is the primary key: the row is a part of its parent', ({ hops: [hop] }) => primary.length > 0 && primary.length === hop!.columns.length && primary.every((name) => hop!.columns.includes(name))],
    ['it holds the signed-in user (queries.principalColumns)', ({ hops: [hop] }) => hop!.columns.some((name) => isPrincipal(table, name, hop!.toColumns, hop!.to, principalColumns))],
    ['its parent always has a tenant', ({ total }) => total],
    ['the row is deleted with its parent (ON DELETE CASCADE), not with the others', ({ hops: [hop] }) => keyOver(table, hop!.columns)?.onDelete === 'cascade'],
    ['its parent is itself a part of the others', ({ hops: [hop] }, others) => others.every(({ hops: [other] }) => other === hop || isBelow(hop!.to, other!.to))],
  ];
}

function isPrincipal(table: ClassifiedTable, column: string, toColumns: readonly string[], to: ClassifiedTable, configured: readonly string[]): boolean {
  return configured.includes(column) || configured.includes(`${table.name}.${column}`) || toColumns.some((name) => configured.includes(`${to.name}.${name}`));
}

function keyOver(table: ClassifiedTable, columns: readonly string[]): ForeignKey | undefined {
  return table.table.foreignKeys.find((key) => columns.every((name) => key.columns.includes(name)));
}

function ambiguity(table: ClassifiedTable, sources: readonly Source[]): string {
  const example = sources[0]!.hops[0]!.columns[0]!;
  return `${sources.map(describeSource).join(' and ')} are equally good and may name different tenants; choose with --via ${table.name}.${example}, or let the migration prove that they agree with --agree`;
}
