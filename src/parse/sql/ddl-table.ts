import type { CreateTable, Operation } from '../../facts/operation.js';
import type { QualifiedName } from '../../facts/query.js';
import type { ColumnDefinition, ConstraintDefinition } from '../../facts/schema.js';
import type { LowerContext } from './context.js';
import { lowerColumn } from './ddl-column.js';
import { lowerConstraint } from './ddl-constraint.js';
import type { TreeNode } from './engine.js';
import { lowerQuery } from './query.js';
import { elementSpan, list, locate, rangeName, strings, tokenAt } from './tree.js';
import type { Span } from './tree.js';

/** LIKE options by bit, as parsenodes.h numbers them. */
const LIKE_OPTIONS = ['comments', 'compression', 'constraints', 'defaults', 'generated', 'identity', 'indexes', 'statistics', 'storage'];
const LIKE_ALL = 0x7fffffff;

/** Lowers CREATE TABLE and CREATE FOREIGN TABLE (`foreign`), given the content of the `CreateStmt`. */
export function lowerCreateTable(node: TreeNode, ctx: LowerContext, span: Span, foreign = false): Operation[] {
  const relation = node['relation'] as TreeNode;
  if (node['ofTypename'] !== undefined) {
    return [{ kind: 'notUnderstood', reason: 'CREATE TABLE OF a type', tables: [rangeName(relation)], location: locate(ctx, span) }];
  }
  const columns: ColumnDefinition[] = [];
  const constraints: ConstraintDefinition[] = [];
  const like: CreateTable['like'][number][] = [];
  for (const element of [...list(node['tableElts']), ...list(node['constraints'])]) {
    if (element['ColumnDef'] !== undefined) {
      const content = element['ColumnDef'] as TreeNode;
      const lowered = lowerColumn(content, ctx);
      if (content['typeName'] !== undefined) columns.push(lowered.column);
      else constraints.push(...inheritedNotNull(lowered.column));
      constraints.push(...lowered.constraints);
    } else if (element['Constraint'] !== undefined) {
      constraints.push(...lowerTableConstraint(element['Constraint'] as TreeNode, ctx));
    } else if (element['TableLikeClause'] !== undefined) {
      like.push(lowerLike(element['TableLikeClause'] as TreeNode));
    }
  }
  const parents = list(node['inhRelations']).map((parent) => rangeName(parent['RangeVar'] as TreeNode));
  const partitionOf: QualifiedName | undefined = node['partbound'] === undefined ? undefined : parents[0];
  return [{
    kind: 'createTable',
    definition: { name: rangeName(relation), columns, constraints, location: locate(ctx, span) },
    ifNotExists: node['if_not_exists'] === true,
    temporary: relation['relpersistence'] === 't',
    like,
    inherits: partitionOf === undefined ? parents : [],
    ...(partitionOf && { partitionOf }),
    partitioned: node['partspec'] !== undefined,
    ...partitionKey(node['partspec'] as TreeNode | undefined),
    ...(foreign && { foreign }),
    location: locate(ctx, span),
  }];
}

/** A partition may add NOT NULL to a column it has from its parent. */
function inheritedNotNull({ name, notNull, location, notNullLocation }: ColumnDefinition): ConstraintDefinition[] {
  return notNull ? [{ kind: 'notNull', column: name, notValid: false, location: notNullLocation ?? location }] : [];
}

/** The columns of PARTITION BY, unless it has an expression. */
function partitionKey(specification: TreeNode | undefined): { partitionKey?: string[] } {
  const names = list(specification?.['partParams']).map((item) => item['PartitionElem']?.['name'] as string | undefined);
  return names.length === 0 || names.includes(undefined) ? {} : { partitionKey: names as string[] };
}

/** Lowers a constraint that stands as an element of its own, or after ADD. */
export function lowerTableConstraint(node: TreeNode, ctx: LowerContext): ConstraintDefinition[] {
  const span = elementSpan(ctx, tokenAt(ctx, ctx.unit((node['location'] as number | undefined) ?? 0)));
  const constraint = lowerConstraint(node, ctx, span);
  return constraint === undefined ? [] : [constraint];
}

function lowerLike(node: TreeNode): CreateTable['like'][number] {
  const bits = (node['options'] as number | undefined) ?? 0;
  const including = bits === LIKE_ALL ? ['all'] : LIKE_OPTIONS.filter((_, bit) => (bits & (1 << bit)) !== 0);
  return { table: rangeName(node['relation'] as TreeNode), including };
}

/** Lowers CREATE TABLE AS and SELECT INTO; CREATE MATERIALIZED VIEW is a view. */
export function lowerCreateTableAs(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  const into = node['into'] as TreeNode;
  const name = rangeName(into['rel'] as TreeNode);
  const location = locate(ctx, span);
  const query = node['query'] as TreeNode;
  if (query['ExecuteStmt'] !== undefined) return [{ kind: 'notUnderstood', reason: 'CREATE TABLE AS EXECUTE', tables: [name], location }];
  const names = strings(into['colNames']);
  if (node['objtype'] === 'OBJECT_MATVIEW') {
    return [{
      kind: 'createView', name, columns: names, query: lowerQuery(query, ctx), orReplace: false,
      ifNotExists: node['if_not_exists'] === true, materialized: true, temporary: false, securityInvoker: false, location,
    }];
  }
  const columns = names.map((column): ColumnDefinition => ({
    name: column, type: { name: 'unknown', modifiers: [], dimensions: 0 }, notNull: false, location,
  }));
  return [{
    kind: 'createTable', definition: { name, columns, constraints: [], location },
    ifNotExists: node['if_not_exists'] === true, temporary: into['rel']?.['relpersistence'] === 't',
    like: [], inherits: [], partitioned: false, asQuery: lowerQuery(query, ctx), withData: into['skipData'] !== true, location,
  }];
}
