import type { CodeExpression, LiteralExpression, TemplatePart } from '../../facts/code.js';
import { decodeInto, Decoded } from './decode.js';
import type { Node } from './grammar.js';
import type { Reading } from './reading.js';
import { scanString, type WrittenHole, type WrittenString } from './string-scan.js';

/** The strings of a String or ContinuedString node as they are written. */
export function writtenStrings(node: Node, reading: Reading): WrittenString[] {
  const nodes = node.type === 'ContinuedString' ? node.children : [node];
  return nodes.map(({ from, to }) => reading.marks.strings.get(from) ?? scanString(reading.even, from, to));
}

/** Lowers a string, an f-string, or several that stand side by side. */
export function lowerString(node: Node, reading: Reading, lower: (part: Node | undefined) => CodeExpression): CodeExpression {
  const pieces = writtenStrings(node, reading);
  const location = reading.of(node);
  const parts: TemplatePart[] = [];
  let decoded = new Decoded();
  let textStart = node.from;
  const flush = (end: number) => {
    const { value, contentStart, map } = decoded;
    if (value !== '') parts.push({ kind: 'text', value, contentStart: contentStart!, ...(map && { map }), location: reading.at(textStart, end) });
    decoded = new Decoded();
  };
  const add = (piece: WrittenString, start: number, end: number) => {
    if (decoded.value === '') textStart = start;
    decodeInto(decoded, reading.text, start, end, piece);
  };
  for (const piece of pieces) {
    let at = piece.contentStart;
    for (const hole of piece.holes) {
      add(piece, at, hole.start);
      if (hole.echoEnd !== undefined) decodeInto(decoded, reading.text, hole.expressionStart, hole.echoEnd, { raw: true, bytes: false, format: false });
      flush(hole.start);
      parts.push(lowerHole(hole, reading, lower));
      at = hole.end;
    }
    // A string that is never closed ends with its line.
    const isCut = !piece.closed && reading.text[piece.contentEnd - 1] === '\r';
    add(piece, at, isCut ? piece.contentEnd - 1 : piece.contentEnd);
  }
  const first = pieces[0]!;
  const tag = pieces.find(({ start }) => /^(?:t|rt|tr)$/i.test(prefixOf(reading, start)));
  if (parts.length === 0 && !tag) {
    const { value, map } = decoded;
    const literal: LiteralExpression = {
      kind: 'literal', form: first.bytes ? 'bytes' : 'string', value, location, contentStart: decoded.contentStart ?? first.contentStart, ...(map && { map }),
    };
    return literal;
  }
  flush(pieces.at(-1)!.contentEnd);
  return {
    kind: 'template', parts, typeArguments: [], location,
    ...(tag && { tag: { kind: 'name', name: 't', location: reading.at(tag.start, tag.start + 1) } }),
  };
}

function prefixOf(reading: Reading, start: number): string {
  return /^[A-Za-z]*/.exec(reading.text.slice(start, start + 3))![0];
}

const DOTTED = /^\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*$/;

function lowerHole(hole: WrittenHole, reading: Reading, lower: (part: Node | undefined) => CodeExpression): TemplatePart {
  const { expressionStart: start, expressionEnd: end, echoEnd, format } = hole;
  const dotted = DOTTED.exec(reading.text.slice(start, end));
  const isPath = dotted && !/^(?:None|True|False|yield|await|lambda|not)$/.test(dotted[1]!);
  const expression = isPath ? path(dotted[0], start, reading) : lower(reading.part({ start, end }, 'expression'));
  const shown = format ?? (echoEnd === undefined ? undefined : '!r');
  return { kind: 'hole', expression, ...(shown !== undefined && { format: shown }), location: reading.at(hole.start, hole.end) };
}

/** Most holes are names: reading them needs no grammar. */
function path(text: string, start: number, reading: Reading): CodeExpression {
  const from = start + text.search(/\S/);
  const [name, ...members] = text.trim().split('.');
  let end = from + name!.length;
  let expression: CodeExpression = { kind: 'name', name: name!, location: reading.at(from, end) };
  for (const property of members) {
    const propertyLocation = reading.at(end + 1, end + 1 + property.length);
    end = propertyLocation.end;
    expression = { kind: 'member', object: expression, property, optional: false, propertyLocation, location: reading.at(from, end) };
  }
  return expression;
}

/** Lowers a number. Integers that a double does not hold keep their text; complex numbers are no literals. */
export function lowerNumber(node: Node, reading: Reading): CodeExpression {
  const written = reading.word(node);
  const location = reading.of(node);
  if (/^[^xX]*[jJ]$/.test(written)) return { kind: 'other', name: 'complex', parts: [], location };
  const text = written.replace(/_/g, '');
  const isInteger = /^(?:0[xXoObB]|\d+$)/.test(text);
  const value = Number(text);
  if (isInteger && !Number.isSafeInteger(value)) return { kind: 'literal', form: 'bigint', value: text, location };
  return { kind: 'literal', form: 'number', value, location };
}
