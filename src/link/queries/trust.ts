import type { ColumnExpression, Expression, ParameterExpression } from '../../facts/expression.js';
import type { InsertQuery, Query, SelectQuery, TableReference, UpdateQuery } from '../../facts/query.js';
import type { QueryRecord } from '../code/machine.js';
import type { SettingSet } from '../code/values.js';
import { keyOf } from '../catalog/names.js';
import type { ClassifiedTable, ForeignId, QueryReference, UntrustedTenant } from '../project.js';
import { isSecretName } from '../scope/domains.js';
import { scopeOfQuery } from '../scope/index.js';
import type { ReferenceVerdict, ScopeEnvironment } from '../scope/types.js';
import { bare, resultsOf } from '../scope/values.js';
import { parameterNames } from '../parameters.js';
import { normalizeName } from '../names.js';
import { nodes } from './nodes.js';
import { openWrites } from './open.js';

/** What is known of the inputs of one query. */
export interface Inputs {
  /** As it is judged: with what held when it ran. */
  readonly query: Query;
  readonly env: ScopeEnvironment;
  /** Of application code. */
  readonly code?: QueryRecord;
}

/** What is known of the inputs of a statement. */
type Known = Pick<QueryRecord, 'facts' | 'parameters'>;

/** What is pinned by the caller's word alone. */
export interface CallersWord {
  readonly untrustedTenants: readonly UntrustedTenant[];
  /** Tables of which it cannot be told: calls that were not followed to their end may have checked the word. */
  readonly open: ReadonlySet<ClassifiedTable>;
}

/**
 * Tenants that the caller of a request names and nothing has checked.
 * @param references those that are judged by what the query itself says
 */
export function callersWord(inputs: Inputs, references: readonly QueryReference[]): CallersWord {
  const all = untrustedTenants(inputs, references);
  const { cut, parameters } = inputs.code ?? {};
  if (cut === undefined || parameters === undefined || all.length === 0) return { untrustedTenants: all, open: new Set() };
  const trusting = new Map([...parameters].map(([name, value]) => [name, value.kind === 'input' && cut.includes(name) ? { ...value, trust: 'unknown' as const } : value]));
  const sure = untrustedTenants({ ...inputs, code: { ...inputs.code!, parameters: trusting } }, references);
  const still = new Set(sure.map(({ table }) => table));
  return { untrustedTenants: sure, open: new Set(all.map(({ table }) => table).filter((table) => !still.has(table))) };
}

/**
 * References that only an input of the request pins, which nothing has checked: the caller names the tenant.
 * What a whole object of the request is written to may be any tenant's afterwards, whosever row it was.
 */
function untrustedTenants({ query, env, code }: Inputs, references: readonly QueryReference[]): UntrustedTenant[] {
  if (code === undefined) return storedTenants({ query, env }, references);
  const isCompared = (column: string, parameter: string): boolean => checkedParts(parameter, code).some((part) => normalizeName(part) === normalizeName(column));
  const open = openWrites(query, references, isCompared);
  return asksBesides(query, code) ? open : [...namedTenants({ query, env, code }, references), ...open];
}

/** Rows of a query file that are given a tenant which is none of the parameters that the config trusts, and which nothing in the statement proves. */
function storedTenants(inputs: Inputs, references: readonly QueryReference[]): UntrustedTenant[] {
  return references.filter(({ access, verdict, table, conflictKey }) => access === 'insert' && conflictKey === undefined && table.class === 'tenant' && verdict !== 'scoped' && verdict !== 'unknown').flatMap(({ table, reference }) => {
    const write = nodes(inputs.query).find((node): node is InsertQuery => node.kind === 'insert' && 'target' in node && node.target === reference);
    const given = write ? table.tenantColumns.flatMap(({ name }) => valuesOf(write, name, table)) : [];
    const input = given.flatMap(inputsOf).find((name) => isForeign(name, inputs));
    return input === undefined ? [] : [{ table, input, location: reference.location }];
  });
}

/** The parameters that a value is, or is made of. */
function inputsOf(value: Expression): readonly string[] {
  if (value.kind === 'parameter') return [value.name];
  return value.kind === 'subquery' ? [...parameterNames(value)] : resultsOf(value).flatMap(inputsOf);
}

function namedTenants({ query, env, code }: Required<Inputs>, references: readonly QueryReference[]): UntrustedTenant[] {
  const used = parameterNames(query);
  const untrusted = untrustedInputs(code).filter((name) => used.has(name) && !isChecked(name, code));
  const scoped = references.filter(({ verdict }) => verdict === 'scoped');
  if (untrusted.length === 0 || scoped.length === 0) return [];
  const given = [...used].filter((name) => !untrusted.includes(name));
  const trusting = (names: readonly string[]) => scopeOfQuery(query, { ...env, tenantParameters: { tenant: [...names, ' '], principal: [...names, ' '] } });
  const open = trusting(given).filter(({ verdict }) => verdict !== 'scoped');
  const alone = new Map<string, readonly ReferenceVerdict[]>();
  const pinnedBy = (name: string): readonly ReferenceVerdict[] => {
    const known = alone.get(name) ?? trusting([...given, name]).filter(({ verdict }) => verdict === 'scoped');
    alone.set(name, known);
    return known;
  };
  return scoped.filter((reference) => open.some((each) => isSame(each, reference))).map((reference): UntrustedTenant => {
    const pins = untrusted.filter((name) => pinnedBy(name).some((each) => isSame(each, reference)));
    return { table: reference.table, input: [...new Set((pins.length > 0 ? pins : untrusted).map((name) => shown(name, code)))].join(', '), location: reference.reference.location };
  });
}

/** One reference: a row that is inserted and the row that it may hit on conflict are written at one place. */
function isSame(verdict: ReferenceVerdict, { reference, table, conflictKey }: QueryReference): boolean {
  return verdict.reference === reference && verdict.table === table.table && (verdict.conflictKey === undefined) === (conflictKey === undefined);
}

/** The inputs that the caller has sent. */
export function untrustedInputs(code: Pick<QueryRecord, 'parameters'> | undefined): string[] {
  return [...code?.parameters ?? []].filter(([, value]) => value.kind === 'input' && value.trust === 'untrusted').map(([name]) => name);
}

/** A row was looked up by the input and something else (a membership, a secret), or it was compared with another value: it is no longer the caller's word alone. */
function isChecked(name: string, code: Known): boolean {
  const untrusted = untrustedInputs(code);
  return code.facts.some((fact) => {
    const names = parameterNames(fact);
    return names.has(name) && names.size > 1 && ([...names].some((other) => !untrusted.includes(other)) || asksForSecret(fact));
  });
}

/** What the caller sent, and nothing has checked, of the value that a setting was set to: whoever runs under it runs for the tenant that the caller names. */
export function untrustedSetting({ by }: SettingSet): string[] {
  return by === undefined ? [] : untrustedInputs(by).filter((name) => !isChecked(name, by)).map((name) => shown(name, by));
}

/** The parts of an object of a request that something has been compared with. */
function checkedParts(parameter: string, code: QueryRecord): string[] {
  const names = new Set(code.facts.flatMap((fact) => [...parameterNames(fact)]).filter((name) => name.startsWith(`${parameter}.`)));
  return [...names].filter((name) => isChecked(name, code)).map((name) => name.slice(parameter.length + 1));
}

/** Whether a condition or query speaks of a column that is named like a secret. */
export function asksForSecret(fact: Expression | Query): boolean {
  return nodes(fact).some((node) => node.kind === 'column' && isSecretName((node as unknown as ColumnExpression).path.at(-1)!));
}

/** The query itself asks for rows of somebody (`accountId` and `userId` of a membership): what the caller does not name decides, too. */
function asksBesides(query: Query, code: QueryRecord | undefined): boolean {
  const conditions = query.kind === 'select' ? [query.where, query.from, query.having] : query.kind === 'update' ? [query.where, query.from] : query.kind === 'delete' ? [query.where, query.using] : [];
  return [...parameterNames(conditions)].some((name) => {
    const value = code?.parameters.get(name);
    return value !== undefined && value.kind !== 'constant' && !(value.kind === 'input' && (value.trust === 'untrusted' || value.environment === true));
  });
}

/** Ids of other tenant tables' rows that a write stores as they came from the caller, without a proof that the row is the tenant's. */
export function foreignIds(inputs: Inputs, tables: ReadonlyMap<string, ClassifiedTable>, tableOf: (query: InsertQuery | UpdateQuery) => ClassifiedTable | undefined): ForeignId[] {
  const { query } = inputs;
  return nodes(query).filter((node): node is InsertQuery | UpdateQuery => (node.kind === 'insert' || node.kind === 'update') && 'with' in node).flatMap((write) => {
    const table = tableOf(write);
    if (table === undefined || (table.class !== 'tenant' && table.class !== 'child')) return [];
    return table.references.flatMap((reference): ForeignId[] => {
      const [column] = reference.columns;
      const [key] = reference.toColumns;
      if (reference.columns.length !== 1 || column === undefined || key === undefined) return [];
      if ((reference.toClass !== 'tenant' && reference.toClass !== 'child') || table.tenantColumns.some((each) => each.name === column)) return [];
      const foreign = valuesOf(write, column, table).filter((value): value is ParameterExpression => value.kind === 'parameter' && isForeign(value.name, inputs) && !(inputs.code && isChecked(value.name, inputs.code)));
      const target = foreign.length === 0 ? undefined : [...tables.values()].find((each) => each.name === reference.to);
      if (target === undefined) return [];
      return foreign.filter((value) => !isProven(value, target, key, write, inputs))
        .map((value): ForeignId => ({ table, column, to: reference.to, input: shown(value.name, inputs.code), location: value.location }));
    });
  });
}

/** An input as it is written. */
function shown(name: string, code: Pick<QueryRecord, 'parameters'> | undefined): string {
  const value = code?.parameters.get(name);
  return value?.kind === 'input' ? value.name : name;
}

/** Whether an input is the caller's word: untrusted in code; in a query file any parameter that the config does not name, when it names some. */
function isForeign(name: string, { code, env }: Inputs): boolean {
  if (code !== undefined) {
    const value = code.parameters.get(name);
    return value?.kind === 'input' && value.trust === 'untrusted';
  }
  const { tenant = [], principal = [] } = env.config.queries.parameters;
  const short = name.replace(/^[^A-Za-z0-9_]+|(?<![^A-Za-z0-9_])[^A-Za-z0-9_]+s?$/g, '');
  return tenant.length + principal.length > 0 && ![...tenant, ...principal].some((each) => each === name || each === short);
}

function valuesOf(write: InsertQuery | UpdateQuery, column: string, table: ClassifiedTable): Expression[] {
  if (write.kind === 'update') return write.set.flatMap((each) => (each.column === column && each.value !== undefined ? [bare(each.value)] : []));
  const index = (write.columns.length > 0 ? write.columns : [...table.table.columns.keys()]).indexOf(column);
  if (index < 0 || write.source === undefined) return [];
  if (write.source.kind === 'values') return write.source.rows.flatMap((row) => (row[index] === undefined ? [] : [bare(row[index])]));
  return targetsAt(write.source, index).map(bare);
}

/** What a query gives in one column, in every arm. */
function targetsAt(query: Query, index: number): Expression[] {
  if (query.kind === 'set') return [...targetsAt(query.left, index), ...targetsAt(query.right, index)];
  const target = query.kind === 'select' ? query.targets[index] : undefined;
  return target === undefined ? [] : [target.expression];
}

/** What the statement itself asks for, in the sight of its own tables. */
function ownConditions(write: InsertQuery | UpdateQuery): Expression | undefined {
  const select = write.kind === 'update' ? { from: [write.target, ...write.from], where: write.where } : write.source?.kind === 'select' ? write.source : undefined;
  if (select?.where === undefined) return undefined;
  const { location } = write;
  const query: SelectQuery = { kind: 'select', targets: [], from: select.from, where: select.where, groupBy: [], distinctOn: [], orderBy: [], with: write.with, location };
  return { kind: 'subquery', form: 'exists', query, location };
}

/** Whether what is known pins the row that the id names: by a look-up before, or by a condition of the same statement. */
function isProven(value: Expression, target: ClassifiedTable, key: string, write: InsertQuery | UpdateQuery, { env, code }: Inputs): boolean {
  const { location } = value;
  const inside = ownConditions(write);
  const proof: TableReference = { kind: 'table', name: { schema: target.table.schema, name: target.table.name }, alias: 'proof', columnAliases: [], location };
  const query: SelectQuery = {
    kind: 'select', targets: [{ expression: { kind: 'constant', value: 1, location } }], groupBy: [], distinctOn: [], orderBy: [], with: [], location,
    from: [proof],
    where: { kind: 'and', operands: [{ kind: 'operator', operator: '=', left: { kind: 'column', path: ['proof', key], location }, right: value, location }, ...(inside ? [inside] : []), ...code?.facts ?? []], location },
  };
  const [own] = scopeOfQuery(query, { ...env, asked: new Set([proof]) });
  return own === undefined || own.verdict === 'scoped' || own.verdict === 'unknown' || own.table !== env.tables.get(keyOf(target.table))?.table;
}
