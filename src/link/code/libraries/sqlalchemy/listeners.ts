import type { CodeModule } from '../../../../facts/code.js';
import type { Location } from '../../../../facts/location.js';
import type { Query } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import { stored } from '../../store.js';
import { hole } from '../build.js';
import { isMigration } from './registry.js';
import { filtered } from './statement.js';
import type { TableData } from './tables.js';

/** What the listeners of the project's sessions change. */
interface Listeners {
  /** The names in modules that add conditions to whatever is read. */
  readonly filtering: ReadonlySet<string>;
  /** The attributes that may be filled in before rows are written. */
  readonly filled: ReadonlySet<string>;
}

const FILTERING = new Set(['do_orm_execute', 'before_compile', 'before_compile_update', 'before_compile_delete']);
/** Columns that rows of one owner share; what else a listener asks for (rows that are not deleted) is about the row alone. */
const REFERS = /_?id$/i;
const FILLING = new Set(['before_flush', 'before_insert', 'before_attach', 'init', 'pending_to_persistent', 'transient_to_pending']);

/** Goes through all nodes of a module. */
function visit(node: unknown, see: (node: Readonly<Record<string, unknown>>) => void): void {
  if (Array.isArray(node)) return node.forEach((each) => visit(each, see));
  if (node === null || typeof node !== 'object') return;
  see(node as Record<string, unknown>);
  for (const [key, value] of Object.entries(node)) if (key !== 'location') visit(value, see);
}

/** Whether a module can register listeners: it imports `event`. */
function listens({ language, imports }: CodeModule): boolean {
  return language === 'python' && imports.some(({ target: { module }, names }) => /^sqlalchemy\.event$/.test(module)
    || (/^sqlalchemy(?:\.|$)/.test(module) && names.some((name) => name === 'event' || name === 'listens_for' || name === 'listen')));
}

function found(modules: Iterable<CodeModule>): Listeners {
  const filtering = new Set<string>();
  const filled = new Set<string>();
  for (const module of modules) {
    if (!listens(module)) continue;
    const texts = new Set<string>();
    const names = new Set<string>();
    visit(module.body, (node) => {
      if (node['kind'] === 'literal' && typeof node['value'] === 'string') texts.add(node['value']);
      if (node['kind'] === 'name') names.add(node['name'] as string);
      if (node['kind'] === 'member') names.add(node['property'] as string);
    });
    const events = [...texts];
    const all = [...texts, ...names];
    // A listener that only looks (at times, at counts) changes no statement.
    if (events.some((each) => FILTERING.has(each)) && ['with_loader_criteria', 'filter', 'where', 'filter_by'].some((each) => names.has(each))) all.forEach((each) => filtering.add(each));
    if (events.some((each) => FILLING.has(each))) all.forEach((each) => filled.add(each));
  }
  return { filtering, filled };
}

function listeners(ctx: Context): Listeners {
  return stored(ctx, 'sqlalchemy:listeners', () => found(ctx.journal.modulesWith(/sqlalchemy[^]*\b(?:event|listen|listens_for)\b/)));
}

/**
 * A statement of mapped classes as a session runs it: where listeners of `do_orm_execute` (or `before_compile`) add criteria, which ones is not known.
 * @see SQLAlchemy manual, "Adding global WHERE / ON criteria"
 */
export function heard(query: Query, tables: readonly TableData[], location: Location, ctx: Context): Query {
  const { filtering } = listeners(ctx);
  if (filtering.size === 0 || isMigration(location.file, ctx) || !tables.some((each) => each.entity && [...each.columns?.values() ?? []].some((column) => REFERS.test(column) && filtering.has(column)))) return query;
  return filtered(query, [hole('conditions that a listener of the session adds', location)], false);
}

/** Whether a listener may fill in a column of a row before it is written. */
export function mayBeFilled(columns: readonly string[], { location, ctx }: { readonly location: Location; readonly ctx: Context }): boolean {
  return !isMigration(location.file, ctx) && columns.some((column) => listeners(ctx).filled.has(column));
}
