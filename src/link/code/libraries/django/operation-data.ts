import { entryOf } from '../../../../entry.js';
import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { libraryData, libraryValue, textOf } from '../sqlalchemy/given.js';
import { DJANGO } from './fields.js';

/** An operation of a migration: `migrations.AddField(model_name='a', ...)`, its arguments by their names. */
export interface OperationData {
  readonly name: string;
  readonly named: ReadonlyMap<string, Value>;
  readonly location: Location;
}

/** Django's operations, and those of `contrib.postgres`, with the names of their arguments in order. */
const SIGNATURES: Readonly<Record<string, readonly string[]>> = {
  CreateModel: ['name', 'fields', 'options', 'bases', 'managers'], DeleteModel: ['name'], RenameModel: ['old_name', 'new_name'], AlterModelTable: ['name', 'table'], AlterModelTableComment: ['name', 'table_comment'],
  AlterUniqueTogether: ['name', 'unique_together'], AlterIndexTogether: ['name', 'index_together'], AlterOrderWithRespectTo: ['name', 'order_with_respect_to'], AlterModelOptions: ['name', 'options'], AlterModelManagers: ['name', 'managers'],
  AddField: ['model_name', 'name', 'field', 'preserve_default'], RemoveField: ['model_name', 'name'], AlterField: ['model_name', 'name', 'field', 'preserve_default'], RenameField: ['model_name', 'old_name', 'new_name'],
  AddIndex: ['model_name', 'index'], RemoveIndex: ['model_name', 'name'], RenameIndex: ['model_name', 'new_name', 'old_name', 'old_fields'], AddIndexConcurrently: ['model_name', 'index'], RemoveIndexConcurrently: ['model_name', 'name'],
  AddConstraint: ['model_name', 'constraint'], RemoveConstraint: ['model_name', 'name'], AlterConstraint: ['model_name', 'name', 'constraint'], AddConstraintNotValid: ['model_name', 'constraint'], ValidateConstraint: ['model_name', 'name'],
  SeparateDatabaseAndState: ['database_operations', 'state_operations'], RunSQL: ['sql', 'reverse_sql', 'state_operations', 'hints', 'elidable'], RunPython: ['code', 'reverse_code', 'atomic', 'hints', 'elidable'],
  CreateExtension: ['name'], BloomExtension: [], BtreeGinExtension: [], BtreeGistExtension: [], CITextExtension: [], CryptoExtension: [], HStoreExtension: [], TrigramExtension: [], UnaccentExtension: [],
  CreateCollation: ['name', 'locale'], RemoveCollation: ['name', 'locale'],
};

/** Whether a name is that of an operation. */
export function isOperationName(name: string): boolean {
  return Object.hasOwn(SIGNATURES, name);
}

/** A call of an operation's class. */
export function operationValue(name: string, call: Call): LibraryValue {
  const named = new Map(call.arguments.named);
  call.arguments.positional.forEach((value, index) => {
    const key = entryOf(SIGNATURES, name)?.[index];
    if (key !== undefined && !named.has(key)) named.set(key, value);
  });
  return libraryValue(DJANGO, 'operation', { name, named, location: call.location } satisfies OperationData);
}

/** The operation behind a value. */
export function operationData(value: Value, ctx: Context): OperationData | undefined {
  return libraryData<OperationData>(value, DJANGO, 'operation', ctx);
}

/** An argument that is a string. */
export function argument({ named }: OperationData, name: string, ctx: Context): string | undefined {
  const value = named.get(name);
  return value && textOf(value, ctx);
}
