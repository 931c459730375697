import type { Context } from '../../library.js';
import type { Value } from '../../values.js';
import { flagOf, itemsOf } from '../entities/given.js';
import { textOf } from '../sqlalchemy/given.js';
import { changeParts, noteNames } from './changes.js';
import { entry } from './classes.js';
import { fieldData, type FieldData } from './fields.js';
import { throughSpecs } from './lowered.js';
import { argument, type OperationData } from './operation-data.js';
import type { Run } from './operations.js';
import type { SchemaEditor } from './schema-editor.js';
import { impliedKey, keyField, metaData, specKey, targetKey, together, type ModelSpec } from './spec.js';
import { setModel, setModels } from './state.js';

/** `CreateModel(name, fields, options, bases)`. @returns why it is not understood */
export function createModel(operation: OperationData, run: Run, editor: SchemaEditor | undefined): string | undefined {
  const { ctx, app, state } = run;
  const name = argument(operation, 'name', ctx);
  if (name === undefined) return 'the name of the model is not known';
  const spec = specOf(name, operation, app, ctx);
  setModel(state, specKey(spec), spec);
  if (!editor || !spec.managed || spec.proxy) return undefined;
  editor.createModel(editor.lowered(spec));
  for (const through of throughSpecs(spec, ctx).values()) editor.createModel(editor.lowered(through));
  return undefined;
}

function specOf(name: string, operation: OperationData, app: string, ctx: Context): ModelSpec {
  const { location } = operation;
  const options = operation.named.get('options');
  const option = (key: string): Value | undefined => entry(options, key, ctx);
  const fields = new Map<string, FieldData>();
  for (const each of itemsOf(operation.named.get('fields'), ctx)) {
    const [key, field] = itemsOf(each, ctx);
    const [own, data] = [key && textOf(key, ctx), fieldData(field, ctx)];
    if (own !== undefined) fields.set(own, data ?? { type: 'Field', named: new Map([['null', { kind: 'constant', value: true }]]), location });
  }
  const parents = itemsOf(operation.named.get('bases'), ctx).flatMap((each) => { const key = ctx.read(each).kind === 'constant' ? targetKey(each, { app, name }, ctx) : undefined; return key ?? []; });
  const table = option('db_table');
  const spec: ModelSpec = {
    app, name, table: (table && textOf(table, ctx)?.replaceAll('"', '')) ?? `${app}_${name}`.toLowerCase(), fields, parents, location, uniqueTogether: together(option('unique_together'), ctx), indexTogether: together(option('index_together'), ctx),
    indexes: itemsOf(option('indexes'), ctx).flatMap((each) => metaData(each, ctx) ?? []), constraints: itemsOf(option('constraints'), ctx).flatMap((each) => metaData(each, ctx) ?? []),
    managed: flagOf(option('managed'), ctx) !== false, proxy: flagOf(option('proxy'), ctx) === true,
  };
  return spec.proxy || keyField(spec, ctx) ? spec : { ...spec, fields: new Map([['id', impliedKey(location.file, location, ctx)], ...fields]) };
}

/** `DeleteModel(name)`. */
export function deleteModel(spec: ModelSpec, run: Run, editor: SchemaEditor | undefined): undefined {
  if (editor && spec.managed && !spec.proxy) {
    for (const through of throughSpecs(spec, run.ctx).values()) editor.deleteModel(through.table);
    editor.deleteModel(spec.table);
  }
  setModel(run.state, specKey(spec), undefined);
}

/** `RenameModel(old, new)`: its table, the tables of its many-to-many fields, and whatever refers to it. */
export function renameModel(spec: ModelSpec, name: string | undefined, run: Run, editor: SchemaEditor | undefined): string | undefined {
  if (name === undefined) return 'the new name of the model is not known';
  const { ctx, state } = run;
  const [from, to] = [specKey(spec), specKey({ app: spec.app, name })];
  const isDerived = spec.table === `${spec.app}_${spec.name}`.toLowerCase();
  const table = isDerived ? `${spec.app}_${name}`.toLowerCase() : spec.table;
  const before = [...state.models.values()].flatMap((each) => [...throughSpecs(each, ctx)].map(([field, through]) => ({ owner: specKey(each), field, through })));
  const models = new Map([...state.models].map(([key, each]) => [key === from ? to : key, retarget(key === from ? { ...each, name, table } : each, from, to, ctx)]));
  const old = editor?.lowered(spec);
  if (editor && old) {
    noteNames(state, old, table);
    editor.renameTable(spec.table, table);
  }
  setModels(state, models);
  if (editor) for (const { owner, field, through } of before) renameThrough(models.get(owner === from ? to : owner)!, field, through, editor, ctx);
  return undefined;
}

function renameThrough(owner: ModelSpec, field: string, old: ModelSpec, editor: SchemaEditor, ctx: Context): void {
  const now = throughSpecs(owner, ctx).get(field);
  if (!now) return;
  editor.renameTable(old.table, now.table);
  const [before, after] = [[...editor.lowered(old).columns.values()], [...editor.lowered(now).columns.values()]];
  before.forEach((each, index) => editor.renameColumn(now.table, each.name, after[index]?.name ?? each.name));
}

/** Fields that refer to a model by its old key refer to it by the new one. */
function retarget(spec: ModelSpec, from: string, to: string, ctx: Context): ModelSpec {
  const change = (field: FieldData): FieldData => {
    const named = new Map(field.named);
    for (const key of ['to', 'through']) if (named.has(key) && targetKey(named.get(key), { app: spec.app, name: spec.name }, ctx) === from) named.set(key, { kind: 'constant', value: to });
    return { ...field, named };
  };
  const refers = [...spec.fields.values()].some((field) => field.named.has('to') || field.named.has('through'));
  return { ...spec, parents: spec.parents.map((each) => (each === from ? to : each)), fields: refers ? new Map([...spec.fields].map(([name, field]) => [name, change(field)])) : spec.fields };
}

/** `AlterModelTable(name, table)`. */
export function setTable(spec: ModelSpec, given: string | undefined, run: Run, editor: SchemaEditor | undefined): undefined {
  const table = given?.replaceAll('"', '') ?? `${spec.app}_${spec.name}`.toLowerCase();
  const after: ModelSpec = { ...spec, table };
  if (editor && spec.managed) {
    const [through, next] = [throughSpecs(spec, run.ctx), throughSpecs(after, run.ctx)];
    noteNames(run.state, editor.lowered(spec), table);
    editor.renameTable(spec.table, table);
    for (const [field, old] of through) if (next.get(field)) editor.renameTable(old.table, next.get(field)!.table);
  }
  setModel(run.state, specKey(spec), after);
}

/** `AlterUniqueTogether`, `AlterIndexTogether`. */
export function changeOptions(spec: ModelSpec, operation: OperationData, run: Run, editor: SchemaEditor | undefined): undefined {
  const isUnique = operation.name === 'AlterUniqueTogether';
  const given = together(operation.named.get(isUnique ? 'unique_together' : 'index_together'), run.ctx);
  const after: ModelSpec = isUnique ? { ...spec, uniqueTogether: given } : { ...spec, indexTogether: given };
  setModel(run.state, specKey(spec), after);
  if (editor && spec.managed) changeParts(spec.table, editor.lowered(spec), editor.lowered(after), editor);
}
