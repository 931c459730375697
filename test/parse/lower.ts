import { createContext } from '../../src/parse/sql/context.js';
import type { LowerContext } from '../../src/parse/sql/context.js';
import { parseTree } from '../../src/parse/sql/engine.js';
import type { TreeNode } from '../../src/parse/sql/engine.js';
import { lowerExpression } from '../../src/parse/sql/expression.js';
import { lowerQuery } from '../../src/parse/sql/query.js';
import type { Expression } from '../../src/facts/expression.js';
import type { Location } from '../../src/facts/location.js';
import type { Query } from '../../src/facts/query.js';

/** Where the statement stands in the pretended file, so that offsets of the text and of the file differ. */
export const OFFSET = 100;

export function contextOf(text: string, parts: { holes?: ReadonlyMap<number, string>; placeholders?: ReadonlyMap<number, string> } = {}): LowerContext {
  return createContext({ file: 'a.sql', text, ...parts, locate: (start, end) => ({ file: 'a.sql', start: start + OFFSET, end: end + OFFSET }) });
}

export function nodeOf(sql: string): TreeNode {
  const tree = parseTree(sql);
  if (!tree.ok) throw new Error(tree.message);
  return tree.statements[0]!.node;
}

export function query(sql: string): Query {
  return lowerQuery(nodeOf(sql), contextOf(sql));
}

/** The first item of a select list. */
export function expression(sql: string, parts: Parameters<typeof contextOf>[1] = {}): { value: Expression; text: string } {
  const text = `SELECT ${sql}`;
  const target = nodeOf(text)['SelectStmt']['targetList'][0]['ResTarget']['val'] as TreeNode;
  const value = lowerExpression(target, contextOf(text, parts));
  return { value, text: textOf(text, value.location) };
}

export function textOf(sql: string, { start, end }: Location): string {
  return sql.slice(start - OFFSET, end - OFFSET);
}

/** A lowered node without its locations and quotes, to compare shapes. */
export function shape(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(shape);
  if (node === null || typeof node !== 'object') return node;
  return Object.fromEntries(Object.entries(node).filter(([key]) => key !== 'location' && key !== 'quote').map(([key, value]) => [key, shape(value)]));
}
