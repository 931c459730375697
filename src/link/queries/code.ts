import type { Config } from '../../config/types.js';
import { isSeedCode } from '../../discover/code.js';
import type { Expression } from '../../facts/expression.js';
import { isWithin, type Location } from '../../facts/location.js';
import type { Query } from '../../facts/query.js';
import { singleEffects } from '../code/effects.js';
import type { Effect } from '../code/library.js';
import { distinctExpressions } from '../code/lower.js';
import type { QueryRecord } from '../code/machine.js';
import { matchesPath } from '../names.js';
import { copyOf } from './nodes.js';
import { parameterNames } from '../parameters.js';
import { atCallers, beginOf, placeOf } from './callers.js';
import { BESIDE_MIGRATIONS, type FoundQuery } from './collect.js';
import { LeftCalls, type LeftCall } from './left.js';
import { neededParameters, whereGiven } from './needed.js';
import { untrustedInputs } from './trust.js';

/** All queries among effects, at any depth. */
export function queriesOfEffects(effects: readonly Effect[]): QueryRecord[] {
  return singleEffects(effects).filter((effect) => effect.kind === 'query');
}

/** The ways one query of application code comes to run: by its own function alone, and by each caller that was followed. */
export interface QuerySite {
  readonly own: readonly FoundQuery[];
  readonly called: readonly FoundQuery[];
}

const MOST_WAYS = 24;

/** Where there are many ways, one that is followed from further off still stands in for one of those it passes through. */
function note(ways: FoundQuery[], record: QueryRecord, config: Config): void {
  if (ways.some(({ code }) => isSameWay(code!, record))) return;
  const index = ways.length < MOST_WAYS ? ways.length : ways.findIndex(({ code }) => leadsTo(record, code!));
  if (index >= 0) ways[index] = toFound(record, config);
}

/**
 * Groups the queries of application code by the place where they stand.
 * @param left the calls that were left before their end
 * @param moves told of each query that is one of the place that calls
 */
export function sitesOf(records: readonly QueryRecord[], left: readonly LeftCall[], config: Config, moves?: (from: QueryRecord, to: QueryRecord) => void): QuerySite[] {
  const sites = new Map<string, { own: FoundQuery[]; called: FoundQuery[] }>();
  for (const record of atCallers(records, moves)) {
    const { location } = record;
    const key = `${location.file}:${location.start}:${location.end}:${record.query?.kind ?? ''}`;
    let site = sites.get(key);
    if (!site) sites.set(key, site = { own: [], called: [] });
    note(isOwn(record) ? site.own : site.called, record, config);
  }
  leaveToOthers(sites);
  leaveToCallers(sites);
  const calls = new LeftCalls(left);
  leaveGiven(sites, calls);
  return [...sites.values()].map(ordinarySite).map(({ own, called }) => ({
    own: own.map((way) => opened(way, calls)), called: called.filter((way) => !called.some((other) => leadsTo(other.code!, way.code!))).map((way) => opened(way, calls)),
  }));
}

/** The way as one of which not all is known, where a call that leads to it was left. What is given no value no caller can have pinned. */
function opened(way: FoundQuery, calls: LeftCalls): FoundQuery {
  return way.code!.parameters.size > 0 && calls.isOpen(way.code!) ? { ...way, code: { ...way.code!, isLeft: true } } : way;
}

/** What a function cannot tell of those that it makes (for which table they are) they tell themselves. */
function leaveToOthers(sites: Map<string, { own: FoundQuery[]; called: FoundQuery[] }>): void {
  const open = [...sites].filter(([, { own }]) => own.some(isOpen));
  const told = new Map(open.flatMap(([, { own }]) => own.map((way): [string, FoundQuery[]] => [beginOf(way.location), []])));
  for (const { own, called } of told.size === 0 ? [] : sites.values()) for (const way of [...own, ...called]) if (!isOpen(way)) told.get(beginOf(way.location))?.push(way);
  for (const [key, site] of open) {
    site.own = site.own.filter((way) => !isOpen(way) || !told.get(beginOf(way.location))!.some((other) => tellsMore(other, way)));
    if (site.own.length + site.called.length === 0) sites.delete(key);
  }
}

/** A builder that a helper gives asks nothing by itself where its callers add to it, nor does a function that sends what they have built. */
function leaveToCallers(sites: Map<string, { own: FoundQuery[]; called: FoundQuery[] }>): void {
  const ways = [...sites.values()].flatMap(({ own, called }) => [...own, ...called].map(({ code }) => code!));
  const begun = new Set(ways.flatMap(({ helper }) => (helper ? [beginOf(helper)] : [])));
  const senders = new Set(ways.flatMap(({ sender }) => (sender ? [beginOf(sender)] : [])));
  if (begun.size + senders.size === 0) return;
  const isLeft = (way: FoundQuery): boolean => begun.has(beginOf(way.location)) || (isOpen(way) && senders.has(beginOf(way.location)));
  for (const [key, { own, called: { length } }] of sites) if (length === 0 && own.every(isLeft)) sites.delete(key);
}

/** What an object is that a function is handed, those say that call it; where it is a row that was there already, nothing is asked. */
function leaveGiven(sites: Map<string, { own: FoundQuery[]; called: FoundQuery[] }>, calls: LeftCalls): void {
  const all = [...sites.values()].flatMap(({ own, called }) => [...own, ...called]);
  const places = new Map<string, FoundQuery[]>();
  if (all.every(({ code }) => code!.given === undefined)) return;
  for (const way of all) {
    const key = placeOf(way.location);
    places.set(key, [...places.get(key) ?? [], way]);
  }
  const isTold = (way: FoundQuery): boolean => way.code!.given === 'parameter' && !calls.isOpen(way.code!) && places.get(placeOf(way.location))!.some((other) => leadsTo(other.code!, way.code!));
  const isLeft = (way: FoundQuery): boolean => way.code!.given === 'row' || isTold(way);
  for (const [key, site] of sites) {
    [site.own, site.called] = [site.own, site.called].map((ways) => ways.filter((way) => !isLeft(way))) as [FoundQuery[], FoundQuery[]];
    if (site.own.length + site.called.length === 0) sites.delete(key);
  }
}

/** Whether it is not known what a query asks for. */
function isOpen({ query }: FoundQuery): boolean {
  return query === undefined;
}

/** Whether a way begins further inside, or elsewhere: a builder may be made here and sent there. */
function tellsMore({ code: other, location }: FoundQuery, { code }: FoundQuery): boolean {
  const [begin] = other!.stack;
  const [outer] = code!.stack;
  if (outer === undefined || !isWithin(location, outer)) return false;
  if (begin !== undefined && !isWithin(location, begin)) return true;
  return begin !== undefined && isWithin(begin, outer) && !isWithin(outer, begin);
}

/** Where others come than administrators of the platform, it is judged for them; who calls a function is not asked where its callers are known. */
function ordinarySite({ own, called }: QuerySite): QuerySite {
  const isOrdinary = ({ code }: FoundQuery): boolean => code?.platform !== true;
  const isCalled = (way: FoundQuery): boolean => called.some((other) => leadsTo(other.code!, way.code!));
  if (called.some(isOrdinary) || own.some((way) => isOrdinary(way) && !isCalled(way))) return { own: own.filter(isOrdinary), called: called.filter(isOrdinary) };
  return { own: own.filter((way) => !isOrdinary(way)), called };
}

/** Whether a way that was followed from further off passes where another one begins: what that one's function is given is known. */
function leadsTo({ stack: longer }: QueryRecord, { stack }: QueryRecord): boolean {
  const before = longer.length - stack.length;
  return before > 0 && stack.every(({ file, start }, index) => longer[before + index]!.file === file && longer[before + index]!.start === start);
}

/** The settings a query runs under, with what the caller sent for them. */
function settingsSaid({ settings = [] }: QueryRecord): string {
  return settings.map(({ set, by }) => [set, ...by ? untrustedInputs(by) : []].join(' ')).join();
}

/** Whether both are one query that runs under the same conditions. */
function isSameWay(a: QueryRecord, b: QueryRecord): boolean {
  if (a.query === undefined || a.query !== b.query || a.callback !== b.callback || a.beside !== b.beside || settingsSaid(a) !== settingsSaid(b) || (typeof a.access === 'string' || typeof b.access === 'string') && a.access !== b.access) return false;
  const [own, other] = [proofsOf(a), proofsOf(b)];
  return own.length === other.length && own.every((fact, index) => fact === other[index]) && a.checks.length === b.checks.length && a.checks.every((check, index) => check === b.checks[index]);
}

const proven = new WeakMap<QueryRecord, readonly Expression[]>();

/** What held when a query ran, as far as it speaks of the query's inputs. */
function proofsOf(record: QueryRecord): readonly Expression[] {
  let known = proven.get(record);
  if (known === undefined) proven.set(record, known = record.query === undefined || record.facts.length === 0 ? [] : relevant(record.facts, record.query));
  return known;
}

/** A query that was recorded, as one that is judged. */
export function toFound(record: QueryRecord, config: Config): FoundQuery {
  const { file } = record.location;
  return {
    origin: isSeedCode(file) ? 'seed' : 'code', where: 'application code', location: record.location, system: record.platform === true || isSystem(file, config),
    ...(record.query && { query: record.query }), ...(record.unknown !== undefined && { unknown: record.unknown }), code: record,
  };
}

/** What people run by hand, and migrations of a home-made kind, work on all tenants, unless the config says what does. */
const SCRIPTS = ['scripts/**', '**/scripts/**', '.scripts/**', '**/.scripts/**', '**/migrations/**', '**/alterations/**', ...BESIDE_MIGRATIONS];

function isSystem(file: string, { queries }: Config): boolean {
  return matchesPath(file, queries.systemPaths.length > 0 ? queries.systemPaths : SCRIPTS);
}

/** Whether everything on the stack is part of the function that was entered. */
function isOwn({ stack }: QueryRecord): boolean {
  const [outer] = stack;
  return outer === undefined || stack.every((each) => isWithin(each, outer));
}

/** The query with what held when it ran: conditions over the same inputs are further conditions of it. */
export function withProofs(query: Query, code: QueryRecord): Query {
  // A proof may be made of the very condition that the query has.
  const needed = neededParameters(query);
  const proofs = distinctExpressions(proofsOf(code)).map((proof) => copyOf(needed.size === 0 ? proof : whereGiven(proof, needed))).reverse();
  const given = proofs.length === 0 ? query : guarded(query, proofs);
  return given.kind === 'select' && code.checks.length > 0 ? { ...given, where: conjunction(given.where, distinctExpressions(code.checks).map(copyOf), given.location) } : given;
}

function conjunction(where: Expression | undefined, proofs: readonly Expression[], location: Location): Expression {
  return { kind: 'and', operands: [...(where ? [where] : []), ...proofs], location };
}

/** The query as it runs only where the proofs hold: each of its parts that changes rows too. */
function guarded(query: Query, proofs: readonly Expression[]): Query {
  const commons = query.with.map((each) => ({ ...each, query: guarded(each.query, proofs) }));
  switch (query.kind) {
    case 'select': case 'update': case 'delete': return { ...query, with: commons, where: conjunction(query.where, proofs, query.location) };
    case 'insert': return { ...query, with: commons, ...(query.source && { source: guardedSource(query.source, proofs) }) };
    default: return { ...query, with: commons };
  }
}

/** More rows of VALUES are not told apart. */
const MOST_ROWS = 12;

function guardedSource(source: Query, proofs: readonly Expression[]): Query {
  if (source.kind === 'set' && source.operator === 'union') return { ...source, left: guardedSource(source.left, proofs), right: guardedSource(source.right, proofs) };
  if (source.kind !== 'values') return guarded(source, proofs);
  const { location } = source;
  if (source.rows.length > MOST_ROWS) return source;
  const arms = source.rows.map((row): Query => ({
    kind: 'select', targets: row.map((expression) => ({ expression })), from: [], groupBy: [], distinctOn: [], orderBy: [], with: [], where: conjunction(undefined, proofs, location), location,
  }));
  return arms.length === 0 ? source : arms.reduce((left, right): Query => ({ kind: 'set', operator: 'union', all: true, left, right, orderBy: [], with: [], location }));
}

/** The facts that speak of an input of the query, or of an input that such a fact speaks of. */
function relevant(facts: readonly Expression[], query: Query): Expression[] {
  const named = facts.map((fact) => ({ fact, names: parameterNames(fact) }));
  const known = new Set(parameterNames(query));
  const taken = new Set<Expression>();
  for (let grown = true; grown;) {
    grown = false;
    for (const { fact, names } of named) {
      if (taken.has(fact) || ![...names].some((name) => known.has(name))) continue;
      taken.add(fact);
      names.forEach((name) => known.add(name));
      grown = true;
    }
  }
  return facts.filter((fact) => taken.has(fact));
}
