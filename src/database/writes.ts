import type { Location } from '../facts/location.js';
import type { Operation } from '../facts/operation.js';
import type { QualifiedName } from '../facts/query.js';
import { walkTree } from '../link/replay/tree.js';
import type { RunStatement } from './types.js';

interface Named {
  readonly schema: string;
  readonly name: string;
}

/** A node of an operation tree, as far as writes are concerned. */
interface Node {
  readonly kind?: string;
  readonly location?: Location;
  readonly table?: QualifiedName;
  readonly target?: { readonly name: QualifiedName };
  readonly column?: string | { readonly name: string };
  readonly set?: readonly { readonly column: string }[];
  readonly text?: unknown;
}

/** The last place of some statements that adds or sets a column; dynamic SQL where nothing plainer does. */
export function lastWrite(statements: readonly RunStatement[], table: Named, column: string): Location | undefined {
  return lastPlace(statements, ({ kind, table: on, target, column: added, set }) => (
    (kind === 'addColumn' && is(on, table) && typeof added === 'object' && added.name === column)
    || (kind === 'update' && is(target?.name, table) && (set?.some((each) => each.column === column) ?? false))
    || (kind === 'insert' && is(target?.name, table))
  ));
}

/** The last place of some statements that deletes rows of a table, or may do so. */
export function lastDeletion(statements: readonly RunStatement[], table: Named): Location | undefined {
  return lastPlace(statements, ({ kind, table: on, target }) => (kind === 'delete' && is(target?.name, table)) || (kind === 'truncate' && is(on, table)))
    ?? lastPlace(statements, ({ kind }) => kind === 'delete' || kind === 'truncate');
}

function lastPlace(statements: readonly RunStatement[], test: (node: Node) => boolean): Location | undefined {
  let found: Location | undefined;
  let dynamic: Location | undefined;
  for (const { operations, location } of statements) {
    for (const operation of operations) {
      walkTree(operation, (each) => {
        const node = each as Node;
        if (test(node)) found = node.location ?? operation.location;
        else if (node.kind === 'execute') dynamic = node.location ?? location;
      });
    }
  }
  return found ?? dynamic;
}

function is(name: QualifiedName | undefined, table: Named): boolean {
  return name !== undefined && name.name === table.name && (name.schema === undefined || name.schema === table.schema);
}

/** SET TRANSACTION, which PostgreSQL refuses in a subtransaction. */
export function setsTransaction({ operations }: RunStatement): boolean {
  return operations.some((operation) => operation.kind === 'harmless' && operation.name === 'set transaction');
}

/** A statement that opens a transaction or changes settings, nothing more. */
export function isOnlySetting(statement: RunStatement): boolean {
  return statement.operations.length > 0 && statement.operations.every((operation) => operation.kind === 'setSetting' || (operation.kind === 'transaction' && operation.action === 'begin')) || setsTransaction(statement);
}

/** Names of what operations make: tables, columns, indexes, types, functions, .... */
export function namesMade(operations: readonly Operation[]): string[] {
  return operations.flatMap((operation) => {
    if (!/^(create|add)/.test(operation.kind)) return [];
    const { name, definition, index, column } = operation as { name?: string | QualifiedName; definition?: { name?: QualifiedName }; index?: { name?: string }; column?: { name?: string } };
    return [typeof name === 'string' ? name : name?.name, definition?.name?.name, index?.name, column?.name].filter((each) => each !== undefined);
  });
}

/** Whether a transaction is open after a statement's BEGIN, COMMIT or ROLLBACK. */
export function transactionAfter(operations: readonly Operation[], open: boolean): boolean {
  let now = open;
  for (const operation of operations) {
    if (operation.kind !== 'transaction') continue;
    if (operation.action === 'begin') now = true;
    if (operation.action === 'commit' || operation.action === 'rollback') now = false;
  }
  return now;
}
