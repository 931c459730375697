import type { ReferentialAction } from '../../facts/schema.js';
import type { PrismaAttribute, PrismaBlock, PrismaField, PrismaFile } from '../../facts/prisma.js';
import { words } from '../../link/names.js';
import type { ModelChange, ModelContext, ModelWriter, TextEdit } from './types.js';

const ACTIONS: Readonly<Record<ReferentialAction, string>> = { noAction: 'NoAction', restrict: 'Restrict', cascade: 'Cascade', setNull: 'SetNull', setDefault: 'SetDefault' };

/** The field, its relation and back relation, `@@index` and `@@unique` (Prisma schema reference). */
export const prismaModels: ModelWriter = (changes, context) => {
  const blocks = [...context.project.files.values()].flatMap(({ prisma }: { readonly prisma?: PrismaFile }) => prisma?.blocks ?? []);
  const edits = changes.flatMap((change) => {
    const block = blocks.find(({ name }) => name === change.model.modelName);
    const root = blocks.find(({ name }) => name === change.root?.modelName);
    return block ? new Change(change, block, root, context).edits() : [];
  });
  return { edits, byHand: [] };
};

class Change {
  private readonly source: string;

  constructor(private readonly change: ModelChange, private readonly block: PrismaBlock, private readonly root: PrismaBlock | undefined, private readonly context: ModelContext) {
    this.source = context.text(block.location.file) ?? '';
  }

  edits(): TextEdit[] {
    const { plan } = this.change;
    return [...(plan.adds ? this.additions() : this.requirements()), ...this.keys()];
  }

  /** The column after the primary key, the relation after the last field, the list at the end of the root model. */
  private additions(): TextEdit[] {
    const { plan, field } = this.change;
    const { fields } = this.block;
    const key = fields.find((each) => attribute(each, 'id')) ?? fields[0]!;
    const target = this.root?.fields.find((each) => attribute(each, 'id'));
    const optional = plan.staysNullable ? '?' : '';
    const map = field === plan.column ? '' : ` @map(${JSON.stringify(plan.column)})`;
    const native = target?.attributes.find(({ name }) => name.startsWith('db.'));
    const column = `${target?.type ?? 'String'}${optional}${map}${native ? ` ${this.textOf(native, this.root!)}` : ''}`;
    const [first, last] = [this.after(key), this.after(fields.at(-1)!)];
    const own = `${this.line(key, field, column)}`;
    if (!this.root || !target || !plan.root) return [this.insert(first, own)];
    const name = this.freeName(this.root.name.slice(0, 1).toLowerCase() + this.root.name.slice(1), fields);
    const label = this.relationLabel();
    const action = plan.root.onDelete === 'restrict' ? '' : `, onDelete: ${ACTIONS[plan.root.onDelete]}`;
    const relation = `${this.root.name}${optional} @relation(${label === undefined ? '' : `${JSON.stringify(label)}, `}fields: [${field}], references: [${target.name}]${action})`;
    const relationLine = this.line(fields.at(-1)!, name, relation);
    return [
      ...(first === last ? [this.insert(first, own + relationLine)] : [this.insert(first, own), this.insert(last, relationLine)]), this.backRelation(label),
    ];
  }

  private backRelation(label: string | undefined): TextEdit {
    const root = this.root!;
    const source = this.context.text(root.location.file) ?? '';
    const name = this.freeName(plural(this.block.name.slice(0, 1).toLowerCase() + this.block.name.slice(1)), root.fields);
    const last = root.fields.at(-1)!;
    const at = endOfLine(source, last.location.end);
    return { file: root.location.file, start: at, end: at, text: lineLike(source, last, name, `${this.block.name}[]${label === undefined ? '' : ` @relation(${JSON.stringify(label)})`}`) };
  }

  /** Prisma needs a name where two models are related more than once. */
  private relationLabel(): string | undefined {
    const related = this.block.fields.some(({ type }) => type === this.root!.name) || this.root!.fields.some(({ type }) => type === this.block.name);
    return related ? `${this.block.name}Tenant` : undefined;
  }

  /** The field, and its relation, are no longer optional. */
  private requirements(): TextEdit[] {
    const own = this.block.fields.find(({ name }) => name === this.change.field);
    const relations = this.block.fields.filter((each) => relationFields(each).includes(this.change.field));
    return [own, ...relations].flatMap((each): TextEdit[] => {
      if (!each?.optional) return [];
      const at = this.source.indexOf('?', each.location.start);
      const aligned = this.source[at + 1] === ' ' && this.source[at + 2] === ' ';
      return [{ file: this.block.location.file, start: at, end: at + 1, text: aligned ? ' ' : '' }];
    });
  }

  private keys(): TextEdit[] {
    const { index, field, uniques } = this.change;
    const removed = uniques.flatMap(({ old }) => this.removal(old.columns.map((column) => this.fieldOf(column))));
    const lines = [
      ...(index === undefined ? [] : [`@@index([${field}])`]), ...uniques.map(({ old }) => `@@unique([${[field, ...old.columns.map((column) => this.fieldOf(column))].join(', ')}])`),
    ];
    if (lines.length === 0) return removed;
    const map = this.block.attributes.find(({ name }) => name === 'map');
    const at = map ? startOfLine(this.source, map.location.start) : this.end();
    const blank = this.block.attributes.length === 0 ? '\n' : '';
    return [...removed, { file: this.block.location.file, start: at, end: at, text: `${blank}${lines.map((line) => `  ${line}\n`).join('')}` }];
  }

  /** `@unique` of the field, or the line with `@@unique` over the fields. */
  private removal(fields: readonly string[]): TextEdit[] {
    const { file } = this.block.location;
    const own = fields.length === 1 ? this.block.fields.find(({ name }) => name === fields[0]) : undefined;
    const inline = own && attribute(own, 'unique');
    if (inline) return [{ file, start: this.source.slice(0, inline.location.start).trimEnd().length, end: inline.location.end, text: '' }];
    const block = this.block.attributes.find((each) => each.name === 'unique' && listOf(each).join() === fields.join());
    return block ? [{ file, start: startOfLine(this.source, block.location.start), end: endOfLine(this.source, block.location.end), text: '' }] : [];
  }

  private fieldOf(column: string): string {
    return Object.entries(this.change.model.fields).find(([, name]) => name === column)?.[0] ?? column;
  }

  private insert(at: number, text: string): TextEdit {
    return { file: this.block.location.file, start: at, end: at, text };
  }

  private after(field: PrismaField): number {
    return endOfLine(this.source, field.location.end);
  }

  /** The start of the line with the closing brace. */
  private end(): number {
    const last = Math.max(...[...this.block.fields, ...this.block.attributes].map(({ location }) => location.end));
    return startOfLine(this.source, this.source.indexOf('}', last));
  }

  private line(like: PrismaField, name: string, rest: string): string {
    return lineLike(this.source, like, name, rest);
  }

  private textOf({ location }: PrismaAttribute, block: PrismaBlock): string {
    return (this.context.text(block.location.file) ?? '').slice(location.start, location.end);
  }

  private freeName(wanted: string, fields: readonly PrismaField[]): string {
    for (let name = wanted; ; name = `${name}Ref`) if (!fields.some((each) => each.name === name)) return name;
  }
}

/** A field with its type in the column of its neighbour's. */
function lineLike(source: string, like: PrismaField, name: string, rest: string): string {
  const line = source.slice(startOfLine(source, like.location.start), endOfLine(source, like.location.start));
  const [, indent = '  ', gap = ''] = /^(\s*)(\S+\s+)/.exec(line) ?? [];
  return `${indent}${name.padEnd(gap.length - 1)} ${rest}\n`;
}

function attribute(field: PrismaField, name: string): PrismaAttribute | undefined {
  return field.attributes.find((each) => each.name === name);
}

function relationFields(field: PrismaField): readonly string[] {
  const value = attribute(field, 'relation')?.arguments.find(({ name }) => name === 'fields')?.value;
  return value?.kind === 'list' ? value.items.flatMap((item) => (item.kind === 'name' ? [item.name] : [])) : [];
}

function listOf({ arguments: args }: PrismaAttribute): readonly string[] {
  const value = args.find(({ name }) => name === undefined || name === 'fields')?.value;
  return value?.kind === 'list' ? value.items.flatMap((item) => (item.kind === 'name' ? [item.name] : [])) : [];
}

function plural(word: string): string {
  const last = words(word).at(-1) ?? word;
  if (/[^aeiou]y$/.test(last)) return `${word.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/.test(last) ? `${word}es` : `${word}s`;
}

function startOfLine(source: string, at: number): number {
  return source.lastIndexOf('\n', at - 1) + 1;
}

/** Behind the line break. */
function endOfLine(source: string, at: number): number {
  const end = source.indexOf('\n', at);
  return end < 0 ? source.length : end + 1;
}
