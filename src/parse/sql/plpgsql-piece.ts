import type { Expression } from '../../facts/expression.js';
import type { Statement, UnknownStep } from '../../facts/operation.js';
import type { Query } from '../../facts/query.js';
import { createContext } from './context.js';
import type { LowerContext } from './context.js';
import { parseTree } from './engine.js';
import type { TreeNode } from './engine.js';
import { lowerExpression } from './expression.js';
import { HoleMask } from './holes.js';
import { lex } from './lexer.js';
import { hasHoles } from './plpgsql-source.js';
import { lowerQuery } from './query.js';
import { lowerStatement } from './statement.js';

interface Parsed {
  readonly node: TreeNode;
  readonly ctx: LowerContext;
}

/**
 * Reads the SQL that stands in a body. What cannot be read is remembered in `unreadable`, never thrown:
 * PL/pgSQL itself takes expressions and statements as text and gives them to the SQL grammar one by one.
 */
export class Pieces {
  private unreadable: UnknownStep[] = [];
  /** Something of the body is known to be rejected. */
  sawRejection = false;

  /** @param refused what PL/pgSQL's own compiler says against the body: nothing is rejected that it takes */
  constructor(readonly ctx: LowerContext, readonly refused?: string) {}

  /** The pieces that could not be read since the last call. */
  takeUnreadable(): UnknownStep[] {
    const taken = this.unreadable;
    this.unreadable = [];
    return taken;
  }

  unknown(reason: string, start: number, end: number): void {
    this.unreadable.push({ kind: 'unknown', reason, location: this.ctx.location(start, end) });
  }

  /** What PL/pgSQL refuses before anything runs. */
  rejected(code: string, reason: string, start: number, end: number): void {
    if (this.refused === undefined) return this.unknown(reason, start, end);
    this.sawRejection = true;
    this.unreadable.push({ kind: 'unknown', reason, rejected: code, location: this.ctx.location(start, end) });
  }

  /** The expression that is written from `start` to `end` of the body. */
  expression(start: number, end: number): Expression {
    return this.guarded(start, end, 'SELECT ', ({ node, ctx }) => {
      const target = onlyTarget(node);
      if (target !== undefined) return lowerExpression(target, ctx);
      const query = lowerQuery(node, ctx);
      return { kind: 'subquery', form: 'scalar', query, location: this.ctx.location(start, end) };
    }) ?? { kind: 'other', name: 'unreadable', parts: [], location: this.ctx.location(start, end) };
  }

  /** The query that is written there. `written` replaces its text at equal length (PERFORM, a blanked INTO). */
  query(start: number, end: number, written = this.ctx.text.slice(start, end)): Query | undefined {
    return this.guarded(start, end, '', ({ node, ctx }) => lowerQuery(node, ctx), written);
  }

  statement(start: number, end: number): Statement | undefined {
    return this.guarded(start, end, '', ({ node, ctx }) => ({
      kind: 'statement', location: this.ctx.location(start, end),
      operations: lowerStatement(node, ctx, { start: 0, end: end - start }, (location, reason) => {
        this.unreadable.push({ kind: 'unknown', reason: `the body of a routine could not be read: ${reason}`, location });
      }),
    }));
  }

  private guarded<T>(start: number, end: number, prefix: string, read: (parsed: Parsed) => T, written = this.ctx.text.slice(start, end)): T | undefined {
    try {
      const parsed = this.parse(prefix + written, start - prefix.length, start);
      if (typeof parsed !== 'string') return read(parsed);
      if (parsed.startsWith('syntax error') && !hasHoles(written)) this.rejected('42601', parsed, start, end);
      else this.unknown(parsed, start, end);
    } catch (error) {
      this.unknown(error instanceof RangeError ? 'it is nested too deeply' : error instanceof Error ? error.message : String(error), start, end);
    }
    return undefined;
  }

  /** Parses one statement that stands at `offset` of the body; positions before `first` belong to an added prefix. */
  private parse(written: string, offset: number, first: number): Parsed | string {
    const masked = hasHoles(written) ? new HoleMask(written, lex(written).tokens).apply() : undefined;
    const text = masked?.text ?? written;
    const tree = parseTree(text);
    if (!tree.ok) return tree.message;
    const [only, another] = tree.statements;
    if (only === undefined || another !== undefined) return 'not one SQL statement';
    const ctx = createContext({
      file: this.ctx.file, text,
      holes: new Map([...this.ctx.holes, ...(masked?.holes ?? [])]),
      placeholders: new Map([...this.ctx.placeholders, ...(masked?.placeholders ?? [])]),
      locate: (start, end) => this.ctx.location(Math.max(offset + start, first), Math.max(offset + end, first)),
    });
    return { node: only.node, ctx };
  }
}

/** The target of a SELECT that has nothing but one target. */
function onlyTarget(node: TreeNode): TreeNode | undefined {
  const select = node['SelectStmt'] as TreeNode | undefined;
  if (select === undefined) return undefined;
  const plain = Object.keys(select).every((key) => ['targetList', 'limitOption', 'op'].includes(key)) && select['op'] === 'SETOP_NONE';
  const targets = select['targetList'] as TreeNode[] | undefined;
  return plain && targets?.length === 1 ? (targets[0]!['ResTarget']['val'] as TreeNode) : undefined;
}
