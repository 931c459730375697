import type { Token } from './lexer.js';

/** A template hole or host placeholder in a statement's text. */
interface Hole {
  readonly start: number;
  readonly end: number;
  readonly source: string;
  /** What the grammar is given in its place. */
  readonly form: HoleForm;
}

/**
 * As a parameter, as a name, as nothing, or as a condition: the order of trial.
 * Before a dot it is a schema chosen by the tool: left out with its dot, so that the name is looked up in the search path.
 * Behind SET it is a column, or assignments: which ones decides nothing on which rows they are made.
 */
type HoleForm = 'parameter' | 'name' | 'nothing' | 'condition' | 'schema' | 'column' | 'assignments';

const NEXT_FORM: Readonly<Record<HoleForm, HoleForm | undefined>> = {
  parameter: 'name', name: 'nothing', nothing: 'condition', condition: undefined, schema: 'name', column: 'name', assignments: 'nothing',
};

/** A statement's text with its holes replaced at equal length, so that every position stays. */
export interface Masked {
  readonly text: string;
  readonly holes: ReadonlyMap<number, string>;
  readonly placeholders: ReadonlyMap<number, string>;
  /** Source text of the holes that are not parameters now: what they stand for is unknown SQL. */
  readonly repaired: readonly string[];
}

const ORDER = /\b(?:order\s+by|limit|offset)\b/gi;

/** The list of assignments of UPDATE up to here. */
const IN_SET = /\bset\s+(?:(?!\b(?:where|from|returning|select)\b)[^;])*$/i;

/** A name with a qualifier, then white space. */
const QUALIFIED_BEFORE = /[\w"]\.[\w"]+\s+$/;

/** Whether no parenthesis is closed that was opened before. */
function isBalanced(text: string): boolean {
  let depth = 0;
  return [...text].every((char) => (depth += char === '(' ? 1 : char === ')' ? -1 : 0) >= 0) && depth === 0;
}

/** The holes of one statement, and the forms tried so far. */
export class HoleMask {
  private holes: Hole[];
  private readonly firstNumber: number;

  /** @param tokens the statement's tokens, positions in `text` */
  constructor(private readonly text: string, tokens: readonly Token[]) {
    const parameters = tokens.filter(({ type }) => type === 'parameter').map((token) => ({ token, source: text.slice(token.start, token.end) }));
    const numbered = parameters.filter(({ source }) => /^\$\d/.test(source)).map(({ source }) => Number(source.slice(1)));
    this.firstNumber = Math.max(0, ...numbered) + 1;
    this.holes = parameters.filter(({ source }) => !/^\$\d/.test(source)).map(({ token, source }) => ({
      start: token.start, end: token.end, source, form: this.firstForm(token),
    }));
  }

  get empty(): boolean {
    return this.holes.length === 0;
  }

  /** A hole that touches a name is part of that name. Behind `r.entry_id` the grammar takes a parameter for the value of a type of that name: there more SQL goes on. */
  private firstForm({ start, end }: Token): HoleForm {
    const assigned = this.assignedForm(start, end);
    if (assigned !== undefined) return assigned;
    if (QUALIFIED_BEFORE.test(this.text.slice(0, start))) return 'name';
    const glued = /[A-Za-z0-9_$]/.test(this.text[start - 1] ?? ' ') || /[A-Za-z0-9_$]/.test(this.text[end] ?? ' ');
    return glued ? 'name' : this.text[end] === '.' ? 'schema' : 'parameter';
  }

  /** A whole assignment, or the column of one. Where no WHERE follows, the hole may hold it. */
  private assignedForm(start: number, end: number): HoleForm | undefined {
    const before = this.text.slice(0, start);
    const assignments = /(?:\bset\s+|,\s*)$/i.test(before) ? IN_SET.exec(before)?.[0] : undefined;
    if (assignments === undefined || !isBalanced(assignments)) return undefined;
    const after = this.text.slice(end);
    if (/^\s*=/.test(after)) return 'column';
    return /^\s*where\b/i.test(after) || /^\s*,[^;]*\bwhere\b/i.test(after) ? 'assignments' : undefined;
  }

  /** Where the word begins that a hole is glued to: there the grammar reports it. */
  private wordStart(start: number): number {
    let from = start;
    while (from > 0 && /[A-Za-z0-9_$]/.test(this.text[from - 1]!)) from -= 1;
    return from;
  }

  /** Behind ORDER BY, LIMIT or OFFSET only more of them and a locking clause may follow (PostgreSQL manual, SELECT): no condition, no table. */
  private isTail({ start, end }: Hole): boolean {
    const before = this.text.slice(0, start);
    const order = [...before.matchAll(ORDER)].at(-1);
    return order !== undefined && this.isEnd(end) && isBalanced(before.slice(order.index)) && !/\binsert\b/i.test(before);
  }

  /** Whether nothing but holes follows. */
  private isEnd(offset: number): boolean {
    let from = offset;
    for (const { start, end } of this.holes) {
      if (start < from) continue;
      if (/[^\s;]/.test(this.text.slice(from, start))) return false;
      from = end;
    }
    return !/[^\s;]/.test(this.text.slice(from));
  }

  /** The text for the grammar. */
  apply(): Masked {
    const numbers = this.number();
    const holes = new Map<number, string>();
    const placeholders = new Map<number, string>();
    const repaired: string[] = [];
    let text = '';
    let from = 0;
    for (const hole of this.holes) {
      const number = numbers.get(hole.source) ?? 0;
      const end = hole.form === 'schema' ? hole.end + 1 : hole.end;
      text += this.text.slice(from, hole.start) + replacement(hole.form, end - hole.start, number);
      from = end;
      if (hole.form === 'schema' || hole.form === 'column' || hole.form === 'assignments') continue;
      if (hole.form === 'nothing' && this.isTail(hole)) continue;
      if (hole.form !== 'parameter') repaired.push(hole.source);
      else (isPlaceholder(hole.source) ? placeholders : holes).set(number, hole.source);
    }
    return { text: text + this.text.slice(from), holes, placeholders, repaired };
  }

  /** Equal sources share a number; short sources get the short numbers. */
  private number(): Map<string, number> {
    const sources = [...new Set(this.holes.map(({ source }) => source))].sort((a, b) => a.length - b.length);
    return new Map(sources.map((source, index) => [source, this.firstNumber + index]));
  }

  /**
   * Gives the hole at or before a syntax error its next form.
   * @returns false when nothing is left to try
   */
  repair(offset: number): boolean {
    const before = this.holes.findLastIndex(({ start, form }) => this.wordStart(start) <= offset && NEXT_FORM[form] !== undefined);
    const index = before >= 0 ? before : this.holes.findIndex(({ form }) => NEXT_FORM[form] !== undefined);
    const hole = this.holes[index];
    const form = hole && NEXT_FORM[hole.form];
    if (hole === undefined || form === undefined) return false;
    this.holes[index] = { ...hole, form };
    return true;
  }
}

/** Host placeholders and psql variables that stand for a value. */
function isPlaceholder(source: string): boolean {
  return /^[:%@]/.test(source) && !source.startsWith(':"');
}

/** Exactly `width` units; leading zeros make a parameter as long as its hole. */
function replacement(form: HoleForm, width: number, number: number): string {
  switch (form) {
    case 'parameter': return `$${String(number).padStart(width - 1, '0')}`.slice(0, width);
    case 'assignments': return `${HOLE_NAME} = 1`.padEnd(width);
    case 'column':
    case 'name': return HOLE_NAME.padEnd(width, '_');
    case 'condition': return (width >= 8 ? 'AND true' : '').padEnd(width);
    default: return ' '.repeat(width);
  }
}

const HOLE_NAME = 'h';

/** Whether a name is what stands in a hole's place. */
export function isHoleName(name: string | undefined): boolean {
  return name !== undefined && /^h_+$/.test(name);
}
