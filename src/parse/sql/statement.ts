import type { NotUnderstood, Operation } from '../../facts/operation.js';
import type { Query } from '../../facts/query.js';
import type { LowerContext } from './context.js';
import { lowerAlterTable } from './ddl-alter.js';
import { lowerDrop, lowerRename, lowerSetSchema } from './ddl-change.js';
import { lowerExtension, lowerIndex, lowerSequence, lowerView } from './ddl-object.js';
import { lowerAlterFunction, lowerDo, lowerFunction, lowerRule, lowerTrigger } from './ddl-routine.js';
import type { OnUnreadable } from './ddl-routine.js';
import { lowerAlterPolicy, lowerAlterRole, lowerCreateRole, lowerDropRole, lowerGrant, lowerPolicy } from './ddl-security.js';
import { lowerSet, lowerSetConfig, lowerTransaction } from './ddl-session.js';
import { lowerCreateTable, lowerCreateTableAs } from './ddl-table.js';
import { lowerAlterDomain, lowerAlterEnum, lowerComposite, lowerDefine, lowerDomain, lowerEnum, lowerRange } from './ddl-type.js';
import type { TreeNode } from './engine.js';
import { lowerExpression } from './expression.js';
import { lowerQuery } from './query.js';
import { bareRoutines, booleanOption, list, locate, rangeName, strings, tokenAt, tokenText } from './tree.js';
import type { Span } from './tree.js';
import { needsOf } from './versions.js';

type Lowering = (node: TreeNode, ctx: LowerContext, span: Span, unreadable: OnUnreadable) => Operation[];

const lowerWrite = (tag: string): Lowering => (node, ctx, span) =>
  [{ kind: 'query', query: lowerQuery({ [tag]: node }, ctx), location: locate(ctx, span) }];

/** How each kind of statement is lowered; kinds that are not listed have no effect on what is checked, or are {@link NOT_MODELLED}. */
const LOWERINGS: Readonly<Record<string, Lowering>> = {
  CreateStmt: (node, ctx, span) => lowerCreateTable(node, ctx, span),
  CreateForeignTableStmt: (node, ctx, span) => lowerCreateTable((node['base'] ?? node['base_stmt']) as TreeNode, ctx, span, true),
  CreateTableAsStmt: lowerCreateTableAs,
  AlterTableStmt: lowerAlterTable,
  RenameStmt: lowerRename,
  AlterObjectSchemaStmt: lowerSetSchema,
  DropStmt: lowerDrop,
  TruncateStmt: lowerTruncate,
  IndexStmt: lowerIndex,
  ViewStmt: lowerView,
  CreateSchemaStmt: lowerSchema,
  CreateEnumStmt: lowerEnum,
  AlterEnumStmt: lowerAlterEnum,
  CreateRangeStmt: lowerRange,
  CompositeTypeStmt: lowerComposite,
  DefineStmt: lowerDefine,
  CreateDomainStmt: lowerDomain,
  AlterDomainStmt: lowerAlterDomain,
  CreateSeqStmt: lowerSequence,
  CreateExtensionStmt: lowerExtension,
  CreatePolicyStmt: lowerPolicy,
  AlterPolicyStmt: lowerAlterPolicy,
  GrantStmt: lowerGrant,
  CreateRoleStmt: lowerCreateRole,
  AlterRoleStmt: lowerAlterRole,
  DropRoleStmt: lowerDropRole,
  CreateFunctionStmt: lowerFunction,
  AlterFunctionStmt: lowerAlterFunction,
  DoStmt: lowerDo,
  CreateTrigStmt: lowerTrigger,
  RuleStmt: lowerRule,
  VariableSetStmt: lowerSet,
  TransactionStmt: lowerTransaction,
  SelectStmt: lowerSelect,
  InsertStmt: lowerWrite('InsertStmt'),
  UpdateStmt: lowerWrite('UpdateStmt'),
  DeleteStmt: lowerWrite('DeleteStmt'),
  MergeStmt: lowerWrite('MergeStmt'),
  CopyStmt: lowerCopy,
  CallStmt: lowerCall,
};

const ignoreUnreadable: OnUnreadable = () => undefined;

/**
 * Lowers one statement of any kind.
 * @param wrapped the statement as the grammar gives it: an object with its tag as the only key
 * @param span the statement in `ctx.text`, without its semicolon
 * @param unreadable told of a function body that cannot be read
 * @returns its operations in the order they take effect; what is not modelled is `notUnderstood`
 * @throws RangeError when an expression is nested too deeply
 */
export function lowerStatement(wrapped: TreeNode, ctx: LowerContext, span: Span, unreadable = ignoreUnreadable): Operation[] {
  const [tag = ''] = Object.keys(wrapped);
  const node = wrapped[tag] as TreeNode;
  const lowering = LOWERINGS[tag];
  const operations = lowering === undefined ? lowerOther(tag, node, ctx, span) : lowering(node, ctx, span, unreadable);
  return withNeeds(operations, wrapped, ctx.text.slice(span.start, span.end));
}

/** Each sub-command of ALTER TABLE is told what it needs; of other statements the first operation is. */
function withNeeds(operations: Operation[], wrapped: TreeNode, text: string): Operation[] {
  const commands = list(wrapped['AlterTableStmt']?.['cmds']);
  const nodes = commands.length === operations.length ? commands : [wrapped];
  return operations.map((operation, index) => {
    const needs = nodes[index] === undefined ? [] : needsOf(nodes[index], text);
    return needs.length === 0 ? operation : { ...operation, needs };
  });
}

/** SELECT ... INTO creates a table (PostgreSQL manual, SELECT INTO); set_config with constants is a SET. */
function lowerSelect(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  const settings = lowerSetConfig(node, ctx, span);
  if (settings !== undefined) return settings;
  const query = lowerQuery({ SelectStmt: node }, ctx);
  const location = locate(ctx, span);
  const into = node['intoClause']?.['rel'] as TreeNode | undefined;
  if (into === undefined) return [{ kind: 'query', query, location }];
  return [{
    kind: 'createTable', definition: { name: rangeName(into), columns: [], constraints: [], location }, ifNotExists: false,
    temporary: into['relpersistence'] === 't', like: [], inherits: [], partitioned: false, asQuery: query, withData: true, location,
  }];
}

function lowerTruncate(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  const cascade = node['behavior'] === 'DROP_CASCADE';
  return list(node['relations']).map((item) => ({
    kind: 'truncate', table: rangeName(item['RangeVar'] as TreeNode), cascade, location: locate(ctx, span),
  }));
}

/** COPY ... FROM inserts rows that are not in the statement; COPY ... TO reads. */
function lowerCopy(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  const location = locate(ctx, span);
  const relation = node['relation'] as TreeNode | undefined;
  if (node['query'] !== undefined) return [{ kind: 'query', query: lowerQuery(node['query'] as TreeNode, ctx), location }];
  if (node['is_from'] !== true || relation === undefined) return [{ kind: 'harmless', name: 'copy', location }];
  const source: Query = { kind: 'values', rows: [], orderBy: [], with: [], location };
  const query: Query = {
    kind: 'insert', target: { kind: 'table', name: rangeName(relation), columnAliases: [], location },
    columns: strings(node['attlist']), source, returning: [], with: [], location,
  };
  return [{ kind: 'query', query, location }];
}

function lowerCall(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  const location = locate(ctx, span);
  const expression = lowerExpression({ FuncCall: node['funccall'] as TreeNode }, ctx);
  const query: Query = {
    kind: 'select', targets: [{ expression }], from: [], groupBy: [], distinctOn: [], orderBy: [], with: [], location,
  };
  return [{ kind: 'query', query, location }];
}

/** CREATE SCHEMA may hold statements of its own; unqualified names in them belong to the new schema. */
function lowerSchema(node: TreeNode, ctx: LowerContext, span: Span, unreadable: OnUnreadable): Operation[] {
  const name = (node['schemaname'] as string | undefined) ?? (node['authrole']?.['rolename'] as string | undefined) ?? '';
  const elements = list(node['schemaElts']);
  const spans = schemaElementSpans(ctx, span);
  const ifNotExists = node['if_not_exists'] === true;
  const schema: Operation = { kind: 'createSchema', name, ifNotExists, location: locate(ctx, span) };
  if (elements.length === 0) return [schema];
  return [schema, ...elements.flatMap((element, index) => {
    const [tag = ''] = Object.keys(element);
    const content = { ...(element[tag] as TreeNode) };
    for (const key of ['relation', 'view', 'sequence']) {
      if (content[key] !== undefined) content[key] = { schemaname: name, ...(content[key] as TreeNode) };
    }
    return lowerStatement({ [tag]: content }, ctx, spans.length === elements.length ? spans[index]! : span, unreadable);
  })];
}

function schemaElementSpans(ctx: LowerContext, span: Span): Span[] {
  const starts: number[] = [];
  const first = tokenAt(ctx, span.start);
  for (let index = first + 1, depth = 0; (ctx.tokens[index]?.start ?? span.end) < span.end; index += 1) {
    const text = tokenText(ctx, index);
    if (text === '(') depth += 1;
    else if (text === ')') depth -= 1;
    else if (depth === 0 && (text === 'create' || text === 'grant')) starts.push(index);
  }
  return starts.map((index, position) => {
    const next = starts[position + 1];
    const last = next === undefined ? undefined : ctx.tokens[next - 1];
    return { start: ctx.tokens[index]!.start, end: last?.end ?? span.end };
  });
}

/** Statements with an effect that is not modelled. */
const NOT_MODELLED: Readonly<Record<string, string>> = {
  PrepareStmt: 'PREPARE', ExecuteStmt: 'EXECUTE',
  ImportForeignSchemaStmt: 'IMPORT FOREIGN SCHEMA', DropOwnedStmt: 'DROP OWNED', LoadStmt: 'LOAD',
};

/** The command as people know it; one that must run outside of a transaction is told apart from one that need not. */
function commandName(tag: string, node: TreeNode): string {
  if (tag === 'VacuumStmt' && node['is_vacuumcmd'] !== true) return 'analyze';
  if (tag === 'ReindexStmt') return booleanOption(node['params'], 'concurrently') === true ? 'reindex concurrently' : 'reindex';
  return COMMANDS[tag] ?? tag.replace(/Stmt$/, '').replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}

const COMMANDS: Readonly<Record<string, string>> = {
  CreatedbStmt: 'create database', DropdbStmt: 'drop database', CreateTableSpaceStmt: 'create tablespace', DropTableSpaceStmt: 'drop tablespace',
};

function lowerOther(tag: string, node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  const location = locate(ctx, span);
  const reason = NOT_MODELLED[tag];
  if (reason === undefined) {
    return [{ kind: 'harmless', name: commandName(tag, node), ...bareRoutines(list([node['object']])), location }];
  }
  const relation = node['relation'] as TreeNode | undefined;
  const prepared = preparedBy(tag, node, ctx);
  return [{ kind: 'notUnderstood', reason, tables: relation?.['relname'] === undefined ? [] : [rangeName(relation)], ...(prepared && { prepared }), location }];
}

/** What a replay does not follow, but a reader of single queries can judge where it is prepared. */
function preparedBy(tag: string, node: TreeNode, ctx: LowerContext): NotUnderstood['prepared'] {
  if (tag === 'ExecuteStmt') return { name: String(node['name']) };
  return tag === 'PrepareStmt' ? { name: String(node['name']), query: lowerQuery(node['query'] as TreeNode, ctx) } : undefined;
}
