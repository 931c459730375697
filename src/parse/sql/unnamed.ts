import type { Operation, UnnamedAddition } from '../../facts/operation.js';
import type { QualifiedName } from '../../facts/query.js';
import type { ConstraintDefinition } from '../../facts/schema.js';

/** What operations add to tables whose names are not known: whichever they are, they are not known to lack it. */
export function unnamedAdditions(operations: readonly Operation[], isUnknown: (name: QualifiedName) => boolean): UnnamedAddition[] {
  return operations.flatMap((operation) => ('table' in operation && isUnknown(operation.table) ? additionsOf(operation) : []));
}

function additionsOf(operation: Operation): UnnamedAddition[] {
  switch (operation.kind) {
    case 'addColumn': {
      const { name, notNull } = operation.column;
      return [{ addition: 'column', column: name }, ...(notNull ? [{ addition: 'notNull', column: name } as const] : []), ...operation.constraints.flatMap((each) => ofConstraint(each, name))];
    }
    case 'setNotNull': return [{ addition: 'notNull', column: operation.column }];
    case 'addConstraint': return ofConstraint(operation.constraint);
    case 'createIndex': return ofColumn('index', operation.index.keys[0]?.column);
    case 'setRowSecurity': return operation.change === 'enable' ? [{ addition: 'rowSecurity' }] : [];
    default: return [];
  }
}

function ofConstraint(constraint: ConstraintDefinition, of?: string): UnnamedAddition[] {
  switch (constraint.kind) {
    case 'foreignKey': return ofColumn('foreignKey', constraint.columns[0] ?? of);
    case 'primaryKey': case 'unique': return ofColumn('index', constraint.columns[0] ?? of);
    default: return [];
  }
}

function ofColumn(addition: UnnamedAddition['addition'], column: string | undefined): UnnamedAddition[] {
  return column === undefined ? [] : [{ addition, column }];
}
