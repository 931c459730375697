import { defaultConfig } from '../../src/config/load.js';
import type { FileFacts } from '../../src/facts/file.js';
import type { Expression } from '../../src/facts/expression.js';
import type { Location } from '../../src/facts/location.js';
import type { Migration } from '../../src/link/project.js';
import { replay, type ReplayResult } from '../../src/link/replay/index.js';
import { describe } from '../../src/link/replay/describe.js';
import type { ReplayListener } from '../../src/link/replay/types.js';
import { tablesOf } from '../../src/link/replay/snapshot.js';
import { walkTree } from '../../src/link/replay/tree.js';
import { parseSqlFile } from '../../src/parse/sql/index.js';

/** A replay of SQL texts and what the listener heard, each event as one line. */
export interface Heard {
  readonly result: ReplayResult;
  readonly events: string[];
  readonly source: (location: Location) => string;
}

/** Replays SQL migrations. */
export function replaySql(texts: readonly string[], options: Partial<Pick<Migration, 'kind' | 'transaction'>> = {}): Heard {
  const files = new Map<string, FileFacts>();
  const migrations = texts.map((text, index): Migration => {
    const file = `${index + 1}.sql`;
    const kind = options.kind ?? 'sql';
    files.set(file, parseSqlFile({ path: file, language: 'sql', role: { type: 'migration', kind, source: 0, direction: 'up' } }, text));
    return { index, history: 0, kind, file, id: String(index + 1), transaction: options.transaction ?? 'none', direction: 'up' };
  });
  const source = ({ file, start, end }: Location) => texts[Number.parseInt(file, 10) - 1]!.slice(start, end);
  const events: string[] = [];
  const listener: ReplayListener = {
    migrationStarts: () => undefined,
    migrationEnds: () => undefined,
    before: () => undefined,
    after: (event, catalog) => {
      const tables = tablesOf(event.operation, event.resolution, catalog, event.session.searchPath);
      const kind = event.operation.kind === 'query' ? event.operation.query.kind : event.operation.kind;
      events.push([
        kind, tables.join(','), ...(event.runs === 'yes' ? [] : [event.runs]), ...event.guards.map((guard) => `if ${show(guard)}`),
        ...(event.failure ? [event.failure.code] : []),
      ].join(' ').trim());
    },
    assertion: (event) => {
      events.push([
        `${event.swallowed ? 'swallowed ' : ''}${event.reaction}`, show(event.condition), ...event.guards.map((guard) => `if ${show(guard)}`),
      ].join(' '));
    },
  };
  return { result: replay(migrations, files, listener, defaultConfig('/')), events, source };
}

/** A condition in few words: sub-queries by their tables and NULL tests. */
export function show(expression: Expression): string {
  switch (expression.kind) {
    case 'operator': return `${expression.left ? show(expression.left) : ''}${expression.operator}${show(expression.right)}`;
    case 'not': return `not(${show(expression.operand)})`;
    case 'and': case 'or': return `(${expression.operands.map(show).join(` ${expression.kind} `)})`;
    case 'case': return `case(${expression.branches.map(({ when, then }) => `${show(when)}: ${show(then)}`).join('; ')}; ${expression.otherwise ? show(expression.otherwise) : ''})`;
    case 'nullTest': return `${show(expression.operand)} is ${expression.negated ? 'not ' : ''}null`;
    case 'array': return `[${expression.items.map(show).join(', ')}]`;
    case 'subquery': {
      const words: string[] = [];
      walkTree(expression.query, (node) => {
        if (node.kind === 'call') words.push((node as { name: string[] } & typeof node).name.at(-1)!);
        if (node.kind === 'table') words.push((node as unknown as { name: { name: string } }).name.name);
        if (node.kind === 'nullTest') words.push(show(node as Expression));
        return node.kind !== 'nullTest';
      });
      return `${expression.form === 'scalar' ? '' : expression.form}{${words.join(' ')}}`;
    }
    default: return describe(expression);
  }
}
