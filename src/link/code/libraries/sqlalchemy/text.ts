import type { Expression } from '../../../../facts/expression.js';
import type { Call, Context } from '../../library.js';
import { plainPiece, textAlternatives } from '../../sql-pieces.js';
import { queryOfPieces } from '../../sql-text.js';
import type { Bound } from '../../sql-rewrite.js';
import type { LibraryValue, Value } from '../../values.js';
import { SQLALCHEMY } from './data.js';
import { libraryData, libraryValue, textOf } from './given.js';

/** `text('...')` with the values bound to it. */
export interface TextData {
  readonly text: Value;
  readonly named: ReadonlyMap<string, Value>;
  readonly location: Call['location'];
}

/** The value of text(). */
export function textValue(data: TextData): LibraryValue {
  return libraryValue(SQLALCHEMY, 'text', data);
}

/** SQL text as a value holds it: `text(...)`; undefined for anything else. */
export function textData(value: Value, ctx: Context): TextData | undefined {
  return libraryData<TextData>(value, SQLALCHEMY, 'text', ctx);
}

/** What a text's `:name` parameters stand for, with those given when it is run. */
export function boundTo({ named }: TextData, given?: ReadonlyMap<string, Value>): Bound {
  return { named: new Map([...named, ...(given ?? [])]) };
}

/** `text('...')` as a part of a query: the expression it holds. */
export function textExpression(value: Value, ctx: Context): Expression | undefined {
  const data = textData(value, ctx);
  if (!data) return undefined;
  const [pieces = []] = textAlternatives(data.text, ctx, data.location);
  const query = queryOfPieces([plainPiece('SELECT ', data.location), ...pieces], boundTo(data), ctx, data.location);
  if (query?.kind === 'select' && query.targets.length === 1 && query.from.length === 0) return query.targets[0]!.expression;
  return { kind: 'hole', text: 'SQL text', location: data.location };
}

/** `text(...).bindparams(id=1)`, `.columns(...)`. */
export function textMethod(data: TextData, name: string, call: Call, ctx: Context): Value | undefined {
  if (name === 'columns' || name === 'execution_options') return textValue(data);
  if (name !== 'bindparams') return undefined;
  const parameters = call.arguments.positional.flatMap((value) => {
    const parameter = libraryData<{ name: string; value: Value }>(value, SQLALCHEMY, 'bindparam', ctx);
    return parameter ? [[parameter.name, parameter.value] as const] : [];
  });
  return textValue({ ...data, named: new Map([...data.named, ...parameters, ...call.arguments.named]) });
}

/** `bindparam('id', value)`. */
export function bindParameter(call: Call, ctx: Context): Value | undefined {
  const [name, value] = call.arguments.positional;
  const text = name && textOf(name, ctx);
  if (text === undefined) return undefined;
  const given = value ?? call.arguments.named.get('value') ?? ctx.input(text, 'unknown', { key: `bind:${call.location.file}:${call.location.start}:${text}` });
  return libraryValue(SQLALCHEMY, 'bindparam', { name: text, value: given });
}
