import type { Operation } from '../../facts/operation.js';
import type { QualifiedName } from '../../facts/query.js';
import type { LowerContext } from './context.js';
import { lowerColumn, lowerDefault } from './ddl-column.js';
import { lowerTableConstraint } from './ddl-table.js';
import type { TreeNode } from './engine.js';
import { lowerExpression, lowerType } from './expression.js';
import { afterName, booleanOption, list, listSpans, locate, rangeName, roleName, tokenAt, tokenText } from './tree.js';
import type { Span } from './tree.js';

interface Command {
  readonly node: TreeNode;
  readonly ctx: LowerContext;
  readonly span: Span;
  readonly table: QualifiedName;
  readonly ifTableExists: boolean;
}

/** Lowers ALTER TABLE, VIEW, INDEX, SEQUENCE, ... : one operation for each sub-command, in order. */
export function lowerAlterTable(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  const relation = node['relation'] as TreeNode;
  const commands = list(node['cmds']).map((item) => item['AlterTableCmd'] as TreeNode);
  if (node['objtype'] === 'OBJECT_TYPE') return [{ kind: 'harmless', name: 'alter type', location: locate(ctx, span) }];
  const spans = listSpans(ctx, afterName(ctx, ctx.unit((relation['location'] as number | undefined) ?? 0)), span.end);
  const exact = spans.length === commands.length;
  return commands.map((command, index) => lowerCommand({
    node: command, ctx, span: exact ? spans[index]! : span,
    table: rangeName(relation), ifTableExists: node['missing_ok'] === true,
  }));
}

function lowerCommand(command: Command): Operation {
  return columnCommand(command) ?? constraintCommand(command) ?? tableCommand(command) ?? harmlessCommand(command);
}

function onTable({ ctx, span, table, ifTableExists }: Command) {
  return { table, ...(ifTableExists && { ifTableExists }), location: locate(ctx, span) };
}

function columnCommand(command: Command): Operation | undefined {
  const { node, ctx } = command;
  const base = onTable(command);
  const column = (node['name'] as string | undefined) ?? '';
  const definition = node['def'] as TreeNode | undefined;
  const ifExists = node['missing_ok'] === true;
  switch (node['subtype']) {
    case 'AT_AddColumn': {
      const lowered = lowerColumn(definition?.['ColumnDef'] as TreeNode, ctx);
      return { kind: 'addColumn', ...base, column: lowered.column, ifNotExists: ifExists, constraints: lowered.constraints };
    }
    case 'AT_DropColumn':
      return { kind: 'dropColumn', ...base, column, ifExists, cascade: node['behavior'] === 'DROP_CASCADE' };
    case 'AT_SetNotNull':
      return { kind: 'setNotNull', ...base, column };
    case 'AT_DropNotNull':
      return { kind: 'dropNotNull', ...base, column };
    case 'AT_ColumnDefault':
      if (definition === undefined) return { kind: 'dropDefault', ...base, column };
      return { kind: 'setDefault', ...base, column, default: lowerDefault(definition, ctx, defaultSpan(command)) };
    case 'AT_AlterColumnType': {
      const content = definition?.['ColumnDef'] as TreeNode;
      const using = content['raw_default'] as TreeNode | undefined;
      return {
        kind: 'setType', ...base, column, type: lowerType(content['typeName'] as TreeNode),
        ...(using && { using: lowerExpression(using, ctx) }),
      };
    }
    case 'AT_AddIdentity': case 'AT_SetIdentity':
      return { kind: 'changeGenerated', ...base, column, generated: 'identity', ifExists };
    case 'AT_SetExpression':
      return { kind: 'changeGenerated', ...base, column, generated: 'stored', ifExists };
    case 'AT_DropIdentity': case 'AT_DropExpression':
      return { kind: 'changeGenerated', ...base, column, ifExists };
    default:
      return undefined;
  }
}

/** From DEFAULT to the end of the sub-command. */
function defaultSpan({ ctx, span }: Command): Span {
  for (let index = tokenAt(ctx, span.start); (ctx.tokens[index]?.start ?? span.end) < span.end; index += 1) {
    if (tokenText(ctx, index) === 'default') return { start: ctx.tokens[index]!.start, end: span.end };
  }
  return span;
}

function constraintCommand(command: Command): Operation | undefined {
  const { node, ctx } = command;
  const base = onTable(command);
  const name = (node['name'] as string | undefined) ?? '';
  switch (node['subtype']) {
    case 'AT_AddConstraint': {
      const [constraint] = lowerTableConstraint(node['def']?.['Constraint'] as TreeNode, ctx);
      return constraint && { kind: 'addConstraint', ...base, constraint };
    }
    case 'AT_ValidateConstraint':
      return { kind: 'validateConstraint', ...base, name };
    case 'AT_DropConstraint':
      return {
        kind: 'dropConstraint', ...base, name, ifExists: node['missing_ok'] === true, cascade: node['behavior'] === 'DROP_CASCADE',
      };
    default:
      return undefined;
  }
}

const ROW_SECURITY = {
  AT_EnableRowSecurity: 'enable', AT_DisableRowSecurity: 'disable', AT_ForceRowSecurity: 'force', AT_NoForceRowSecurity: 'noForce',
} as const;

function tableCommand(command: Command): Operation | undefined {
  const { node } = command;
  const base = onTable(command);
  const subtype = String(node['subtype']);
  const change = ROW_SECURITY[subtype as keyof typeof ROW_SECURITY];
  if (change !== undefined) return { kind: 'setRowSecurity', ...base, change };
  const name = node['name'] as string | undefined;
  if (/^AT_(?:Enable|Disable)(?:Always|Replica)?Trig(?:All|User)?$/.test(subtype)) {
    return { kind: 'setTriggerState', ...base, ...(name !== undefined && { name }), enabled: subtype.startsWith('AT_Enable') };
  }
  if (name !== undefined && /^AT_(?:Enable|Disable)(?:Always|Replica)?Rule$/.test(subtype)) return { kind: 'changeRule', ...base, name, change: subtype.startsWith('AT_Enable') ? 'enable' : 'disable' };
  const invoker = /^AT_(?:Set|Reset|Replace)RelOptions$/.test(subtype) ? booleanOption(node['def']?.['List']?.['items'], 'security_invoker') : undefined;
  if (invoker !== undefined) return { kind: 'setSecurityInvoker', ...base, invoker: invoker && subtype !== 'AT_ResetRelOptions' };
  const definition = node['def'] as TreeNode | undefined;
  const partition = rangeName(definition?.['PartitionCmd']?.['name'] as TreeNode | undefined);
  switch (subtype) {
    case 'AT_ChangeOwner':
      return { kind: 'setOwner', ...base, owner: roleName(node['newowner'] as TreeNode | undefined) };
    case 'AT_AttachPartition':
      return { kind: 'attachPartition', ...base, partition };
    case 'AT_DetachPartition': case 'AT_DetachPartitionFinalize': {
      const concurrently = definition?.['PartitionCmd']?.['concurrent'] === true;
      return { kind: 'detachPartition', ...base, partition, ...(concurrently && { concurrently }) };
    }
    case 'AT_AddInherit': case 'AT_DropInherit':
      return {
        kind: 'setInheritance', ...base, parent: rangeName(definition?.['RangeVar'] as TreeNode), inherit: subtype === 'AT_AddInherit',
      };
    default:
      return undefined;
  }
}

const HARMLESS = new RegExp([
  '^AT_(?:SetStatistics|SetOptions|ResetOptions|SetStorage|SetCompression|AlterConstraint|AlterColumnGenericOptions|ClusterOn',
  'DropCluster|SetLogged|SetUnLogged|DropOids|SetAccessMethod|SetTableSpace|SetRelOptions|ResetRelOptions|ReplaceRelOptions',
  'ReplicaIdentity|GenericOptions)$',
].join('|'));

function harmlessCommand(command: Command): Operation {
  const { node, ctx, span, table } = command;
  const subtype = String(node['subtype']).replace(/^AT_/, '');
  const location = locate(ctx, span);
  if (HARMLESS.test(String(node['subtype']))) return { kind: 'harmless', name: `alter table ${subtype}`, location };
  return { kind: 'notUnderstood', reason: `ALTER TABLE ... ${subtype}`, tables: [table], location };
}
