import type { Operation } from '../../facts/operation.js';

/**
 * The pass in which ALTER TABLE runs a sub-command (PostgreSQL's AlterTablePass, src/backend/commands/tablecmds.c);
 * undefined for operations that are no sub-commands of ALTER TABLE.
 */
function passOf(operation: Operation): number | undefined {
  switch (operation.kind) {
    case 'dropColumn': case 'dropConstraint': case 'dropNotNull': case 'dropDefault': return 0;
    case 'setType': return 1;
    case 'addColumn': return 2;
    case 'setNotNull': return 3;
    case 'addConstraint': return passOfConstraint(operation.constraint.kind);
    case 'setDefault': return 5;
    case 'changeGenerated': return operation.generated === undefined ? 0 : 5;
    case 'validateConstraint': case 'setRowSecurity': case 'setTriggerState': case 'changeRule': case 'setOwner': case 'attachPartition': case 'detachPartition':
    case 'setInheritance': case 'setSecurityInvoker': case 'harmless': return 6;
    default: return undefined;
  }
}

function passOfConstraint(kind: 'primaryKey' | 'unique' | 'foreignKey' | 'check' | 'notNull' | 'exclusion'): number {
  if (kind === 'notNull') return 3;
  return kind === 'check' || kind === 'foreignKey' ? 5 : 4;
}

/**
 * The operations of one statement in the order in which PostgreSQL runs them: the sub-commands of one ALTER TABLE go
 * by passes (drops first, then new columns, then keys, then other constraints), whatever the order they are written in.
 */
export function executionOrder(operations: readonly Operation[]): readonly Operation[] {
  if (operations.length < 2) return operations;
  const passes = new Map(operations.map((operation) => [operation, passOf(operation)]));
  if ([...passes.values()].includes(undefined)) return operations;
  return [...operations].sort((left, right) => passes.get(left)! - passes.get(right)!);
}
