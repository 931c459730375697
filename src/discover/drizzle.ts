import { posix } from 'node:path';
import { findNodeAtLocation } from 'jsonc-parser';
import type { Node } from 'jsonc-parser';
import { jsonTree } from '../config/json.js';
import type { Notice } from '../facts/location.js';
import { fault } from './found.js';
import type { FoundSource } from './found.js';
import { noticeAt } from './read.js';
import type { Tree } from './tree.js';
import { within } from './tree.js';

/** Folders with a Drizzle journal. */
export function drizzleFolders(tree: Tree): string[] {
  return tree.files.filter((path) => path === 'meta/_journal.json' || path.endsWith('/meta/_journal.json')).map((path) => posix.dirname(posix.dirname(path)));
}

/** The dialect a journal names. */
export function journalDialect(tree: Tree, dir: string): string | undefined {
  const tree_ = jsonTree(tree.text(journalOf(dir)));
  const dialect: unknown = tree_ && findNodeAtLocation(tree_, ['dialect'])?.value;
  return typeof dialect === 'string' ? dialect : undefined;
}

function journalOf(dir: string): string {
  return within(dir, 'meta/_journal.json');
}

/**
 * Reads a Drizzle folder in the order of its journal, which is what `drizzle-kit migrate` runs.
 * Entries without a file, files without an entry, and repeated idx or tag are faults of the journal.
 */
export function journalSource(tree: Tree, dir: string): FoundSource {
  const journal = journalOf(dir);
  const text = tree.text(journal);
  const root = jsonTree(text);
  const list = root && findNodeAtLocation(root, ['entries']);
  const entries: FoundSource['entries'][number][] = [];
  const faults: FoundSource['faults'][number][] = [];
  const notices: Notice[] = [];
  if (list?.type !== 'array') {
    faults.push(fault(journal, 'The journal cannot be read: it has no list "entries".', 'Restore meta/_journal.json from version control.'));
  }
  const byIdx = new Map<number, string>();
  const byTag = new Set<string>();
  let latest: { when: number; tag: string } | undefined;
  for (const node of ordered(list?.children ?? [])) {
    const at = span(node);
    const { idx, tag, when } = entryOf(node);
    if (tag === undefined) {
      faults.push(fault(journal, 'This journal entry has no tag.', 'Restore the entry from version control.', at));
      continue;
    }
    if (byTag.has(tag)) {
      faults.push(fault(journal, `The journal names "${tag}" twice.`, 'Remove the second entry.', at));
      continue;
    }
    byTag.add(tag);
    const other = idx === undefined ? undefined : byIdx.get(idx);
    if (other !== undefined) {
      faults.push(fault(journal, `Two migrations have the number ${idx}: ${other} and ${tag}.`, 'Give the later one the next free idx and file name.', at));
    } else if (idx !== undefined) byIdx.set(idx, tag);
    if (when !== undefined && latest && when <= latest.when) faults.push(staleFault(journal, tag, latest.tag, at));
    if (when !== undefined && (!latest || when > latest.when)) latest = { when, tag };
    const file = within(dir, `${tag}.sql`);
    if (tree.has(file)) entries.push({ id: tag, file });
    else faults.push(fault(journal, `The journal names "${tag}", but there is no file ${tag}.sql.`, 'Restore the file, or remove the entry if no database has run it.', at));
  }
  const unused: string[] = [];
  for (const name of tree.names(dir, '.sql').filter((script) => !byTag.has(script.slice(0, -'.sql'.length)))) {
    const file = within(dir, name);
    unused.push(file);
    notices.push(noticeAt(file, 0, 'not in the journal: Drizzle never runs this file', 1));
    faults.push(fault(file, `${name} is not in the journal meta/_journal.json, so it never runs.`, 'Add it with drizzle-kit generate --custom, or delete it.'));
  }
  return { kind: 'drizzle', dir, entries, faults, notices, loneDowns: [], unused };
}

/** The migrator of drizzle-orm runs the entries whose `when` is greater than that of the last one a database has run. */
function staleFault(journal: string, tag: string, earlier: string, at: { start: number; end: number }): FoundSource['faults'][number] {
  return fault(journal, `"${tag}" has no later "when" than "${earlier}" before it: a database that has run ${earlier} never runs it.`,
    'Generate the migration anew on top of the others, or give it a later "when".', at);
}

function entryOf(node: Node): { idx?: number; tag?: string; when?: number } {
  const idx: unknown = findNodeAtLocation(node, ['idx'])?.value;
  const tag: unknown = findNodeAtLocation(node, ['tag'])?.value;
  const when: unknown = findNodeAtLocation(node, ['when'])?.value;
  return { ...(typeof idx === 'number' && { idx }), ...(typeof tag === 'string' && { tag }), ...(typeof when === 'number' && { when }) };
}

/** By idx; entries with an equal one, or none, stay in the order of the file. */
function ordered(nodes: readonly Node[]): Node[] {
  return nodes.map((node, index) => ({ node, index, idx: entryOf(node).idx ?? index }))
    .sort((a, b) => a.idx - b.idx || a.index - b.index).map(({ node }) => node);
}

function span(node: Node): { start: number; end: number } {
  return { start: node.offset, end: node.offset + node.length };
}
