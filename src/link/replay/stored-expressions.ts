import type { Expression } from '../../facts/expression.js';
import type { Operation } from '../../facts/operation.js';
import type { ColumnDefinition, ConstraintDefinition, IndexDefinition } from '../../facts/schema.js';
import { findTable } from '../catalog/index.js';
import type { Catalog, Table } from '../catalog/types.js';
import type { Failure } from '../project.js';
import { resolveExpression, type Asked, type ResolveEnvironment } from '../resolve/index.js';
import { refusedAsChangeable } from './volatility.js';

/**
 * What PostgreSQL rejects of the expressions that an operation stores with a table: CHECK, DEFAULT, generated columns, index
 * keys and predicates, policies.
 * @param operation one that has been applied to the catalog
 * @returns the first failure, if there is one whatever the data
 */
export function refusedExpression(operation: Operation, catalog: Catalog, env: ResolveEnvironment): Failure | undefined {
  const judge = new Judge(catalog, env);
  switch (operation.kind) {
    case 'createTable': return judge.first(operation.definition.name, (table) => [
      ...operation.definition.columns.map((column) => judge.column(column, table)),
      ...operation.definition.constraints.map((constraint) => judge.constraint(constraint, table)),
    ]);
    case 'addColumn': return judge.first(operation.table, (table) => [
      judge.column(operation.column, table), ...operation.constraints.map((constraint) => judge.constraint(constraint, table)),
    ]);
    case 'addConstraint': return judge.first(operation.table, (table) => [judge.constraint(operation.constraint, table)]);
    case 'setDefault': return judge.first(operation.table, (table) => [judge.default(operation.default.expression, operation.column, table)]);
    case 'createIndex': return judge.first(operation.table, (table) => judge.index(operation.index, table));
    case 'createPolicy': return judge.first(operation.table, (table) => judge.policy(operation.policy, table));
    case 'alterPolicy': return judge.first(operation.table, (table) => judge.policy(operation, table));
    default: return undefined;
  }
}

const storing: ReadonlySet<Operation['kind']> = new Set<Operation['kind']>([
  'createTable', 'addColumn', 'addConstraint', 'setDefault', 'createIndex', 'createPolicy', 'alterPolicy',
]);

/** Whether the operation can store an expression with a table. */
export function storesExpressions(operation: Operation): boolean {
  return storing.has(operation.kind);
}

type Verdict = Failure | undefined;

class Judge {
  constructor(private readonly catalog: Catalog, private readonly env: ResolveEnvironment) {}

  first(name: Parameters<typeof findTable>[1], judge: (table: Table) => readonly Verdict[]): Verdict {
    const table = findTable(this.catalog, name, this.env.searchPath);
    return table && judge(table).find((verdict) => verdict !== undefined);
  }

  column(column: ColumnDefinition, table: Table): Verdict {
    if (column.generation) {
      return this.expression(column.generation, table, { place: 'column generation expressions' })
        ?? refusedAsChangeable(column.generation, table, this.catalog, this.env.searchPath, 'generation expression is not immutable');
    }
    return column.default && !column.default.clientSide ? this.default(column.default.expression, column.name, table) : undefined;
  }

  default(expression: Expression, name: string, table: Table): Verdict {
    const type = table.columns.get(name)?.type;
    return this.expression(expression, undefined, { place: 'DEFAULT expressions', ...(type ? { stored: { column: name, type } } : {}) });
  }

  constraint(constraint: ConstraintDefinition, table: Table): Verdict {
    return constraint.kind === 'check' ? this.expression(constraint.expression, table, { place: 'check constraints', condition: 'CHECK' }) : undefined;
  }

  index({ keys, where }: IndexDefinition, table: Table): Verdict[] {
    const changeable = (expression: Expression, what: string) =>
      refusedAsChangeable(expression, table, this.catalog, this.env.searchPath, `functions in index ${what} must be marked IMMUTABLE`);
    return [
      ...keys.flatMap(({ expression }) => (expression
        ? [this.expression(expression, table, { place: 'index expressions' }) ?? changeable(expression, 'expression')] : [])),
      ...(where ? [this.expression(where, table, { place: 'index predicates', condition: 'WHERE' }) ?? changeable(where, 'predicate')] : []),
    ];
  }

  policy({ using, withCheck }: { readonly using?: Expression; readonly withCheck?: Expression }, table: Table): Verdict[] {
    return [using, withCheck].map((expression) => expression && this.expression(expression, table, { place: 'policy expressions', condition: 'POLICY' }));
  }

  private expression(expression: Expression, table: Table | undefined, asked: Asked): Verdict {
    return resolveExpression(expression, table ? [table] : [], this.env, asked).failures[0];
  }
}
