import type { CodeStatement } from '../../facts/code.js';
import type { Directive, FileFacts, SourceFile } from '../../facts/file.js';
import { lineStartsOf } from '../lines.js';
import { codeModule } from '../imports.js';
import { partedByDepth, TOO_DEEP } from '../nesting.js';
import { parseDirective } from '../sql/directives.js';
import { parseTree, type Node, type Span } from './grammar.js';
import { Reading } from './reading.js';
import { scan, type Scanned } from './scan.js';
import { lowerStatements } from './statements.js';
import { evenLines } from './text.js';

/** A longer file is data. */
const LONGEST_FILE = 8 * 1024 * 1024;
const TEMPLATE = /\{%[-+ ]?\s*(?:if|for|set|block|extends|include|macro|raw|end\w+)\b|\{\{-?\s*[\w.|()'" ]+-?\}\}/;

/**
 * Reads one Python file: its code in the tree that all application languages share. Nothing of it is executed.
 * Never throws: a place that cannot be read is a notice, and the rest of the file is read all the same.
 */
export function parsePython(source: SourceFile, text: string): FileFacts {
  const { path: file, language, role } = source;
  const facts: FileFacts = {
    file, language, role, lineStarts: lineStartsOf(text), length: text.length, statements: [], models: [], notices: [], directives: [], rejected: 0,
  };
  const unread = (reason: string, start = 0): FileFacts => ({ ...facts, unread: true, notices: [{ location: { file, start, end: start }, reason }] });
  if (text.length > LONGEST_FILE) return unread(`A file of ${(text.length / 1024 / 1024).toFixed(1)} MB was not read: Python files over ${LONGEST_FILE / 1024 / 1024} MB are taken for data`);
  const even = evenLines(text);
  const reading = new Reading(file, text, even);
  const scanned = scan(even, 0, even.length, 'file', reading.marks);
  if (scanned.template !== undefined && TEMPLATE.test(text)) return unread('This file is a template of a Python file: it was not read', scanned.template);
  const nodes = parseStatements(scanned, reading);
  reading.errors.push(...scanned.open);
  if (reading.errors.length > 0 && TEMPLATE.test(text) && reading.errors.some(({ start }) => TEMPLATE.test(lineOf(text, start)))) {
    return unread('This file is a template of a Python file: it was not read', reading.errors[0]!.start);
  }
  const body = lowerFile(nodes, reading);
  const notices = [...reading.notices, ...errorNotices(reading)].sort((a, b) => a.location.start - b.location.start);
  const transaction = role.type === 'migration' && role.kind === 'django' && leavesTransaction(body) ? { transaction: 'none' as const } : {};
  return { ...facts, ...transaction, code: codeModule(file, 'python', body), notices, directives: directivesOf(scanned.comments, reading), rejected: notices.length };
}

/** `atomic = False` in the class of a Django migration. */
function leavesTransaction(body: readonly CodeStatement[]): boolean {
  return body.some((statement) => statement.kind === 'class' && statement.class.name === 'Migration' && statement.class.fields.some(({ name, value }) => name === 'atomic' && value?.kind === 'literal' && value.value === false));
}

/** What is nested too deeply for the parser is found by parsing statement by statement. */
function parseStatements({ text, statements }: Scanned, reading: Reading): Node[] {
  const parse = (start: number, end: number) => parseTree(text.slice(start, end), start, reading.errors).children;
  try {
    return parse(0, text.length);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  reading.errors.length = 0;
  return statements.flatMap((start, index) => {
    const end = statements[index + 1] ?? text.length;
    try {
      return parse(start, end);
    } catch (error) {
      tooDeep(error, start, end, reading);
      return [];
    }
  });
}

function tooDeep(error: unknown, start: number, end: number, reading: Reading): void {
  if (!(error instanceof RangeError)) throw error;
  reading.notices.push({ location: reading.at(start, end), reason: TOO_DEEP });
}

/** Lowers statement by statement, so that one that is nested too deeply loses nothing but itself. */
function lowerFile(nodes: readonly Node[], reading: Reading): CodeStatement[] {
  const statements: CodeStatement[] = [];
  let group: Node[] = [];
  for (const node of nodes) {
    group.push(node);
    if (node.type === 'ExpressionStatement' && reading.marks.decorators.has(node.from)) continue;
    statements.push(...lowerSafely(group, reading));
    group = [];
  }
  return [...statements, ...lowerSafely(group, reading)];
}

function lowerSafely(nodes: readonly Node[], reading: Reading): readonly CodeStatement[] {
  const depth = reading.yields.length;
  try {
    const { shallow, deep } = partedByDepth(lowerStatements(nodes, reading));
    reading.notices.push(...deep.map(({ location }) => ({ location, reason: TOO_DEEP })));
    return shallow;
  } catch (error) {
    tooDeep(error, nodes[0]!.from, nodes.at(-1)!.to, reading);
    reading.yields.length = depth;
    return [];
  }
}

/** One notice for a line, however many errors there are. */
function errorNotices(reading: Reading): FileFacts['notices'] {
  const notices = new Map<number, FileFacts['notices'][number]>();
  for (const { start, end } of reading.errors) {
    const line = reading.even.lastIndexOf('\n', start - 1);
    if (notices.has(line)) continue;
    notices.set(line, { location: reading.at(start, end), reason: 'This is not valid Python: a part of this statement was not read' });
  }
  return [...notices.values()];
}

function lineOf(text: string, at: number): string {
  const end = text.indexOf('\n', at);
  return text.slice(text.lastIndexOf('\n', at - 1) + 1, end < 0 ? text.length : end);
}

function directivesOf(comments: readonly Span[], { text, file }: Reading): Directive[] {
  if (!text.includes('tenantlint-')) return [];
  return comments.flatMap(({ start, end }) => parseDirective(text.slice(start + 1, end), { file, start, end }) ?? []);
}
