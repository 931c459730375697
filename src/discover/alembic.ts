import { posix } from 'node:path';
import { fault } from './found.js';
import type { FoundSource } from './found.js';
import type { Revision } from './graph.js';
import { topological } from './graph.js';
import { compareText } from './order.js';
import { noticeAt } from './read.js';
import { isTest } from './sql.js';
import type { Tree } from './tree.js';
import { isBelow, within } from './tree.js';
import type { Notice } from '../facts/location.js';

interface AlembicRevision extends Revision {
  readonly dependsOn: readonly string[];
  readonly labels: readonly string[];
  readonly at: { readonly start: number; readonly end: number };
  readonly downAt: { readonly start: number; readonly end: number };
}

type Field = 'revision' | 'down_revision' | 'depends_on' | 'branch_labels';

/** The Alembic environments of a project: the folder with env.py, else the folder of the revisions. */
export function alembicFolders(tree: Tree): string[] {
  const folders = new Set<string>();
  for (const path of tree.files) {
    if (!path.endsWith('.py') || isTest(path) || !/(?:^|\/)[^/]*(?:version|migrat|alembic|revision)[^/]*\//i.test(`${posix.basename(tree.root)}/${path}`)) continue;
    if (isRevision(tree.text(path))) folders.add(environmentOf(tree, posix.dirname(path)));
  }
  return [...folders].sort(compareText);
}

function isRevision(text: string): boolean {
  return /^revision\b/m.test(text) && /^down_revision\b/m.test(text);
}

function environmentOf(tree: Tree, folder: string): string {
  for (let at = folder; ; at = posix.dirname(at)) {
    if (tree.has(within(at, 'env.py'))) return at;
    if (at === '.' || at === posix.dirname(at)) return folder;
  }
}

/** One Alembic environment, in the order of its revision graph. Several heads, unknown and repeated revisions and cycles are its faults. */
export function alembicSource(tree: Tree, dir: string): FoundSource {
  const notices: Notice[] = [];
  const revisions: AlembicRevision[] = [];
  const faults: FoundSource['faults'][number][] = [];
  const byKey = new Map<string, AlembicRevision>();
  for (const file of tree.files.filter((path) => path.endsWith('.py') && isBelow(path, dir) && isRevision(tree.text(path)))) {
    const revision = readRevision(file, tree.text(file));
    if (!revision) {
      notices.push(noticeAt(file, 0, 'its revision or down_revision is no literal: its place in the history is unknown', 1));
      continue;
    }
    const other = byKey.get(revision.key);
    if (other) {
      faults.push(fault(file, `Two migrations have the revision ${revision.key}: ${posix.basename(other.file)} and ${posix.basename(file)}.`, 'Give the later one a revision of its own.', revision.at));
      continue;
    }
    byKey.set(revision.key, revision);
    revisions.push(revision);
  }
  const resolve = (name: string) => dependency(name, revisions);
  const linked = revisions.map((revision) => ({ ...revision, parents: [...revision.parents, ...revision.dependsOn.flatMap(resolve)] }));
  const { ordered, cyclic } = topological(linked);
  faults.push(...missing(revisions, byKey), ...severalHeads(revisions, byKey));
  const [first] = cyclic;
  if (first) faults.push(fault(first.file, `The revisions ${cyclic.map(({ key }) => key).join(', ')} follow each other in a cycle.`, 'Correct the down_revision of one of them.', first.downAt));
  return { kind: 'alembic', dir, entries: [...ordered, ...cyclic].map(({ key, file }) => ({ id: key, file })), faults, notices, loneDowns: [], unused: [] };
}

/** `depends_on` may name a branch, or a revision by its first characters. */
function dependency(name: string, revisions: readonly AlembicRevision[]): string[] {
  const exact = revisions.find(({ key, labels }) => key === name || labels.includes(name)) ?? revisions.find(({ key }) => name.length >= 4 && key.startsWith(name));
  return exact ? [exact.key] : [];
}

function missing(revisions: readonly AlembicRevision[], byKey: ReadonlyMap<string, AlembicRevision>): FoundSource['faults'][number][] {
  return revisions.flatMap(({ file, parents, downAt }) => parents.filter((parent) => !byKey.has(parent)).map((parent) =>
    fault(file, `down_revision names ${parent}, but no migration has this revision.`, 'Restore the migration, or let this one follow the last that is there.', downAt)));
}

function severalHeads(revisions: readonly AlembicRevision[], byKey: ReadonlyMap<string, AlembicRevision>): FoundSource['faults'][number][] {
  const followed = new Set(revisions.flatMap(({ parents }) => parents));
  const heads = revisions.filter(({ key }) => !followed.has(key));
  // Branches that carry a label are meant to stay apart.
  const unlabelled = heads.filter((head) => !lineage(head, byKey).some(({ labels }) => labels.length > 0)).sort((a, b) => compareText(posix.basename(a.file), posix.basename(b.file)));
  const [first, ...others] = unlabelled;
  if (!first || heads.length < 2 || others.length === 0) return [];
  return others.map((head) => fault(head.file, `The history has ${unlabelled.length} heads, ${first.key} (${posix.basename(first.file)}) and ${head.key} (${posix.basename(head.file)}) among them: "alembic upgrade head" refuses to run.`,
    `Let this one follow ${first.key}, or join the branches with "alembic merge heads".`, head.downAt));
}

function lineage(head: AlembicRevision, byKey: ReadonlyMap<string, AlembicRevision>): AlembicRevision[] {
  const seen = new Set([head]);
  for (const each of seen) for (const parent of each.parents) if (byKey.has(parent)) seen.add(byKey.get(parent)!);
  return [...seen];
}

function readRevision(file: string, text: string): AlembicRevision | undefined {
  const revision = field(text, 'revision');
  const down = field(text, 'down_revision');
  const [key] = revision?.values ?? [];
  if (!revision || key === undefined || !down) return undefined;
  return {
    key, file, parents: down.values, dependsOn: field(text, 'depends_on')?.values ?? [], labels: field(text, 'branch_labels')?.values ?? [],
    at: revision.at, downAt: down.at,
  };
}

/** The revision that a migration's text declares, and those it follows; undefined where they are no literals. */
export function revisionOf(text: string): { readonly key: string; readonly parents: readonly string[] } | undefined {
  return readRevision('', text);
}

/** A module variable that is None, a string, or a tuple or list of strings; undefined for anything else. */
function field(text: string, name: Field): { values: string[]; at: { start: number; end: number } } | undefined {
  const found = new RegExp(`^${name}(?:[ \\t]*:[^=\\n]+)?[ \\t]*=\\s*(None\\b|[rubRUB]{0,2}(?:"[^"\\n]*"|'[^'\\n]*')[ \\t]*(?:,[^\\n]*)?|[([{][^)\\]}]*[)\\]}]|set\\(\\))`, 'm').exec(text);
  if (!found) return undefined;
  const values = [...found[1]!.replace(/#[^\n]*/g, '').matchAll(/"([^"\n]*)"|'([^'\n]*)'/g)].map((match) => match[1] ?? match[2]!);
  return { values, at: { start: found.index, end: found.index + found[0].trimEnd().length } };
}
