import type { QualifiedName } from '../../facts/query.js';
import type { LowerContext } from './context.js';
import type { TreeNode } from './engine.js';

/** A span in UTF-16 units of the context's text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A list field of a node; absent lists are left out of the grammar's output. */
export function list(value: unknown): readonly TreeNode[] {
  return Array.isArray(value) ? (value as TreeNode[]) : [];
}

/** The text of a `String` node. */
export function stringOf(node: TreeNode | undefined): string {
  return (node?.['String']?.['sval'] as string | undefined) ?? '';
}

/** The texts of a list of `String` nodes. */
export function strings(value: unknown): string[] {
  return list(value).map(stringOf);
}

/** The name of a `RangeVar`'s content. */
export function rangeName(range: TreeNode | undefined): QualifiedName {
  const schema = range?.['schemaname'] as string | undefined;
  return { ...(schema !== undefined && { schema }), name: (range?.['relname'] as string | undefined) ?? '' };
}

/** A name given as parts: `[name]`, `[schema, name]`, `[catalog, schema, name]`. */
export function partsName(parts: readonly string[]): QualifiedName {
  const schema = parts.at(-2);
  return { ...(schema !== undefined && { schema }), name: parts.at(-1) ?? '' };
}

/** The name of a role in a `RoleSpec`. */
export function roleName(node: TreeNode | undefined): string {
  const spec = (node?.['RoleSpec'] ?? node) as TreeNode | undefined;
  switch (spec?.['roletype']) {
    case 'ROLESPEC_PUBLIC': return 'public';
    case 'ROLESPEC_CURRENT_USER': return 'current_user';
    case 'ROLESPEC_CURRENT_ROLE': return 'current_role';
    case 'ROLESPEC_SESSION_USER': return 'session_user';
    default: return (spec?.['rolename'] as string | undefined) ?? '';
  }
}

/** The argument of the last option of that name, as the grammar gives it. */
export function option(options: unknown, name: string): TreeNode | undefined {
  return list(options).map((item) => item['DefElem'] as TreeNode).filter((item) => item?.['defname'] === name).at(-1);
}

/** Whether a boolean option is on; `undefined` when it is not given. An option without a value is on. */
export function booleanOption(options: unknown, name: string): boolean | undefined {
  const found = option(options, name);
  if (found === undefined) return undefined;
  const argument = found['arg'] as TreeNode | undefined;
  if (argument === undefined) return true;
  if (argument['Boolean'] !== undefined) return argument['Boolean']['boolval'] === true;
  if (argument['Integer'] !== undefined) return (argument['Integer']['ival'] ?? 0) !== 0;
  const typeWord = list(argument['TypeName']?.['names']).map(stringOf).at(-1);
  return /^(?:true|on|yes|1)$/i.test(typeWord ?? stringOf(argument));
}

/** A constant of a SET clause as text. */
export function constantText(node: TreeNode): string {
  const constant = node['A_Const'] as TreeNode | undefined;
  if (constant === undefined) return '';
  if (constant['sval'] !== undefined) return (constant['sval']['sval'] as string | undefined) ?? '';
  if (constant['ival'] !== undefined) return String((constant['ival']['ival'] as number | undefined) ?? 0);
  if (constant['fval'] !== undefined) return (constant['fval']['fval'] as string | undefined) ?? '';
  if (constant['boolval'] !== undefined) return constant['boolval']['boolval'] === true ? 'true' : 'false';
  return '';
}

/** Index of the first token that starts at or after a UTF-16 offset. */
export function tokenAt(ctx: LowerContext, offset: number): number {
  let [low, high] = [0, ctx.tokens.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ctx.tokens[middle]!.start < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A token's text, words in lower case. */
export function tokenText(ctx: LowerContext, index: number): string {
  const token = ctx.tokens[index];
  if (token === undefined) return '';
  const text = ctx.text.slice(token.start, token.end);
  return token.type === 'word' ? text.toLowerCase() : text;
}

const OPEN = new Set(['(', '[']);
const CLOSE = new Set([')', ']']);

/**
 * The span from a token to the comma, closing parenthesis or semicolon that ends its element of a list.
 * @param limit no token at or after this offset belongs to it
 */
export function elementSpan(ctx: LowerContext, first: number, limit = ctx.text.length): Span {
  const start = ctx.tokens[first]?.start ?? limit;
  let end = start;
  for (let index = first, depth = 0; index < ctx.tokens.length; index += 1) {
    const token = ctx.tokens[index]!;
    if (token.start >= limit) break;
    if (token.type === 'punctuation') {
      const text = ctx.text[token.start]!;
      if (OPEN.has(text)) depth += 1;
      else if (CLOSE.has(text)) depth -= 1;
      if (depth < 0 || (depth === 0 && (text === ',' || text === ';'))) break;
    }
    end = token.end;
  }
  return { start, end };
}

/** Spans of the elements of a comma-separated list that begins at a token. */
export function listSpans(ctx: LowerContext, first: number, limit: number): Span[] {
  const spans: Span[] = [];
  for (let index = first; (ctx.tokens[index]?.start ?? limit) < limit;) {
    const span = elementSpan(ctx, index, limit);
    spans.push(span);
    index = tokenAt(ctx, span.end);
    if (tokenText(ctx, index) !== ',') break;
    index += 1;
  }
  return spans;
}

/** Index of the token after a possibly qualified name (`a.b`, `a.b *`, and the parenthesis of `ONLY (a)`) that begins at an offset. */
export function afterName(ctx: LowerContext, offset: number): number {
  let index = tokenAt(ctx, offset) + 1;
  while (tokenText(ctx, index) === '.') index += 2;
  while (tokenText(ctx, index) === '*' || tokenText(ctx, index) === ')') index += 1;
  return index;
}

/** The rest of a statement after the relation it names: the sub-command of ALTER TABLE. */
export function restSpan(ctx: LowerContext, relation: TreeNode | undefined, span: Span): Span {
  if (relation === undefined) return span;
  const first = ctx.tokens[afterName(ctx, ctx.unit((relation['location'] as number | undefined) ?? 0))];
  return first === undefined || first.start >= span.end ? span : { start: first.start, end: span.end };
}

/** The place in the file of a span of the statement's text. */
export function locate(ctx: LowerContext, span: Span) {
  return ctx.location(span.start, span.end);
}

/** The types in the parentheses behind a routine's name; undefined when there are none. `node`: an ObjectWithArgs. */
export function argumentTypes(node: TreeNode): readonly TreeNode[] | undefined {
  return node['args_unspecified'] === true ? undefined : list(node['objargs']);
}

/** Of the objects that a statement names, the routines without their parameters. */
export function bareRoutines(objects: readonly TreeNode[]): { readonly routines?: readonly QualifiedName[] } {
  const bare = objects.map((item) => (item as TreeNode | undefined)?.['ObjectWithArgs'] as TreeNode | undefined).filter((item) => item?.['args_unspecified'] === true);
  return bare.length === 0 ? {} : { routines: bare.map((item) => partsName(strings(item!['objname']))) };
}
