import type { Location } from '../../../../facts/location.js';
import type { Context, Effect } from '../../library.js';
import type { SqlPiece } from '../../sql-pieces.js';
import { textAlternatives } from '../../sql-pieces.js';
import type { Bound } from '../../sql-rewrite.js';
import { parsePieces } from '../../sql-text.js';
import type { Value } from '../../values.js';
import { queryData } from '../sqlalchemy/queries.js';
import { boundTo, textData } from '../sqlalchemy/text.js';
import { notUnderstood } from './site.js';

/** `op.execute(...)`: SQL text, `text(...)`, or a statement that was built. */
export function execute(value: Value, ctx: Context, location: Location, bound: Bound = {}): void {
  const query = queryData(value, ctx);
  if (query) return ctx.emit({ kind: 'operations', operations: [{ kind: 'query', query, location }], location });
  const text = textData(value, ctx);
  const alternatives = textAlternatives(text?.text ?? value, ctx, location);
  const runs = alternatives.map((pieces) => statementsOf(pieces, text ? boundTo(text) : bound, ctx, location));
  for (const effect of oneOf(runs, location)) ctx.emit(effect);
}

type Sent = Extract<Effect, { kind: 'operations' | 'branch' }>;

function statementsOf(pieces: readonly SqlPiece[], bound: Bound, ctx: Context, location: Location): Sent[] {
  const { statements, unread } = parsePieces(pieces, bound, ctx, location);
  return [
    ...statements.map(({ operations, location: place }): Sent => ({ kind: 'operations', operations, location: place })),
    ...unread.map(({ reason, location: place }): Sent => ({ kind: 'operations', operations: [notUnderstood(reason, place)], location: place })),
  ];
}

/** Text that may be one of several: one of them runs. */
function oneOf(runs: readonly (readonly Sent[])[], location: Location): readonly Sent[] {
  const [first = [], ...others] = runs;
  return others.length === 0 ? first : [{ kind: 'branch', condition: undefined, then: first, otherwise: oneOf(others, location), location }];
}
