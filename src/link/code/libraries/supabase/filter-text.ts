import type { Context } from '../../library.js';
import type { Value } from '../../values.js';

/** A condition of `or(...)`: `org_id.eq.5`, `and(...)`, `not.and(...)`. */
export type FilterNode =
  | { readonly kind: 'junction'; readonly operator: 'and' | 'or'; readonly negated: boolean; readonly items: readonly FilterNode[] }
  | { readonly kind: 'filter'; readonly column: string; readonly negated: boolean; readonly operator: string; readonly value: Value };

/** A text with its holes as single characters, and what they stand for. */
interface Marked {
  readonly text: string;
  readonly values: readonly Value[];
}

const MARK = '\u0001';

/** Reads the text of `or(...)` (PostgREST manual, "Logical operators"); undefined when it is not known or cannot be read. */
export function parseFilters(value: Value, ctx: Context): readonly FilterNode[] | undefined {
  const marked = markedText(value, ctx);
  if (!marked) return undefined;
  const nodes = split(marked.text).map((part) => node(part, marked));
  return nodes.some((each) => each === undefined) ? undefined : nodes as FilterNode[];
}

function markedText(value: Value, ctx: Context): Marked | undefined {
  const known = ctx.read(value);
  if (known.kind === 'constant' && typeof known.value === 'string') return { text: known.value, values: [] };
  if (known.kind !== 'text') return undefined;
  const { parts } = known;
  const values: Value[] = [];
  const text = parts.map((part) => {
    if (part.kind === 'text') return part.value;
    const inner = ctx.read(part.value);
    if (inner.kind === 'constant') return String(inner.value);
    values.push(part.value);
    return `${MARK}${values.length - 1}${MARK}`;
  }).join('');
  return { text, values };
}

/** Splits at commas outside of brackets and quotes. */
function split(text: string): string[] {
  const parts: string[] = [];
  let [depth, start, quoted] = [0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === '(' || character === '{') depth++;
    else if (character === ')' || character === '}') depth--;
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)].map((part) => part.trim()).filter((part) => part !== '');
}

function node(text: string, marked: Marked): FilterNode | undefined {
  const junction = /^(not\.)?(and|or)\((.*)\)$/s.exec(text);
  if (junction) {
    const items = split(junction[3]!).map((part) => node(part, marked));
    if (items.some((item) => item === undefined)) return undefined;
    return { kind: 'junction', operator: junction[2] as 'and' | 'or', negated: junction[1] !== undefined, items: items as FilterNode[] };
  }
  const filter = /^("[^"]+"|[^.]+(?:\.[A-Za-z_]\w*)*?)\.(not\.)?(eq|neq|gt|gte|lt|lte|like|ilike|match|imatch|is|in|cs|cd|ov|sl|sr|nxr|nxl|adj|isdistinct|fts|plfts|phfts|wfts)(?:\([^)]*\))?\.(.*)$/s.exec(text);
  if (!filter) return undefined;
  const [, column, negated, operator, rest] = filter;
  return { kind: 'filter', column: column!.replaceAll('"', ''), negated: negated !== undefined, operator: operator!, value: valueOf(operator!, rest!, marked) };
}

function valueOf(operator: string, text: string, marked: Marked): Value {
  if (operator === 'in') {
    const items = split(text.replace(/^\(|\)$/g, '')).map((item) => single(item, marked));
    return { kind: 'list', form: 'list', items: items.map((value) => ({ value, maybe: false, repeated: false })), location: { file: '', start: 0, end: 0 } };
  }
  return single(text, marked);
}

function single(text: string, { values }: Marked): Value {
  const whole = new RegExp(`^"?${MARK}(\\d+)${MARK}"?$`).exec(text);
  if (whole) return values[Number(whole[1])]!;
  if (text.includes(MARK)) return { kind: 'unknown', reason: 'a value put together' };
  const plain = text.replace(/^"|"$/g, '');
  return { kind: 'constant', value: plain === 'null' ? null : plain === 'true' ? true : plain === 'false' ? false : plain };
}
