import type { AssignmentExpression, CodeCall, CodeExpression, DeclareStatement, LikelyQuery, TemplateExpression } from '../facts/code.js';

/** Words that calls are named by which send a text to a database: `query`, `executeQuery`, `$queryRawUnsafe`, `fetchrow`, `text`; those of pg-promise, SQLite's, and tags. */
const SENDING = /query|exec|fetch|raw|unsafe|sql|^(?:text|prepare|all|get|run|one|oneOrNone|many|manyOrNone|any|none|stream)$/i;
/** Statements about rows, to the name of their first table. */
const STATEMENT = /^(?:select\s[^]*?\sfrom|insert\s+into|update|delete\s+from|with\s[^]*?\s(?:from|into|update))\s+(?:only\s+)?(?:"?\w+"?\.)?"?(\w+)"?(?=$|[^\w.])([^]*)/i;
/** What stands behind a table in SQL, not in prose: nothing, an alias, the next clause. */
const FOLLOWED = /^\s*(?:(?:as\s+)?"?\w+"?\s*)?(?:$|[;,()]|\$0|(?:where|join|left|right|inner|full|cross|natural|on|using|order|group|having|limit|offset|union|intersect|except|for|set|values|select|returning|default|overriding|tablesample|fetch|window)\b)/i;
/** More of a text is not looked at. */
const LONGEST = 4000;

/** The texts of SQL that are given to something, and those that have a name. */
export interface SqlTexts {
  readonly given: LikelyQuery[];
  readonly named: Map<string, LikelyQuery>;
  /** Names that are given to something. */
  readonly sent: Set<string>;
}

/** None seen yet. */
export function noTexts(): SqlTexts {
  return { given: [], named: new Map(), sent: new Set() };
}

/** Those that something is given. */
export function textsSent({ given, named, sent }: SqlTexts): LikelyQuery[] {
  return [...given, ...[...named].flatMap(([name, text]) => (sent.has(name) ? [text] : []))];
}

/** Takes note of SQL that a call is given (`db.query('select ...')`, `cursor.execute(SQL)`), that a tag stands before, or that a name stands for. */
export function noteSql(node: { readonly kind?: string }, texts: SqlTexts): void {
  if (node.kind === 'template') {
    const { tag } = node as TemplateExpression;
    if (tag !== undefined && SENDING.test(nameOf(tag) ?? '')) texts.given.push(...sqlOf(node as TemplateExpression));
  } else if (node.kind === 'declare' || node.kind === 'assignment') {
    const { target, value } = node as DeclareStatement | AssignmentExpression;
    const [found] = target.kind === 'name' && value !== undefined ? sqlOf(value) : [];
    if (found !== undefined && target.kind === 'name') texts.named.set(target.name, found);
  } else if (node.kind === 'call') {
    const { callee, arguments: [first] } = node as CodeCall;
    if (first === undefined || first.spread !== undefined || !SENDING.test(nameOf(callee) ?? '')) return;
    const given = textOf(first.value);
    if (given.kind === 'name') texts.sent.add(given.name);
    else texts.given.push(...sqlOf(given));
  }
}

/** The last name of what is called: `db.query`, `sql<Row>`. */
export function nameOf(callee: CodeExpression): string | undefined {
  return callee.kind === 'name' ? callee.name : callee.kind === 'member' ? callee.property : undefined;
}

/** `{ text: '...' }`, `{ sql: '...' }`. */
function textOf(given: CodeExpression): CodeExpression {
  if (given.kind !== 'object') return given;
  const text = given.entries.find((entry) => entry.kind === 'property' && (entry.key === 'text' || entry.key === 'sql'));
  return text?.kind === 'property' ? text.value : given;
}

function sqlOf(value: CodeExpression): LikelyQuery[] {
  const text = value.kind === 'literal' && typeof value.value === 'string' ? value.value
    : value.kind === 'template' ? value.parts.map((part) => (part.kind === 'text' ? part.value : '$0')).join('') : '';
  const [, of, rest] = STATEMENT.exec(text.slice(0, LONGEST).replace(/^(?:\s+|--[^\n]*\n)+/, '')) ?? [];
  if (of === undefined || !FOLLOWED.test(rest!)) return [];
  return [{ orm: 'sql', of, location: value.location }];
}
