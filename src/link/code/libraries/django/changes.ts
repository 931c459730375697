import type { SqlType } from '../../../../facts/expression.js';
import type { Context } from '../../library.js';
import { itemsOf } from '../entities/given.js';
import { textOf } from '../sqlalchemy/given.js';
import { hasColumn, isToOne, type FieldData } from './fields.js';
import { throughSpecs, type Lowered, type Part } from './lowered.js';
import type { SchemaEditor } from './schema-editor.js';
import { specKey, targetKey, type MetaData, type ModelSpec } from './spec.js';
import { nameOfPart, noteName, type MigrationState } from './state.js';

/** A foreign key of another model, with the type of its column before a change. */
export interface Retargeted {
  readonly spec: ModelSpec;
  readonly name: string;
  readonly type: SqlType;
}

interface FieldChange {
  readonly spec: ModelSpec;
  readonly after: ModelSpec;
  readonly name: string;
  readonly before: FieldData | undefined;
  readonly field: FieldData;
  readonly old: Lowered;
  readonly now: Lowered;
  readonly types: readonly Retargeted[];
  readonly editor: SchemaEditor;
  readonly ctx: Context;
}

/** A field that is added or altered: its column, its constraints and indexes, the columns that refer to it. */
export function changeFields({ spec, after, name, before, field, old, now, types, editor, ctx }: FieldChange): void {
  const [column, made] = [old.columns.get(name), now.columns.get(name)];
  const [through, next] = [throughSpecs(spec, ctx).get(name), throughSpecs(after, ctx).get(name)];
  if (through && !next) editor.deleteModel(through.table);
  if (next && !through) editor.createModel(editor.lowered(next));
  if (column && !made) return editor.removeField(spec.table, column.name);
  if (!made || !hasColumn(field)) return;
  const own = now.parts.filter(({ key, fields }) => fields.length === 1 && fields[0] === name && !key.startsWith('meta:') && !key.startsWith('together:') && !key.startsWith('indexTogether:'));
  if (!column || !before) return editor.addField(spec.table, made, field, own);
  const previous = old.parts.filter(({ fields }) => fields.length === 1 && fields[0] === name);
  for (const part of previous) if (!own.some((each) => same(each, part)) && !isShared(part)) editor.dropPart(spec.table, part);
  editor.renameColumn(spec.table, column.name, made.name);
  editor.alterColumn(spec.table, column, made, field);
  for (const part of own) if (!previous.some((each) => same(each, part))) editor.addPart(spec.table, part);
  for (const { spec: other, name: key, type } of types) retype(other, key, type, editor);
}

/** Parts that an option of the model asks for. */
function isShared({ key }: Part): boolean {
  return /^(?:meta|together|indexTogether):/.test(key);
}

function retype(spec: ModelSpec, name: string, before: SqlType, editor: SchemaEditor): void {
  const now = editor.lowered(spec).columns.get(name);
  if (now && now.type.name !== before.name) editor.alterColumn(spec.table, { ...now, type: before }, now, spec.fields.get(name)!);
}

/** The foreign keys that refer to a model, with the types of their columns: they follow that of the key. */
export function retargeted(specs: readonly ModelSpec[], target: ModelSpec, editor: SchemaEditor): readonly Retargeted[] {
  const found: Retargeted[] = [];
  for (const spec of specs) for (const [name, field] of spec.fields) {
    if (!isToOne(field) || !refers(field, target, spec, editor)) continue;
    const type = editor.lowered(spec).columns.get(name)?.type;
    if (type) found.push({ spec, name, type });
  }
  return found;
}

function refers(field: FieldData, target: ModelSpec, spec: ModelSpec, editor: SchemaEditor): boolean {
  return targetKey(field.named.get('to'), spec, editor.context) === specKey(target);
}

/** Whether two parts are the same in the database. */
function same(a: Part, b: Part): boolean {
  return a.key === b.key && meaning(a) === meaning(b);
}

function meaning(part: Part): string {
  return JSON.stringify(part.constraint ?? part.index, (key, value: unknown) => (key === 'location' || key === 'name' && typeof value === 'string' ? undefined : value));
}

/** The constraints and indexes that an option of a model adds or takes away. */
export function changeParts(table: string, old: Lowered, now: Lowered, editor: SchemaEditor, how: { readonly concurrently?: boolean; readonly notValid?: boolean } = {}): void {
  for (const part of old.parts) if (!now.parts.some((each) => same(each, part))) editor.dropPart(table, part, how.concurrently);
  for (const part of now.parts) {
    if (old.parts.some((each) => same(each, part))) continue;
    editor.addPart(table, how.notValid === true && part.constraint?.kind === 'check' ? { ...part, constraint: { ...part.constraint, notValid: true } } : part, false, how.concurrently);
  }
}

/** Keeps the names that the parts of a table have in the database, under the keys that they will have. */
export function noteNames(state: MigrationState, lowered: Lowered, table: string, rekey: (key: string) => string = (key) => key): void {
  const named = lowered.parts.flatMap((part) => { const name = nameOfPart(state, lowered.table, part); return name === undefined ? [] : [[rekey(part.key), name] as const]; });
  if (lowered.table !== table) state.names.delete(lowered.table);
  for (const [key, name] of named) noteName(state, table, key, name);
}

/** A model one of whose fields is called otherwise, wherever it is named. */
export function renamedField(spec: ModelSpec, from: string, to: string, ctx: Context): ModelSpec {
  const rename = (name: string): string => (name === from ? to : name);
  const inMeta = (data: MetaData): MetaData => {
    const names = itemsOf(data.named.get('fields'), ctx).flatMap((each) => textOf(each, ctx) ?? []);
    if (!names.some((name) => name.replace(/^-/, '') === from)) return data;
    const items = names.map((name) => ({ value: { kind: 'constant', value: name.startsWith('-') ? `-${rename(name.slice(1))}` : rename(name) } as const, maybe: false, repeated: false }));
    return { ...data, named: new Map([...data.named, ['fields', ctx.allocate({ kind: 'list', form: 'list', items, location: data.location })]]) };
  };
  return {
    ...spec, fields: new Map([...spec.fields].map(([name, field]) => [rename(name), field])), uniqueTogether: spec.uniqueTogether.map((names) => names.map(rename)), indexTogether: spec.indexTogether.map((names) => names.map(rename)),
    indexes: spec.indexes.map(inMeta), constraints: spec.constraints.map(inMeta),
  };
}
