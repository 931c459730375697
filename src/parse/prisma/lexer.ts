/** A token of a Prisma schema. Positions are UTF-16 units; `end` is exclusive. */
export interface Token {
  readonly type: 'word' | 'string' | 'number' | 'symbol' | 'newline' | 'end' | 'error';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface Comment {
  readonly text: string;
  /** `///`: belongs to the declaration that follows. */
  readonly documentation: boolean;
  readonly start: number;
  readonly end: number;
}

const PATTERN = /([ \t\f\v\u00a0\ufeff]+)|(\r\n|\n|\r)|(\/\/[^\n\r]*)|(\/\*[\s\S]*?(?:\*\/|$))|([\p{L}_][\p{L}\p{N}_-]*)|("(?:[^"\\\n\r]|\\[^\n\r])*")|(-?\d+(?:\.\d+)?)|(@@|[@(){}[\],:=?.!])|([\s\S])/guy;

/** Splits a schema into tokens; comments and white space are kept apart. The last token is `end`. */
export function tokenize(text: string): { tokens: Token[]; comments: Comment[] } {
  const tokens: Token[] = [];
  const comments: Comment[] = [];
  const types = ['newline', 'comment', 'comment', 'word', 'string', 'number', 'symbol', 'error'] as const;
  PATTERN.lastIndex = 0;
  for (let match = PATTERN.exec(text); match; match = PATTERN.exec(text)) {
    if (match[1] !== undefined) continue;
    const type = types[match.slice(2).findIndex((group) => group !== undefined)]!;
    const [start, end] = [match.index, match.index + match[0].length];
    if (type !== 'comment') tokens.push({ type, text: match[0], start, end });
    else comments.push({ text: match[0], documentation: /^\/\/\/(?!\/)/.test(match[0]), start, end });
  }
  tokens.push({ type: 'end', text: '', start: text.length, end: text.length });
  return { tokens, comments };
}
