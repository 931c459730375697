import type { Block, Step } from '../../facts/operation.js';
import type { LowerContext } from './context.js';
import { parsePlpgsqlTree, parseTree } from './engine.js';
import type { TreeNode } from './engine.js';
import { lowerExpression } from './expression.js';
import { wordAt } from './expression-span.js';
import { BlockReader } from './plpgsql-block.js';
import { findBody, findWord, hasHoles } from './plpgsql-source.js';
import { readText } from './reader.js';
import { lowerStatement } from './statement.js';

/**
 * Lowers the body of a routine in PL/pgSQL or SQL.
 * The statements are found by PL/pgSQL's own rules (its grammar cuts the body into SQL texts at keywords outside brackets),
 * and every SQL text in it is read by PostgreSQL's grammar, so that each step, expression and sub-command has its exact place.
 * @param sql a whole CREATE FUNCTION, CREATE PROCEDURE or DO statement: `ctx.text` or a part of it
 * @param parameters names of the routine's parameters and of the columns it returns
 * @returns the body; what cannot be read is an `unknown` step among its steps
 * @throws Error when the statement has no body in one of the two languages
 */
export function lowerFunctionBody(sql: string, ctx: LowerContext, parameters: readonly string[] = []): Block {
  const { language, source, statement } = findBody(sql, ctx);
  if (language === 'sql') return source === undefined ? sqlStandardBody(statement) : sqlBody(source);
  if (language !== 'plpgsql') throw new Error(`the language is ${language}`);
  if (source === undefined) throw new Error('no body was found');
  const compiled = hasHoles(source.text) ? undefined : parsePlpgsqlTree(sql);
  const refused = compiled === undefined || compiled.ok ? undefined : compiled.message;
  const reader = new BlockReader(source, { parameters, ...(refused === undefined ? {} : { refused }) });
  const block = reader.readBody();
  if (refused === undefined || reader.sawRejection || NEEDS_TYPES.test(refused)) return block;
  const rejected = SYNTAX.test(refused) ? { rejected: '42601' } : {};
  return { ...block, body: [{ kind: 'unknown', reason: refused, ...rejected, location: block.location }, ...block.body] };
}

/** Messages that depend on types of the database, which the library knows nothing of. */
const NEEDS_TYPES = /scalar variable|record variable|record or row|composite|result type|RETURN|parameter name|pseudo-type|type ".*"|relation ".*"/;

/** Messages of PL/pgSQL's compiler that are syntax errors whatever the database holds. */
const SYNTAX = /^syntax error|^duplicate declaration|^missing expression|known variable$|^INTO specified more than once|cannot be used outside a loop|^there is no label|^unrecognized (GET|RAISE)/;

function blockOf(body: readonly Step[], source: LowerContext): Block {
  return { kind: 'block', declarations: [], body, handlers: [], location: source.location(0, source.text.length) };
}

/** LANGUAGE sql with a string: its statements. */
function sqlBody(source: LowerContext): Block {
  const result = readText(source.text, (start, end) => source.location(start, end));
  const unknown = result.notices.map(({ location, reason }): Step => ({ kind: 'unknown', reason, location }));
  return blockOf([...result.up, ...unknown].sort((a, b) => a.location.start - b.location.start), source);
}

/** RETURN expression, or BEGIN ATOMIC ... END: the grammar has read the statements already. */
function sqlStandardBody(ctx: LowerContext): Block {
  const tree = parseTree(ctx.text);
  const node = tree.ok ? (tree.statements[0]?.node['CreateFunctionStmt']?.['sql_body'] as TreeNode | undefined) : undefined;
  if (node === undefined) throw new Error('no body was found');
  const first = bodyToken(ctx);
  if (node['List'] === undefined) {
    const span = { start: ctx.tokens[first]!.start, end: ctx.tokens.at(-1)!.end };
    return { ...blockOf([standardStep(node, span, ctx)], ctx), location: ctx.location(span.start, span.end) };
  }
  const statements = (node['List']['items'] as TreeNode[]).flatMap((item) => (item['List']?.['items'] as TreeNode[] | undefined) ?? [item]);
  const steps: Step[] = [];
  let at = first + 2;
  for (const item of statements) {
    while (wordAt(ctx, at) === ';') at += 1;
    const after = findWord(ctx, at);
    steps.push(standardStep(item, { start: ctx.tokens[at]?.start ?? 0, end: ctx.tokens[after - 1]?.end ?? ctx.text.length }, ctx));
    at = after + 1;
  }
  return { ...blockOf(steps, ctx), location: ctx.location(ctx.tokens[first]!.start, ctx.tokens.at(-1)!.end) };
}

function bodyToken(ctx: LowerContext): number {
  let at = findWord(ctx, 0, 'return', 'begin');
  while (wordAt(ctx, at) === 'begin' && wordAt(ctx, at + 1) !== 'atomic' && at < ctx.tokens.length) at = findWord(ctx, at + 1, 'return', 'begin');
  return Math.min(at, ctx.tokens.length - 1);
}

function standardStep(node: TreeNode, span: { start: number; end: number }, ctx: LowerContext): Step {
  const location = ctx.location(span.start, span.end);
  const returned = node['ReturnStmt']?.['returnval'] as TreeNode | undefined;
  if (returned !== undefined) return { kind: 'return', value: lowerExpression(returned, ctx), continues: false, location };
  return { kind: 'statement', operations: lowerStatement(node, ctx, span), location };
}
