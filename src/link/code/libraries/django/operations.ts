import { entryOf } from '../../../../entry.js';
import type { Location } from '../../../../facts/location.js';
import type { Context } from '../../library.js';
import { flagOf, itemsOf } from '../entities/given.js';
import { fieldData, hasColumn, type FieldData } from './fields.js';
import { throughSpecs } from './lowered.js';
import { changeOptions, createModel, deleteModel, renameModel, setTable } from './model-operations.js';
import { argument, operationData, type OperationData } from './operation-data.js';
import { runPython } from './run-python.js';
import { runSql } from './run-sql.js';
import { SchemaEditor } from './schema-editor.js';
import { metaData, metaName, specKey, type MetaData, type ModelSpec } from './spec.js';
import { changeFields, changeParts, noteNames, renamedField, retargeted } from './changes.js';
import { setModel, setModels, type MigrationState } from './state.js';
import { notUnderstood } from '../entities/migrations.js';

/** Where an operation runs. */
export interface Run {
  readonly app: string;
  readonly state: MigrationState;
  readonly ctx: Context;
  /** False: only what Django knows of the models changes, not the database. */
  readonly sends: boolean;
}

const HARMLESS = new Set(['AlterModelOptions', 'AlterModelManagers', 'AlterModelTableComment', 'AlterOrderWithRespectTo', 'CreateCollation', 'RemoveCollation']);
const EXTENSIONS: Readonly<Record<string, string>> = {
  BloomExtension: 'bloom', BtreeGinExtension: 'btree_gin', BtreeGistExtension: 'btree_gist', CITextExtension: 'citext', CryptoExtension: 'pgcrypto', HStoreExtension: 'hstore', TrigramExtension: 'pg_trgm', UnaccentExtension: 'unaccent',
};

/** Applies an operation: to the models, and by the schema editor to the database (Django documentation, "Migration Operations"). */
export function apply(operation: OperationData, run: Run): void {
  const { state, ctx, sends } = run;
  const { location } = operation;
  const editor = sends ? new SchemaEditor(state, location, ctx) : undefined;
  const reason = applied(operation, run, editor);
  if (reason !== undefined && sends) ctx.emit({ kind: 'operations', operations: [notUnderstood(reason, location)], location });
}

/** @returns why the operation is not understood */
function applied(operation: OperationData, run: Run, editor: SchemaEditor | undefined): string | undefined {
  const { name, location } = operation;
  const { ctx } = run;
  if (HARMLESS.has(name)) return harmless(name, location, run);
  switch (name) {
    case 'CreateModel': return createModel(operation, run, editor);
    case 'DeleteModel': return onModel(operation, 'name', run, (spec) => deleteModel(spec, run, editor));
    case 'RenameModel': return onModel(operation, 'old_name', run, (spec) => renameModel(spec, argument(operation, 'new_name', ctx), run, editor));
    case 'AlterModelTable': return onModel(operation, 'name', run, (spec) => setTable(spec, argument(operation, 'table', ctx), run, editor));
    case 'AlterUniqueTogether': case 'AlterIndexTogether': return onModel(operation, 'name', run, (spec) => changeOptions(spec, operation, run, editor));
    case 'AddField': case 'AlterField': return onModel(operation, 'model_name', run, (spec) => changeField(spec, operation, run, editor));
    case 'RemoveField': return onModel(operation, 'model_name', run, (spec) => removeField(spec, argument(operation, 'name', ctx), run, editor));
    case 'RenameField': return onModel(operation, 'model_name', run, (spec) => renameField(spec, argument(operation, 'old_name', ctx), argument(operation, 'new_name', ctx), run, editor));
    case 'AddIndex': case 'AddIndexConcurrently': case 'AddConstraint': case 'AddConstraintNotValid': return onModel(operation, 'model_name', run, (spec) => addMeta(spec, operation, run, editor));
    case 'RemoveIndex': case 'RemoveIndexConcurrently': case 'RemoveConstraint': return onModel(operation, 'model_name', run, (spec) => removeMeta(spec, operation, run, editor));
    case 'RenameIndex': return onModel(operation, 'model_name', run, (spec) => renameIndex(spec, operation, run, editor));
    case 'AlterConstraint': return undefined;
    case 'ValidateConstraint': return onModel(operation, 'model_name', run, (spec) => {
      const constraint = argument(operation, 'name', ctx);
      if (constraint === undefined) return 'the name of the constraint is not known';
      editor?.send({ kind: 'validateConstraint', table: { name: spec.table }, name: constraint, location });
      return undefined;
    });
    case 'SeparateDatabaseAndState': return separately(operation, run);
    case 'RunSQL': editor?.flush(); if (run.sends) runSql(operation, ctx); return stateOnly(itemsOf(operation.named.get('state_operations'), ctx), run);
    case 'RunPython': editor?.flush(); return run.sends ? runPython(operation, run) : undefined;
    default: return extension(operation, run, editor);
  }
}

function harmless(name: string, location: Location, { ctx, sends }: Run): undefined {
  if (sends) ctx.emit({ kind: 'operations', operations: [{ kind: 'harmless', name, location }], location });
  return undefined;
}

function extension(operation: OperationData, { ctx }: Run, editor: SchemaEditor | undefined): string | undefined {
  const name = entryOf(EXTENSIONS, operation.name) ?? (operation.name === 'CreateExtension' ? argument(operation, 'name', ctx) : undefined);
  if (name === undefined) return `what ${operation.name}() does is not known`;
  editor?.send({ kind: 'createExtension', name, location: operation.location });
  return undefined;
}

/** Runs an operation on the model that it names. */
function onModel(operation: OperationData, name: string, run: Run, work: (spec: ModelSpec) => string | undefined): string | undefined {
  const model = argument(operation, name, run.ctx);
  if (model === undefined) return `the model of ${operation.name}() is not known`;
  const key = (model.includes('.') ? model : `${run.app}.${model}`).toLowerCase();
  const spec = run.state.models.get(key);
  return spec ? work(spec) : `${operation.name}(): no migration has created the model ${model}`;
}

/** Each list goes its own way: the database as if the models were those of before, the models by the second list alone. */
function separately(operation: OperationData, run: Run): string | undefined {
  const { state, ctx } = run;
  const { models } = state;
  const database = itemsOf(operation.named.get('database_operations'), ctx);
  for (const each of database) applyValue(each, run);
  setModels(state, models);
  return stateOnly(itemsOf(operation.named.get('state_operations'), ctx), run);
}

function stateOnly(values: readonly Parameters<typeof operationData>[0][], run: Run): undefined {
  for (const each of values) applyValue(each, { ...run, sends: false });
  return undefined;
}

/** Applies what a list of operations holds. */
export function applyValue(value: Parameters<typeof operationData>[0], run: Run): void {
  const { ctx } = run;
  const known = ctx.read(value);
  const data = operationData(known, ctx);
  if (data) return apply(data, run);
  if (known.kind === 'library' && known.type === 'ignoredOperation') return;
  const location = known.kind === 'instance' ? known.class.class.location : { file: ctx.file, start: 0, end: 0 };
  if (run.sends) ctx.emit({ kind: 'operations', operations: [notUnderstood(known.kind === 'instance' ? `what ${known.class.class.name ?? 'an operation'} of the project does is not known` : 'an operation that is not known', location)], location });
}

/** A model with one field more, or another. */
function withField(spec: ModelSpec, name: string, field: FieldData | undefined): ModelSpec {
  const fields = new Map(spec.fields);
  if (field) fields.set(name, field);
  else fields.delete(name);
  return { ...spec, fields };
}

/** The state after `preserve_default=False` has no default: it was for the rows that are there. */
function kept(field: FieldData, operation: OperationData, ctx: Context): FieldData {
  return flagOf(operation.named.get('preserve_default'), ctx) === false ? { ...field, named: new Map([...field.named].filter(([key]) => key !== 'default')) } : field;
}

function changeField(spec: ModelSpec, operation: OperationData, run: Run, editor: SchemaEditor | undefined): string | undefined {
  const { ctx, state } = run;
  const name = argument(operation, 'name', ctx);
  const field = fieldData(operation.named.get('field'), ctx);
  if (name === undefined || field === undefined) return `the field of ${operation.name}() is not known`;
  const before = spec.fields.get(name);
  const after = withField(spec, name, field);
  const old = editor?.lowered(spec);
  const others = before && hasColumn(before) ? [...state.models.values()] : [];
  const types = editor ? retargeted(others, spec, editor) : [];
  setModel(state, specKey(spec), after);
  if (editor && old && spec.managed && !spec.proxy) changeFields({ spec, after, name, before, field, old, now: editor.lowered(after), types, editor, ctx });
  setModel(state, specKey(spec), withField(spec, name, kept(field, operation, ctx)));
  return undefined;
}

function removeField(spec: ModelSpec, name: string | undefined, run: Run, editor: SchemaEditor | undefined): string | undefined {
  if (name === undefined) return 'the field of RemoveField() is not known';
  const field = spec.fields.get(name);
  if (editor && field && spec.managed && !spec.proxy) {
    const through = throughSpecs(spec, run.ctx).get(name);
    const made = editor.lowered(spec).columns.get(name);
    if (through) editor.deleteModel(through.table);
    else if (made && hasColumn(field)) editor.removeField(spec.table, made.name);
  }
  setModel(run.state, specKey(spec), withField(spec, name, undefined));
  return undefined;
}

function renameField(spec: ModelSpec, from: string | undefined, to: string | undefined, run: Run, editor: SchemaEditor | undefined): string | undefined {
  if (from === undefined || to === undefined) return 'the fields of RenameField() are not known';
  const after = renamedField(spec, from, to, run.ctx);
  if (editor && spec.managed) {
    const [old, now] = [editor.lowered(spec), editor.lowered(after)];
    noteNames(run.state, old, spec.table, (key) => key.split(':').map((part, index) => (index === 0 ? part : part.split(',').map((each) => (each === from ? to : each)).join())).join(':'));
    const [before, made] = [old.columns.get(from), now.columns.get(to)];
    if (before && made) editor.renameColumn(spec.table, before.name, made.name);
    const [through, next] = [throughSpecs(spec, run.ctx).get(from), throughSpecs(after, run.ctx).get(to)];
    if (through && next) editor.renameTable(through.table, next.table);
  }
  setModel(run.state, specKey(spec), after);
  return undefined;
}

function addMeta(spec: ModelSpec, operation: OperationData, run: Run, editor: SchemaEditor | undefined): string | undefined {
  const isIndex = operation.name.startsWith('AddIndex');
  const data = metaData(operation.named.get(isIndex ? 'index' : 'constraint'), run.ctx);
  if (data === undefined) return `the ${isIndex ? 'index' : 'constraint'} of ${operation.name}() is not known`;
  const after: ModelSpec = isIndex ? { ...spec, indexes: [...spec.indexes, data] } : { ...spec, constraints: [...spec.constraints, data] };
  setModel(run.state, specKey(spec), after);
  if (editor && spec.managed && !spec.proxy) changeParts(spec.table, editor.lowered(spec), editor.lowered(after), editor, { concurrently: operation.name === 'AddIndexConcurrently', notValid: operation.name === 'AddConstraintNotValid' });
  return undefined;
}

function removeMeta(spec: ModelSpec, operation: OperationData, run: Run, editor: SchemaEditor | undefined): string | undefined {
  const name = argument(operation, 'name', run.ctx);
  if (name === undefined) return `the name in ${operation.name}() is not known`;
  const keep = (each: MetaData): boolean => metaName(each, run.ctx) !== name;
  const after: ModelSpec = { ...spec, indexes: spec.indexes.filter(keep), constraints: spec.constraints.filter(keep) };
  setModel(run.state, specKey(spec), after);
  if (!editor || !spec.managed) return undefined;
  const [old, now] = [editor.lowered(spec), editor.lowered(after)];
  if (old.parts.length > now.parts.length) changeParts(spec.table, old, now, editor, { concurrently: operation.name === 'RemoveIndexConcurrently' });
  else editor.send(operation.name === 'RemoveConstraint'
    ? { kind: 'dropConstraint', table: { name: spec.table }, name, ifExists: false, cascade: false, location: operation.location }
    : { kind: 'dropRelation', relation: 'index', name: { name }, ifExists: false, cascade: false, location: operation.location });
  return undefined;
}

function renameIndex(spec: ModelSpec, operation: OperationData, run: Run, editor: SchemaEditor | undefined): string | undefined {
  const { ctx, state } = run;
  const to = argument(operation, 'new_name', ctx);
  const from = argument(operation, 'old_name', ctx);
  if (to === undefined) return 'the new name of RenameIndex() is not known';
  const fields = itemsOf(operation.named.get('old_fields'), ctx);
  const location = operation.location;
  const names = fields.flatMap((each) => { const known = ctx.read(each); return known.kind === 'constant' ? String(known.value) : []; });
  const old = from ?? editor?.lowered(spec).parts.find(({ key }) => key === `indexTogether:${names.join()}`)?.index?.name;
  const renamed = spec.indexes.map((each) => (from !== undefined && metaName(each, ctx) === from ? { ...each, named: new Map([...each.named, ['name', { kind: 'constant', value: to } as const]]) } : each));
  const added: MetaData[] = from === undefined ? [{ type: 'Index', named: new Map([['fields', operation.named.get('old_fields')!], ['name', { kind: 'constant', value: to }]]), positional: [], location }] : [];
  setModel(state, specKey(spec), { ...spec, indexes: [...renamed, ...added], indexTogether: from === undefined ? spec.indexTogether.filter((each) => each.join() !== names.join()) : spec.indexTogether });
  editor?.flush();
  if (old !== undefined) editor?.send({ kind: 'renameIndex', name: { name: old }, to, ifExists: false, location });
  return undefined;
}
