import { posix } from 'node:path';
import type { Answers } from '../cache/answers.js';
import type { Config } from '../config/types.js';
import type { CodeFunction } from '../facts/code.js';
import { isWithin, type Location, type Notice } from '../facts/location.js';
import { functionMark, isSameSkeleton } from '../parse/skeleton.js';
import { interpolationsOf } from './code/index.js';
import { push } from './code/lists.js';
import type { QueryRecord } from './code/machine.js';
import type { CodeProgram, Followed } from './code/program.js';
import { collected, recordsOf, sourcesOf, type Queried, type Schema } from './index.js';
import type { Interpolation, QueryFact, SessionSetting } from './project.js';
import { SiteAnswers } from './queries/answers.js';
import { beginOf, placeOf } from './queries/callers.js';
import { sitesOf, type QuerySite } from './queries/code.js';
import { leftCallsOf, type LeftCall } from './queries/left.js';
import { saidAt } from './queries/said.js';
import { judgeSites, judgeTexts, tablesOf, withCalls } from './queries/index.js';
import { settingsInCode } from './session-settings.js';

/** What became of following one file. */
interface KeptUnit extends Pick<Followed, 'loaded' | 'acts' | 'looked'> {
  readonly file: string;
  readonly notices: readonly Notice[];
  readonly interpolations: readonly Interpolation[];
  readonly settings: readonly SessionSetting[];
  /** The groups of places that it has queries of. */
  readonly groups: readonly KeptGroup[];
  /** What its queries say of each place. */
  readonly said: readonly (readonly [place: string, said: number])[];
  /** The calls that were left before their end. */
  readonly left: readonly LeftCall[];
}

/** Places whose queries are judged together: those of a helper that is told its table stand where it is called. */
interface KeptGroup {
  readonly places: readonly string[];
  /** Where the first query of them was met: in following a file, after so many others. */
  readonly first: readonly [file: string, before: number];
  readonly facts: readonly unknown[];
  /** The functions that the ways of its queries begin at: a call of one that is left leaves them open. */
  readonly begins: readonly string[];
  /** The files that the facts speak of. */
  readonly files: readonly string[];
}

/** What is kept of a run for the one after a change. */
export interface KeptParts {
  readonly basis: string;
  /** What files were found by, and the files that were found so, or whose text others read. */
  readonly patterns: readonly string[];
  readonly found: readonly string[];
  /** Modules that leave something behind, when they are loaded, that others may see: before any file is followed, and at the end. */
  readonly actingFirst: readonly string[];
  readonly acting: readonly string[];
  /** Functions that modules call of others when they are loaded. */
  readonly called: readonly (readonly [fn: string, file: string])[];
  /** What each module says to who loads it. */
  readonly skeletons: readonly (readonly [file: string, skeleton: string])[];
  /** Functions of some files by what is in them: what is found out once depends on it. */
  readonly shared: readonly (readonly [file: string, marks: readonly string[]])[];
  /** Files of classes whose members were looked for by what is found out once. */
  readonly asked: readonly string[];
  /** Modules that ask a framework's objects for what others have given them. */
  readonly asking: readonly string[];
  /** Interfaces that were asked for, with the classes that implement them. */
  readonly interfaces: readonly (readonly [name: string, classes: string])[];
  /** Folders whose files were listed. */
  readonly folders: readonly string[];
  readonly units: readonly KeptUnit[];
  readonly groups: readonly KeptGroup[];
}

/** What has become of some files since the last run. */
export interface ChangedFiles {
  /** Those whose text is another one now, and those that are new. */
  readonly changed: ReadonlySet<string>;
  /** Those that were not there. */
  readonly added: ReadonlySet<string>;
  /** Those that are no longer there. */
  readonly removed: ReadonlySet<string>;
}

/** What is known of earlier runs. */
export interface Memory {
  readonly answers: Answers;
  /** The last run, and what is another now: files of code, and of no other language before. */
  readonly before?: { readonly parts: KeptParts } & ChangedFiles;
  /** Told what is to be kept of this run, and whether something of the last one was taken; of some there is nothing to be kept. */
  readonly keep: (parts: KeptParts | undefined, isTaken: boolean) => void;
}

type Before = NonNullable<Memory['before']>;

/** The places of a group, the files that led to it, and the facts. */
interface Group {
  readonly places: Set<string>;
  readonly units: Set<string>;
  readonly begins: Set<string>;
  readonly first: readonly [file: string, before: number];
  readonly facts: QueryFact[];
}

interface Grouped {
  readonly groups: readonly Group[];
  readonly sites: readonly { readonly site: QuerySite; readonly group: Group }[];
}

/**
 * Follows the code of a project file by file, and judges its queries place by place. After a change only those files are followed that the changed ones
 * can be seen from, with all others that have queries at the same places; what is known of the others is taken from the last run.
 * @returns undefined when it turns out that more has to be followed: then all has to, from the beginning
 */
export function linkInParts(schema: Schema, code: CodeProgram, config: Config, memory: Memory & { readonly basis: string }): Queried | undefined {
  return new PartLinker(schema, code, config, memory).link();
}

class PartLinker {
  private readonly sources;
  private readonly answers: SiteAnswers;
  private readonly order: readonly string[];
  private readonly rank: ReadonlyMap<string, number>;
  private readonly actingFirst: readonly string[];
  private readonly followed = new Map<string, { readonly result: Followed; readonly records: readonly QueryRecord[] }>();
  private readonly origins = new Map<QueryRecord, readonly [file: string, before: number]>();

  constructor(private readonly schema: Schema, private readonly code: CodeProgram, private readonly config: Config, private readonly memory: Memory & { readonly basis: string }) {
    this.order = code.begin(schema.facts.databases.map(({ catalog }) => catalog));
    this.actingFirst = code.acting();
    this.rank = new Map(this.order.map((file, index) => [file, index]));
    this.sources = sourcesOf(schema, code, config, {});
    this.answers = new SiteAnswers(memory, tablesOf(this.sources), this.sources.isBorrowed);
  }

  link(): Queried | undefined {
    const { before } = this.memory;
    const seeing = before && this.seeing(before);
    if (before === undefined || seeing === undefined) {
      for (const file of this.order) this.follow(file);
      return this.result([], this.groupsOf(() => true), undefined);
    }
    const kept = new Map(before.parts.units.map((unit) => [unit.file, unit]));
    for (const file of this.order) {
      const unit = kept.get(file);
      if (unit === undefined || seeing.has(file) || unit.acts) this.follow(file);
      else this.code.pass(unit);
      if (seeing.has(file) && this.isSeenElsewhere(file, unit, before)) return undefined;
    }
    const called = (all: Iterable<readonly [fn: string, file: string]>) => [...all].flatMap(([fn, file]) => (seeing.has(file) ? [] : [fn])).sort().join('\n');
    if (called(before.parts.called) !== called(this.code.traces.called)) return undefined;
    return this.afterChange(before, seeing, kept);
  }

  private follow(file: string): void {
    const result = this.code.follow(file);
    const records = recordsOf(this.schema, result.effects);
    records.forEach((record, index) => this.origins.set(record, [file, index]));
    this.followed.set(file, { result, records });
  }

  /** The files that are seen to have changed: by what they import. Undefined where others may see it, too. */
  private seeing({ parts, changed, added, removed }: Before): ReadonlySet<string> | undefined {
    if (parts.basis !== this.memory.basis || parts.actingFirst.join('\n') !== this.actingFirst.join('\n') || parts.asking.join('\n') !== this.code.asking.join('\n')) return undefined;
    if (this.code.implementers(parts.interfaces.map(([name]) => name)).some(([, classes], index) => classes !== parts.interfaces[index]![1])) return undefined;
    const naming = this.code.naming(added, removed);
    const folders = new Set(parts.folders);
    if (naming === undefined || [...added, ...removed].some((file) => folders.has(posix.dirname(file)))) return undefined;
    const acts = new Set(parts.units.flatMap((unit) => (unit.acts ? [unit.file] : [])));
    const others = new Set([...parts.acting, ...parts.found, ...this.actingFirst]);
    const says = saying(parts.patterns, this.code);
    if ([...removed].some((file) => others.has(file) || acts.has(file)) || [...changed].some(says)) return undefined;
    const isInside = insideOf(parts, this.code);
    const whole = new Set([...naming, ...[...changed].filter((file) => !isInside(file))].flatMap((file) => [...this.code.callersOf(file)]));
    if ([...whole].some((file) => others.has(file))) return undefined;
    const looking = parts.units.flatMap(({ file, looked }) => (looked.some((each) => changed.has(each)) ? [file] : []));
    const seeing = new Set([...whole, ...[...changed].flatMap((file) => [...this.code.callersOf(file)]), ...looking]);
    if ([...seeing].some((file) => acts.has(file) || this.schema.files.get(file)?.role.type !== 'source')) return undefined;
    return seeing;
  }

  /** Whether following a changed file did something where others look, or did so before. */
  private isSeenElsewhere(file: string, before: KeptUnit | undefined, { parts }: Before): boolean {
    const result = this.followed.get(file)?.result;
    if (result?.acts === true) return true;
    const acting = new Set([...parts.acting, ...this.code.acting()]);
    const [then, now] = [before?.loaded ?? [], result?.loaded ?? []].map((files) => files.filter((each) => acting.has(each)).join());
    return then !== now;
  }

  /** Follows further files until all are followed that have queries at the places that the changed ones have, or had, some at. */
  private afterChange(before: Before, seeing: ReadonlySet<string>, kept: ReadonlyMap<string, KeptUnit>): Queried {
    const { groups, units } = before.parts;
    const at = new Map(groups.flatMap((group) => group.places.map((place) => [place, group] as const)));
    const touched = new Set(units.filter(({ file }) => !this.rank.has(file)).flatMap((unit) => unit.groups));
    for (const file of seeing) for (const place of this.otherwiseSaid(file, kept.get(file))) if (at.has(place)) touched.add(at.get(place)!);
    for (const group of groups) if (group.files.some((file) => before.changed.has(file))) touched.add(group);
    const left = this.changedCalls(seeing, kept);
    for (const group of groups) if (group.begins.some((each) => left.has(each))) touched.add(group);
    for (;;) {
      const found = this.groupsOf((record) => {
        const group = at.get(placeOf(record.location));
        return group === undefined || touched.has(group);
      }, kept);
      const size = touched.size + this.followed.size;
      for (const { places } of found.groups) for (const place of places) if (at.has(place)) touched.add(at.get(place)!);
      for (const file of this.order) if (!this.followed.has(file) && kept.get(file)!.groups.some((group) => touched.has(group))) this.follow(file);
      if (touched.size + this.followed.size === size) return this.result(groups.filter((group) => !touched.has(group)), found, kept);
    }
  }

  /** The places of which the queries of a file say something else than before. */
  private otherwiseSaid(file: string, before: KeptUnit | undefined): string[] {
    const [then, now] = [new Map(before?.said), this.saidIn(file)];
    return [...new Set([...then.keys(), ...now.keys()])].filter((place) => then.get(place) !== now.get(place));
  }

  private saidIn(file: string): ReadonlyMap<string, number> {
    return saidAt(this.followed.get(file)?.records ?? [], this.config, this.sources.isBorrowed);
  }

  /** The calls that were left in a file, now or, where it is not followed, in the last run. */
  private leftIn(file: string, kept: ReadonlyMap<string, KeptUnit> | undefined): readonly LeftCall[] {
    const followed = this.followed.get(file);
    return followed === undefined ? kept?.get(file)?.left ?? [] : leftCallsOf(followed.result.effects);
  }

  /** The functions of the calls that changed files leave now and did not before, or the other way round. */
  private changedCalls(seeing: ReadonlySet<string>, kept: ReadonlyMap<string, KeptUnit>): ReadonlySet<string> {
    const keys = (calls: readonly LeftCall[]) => new Set(calls.map((call) => call.join('\n')));
    return new Set([...new Set([...seeing, ...kept.keys()])].flatMap((file) => {
      if (!seeing.has(file) && this.rank.has(file)) return [];
      const [then, now] = [kept.get(file)?.left ?? [], this.rank.has(file) ? this.leftIn(file, undefined) : []];
      const [before, after] = [keys(then), keys(now)];
      return [...then, ...now].filter((call) => before.has(call.join('\n')) !== after.has(call.join('\n'))).flat();
    }));
  }

  /** The groups of the places of some queries, not judged yet. */
  private groupsOf(isWanted: (record: QueryRecord) => boolean, kept?: ReadonlyMap<string, KeptUnit>): Grouped {
    const records = this.order.flatMap((file) => this.followed.get(file)?.records.filter(isWanted) ?? []);
    const joined = new Map<string, string>();
    const rootOf = (place: string): string => {
      let root = place;
      for (let up = joined.get(root); up !== undefined; up = joined.get(root)) root = up;
      return root;
    };
    const sites = sitesOf(records, this.order.flatMap((file) => this.leftIn(file, kept)), this.config, (from, to) => {
      this.origins.set(to, this.origins.get(from)!);
      const [one, other] = [rootOf(placeOf(from.location)), rootOf(placeOf(to.location))];
      if (one !== other) joined.set(one, other);
    });
    const found = new Map<string, Group>();
    const groupAt = (place: string, first: Group['first']): Group => {
      const root = rootOf(place);
      let group = found.get(root);
      if (group === undefined) found.set(root, group = { places: new Set(), units: new Set(), begins: new Set(), first, facts: [] });
      group.places.add(place);
      return group;
    };
    for (const record of records) {
      const origin = this.origins.get(record)!;
      const group = groupAt(placeOf(record.location), origin);
      group.units.add(origin[0]);
      if (record.stack[0] !== undefined) group.begins.add(beginOf(record.stack[0]));
    }
    for (const [place] of joined) groupAt(place, ['', 0]);
    const placed = sites.map((site) => ({ site, group: groupAt(placeOf((site.own[0] ?? site.called[0])!.location), ['', 0]) }));
    return { groups: [...found.values()], sites: placed };
  }

  /** Judges what was followed, and keeps it with what was taken. */
  private result(taken: readonly KeptGroup[], { groups: found, sites }: Grouped, kept: ReadonlyMap<string, KeptUnit> | undefined): Queried {
    const followed = sites.flatMap(({ site, group }) => {
      const judged = this.answers.of(site, this.schema.groups.get((site.own[0] ?? site.called[0])!.location.file), () => judgeSites([site], this.sources));
      const facts = withCalls(judged, site, this.sources.isBorrowed);
      group.facts.push(...facts);
      return facts;
    });
    const facts = taken.length === 0 ? followed : [...taken.map(({ first, facts: packed }) => ({ first, facts: packed.map((fact) => this.answers.unpacked(fact as QueryFact)) })), ...found]
      .sort((a, b) => this.rank.get(a.first[0])! - this.rank.get(b.first[0])! || a.first[1] - b.first[1]).flatMap((group) => group.facts);
    const still = new Set(taken);
    const own = new Map<string, KeptGroup[]>();
    const groups = found.map((group) => {
      const keptGroup = this.keptGroup(group);
      for (const file of group.units) {
        push(own, file, keptGroup);
      }
      return keptGroup;
    });
    const callersOf = remembered((file) => this.code.callersOf(file));
    const units = this.order.map((file): KeptUnit => {
      const result = this.followed.get(file)?.result;
      const before = kept?.get(file);
      const stillIts = (before?.groups ?? []).filter((group) => still.has(group));
      // The same object where it is the same: it is not written again.
      if (result === undefined) return stillIts.length === before!.groups.length ? before! : { ...before!, groups: stillIts };
      const left = this.leftIn(file, undefined);
      const { effects, notices, loaded, acts } = result;
      const looked = result.looked.filter((each) => !callersOf(each).has(file));
      return { file, notices, looked, loaded: before !== undefined && taken.length > 0 && loaded.length === 0 ? before.loaded : loaded, acts, interpolations: interpolationsOf(effects), settings: settingsInCode(effects, this.config), groups: [...stillIts, ...own.get(file) ?? []], said: [...this.saidIn(file)], left };
    });
    this.keep(units, [...taken, ...groups], kept !== undefined);
    const interpolations = new Map(units.flatMap((unit) => unit.interpolations).map((each) => [`${each.location.file}:${each.location.start}`, each]));
    return collected(this.schema, this.code, this.sources, { interpolations: [...interpolations.values()], settings: units.flatMap(({ settings }) => settings), queries: [...judgeTexts(this.sources), ...facts] });
  }

  private keptGroup({ places, begins, first, facts }: Group): KeptGroup {
    const packed = facts.map((fact) => this.answers.packed(fact));
    return { places: [...places], begins: [...begins], first, facts: packed, files: [...new Set(JSON.stringify(packed).match(/(?<="file":")[^"]*/g) ?? [])] };
  }

  private keptTraces(before: KeptParts | undefined, isTaken: boolean): Pick<KeptParts, 'called' | 'skeletons' | 'shared' | 'asked'> {
    const { called, shared, asked } = this.code.traces;
    const known = new Map(before?.skeletons.map((each) => [each[0], each]));
    const skeletons = this.code.skeletons().map((each) => (known.get(each[0])?.[1] === each[1] ? known.get(each[0])! : each));
    const marks = new Map(isTaken ? before?.shared : []);
    const own = new Map<string, Location[]>();
    for (const { location } of shared) own.set(location.file, [...own.get(location.file) ?? [], location]);
    for (const [file, places] of own) {
      const found = markedFunctions(this.code, file).flatMap(([mark, { location }]) => (places.some((each) => isWithin(each, location)) ? [mark] : []));
      marks.set(file, [...new Set([...marks.get(file) ?? [], ...found])]);
    }
    return { called: [...called], skeletons, shared: [...marks], asked: [...new Set([...asked, ...isTaken ? before?.asked ?? [] : []])] };
  }

  private keep(units: readonly KeptUnit[], groups: readonly KeptGroup[], isTaken: boolean): void {
    const { journal } = this.code;
    const before = this.memory.before?.parts;
    const patterns = [...new Set([...isTaken ? before?.patterns ?? [] : [], ...journal.patterns])];
    const found = [...this.schema.files.keys()].filter(saying(patterns, this.code));
    const isWhole = !journal.everywhere && groups.every(({ facts }) => facts.every((fact) => fact !== undefined));
    this.memory.keep(isWhole ? { basis: this.memory.basis, patterns, found: [...new Set([...found, ...journal.texts, ...isTaken ? before?.found ?? [] : []])], actingFirst: this.actingFirst, acting: this.code.acting(), ...this.keptTraces(before, isTaken), asking: this.code.asking, interfaces: this.code.implementers(new Set([...isTaken ? before?.interfaces.map(([name]) => name) ?? [] : [], ...journal.interfaces])), folders: [...new Set([...isTaken ? before?.folders ?? [] : [], ...journal.folders])], units, groups } : undefined, isTaken);
  }
}

function saying(patterns: readonly string[], { outside }: CodeProgram): (file: string) => boolean {
  const tests = patterns.map((each) => new RegExp(each));
  return (file) => tests.some((test) => test.test(outside.text?.(file) ?? ''));
}

/** Of which files nothing has changed but the inside of functions that answer nobody but who calls them. */
function insideOf(parts: KeptParts, code: CodeProgram): (file: string) => boolean {
  const [skeletons, shared, asked, found] = [new Map(parts.skeletons), new Map(parts.shared), new Set(parts.asked), new Set(parts.found)];
  return (file) => {
    const [before, now] = [skeletons.get(file), code.skeletonOf(file)];
    if (before === undefined || now === undefined || found.has(file) || !isSameSkeleton(before, now, asked.has(file) || file.endsWith('.py'))) return false;
    const marks = new Set(shared.has(file) ? markedFunctions(code, file).map(([mark]) => mark) : []);
    return shared.get(file)?.every((mark) => marks.has(mark)) !== false;
  };
}

/** The functions of a module by what is in them, and by how many others are the same. */
function markedFunctions(code: CodeProgram, file: string): (readonly [mark: string, fn: CodeFunction])[] {
  const all = code.functionsIn(file).map((fn) => [functionMark(fn), fn] as const);
  return all.map(([mark, fn]) => [`${mark} ${all.filter(([each]) => each === mark).length}`, fn]);
}

function remembered<T>(find: (file: string) => T): (file: string) => T {
  const known = new Map<string, T>();
  return (file) => {
    if (!known.has(file)) known.set(file, find(file));
    return known.get(file)!;
  };
}
