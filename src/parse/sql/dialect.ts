import type { Token } from './lexer.js';

/** Words only other databases have, and what must follow them. */
const FOREIGN_WORDS = new Set([
  'auto_increment', 'autoincrement', 'unsigned', 'tinyint', 'mediumint', 'longtext', 'mediumtext', 'tinytext', 'longblob', 'datetime',
  'nvarchar', 'datetime2', 'uniqueidentifier', 'varchar2', 'nvarchar2', 'lowcardinality', 'datetime64', 'replacingmergetree', 'mergetree',
]);
const FOREIGN_PAIRS = new Set([
  'on cluster', 'on duplicate', 'modify column', 'change column', 'engine =', 'without rowid', 'lock tables', 'replace into',
  'add index', 'add key', 'materialize index', 'materialize column', 'modify query', 'codec (',
]);
const FOREIGN_FIRST = new Set(['pragma', 'delimiter', 'optimize']);
/** MySQL's display widths and ClickHouse's nullable types; PostgreSQL's integer types take no modifier. */
const FOREIGN_CALLS = new Set(['int (', 'bigint (', 'smallint (', 'integer (', 'nullable (']);
const POSTGRES_WORDS = new Set([
  'timestamptz', 'jsonb', 'bytea', 'plpgsql', 'bigserial', 'gen_random_uuid', 'nextval', 'uuid_generate_v4', 'concurrently', 'tsvector',
]);
const POSTGRES_PAIRS = new Set(['create extension', 'row level', 'create policy', 'language sql', 'public .', 'create domain', 'using gin', 'using btree']);
/** Most files hold none of these, and need no further look. */
const QUICK = new RegExp([
  '`|auto_?increment|unsigned|tinyint|mediumint|tinytext|(?:long|medium)(?:text|blob)|datetime|varchar2|uniqueidentifier|nvarchar',
  'lowcardinality|mergetree|on\\s+cluster|on\\s+duplicate|(?:modify|change)\\s+\\w|engine\\s*=|rowid|lock\\s+tables|replace\\s+into',
  '(?:add|drop|materialize)\\s+(?:index|key|column)|codec|pragma|delimiter|optimize|settings\\s',
  'nullable\\s*\\(|int(?:eger)?\\s*\\(|\\[dbo\\]',
].join('|'), 'i');

/** What speaks for and against PostgreSQL in one file. */
export class DialectEvidence {
  foreign = 0;
  postgres = 0;
  /** The first marker of another database. */
  first: Token | undefined;
  private readonly wanted: boolean;

  constructor(private readonly text: string) {
    this.wanted = QUICK.test(text);
  }

  /** Weighs the tokens of one statement; true when one of them belongs to another database. */
  weigh(tokens: readonly Token[]): boolean {
    if (!this.wanted) return false;
    const before = this.foreign;
    for (let index = 0; index < tokens.length; index += 1) this.weighToken(tokens, index);
    return this.foreign > before;
  }

  private weighToken(tokens: readonly Token[], index: number): void {
    const token = tokens[index]!;
    const text = this.word(token);
    if (token.type === 'dollarString' || text === '::') this.postgres += 1;
    if (token.type === 'operator' && text.includes('`')) return this.mark(token);
    if (text === '[' && this.word(tokens[index + 1]) === 'dbo') return this.mark(token);
    if (token.type !== 'word') return;
    if (POSTGRES_WORDS.has(text)) this.postgres += 1;
    const previous = this.word(tokens[index - 1]);
    if (FOREIGN_WORDS.has(text) && previous !== '.' && this.word(tokens[index + 1]) !== '.') this.mark(token);
    if (index === 0 && FOREIGN_FIRST.has(text)) this.mark(token);
    const pair = `${text} ${this.word(tokens[index + 1])}`;
    if (POSTGRES_PAIRS.has(pair)) this.postgres += 1;
    if (FOREIGN_PAIRS.has(pair) || (pair === 'drop index' && index > 0)) this.mark(token);
    if (text === 'settings' && tokens[index + 1]?.type === 'word' && this.word(tokens[index + 2]) === '=') this.mark(token);
    if (FOREIGN_CALLS.has(pair) && (text === 'nullable' || tokens[index + 2]?.type === 'number')) this.mark(token);
  }

  private word(token: Token | undefined): string {
    return token === undefined ? '' : this.text.slice(token.start, Math.min(token.end, token.start + 40)).toLowerCase();
  }

  private mark(token: Token): void {
    this.foreign += 1;
    this.first ??= token;
  }
}
