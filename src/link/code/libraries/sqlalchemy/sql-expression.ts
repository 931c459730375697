import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { ColumnDefault } from '../../../../facts/schema.js';
import { isConstant, isGenerator } from '../../../../parse/sql/ddl-column.js';
import type { Context } from '../../library.js';
import { fragmentPieces, plainPiece, textAlternatives } from '../../sql-pieces.js';
import type { SqlPiece } from '../../sql-pieces.js';
import { queryOfPieces } from '../../sql-text.js';
import type { Value } from '../../values.js';
import { isNothing } from '../../values.js';
import { constant } from '../build.js';
import { expressionData } from './expressions.js';
import { textOf } from './given.js';

/** How text may be read: as SQL (`text(...)`, conditions), or as the characters of a string. */
export type Reading = 'sql' | 'string';

/**
 * The SQL expression that a value stands for: `text(...)`, an expression of the library, a string.
 * @param reading what a plain string is
 */
export function sqlExpression(value: Value, ctx: Context, location: Location, reading: Reading): Expression | undefined {
  const known = ctx.read(value);
  const made = expressionData(known, ctx);
  if (made) return made;
  const pieces = fragmentPieces(known);
  if (pieces) return parsed(pieces, ctx, location);
  if (reading === 'string') return literal(known, ctx, location);
  if (known.kind === 'constant' && typeof known.value !== 'string') return literal(known, ctx, location);
  // What is not known to be text is as likely an expression: a column by the name that it has within its class.
  if (!isText(known, ctx)) return undefined;
  const [first] = textAlternatives(known, ctx, location);
  return first && parsed(first, ctx, location);
}

function isText(value: Value, ctx: Context): boolean {
  return value.kind === 'constant' || value.kind === 'text' || (value.kind === 'union' && value.options.some((option) => isText(ctx.read(option.value), ctx)));
}

function parsed(pieces: readonly SqlPiece[], ctx: Context, location: Location): Expression | undefined {
  const query = queryOfPieces([plainPiece('SELECT ', location), ...pieces], {}, ctx, location);
  return query?.kind === 'select' && query.targets.length === 1 ? query.targets[0]!.expression : undefined;
}

function literal(value: Value, ctx: Context, location: Location): Expression | undefined {
  if (value.kind === 'constant') return constant(value.value ?? null, location);
  const text = textOf(value, ctx);
  return text === undefined ? undefined : constant(text, location);
}

/**
 * A server default: a string is a literal, anything else an expression.
 * @returns undefined for None; an unknown value is a default of which nothing is known
 * @see SQLAlchemy manual, "Server-invoked DDL-Explicit Default Expressions"
 */
export function defaultOf(value: Value, ctx: Context, location: Location): ColumnDefault | undefined {
  const known = ctx.read(value);
  if (isNothing(known)) return undefined;
  if (known.kind === 'external' && known.path.at(-1) === 'FetchedValue') return undefined;
  const expression = sqlExpression(known, ctx, location, 'string') ?? { kind: 'hole', text: 'a default that is not known', location } as const;
  return { expression, constant: isConstant(expression), generator: isGenerator(expression), location };
}
