import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import { fragmentValue, identifierPiece, plainPiece } from '../../sql-pieces.js';
import type { SqlPiece } from '../../sql-pieces.js';
import { OPEN_COLUMN } from '../../sql-open.js';
import type { Value } from '../../values.js';
import { undefinedValue } from '../../values.js';
import { fieldsOf } from '../objects.js';

/** The words before a helper that say what it stands for, as the driver looks for them: the last one in the text counts. */
const KEYWORDS = ['values', 'in', 'select', 'as', 'returning', '\\(', 'update', 'insert'] as const;

/** What `sql(...)` stands for: names, or rows and assignments by the word that stands before it. */
export function sqlHelper(call: Call, ctx: Context, library: string, camel: boolean): Value {
  const { location } = call;
  const [first = undefinedValue, ...rest] = call.arguments.positional;
  const name = (text: string): string => (camel ? snakeCase(text) : text);
  const value = ctx.read(first);
  if (value.kind === 'constant' && typeof value.value === 'string') return fragmentValue(library, [identifierPiece(value.value.split('.').map(name), location)]);
  const keys = rest.flatMap((each) => constantsOf(each, ctx));
  return fragmentValue(library, [{ kind: 'dependent', location, pieces: (before) => new Helper(ctx, location, keys, name).pieces(value, keywordOf(before)) }]);
}

function keywordOf(before: string): string | undefined {
  let found: { keyword: string; at: number } | undefined;
  for (const keyword of KEYWORDS) {
    const last = [...before.matchAll(new RegExp(`(?:^|[\\s(])${keyword}(?=$|[\\s(])`, 'gi'))].at(-1);
    if (last && (!found || last.index > found.at)) found = { keyword: keyword.replace('\\', ''), at: last.index };
  }
  return found?.keyword;
}

/** Strings of the arguments: one, or a list of them. */
function constantsOf(given: Value, ctx: Context): string[] {
  const value = ctx.read(given);
  if (value.kind === 'constant') return typeof value.value === 'string' ? [value.value] : [];
  return value.kind === 'list' ? value.items.flatMap((item) => constantsOf(item.value, ctx)) : [];
}

class Helper {
  constructor(private readonly ctx: Context, private readonly location: Location, private readonly keys: readonly string[], private readonly name: (text: string) => string) {}

  pieces(value: Value, keyword: string | undefined): readonly SqlPiece[] {
    switch (keyword) {
      case 'insert': return this.insert(value);
      case 'update': return this.update(value);
      case 'values': return this.rows(value, this.columnsOf(value));
      case 'in': return this.list(value);
      default: return this.names(value);
    }
  }

  private get hole(): SqlPiece[] {
    return [{ kind: 'hole', written: 'sql(...)', pasted: false, location: this.location }];
  }

  private plain(text: string): SqlPiece {
    return plainPiece(text, this.location);
  }

  private identifiers(names: readonly string[]): SqlPiece[] {
    return this.separated(names.map((each) => [identifierPiece([this.name(each)], this.location)]));
  }

  private separated(lists: readonly (readonly SqlPiece[])[]): SqlPiece[] {
    return lists.flatMap((each, index) => (index > 0 ? [this.plain(', '), ...each] : each));
  }

  private insert(value: Value): SqlPiece[] {
    const columns = this.columnsOf(value);
    if (columns !== undefined) return [this.plain('('), ...this.identifiers(columns), this.plain(') values '), ...this.rows(value, columns)];
    const first = value.kind === 'list' && value.items[0] ? this.ctx.read(value.items[0].value) : value;
    const open = this.open(first);
    if (open === undefined) return this.hole;
    return [this.plain('('), ...this.separated(open.map(({ column }) => [column])), this.plain(') values ('), ...this.separated(open.map((each) => [each.value])), this.plain(')')];
  }

  private rows(value: Value, columns: readonly string[] | undefined): SqlPiece[] {
    const rows = value.kind === 'list' ? value.items.map((item) => this.ctx.read(item.value)) : [value];
    return this.separated(rows.map((row) => {
      const values = row.kind === 'list' ? row.items.map((item) => item.value) : columns?.map((column) => this.ctx.member(row, column));
      return values === undefined ? this.hole : [this.plain('('), ...this.separated(values.map((each) => [this.value(each)])), this.plain(')')];
    }));
  }

  private update(value: Value): SqlPiece[] {
    const columns = this.columnsOf(value);
    const assigned = columns?.map((column) => this.cell(column, this.ctx.member(value, column))) ?? this.open(value);
    if (assigned === undefined) return this.hole;
    return this.separated(assigned.map((each) => [each.column, this.plain(' = '), each.value]));
  }

  private cell(key: string, value: Value): { readonly column: SqlPiece; readonly value: SqlPiece } {
    return { column: identifierPiece([this.name(key)], this.location), value: this.value(value) };
  }

  /** The columns of an object that may have any other as well, and a column that stands for those. */
  private open(value: Value): ReturnType<Helper['cell']>[] | undefined {
    if (!['object', 'input', 'row', 'instance'].includes(value.kind)) return undefined;
    const given = value.kind === 'object' ? fieldsOf(value, this.ctx).given.filter(({ overridden }) => !overridden) : [];
    const rest = { column: identifierPiece([OPEN_COLUMN], this.location), value: this.value(value) };
    return [...given.map(({ key, value: own }) => this.cell(key, own)), rest];
  }

  private list(value: Value): SqlPiece[] {
    if (value.kind !== 'list' || value.items.length === 0 || value.items.some(({ repeated }) => repeated)) return [this.plain('('), this.value(value), this.plain(')')];
    return [this.plain('('), ...this.separated(value.items.map((item) => [this.value(item.value)])), this.plain(')')];
  }

  private names(value: Value): SqlPiece[] {
    const names = value.kind === 'list' ? constantsOf(value, this.ctx) : this.columnsOf(value);
    return names === undefined || names.length === 0 ? this.hole : this.identifiers(names);
  }

  private value(value: Value): SqlPiece {
    return { kind: 'value', value, location: this.location };
  }

  /** The columns that were named, else those of the object or of the first of the list. */
  private columnsOf(value: Value): readonly string[] | undefined {
    if (this.keys.length > 0) return this.keys;
    if (value.kind === 'list') return value.items[0] && this.columnsOf(this.ctx.read(value.items[0].value));
    if (value.kind !== 'object' || value.entries.some((entry) => entry.kind === 'spread')) return undefined;
    return [...new Set(value.entries.map((entry) => (entry.kind === 'property' ? entry.key : '')))];
  }
}

/** `orgId` → `org_id`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
