import { entryOf } from '../../entry.js';
import type { Expression, SqlType } from '../../facts/expression.js';
import type { ColumnDefault, ColumnDefinition, ConstraintDefinition } from '../../facts/schema.js';
import type { LowerContext } from './context.js';
import { lowerConstraint } from './ddl-constraint.js';
import type { TreeNode } from './engine.js';
import { lowerExpression, lowerType } from './expression.js';
import { elementSpan, list, locate, tokenAt } from './tree.js';
import type { Span } from './tree.js';

export interface LoweredColumn {
  readonly column: ColumnDefinition;
  readonly constraints: readonly ConstraintDefinition[];
}

const SERIAL: Readonly<Record<string, string>> = {
  smallserial: 'int2', serial2: 'int2', serial: 'int4', serial4: 'int4', bigserial: 'int8', serial8: 'int8',
};

/**
 * Lowers a column of CREATE TABLE or ADD COLUMN; constraints that concern keys and checks are split off.
 * @param node content of a `ColumnDef`
 */
export function lowerColumn(node: TreeNode, ctx: LowerContext): LoweredColumn {
  const name = node['colname'] as string;
  const span = elementSpan(ctx, tokenAt(ctx, ctx.unit(node['location'] ?? 0)));
  const parts = withSpans(list(node['constraints']).map((item) => item['Constraint'] as TreeNode), span, ctx);
  const constraints = parts.flatMap((part) => lowerConstraint(part.node, ctx, part.span, name) ?? []);
  const type: SqlType | undefined = node['typeName'] === undefined ? undefined : lowerType(node['typeName'] as TreeNode);
  const serial = type?.schema === undefined && type !== undefined ? entryOf(SERIAL, type.name) : undefined;
  const notNull = parts.find((part) => part.node['contype'] === 'CONSTR_NOTNULL');
  const generated = generatedKind(parts);
  const generation = parts.find((part) => part.node['contype'] === 'CONSTR_GENERATED')?.node['raw_expr'] as TreeNode | undefined;
  const written = parts.find((part) => part.node['contype'] === 'CONSTR_DEFAULT');
  const value = serial !== undefined ? serialDefault(node, ctx)
    : written !== undefined ? lowerDefault(written.node['raw_expr'] as TreeNode, ctx, written.span) : undefined;
  const column: ColumnDefinition = {
    name,
    type: serial !== undefined ? { name: serial, modifiers: [], dimensions: 0 } : type ?? { name: 'unknown', modifiers: [], dimensions: 0 },
    notNull: notNull !== undefined || serial !== undefined || generated === 'identity',
    ...(value && { default: value }),
    ...(generated && { generated }),
    ...(parts.some(({ node: part }) => part['contype'] === 'CONSTR_IDENTITY' && part['generated_when'] === 'a') && { identityAlways: true }),
    ...(generation && { generation: lowerExpression(generation, ctx) }),
    location: locate(ctx, span),
    ...(notNull && { notNullLocation: locate(ctx, notNull.span) }),
    ...(typeof notNull?.node['conname'] === 'string' && { notNullName: notNull.node['conname'] }),
  };
  return { column, constraints };
}

interface Part {
  readonly node: TreeNode;
  readonly span: Span;
}

/** Each column constraint reaches to the next one; its attributes (DEFERRABLE, ...) are nodes of their own and belong to it. */
function withSpans(nodes: readonly TreeNode[], column: Span, ctx: LowerContext): Part[] {
  const own = nodes.filter((node) => !String(node['contype']).startsWith('CONSTR_ATTR'));
  return own.map((node, index) => {
    const next = own[index + 1];
    const limit = next === undefined ? column.end : ctx.unit((next['location'] as number | undefined) ?? 0);
    return { node, span: elementSpan(ctx, tokenAt(ctx, ctx.unit((node['location'] as number | undefined) ?? 0)), limit) };
  });
}

function generatedKind(parts: readonly Part[]): ColumnDefinition['generated'] {
  for (const { node } of parts) {
    if (node['contype'] === 'CONSTR_IDENTITY') return 'identity';
    if (node['contype'] === 'CONSTR_GENERATED') return node['generated_kind'] === 'v' ? 'virtual' : 'stored';
  }
  return undefined;
}

/** PostgreSQL manual, section 8.1.4: a serial column takes its default from a sequence of its own. */
function serialDefault(node: TreeNode, ctx: LowerContext): ColumnDefault {
  const index = tokenAt(ctx, ctx.unit((node['typeName']?.['location'] as number | undefined) ?? 0));
  const token = ctx.tokens[index];
  const location = token === undefined ? ctx.location(0, 0) : ctx.location(token.start, token.end);
  return { expression: { kind: 'call', name: ['nextval'], arguments: [], location }, constant: false, generator: true, location };
}

/** Lowers the expression of a DEFAULT. */
export function lowerDefault(node: TreeNode, ctx: LowerContext, span: Span): ColumnDefault {
  const expression = lowerExpression(node, ctx);
  return { expression, constant: isConstant(expression), generator: isGenerator(expression), location: locate(ctx, span) };
}

/** Whether an expression is made of literals, casts, operators and arrays alone. */
export function isConstant(expression: Expression): boolean {
  switch (expression.kind) {
    case 'constant': return true;
    case 'cast': return isConstant(expression.operand);
    case 'array': case 'row': return expression.items.every(isConstant);
    case 'operator': return (expression.left === undefined || isConstant(expression.left)) && isConstant(expression.right);
    default: return false;
  }
}

const GENERATOR = new RegExp([
  '^(?:nextval|now|current_timestamp|current_date|current_time|localtime|localtimestamp|clock_timestamp|statement_timestamp',
  'transaction_timestamp|timeofday|random|gen_random_bytes|gen_random_uuid|gen_random_uuid_v7|uuidv4|uuidv7|uuid_generate_\\w+',
  '\\w*(?:uuid|ulid|cuid|nanoid|ksuid|snowflake)\\w*)$',
].join('|'));

/** Whether the value is made anew for each row by a sequence, an id generator or the clock. */
export function isGenerator(expression: Expression): boolean {
  switch (expression.kind) {
    case 'call': return GENERATOR.test(expression.name.at(-1) ?? '') || expression.arguments.some(isGenerator);
    case 'cast': return isGenerator(expression.operand);
    case 'operator': return isGenerator(expression.right) || (expression.left !== undefined && isGenerator(expression.left));
    case 'array': case 'row': return expression.items.some(isGenerator);
    default: return false;
  }
}
