import type { SqlType } from '../../src/facts/expression.js';
import type { FileFacts } from '../../src/facts/file.js';
import type { Location } from '../../src/facts/location.js';
import type { Operation, Statement } from '../../src/facts/operation.js';

/**
 * Writes a file's facts as the pages of fixtures/parse show them: one line for each operation, directive and notice, with its place.
 * Expressions, queries and bodies are shown by the source text at their place; false, empty and absent fields are left out.
 */
export function renderFacts(facts: FileFacts, text: string): string {
  const renderer = new Renderer(facts, text);
  return [
    ...(facts.transaction === undefined ? [] : [`transaction ${facts.transaction}`]),
    ...facts.statements.flatMap((statement) => renderer.statement(statement)),
    ...(facts.down ?? []).flatMap((statement) => renderer.statement(statement).map((line) => `down ${line}`)),
    ...facts.directives.map(({ location, kind, rules, reason }) =>
      [renderer.place(location), kind, ...rules, ...(reason === undefined ? [] : ['--', reason])].join(' ')),
    ...facts.notices.map(({ location, reason }) => `${renderer.place(location)} notice: ${reason}`),
  ].join('\n');
}

class Renderer {
  constructor(private readonly facts: FileFacts, private readonly text: string) {}

  statement(statement: Statement): string[] {
    return statement.operations.map((operation) => this.operation(operation));
  }

  private operation({ kind, location, ...rest }: Operation): string {
    const fields = Object.entries(rest).flatMap(([key, value]) => this.field(key, value));
    return [this.place(location), kind, ...fields].join(' ');
  }

  place({ start, end }: Location): string {
    return `${this.position(start)}-${this.position(end)}`;
  }

  private position(offset: number): string {
    const line = this.facts.lineStarts.findLastIndex((start) => start <= offset);
    return `${line + 1}:${offset - this.facts.lineStarts[line]! + 1}`;
  }

  private field(key: string, value: unknown): string[] {
    if (key === 'location' || value === undefined || value === false) return [];
    if (Array.isArray(value) && value.length === 0) return [];
    if (value === true) return [key];
    return [`${key}=${this.value(value)}`];
  }

  private value(value: unknown): string {
    if (Array.isArray(value)) return `[${value.map((item) => this.value(item)).join(', ')}]`;
    if (typeof value !== 'object' || value === null) return String(value);
    const object = value as Record<string, unknown>;
    if ('start' in object && 'file' in object) return this.place(object as unknown as Location);
    if ('dimensions' in object) return renderType(object as unknown as SqlType);
    if (isName(object)) return [object['schema'], object['name']].filter(Boolean).join('.');
    if (isSource(object)) return this.source(object['location'] as Location);
    const fields = Object.entries(object).flatMap(([key, item]) => this.field(key, item));
    return `{${fields.join(' ')}}`;
  }

  private source({ start, end }: Location): string {
    return `«${this.text.slice(start, end).replace(/\s+/g, ' ')}»`;
  }
}

const CONSTRAINTS = new Set(['primaryKey', 'unique', 'foreignKey', 'check', 'notNull', 'exclusion']);

function isName(object: Record<string, unknown>): boolean {
  return Object.keys(object).every((key) => key === 'schema' || key === 'name') && 'name' in object;
}

/** Expressions, queries and blocks. */
function isSource(object: Record<string, unknown>): boolean {
  return typeof object['kind'] === 'string' && 'location' in object && !CONSTRAINTS.has(object['kind']);
}

function renderType({ schema, name, modifiers, dimensions }: SqlType): string {
  const size = modifiers.length === 0 ? '' : `(${modifiers.join(',')})`;
  return `${schema === undefined ? '' : `${schema}.`}${name}${size}${'[]'.repeat(dimensions)}`;
}
