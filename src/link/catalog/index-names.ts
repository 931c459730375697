import type { Expression } from '../../facts/expression.js';
import type { IndexKey } from '../../facts/schema.js';
import { truncateName } from './names.js';

/** The names of an index's columns, which its generated name is made of (PostgreSQL's ChooseIndexColumnNames). */
export function indexColumnNames(keys: readonly IndexKey[], include: readonly string[] = []): readonly string[] {
  const names: string[] = [];
  for (const original of [...keys.map(keyName), ...include]) {
    let name = original;
    for (let number = 1; names.includes(name); number++) name = truncateName(original, 63 - String(number).length) + String(number);
    names.push(name);
  }
  return names;
}

function keyName(key: IndexKey): string {
  return key.column ?? (key.expression && figureName(key.expression)?.name) ?? 'expr';
}

interface Figured {
  readonly name: string;
  /** A name from a type or from CASE gives way to a better one inside. */
  readonly weak: boolean;
}

/** PostgreSQL's FigureColnameInternal (src/backend/parser/parse_target.c). */
function figureName(expression: Expression): Figured | undefined {
  switch (expression.kind) {
    case 'column': return strong(expression.path.at(-1)!);
    case 'call': return strong(expression.name.at(-1)!);
    case 'indirection': return expression.fields.length > 0 ? strong(expression.fields.at(-1)!) : figureName(expression.operand);
    case 'cast': return preferStrong(figureName(expression.operand), expression.type.name);
    case 'case': return preferStrong(expression.otherwise && figureName(expression.otherwise), 'case');
    case 'array': return strong('array');
    case 'row': return strong('row');
    case 'other': return expression.name === 'collate' && expression.parts[0] ? figureName(expression.parts[0]) : undefined;
    default: return undefined;
  }
}

function strong(name: string): Figured {
  return { name, weak: false };
}

function preferStrong(inner: Figured | undefined, fallback: string): Figured {
  return inner && !inner.weak ? inner : { name: fallback, weak: true };
}
