import type { ConstantExpression, Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { NotUnderstood, Statement } from '../../facts/operation.js';
import { parseSqlText } from '../../parse/sql/index.js';
import type { QualifiedName } from '../../facts/query.js';
import { describe } from './describe.js';
import { tableNameOf } from './snapshot.js';
import { unknownValue } from './frame.js';
import { locateText, operands, piecesOf } from './text.js';
import { mapTree } from './tree.js';
import { isKnown, textOf, type Piece, type TextConstant } from './values.js';
import { unnamedAdditions } from '../../parse/sql/unnamed.js';

/** A part of dynamic SQL whose text is not known. */
export interface UnknownPart {
  readonly value: Expression;
  /** How it gets into the text: as an identifier, as a literal, or as it is. */
  readonly form: 'identifier' | 'literal' | 'raw';
  readonly location: Location;
}

/** Dynamic SQL, read as far as its text is known. */
export interface DynamicSql {
  readonly statements: readonly Statement[];
  readonly unknown: readonly UnknownPart[];
  /** Why it could not be read whole. */
  readonly reason?: string;
}

const holePrefix = 'tenantlint_unknown_';

/** A placeholder in a name, with the number of the unknown part it stands for. */
export const holePattern = new RegExp(`${holePrefix}(\\d+)`);

/**
 * Reads the text of an EXECUTE. A value that is not known but quoted as a literal stands for itself, as a parameter would;
 * an unknown identifier or raw text makes the statement partly known.
 */
export function readDynamicSql(text: Expression, using: readonly Expression[], at: Location): DynamicSql {
  const unknown: UnknownPart[] = [];
  const known = assemble(text, unknown, using.length);
  if (known === undefined) return { statements: [], unknown, reason: `its text is ${describe(text)}` };
  const { statements, notices } = parseKnown(known, text, using.length, at);
  const doubtful = unknown.find(({ form }) => form !== 'literal');
  const notice = notices[0];
  const values = new Map([...using.map((value, index): [string, Expression] => [String(index + 1), value])]);
  unknown.forEach(({ value, form }, index) => values.set(String(using.length + index + 1), form === 'literal' ? untyped(value) : unknownValue(describe(value), at)));
  const substituted = statements.map((statement) => mapTree(statement, (node) => {
    if (node.kind === 'parameter') return values.get((node as unknown as { name: string }).name.replace(/^\$/, ''));
    if (node.kind === 'constant') return wholeHole(node as ConstantExpression, unknown);
    return undefined;
  }));
  const reason = doubtful && needsReason(substituted, doubtful) ? `${describe(doubtful.value)} is not known` : notice?.reason;
  return { statements: substituted, unknown, ...(reason === undefined ? {} : { reason }) };
}

/** Parses with a placeholder for a value where a value may stand; the options of a table take none, but they do take names. */
function parseKnown(known: TextConstant, text: Expression, parameters: number, at: Location): ReturnType<typeof parseSqlText> {
  const parse = (written: TextConstant): ReturnType<typeof parseSqlText> => parseSqlText(String(written.value), (start, end) => {
    const place = locateText(written, start, end);
    return place.file === '' ? at : place;
  });
  const first = parse(known);
  if (first.notices.length === 0) return first;
  const second = parse(assemble(text, [], parameters, true) ?? known);
  return second.notices.length === 0 ? second : first;
}

/** The text with placeholders for what is not known. */
function assemble(text: Expression, unknown: UnknownPart[], parameters: number, namesOnly = false): TextConstant | undefined {
  const parts = operands(text);
  if (parts.length === 1 && !isKnown(text)) return undefined;
  let value = '';
  const pieces: Piece[] = [];
  for (const part of parts) {
    const known = textOf(part);
    if (known !== undefined) {
      value += known;
      pieces.push(...piecesOf(part, known));
      continue;
    }
    const placed = unknownPart(part);
    unknown.push(placed);
    const inQuotes = (value.split("'").length - 1) % 2 === 1;
    const identifier = placed.form === 'identifier' || (placed.form === 'raw' && /["\w.]$/.test(value)) || (placed.form === 'raw' && expectsName(value));
    const placeholder = inQuotes || identifier || namesOnly ? `${holePrefix}${unknown.length}` : ` $${parameters + unknown.length} `;
    value += placeholder;
    pieces.push({ length: placeholder.length, source: part.location });
  }
  return { kind: 'constant', value, location: text.location, pieces };
}

/** After these words a name must follow, so an unknown text stands for one. */
function expectsName(text: string): boolean {
  return /\b(?:table|only|exists|from|join|into|update|on|column|constraint|index|policy|trigger|schema|function|type|view|to|partition|partition\s+of|concurrently|add|drop|rename|references)\s+$/i.test(text) || /\(\s*like\s+$/i.test(text) || /"$/.test(text);
}

function unknownPart(part: Expression): UnknownPart {
  const name = part.kind === 'call' ? part.name.at(-1) : undefined;
  const [argument] = part.kind === 'call' ? part.arguments : [];
  if (argument && name === 'quote_ident') return { value: argument, form: 'identifier', location: part.location };
  if (argument && (name === 'quote_literal' || name === 'quote_nullable')) return { value: argument, form: 'literal', location: part.location };
  return { value: part, form: 'raw', location: part.location };
}

/** A literal that is nothing but an unknown value. */
function wholeHole(literal: ConstantExpression, unknown: readonly UnknownPart[]): Expression | undefined {
  if (typeof literal.value !== 'string' || !literal.value.startsWith(holePrefix)) return undefined;
  const part = unknown[Number(literal.value.slice(holePrefix.length)) - 1];
  return part && untyped(part.value);
}

/** A quoted literal takes the type that its place asks for, whatever the type of the value it was made of. */
function untyped(value: Expression): Expression {
  return { kind: 'cast', operand: value, type: { name: 'unknown', modifiers: [], dimensions: 0 }, location: value.location };
}

/** The names of tables in a statement that are known; undefined when the statement holds no unknown name. */
export function knownTables(statement: Statement): readonly QualifiedName[] | undefined {
  if (!JSON.stringify(statement).includes(holePrefix)) return undefined;
  return statement.operations.flatMap(tableNameOf).filter((name) => name !== undefined && !name.name.includes(holePrefix)) as QualifiedName[];
}

/** What a statement adds to tables whose names are not known. */
export function ofUnnamedTables({ operations }: Statement): Pick<NotUnderstood, 'unnamed'> {
  const unnamed = unnamedAdditions(operations, ({ name }) => name.includes(holePrefix));
  return unnamed.length > 0 ? { unnamed } : {};
}

/** Whether an unknown part stands for more than a value of a statement that is otherwise read. */
function needsReason(statements: readonly Statement[], part: UnknownPart): boolean {
  if (part.form === 'identifier' || statements.length === 0) return true;
  return JSON.stringify(statements).includes(holePrefix);
}
