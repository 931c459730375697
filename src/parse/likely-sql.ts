import { nameOf, sqlClientAt, tagClientAt } from './likely-client.js';
import { NO_TABLE } from '../facts/code.js';
import type { AssignmentExpression, CodeCall, CodeExpression, CodeModule, DeclareStatement, LikelyQuery, MemberExpression, Pattern, TemplateExpression } from '../facts/code.js';

/** Words that calls are named by which send a text to a database: `query`, `executeQuery`, `$queryRawUnsafe`, `fetchrow`, `text`; those of pg-promise, SQLite's, and tags. */
const SENDING = /query|exec|fetch|raw|unsafe|sql|^(?:text|prepare|all|get|run|one|oneOrNone|many|manyOrNone|any|none|stream)$/i;
/** Statements about rows, to the name of their first table. */
const STATEMENT = /^(?:select\s[^]*?\sfrom|insert\s+into|update|delete\s+from|with\s[^]*?\s(?:from|into|update))\s+(?:only\s+)?(?:"?\w+"?\.)?"?(\w+)"?(?=$|[^\w.])([^]*)/i;
/** What stands behind a table in SQL, not in prose: nothing, an alias, the next clause. */
const FOLLOWED = /^\s*(?:(?:as\s+)?"?\w+"?\s*)?(?:$|[;,()]|\$0|(?:where|join|left|right|inner|full|cross|natural|on|using|order|group|having|limit|offset|union|intersect|except|for|set|values|select|returning|default|overriding|tablesample|fetch|window)\b)/i;
/** What the results of node-postgres have. */
const RESULT = /^(?:rows|rowCount)$/;
/** What is sent about the connection itself: transactions, settings. */
const OF_CONNECTION = /^\s*(?:begin|start\s+transaction|commit|end|rollback|savepoint|release|set\s|reset\s|select\s+set_config|discard)\b/i;
/** More of a text is not looked at. */
const LONGEST = 4000;

type ObjectPattern = Extract<Pattern, { kind: 'object' }>;

interface Text {
  readonly query: LikelyQuery;
  readonly text: string;
}

/** The texts of SQL of a module that calls are given, or tags stand before, and those that have a name. */
export interface SqlTexts {
  readonly language: CodeModule['language'];
  readonly given: (Text & { readonly by: CodeCall })[];
  readonly tagged: LikelyQuery[];
  readonly named: Map<string, Text>;
  /** Names that are given to something, and the calls that give them. */
  readonly sent: Map<string, CodeCall[]>;
  /** Whether rows are taken out of results, by name. */
  hasResults: boolean;
}

/** None seen yet. */
export function noTexts(language: CodeModule['language']): SqlTexts {
  return { language, given: [], tagged: [], named: new Map(), sent: new Map(), hasResults: false };
}

/** Those that something is given: one that has a name, with each client that it is given to. */
export function textsSent({ language, given, tagged, named, sent, hasResults }: SqlTexts): LikelyQuery[] {
  const all = [...given, ...[...named].flatMap(([name, text]) => (sent.get(name) ?? []).map((by) => ({ ...text, by })))];
  const found = [...all.map(({ query, text, by }) => ({ ...query, ...sqlClientAt(by, { text, language, hasResults }) })), ...tagged];
  return found.some(({ of }) => of !== NO_TABLE) ? found : [];
}

/** Takes note of SQL that a call is given (`db.query('select ...')`, `cursor.execute(SQL)`), that a tag stands before, or that a name stands for. */
export function noteSql(node: { readonly kind?: string }, texts: SqlTexts): void {
  switch (node.kind) {
    case 'template': {
      const { tag } = node as TemplateExpression;
      if (tag !== undefined && SENDING.test(nameOf(tag) ?? '')) texts.tagged.push(...sqlOf(node as TemplateExpression).map(({ query }) => ({ ...query, ...tagClientAt(tag) })));
      break;
    }
    case 'declare': case 'assignment': {
      const { target, value } = node as DeclareStatement | AssignmentExpression;
      const [found] = target.kind === 'name' && value !== undefined ? sqlOf(value) : [];
      if (found !== undefined && target.kind === 'name') texts.named.set(target.name, found);
      break;
    }
    case 'call': noteCall(node as CodeCall, texts); break;
    case 'member': if (RESULT.test((node as MemberExpression).property)) texts.hasResults = true; break;
    case 'object': if ('properties' in node && (node as ObjectPattern).properties.some(({ key }) => typeof key === 'string' && RESULT.test(key))) texts.hasResults = true;
  }
}

function noteCall(call: CodeCall, texts: SqlTexts): void {
  const { callee, arguments: [first] } = call;
  if (first === undefined || first.spread !== undefined || !SENDING.test(nameOf(callee) ?? '')) return;
  const given = textOf(first.value);
  if (given.kind === 'name') texts.sent.set(given.name, [...texts.sent.get(given.name) ?? [], call]);
  else texts.given.push(...sqlOf(given).map((each) => ({ ...each, by: call })));
}

/** `{ text: '...' }`, `{ sql: '...' }`. */
function textOf(given: CodeExpression): CodeExpression {
  if (given.kind !== 'object') return given;
  const text = given.entries.find((entry) => entry.kind === 'property' && (entry.key === 'text' || entry.key === 'sql'));
  return text?.kind === 'property' ? text.value : given;
}

function sqlOf(value: CodeExpression): Text[] {
  const text = value.kind === 'literal' && typeof value.value === 'string' ? value.value
    : value.kind === 'template' ? value.parts.map((part) => (part.kind === 'text' ? part.value : '$0')).join('') : '';
  if (OF_CONNECTION.test(text)) return [{ query: { orm: 'sql', of: NO_TABLE, location: value.location }, text }];
  const [, of, rest] = STATEMENT.exec(text.slice(0, LONGEST).replace(/^(?:\s+|--[^\n]*\n)+/, '')) ?? [];
  if (of === undefined || !FOLLOWED.test(rest!)) return [];
  return [{ query: { orm: 'sql', of, location: value.location }, text }];
}
