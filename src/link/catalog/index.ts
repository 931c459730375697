import type { Operation } from '../../facts/operation.js';
import type { Failure } from '../project.js';
import { attempt } from './attempt.js';
import { addColumn, changeGenerated, dropDefault, setDefault } from './columns.js';
import { applyAddConstraint, dropConstraint, renameConstraint, validateConstraint } from './constraints.js';
import { createTable } from './create-table.js';
import { dropColumn, dropRelation, truncate } from './drop.js';
import type { ApplyEnvironment } from './environment.js';
import { alterFunction, createFunction, dropFunction } from './functions.js';
import { createIndex, renameIndex } from './indexes.js';
import { applySetNotNull, dropNotNull } from './not-null.js';
import { changeRole, createExtension, createSchema, createSequence, dropSchema, grant, harmless, setOwner } from './objects.js';
import { attachPartition, detachPartition, setInheritance } from './partitions.js';
import { alterPolicy, createPolicy, dropPolicy, renamePolicy, setRowSecurity } from './policies.js';
import { Rejection } from './rejection.js';
import { renameColumn, renameRelation, setSchema } from './rename.js';
import { changeRule, createRule } from './rules.js';
import { setType } from './set-type.js';
import { createTrigger, dropTrigger, setTriggerState } from './triggers.js';
import type { Catalog } from './types.js';
import { alterDomain, alterEnum, createType, dropType } from './user-types.js';
import { createView, setSecurityInvoker } from './views.js';

export { attempt } from './attempt.js';
export type { ApplyEnvironment, ObjectKind } from './environment.js';
export { isPlatformSchema } from './environment.js';
export { displayName, findTable, keyOf, tableKey } from './names.js';
export { executionOrder } from './passes.js';
export { cloneCatalog, createCatalog } from './state.js';

/**
 * Applies one operation as PostgreSQL (14 to 18) does. Objects of the catalog that change are replaced, not altered:
 * what was read from it before stays as it was.
 * @param catalog changed in place; left as it was when the operation fails
 * @param env the session and place; see there for what happens to names that are not known
 * @returns why PostgreSQL rejects the operation whatever the data, or undefined
 */
export function applyOperation(catalog: Catalog, operation: Operation, env: ApplyEnvironment): Failure | undefined {
  if (withoutEffect.has(operation.kind)) return undefined;
  return attempt(catalog, () => {
    try {
      apply(catalog, operation, env);
      return undefined;
    } catch (error) {
      if (error instanceof Rejection) return error.failure;
      throw error;
    }
  });
}

const withoutEffect: ReadonlySet<Operation['kind']> = new Set<Operation['kind']>(['query', 'execution', 'notUnderstood', 'setSetting', 'transaction']);

function apply(catalog: Catalog, operation: Operation, env: ApplyEnvironment): void {
  switch (operation.kind) {
    case 'createTable': return createTable(catalog, operation, env);
    case 'dropRelation': return dropRelation(catalog, operation, env);
    case 'renameRelation': return renameRelation(catalog, operation, env);
    case 'setSchema': return setSchema(catalog, operation, env);
    case 'addColumn': return addColumn(catalog, operation, env);
    case 'dropColumn': return dropColumn(catalog, operation, env);
    case 'renameColumn': return renameColumn(catalog, operation, env);
    case 'setNotNull': return applySetNotNull(catalog, operation, env);
    case 'dropNotNull': return dropNotNull(catalog, operation, env);
    case 'setDefault': return setDefault(catalog, operation, env);
    case 'dropDefault': return dropDefault(catalog, operation, env);
    case 'setType': return setType(catalog, operation, env);
    case 'changeGenerated': return changeGenerated(catalog, operation, env);
    case 'addConstraint': return applyAddConstraint(catalog, operation, env);
    case 'validateConstraint': return validateConstraint(catalog, operation, env);
    case 'dropConstraint': return dropConstraint(catalog, operation, env);
    case 'renameConstraint': return renameConstraint(catalog, operation, env);
    case 'createIndex': return createIndex(catalog, operation, env);
    case 'renameIndex': return renameIndex(catalog, operation, env);
    case 'attachPartition': return attachPartition(catalog, operation, env);
    case 'detachPartition': return detachPartition(catalog, operation, env);
    case 'setInheritance': return setInheritance(catalog, operation, env);
    default: return applyToOthers(catalog, operation, env);
  }
}

function applyToOthers(catalog: Catalog, operation: Operation, env: ApplyEnvironment): void {
  switch (operation.kind) {
    case 'setRowSecurity': return setRowSecurity(catalog, operation, env);
    case 'createPolicy': return createPolicy(catalog, operation, env);
    case 'alterPolicy': return alterPolicy(catalog, operation, env);
    case 'dropPolicy': return dropPolicy(catalog, operation, env);
    case 'renamePolicy': return renamePolicy(catalog, operation, env);
    case 'createTrigger': return createTrigger(catalog, operation, env);
    case 'dropTrigger': return dropTrigger(catalog, operation, env);
    case 'setTriggerState': return setTriggerState(catalog, operation, env);
    case 'createRule': return createRule(catalog, operation, env);
    case 'changeRule': return changeRule(catalog, operation, env);
    case 'createFunction': return createFunction(catalog, operation, env);
    case 'alterFunction': return alterFunction(catalog, operation, env);
    case 'dropFunction': return dropFunction(catalog, operation, env);
    case 'createView': return createView(catalog, operation, env);
    case 'setSecurityInvoker': return setSecurityInvoker(catalog, operation, env);
    case 'createSchema': return createSchema(catalog, operation, env);
    case 'dropSchema': return dropSchema(catalog, operation, env);
    case 'createType': return createType(catalog, operation, env);
    case 'alterEnum': return alterEnum(catalog, operation, env);
    case 'alterDomain': return alterDomain(catalog, operation, env);
    case 'dropType': return dropType(catalog, operation, env);
    case 'createSequence': return createSequence(catalog, operation, env);
    case 'createExtension': return createExtension(catalog, operation, env);
    case 'grant': return grant(catalog, operation, env);
    case 'role': return changeRole(catalog, operation, env);
    case 'setOwner': return setOwner(catalog, operation, env);
    case 'truncate': return truncate(catalog, operation.table, operation.location, env);
    case 'harmless': return harmless(catalog, operation, env);
  }
}
