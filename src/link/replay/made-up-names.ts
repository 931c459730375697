import type { Operation, Statement } from '../../facts/operation.js';
import type { QualifiedName } from '../../facts/query.js';
import { holePattern, type UnknownPart } from './dynamic.js';

/**
 * The relations whose names dynamic SQL makes up while it runs: the partition of a day, of a hash. What they are is known all the
 * same, because they are made like a table that is known, so nothing that is checked hangs on their names.
 */
export class MadeUpNames {
  private readonly names = new Set<string>();

  /**
   * Whether a statement does nothing but make such a relation, attach it, or set it up.
   * @param unknown the parts of the text that are not known
   */
  covers(statement: Statement, unknown: readonly UnknownPart[]): boolean {
    return statement.operations.length > 0 && statement.operations.every((operation) => this.coversOperation(operation, unknown));
  }

  private coversOperation(operation: Operation, unknown: readonly UnknownPart[]): boolean {
    const isOurs = (name: QualifiedName): boolean => this.names.has(writtenOut(name, unknown));
    const isKnown = (name: QualifiedName): boolean => !holePattern.test(name.name) || isOurs(name);
    switch (operation.kind) {
      case 'createTable': {
        const { definition, like, partitionOf, inherits, asQuery } = operation;
        const sources = [...like.map(({ table }) => table), ...(partitionOf ? [partitionOf] : [])];
        const isCopy = holePattern.test(definition.name.name) && sources.length === 1 && inherits.length === 0 && definition.columns.length === 0 && !asQuery && sources.every(isKnown);
        if (isCopy) this.names.add(writtenOut(definition.name, unknown));
        return isCopy;
      }
      case 'attachPartition': case 'detachPartition': return isKnown(operation.table) && isOurs(operation.partition);
      case 'renameRelation': case 'renameColumn': case 'setInheritance': return false;
      case 'createIndex': case 'createTrigger': case 'addConstraint': case 'validateConstraint': case 'setOwner': case 'setRowSecurity': case 'setTriggerState':
      case 'dropTrigger': case 'createRule': case 'changeRule': case 'dropConstraint': case 'truncate':
        return isOurs(operation.table);
      case 'dropRelation': return isOurs(operation.name);
      case 'harmless': return true;
      default: return false;
    }
  }
}

/** A name with the values it is made of in the place of its unknown parts: the same name is written out in the same way. */
function writtenOut({ schema, name }: QualifiedName, unknown: readonly UnknownPart[]): string {
  const full = name.replace(new RegExp(holePattern, 'g'), (_, index: string) => JSON.stringify(unknown[Number(index) - 1]?.value, withoutPlaces));
  return `${schema ?? ''}.${full}`;
}

function withoutPlaces(key: string, value: unknown): unknown {
  return key === 'location' || key === 'pieces' ? undefined : value;
}
