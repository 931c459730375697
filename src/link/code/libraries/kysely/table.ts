import type { Expression, SqlType } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Operation } from '../../../../facts/operation.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { ColumnDefinition, ConstraintDefinition } from '../../../../facts/schema.js';
import { knownText } from '../../sql-pieces.js';
import { StepList } from '../../steps.js';
import type { Value } from '../../values.js';
import { columnOfType, defaultOf, referentialAction } from '../column-text.js';
import { isKysely } from './builder.js';
import type { Raw, Step } from './builder.js';
import type { Statement } from './schema.js';

interface Parts {
  readonly columns: readonly ColumnDefinition[];
  readonly constraints: readonly ConstraintDefinition[];
  /** What could not be read. */
  readonly after: readonly Operation[];
}

/** What `createTable` was told of its columns and keys. */
export function tableParts(statement: Statement): Parts {
  const columns: ColumnDefinition[] = [];
  const constraints: ConstraintDefinition[] = [];
  const after: Operation[] = [];
  for (const { step } of statement.steps) {
    if (step.method === 'addColumn') {
      const built = columnOf(step, statement);
      if (built === undefined) after.push(notUnderstood('a column whose name is not known', step.location));
      else {
        columns.push(built.column);
        constraints.push(...built.constraints);
      }
    } else if (/^add\w+Constraint$/.test(step.method)) {
      const constraint = constraintOf(step, statement);
      if (constraint) constraints.push(constraint);
      else after.push(notUnderstood(`${step.method}() of columns that are not known`, step.location));
    }
  }
  const keys = constraints.flatMap((each) => (each.kind === 'primaryKey' ? each.columns : []));
  return { columns: columns.map((each) => (keys.includes(each.name) ? { ...each, notNull: true } : each)), constraints, after };
}

/** What `alterTable` changes: Kysely sends one statement with all of it. */
export function tableChanges(statement: Statement, table: QualifiedName): Operation[] {
  const [, ...steps] = statement.steps;
  return steps.flatMap(({ step }, index) => changeOf(step, new StepList(steps.slice(index + 1, nextChange(steps.map((each) => each.step), index))), statement, table));
}

/** Calls that say more of the change before them. */
const MODIFIERS = new Set(['ifExists', 'ifNotExists', 'cascade', 'restrict', 'onDelete', 'onUpdate', 'deferrable', 'notDeferrable', 'initiallyDeferred', 'initiallyImmediate', 'modifyFront', 'modifyEnd']);

function nextChange(steps: readonly Step[], index: number): number {
  const next = steps.findIndex(({ method }, at) => at > index && !MODIFIERS.has(method));
  return next < 0 ? steps.length : next;
}

function changeOf(step: Step, modifiers: StepList<Step>, statement: Statement, table: QualifiedName): Operation[] {
  const { method, args, location } = step;
  const on = { table, location };
  const name = statement.name(args[0]);
  const second = statement.name(args[1]);
  const unknown = [notUnderstood(`${method}() of a name that is not known`, location, table)];
  if (MODIFIERS.has(method)) return [];
  if (/^add(?!Column|Index)\w+Constraint$/.test(method)) {
    const constraint = constraintOf(step, statement, modifiers);
    return constraint ? [{ kind: 'addConstraint', constraint, ...on }] : unknown;
  }
  if (name === undefined) return unknown;
  switch (method) {
    case 'addColumn': {
      const built = columnOf(step, statement);
      return built ? [{ kind: 'addColumn', column: built.column, ifNotExists: built.ifNotExists, constraints: built.constraints, ...on }] : unknown;
    }
    case 'alterColumn': return (statement.inner(args[1])?.steps ?? []).flatMap((each) => alteration(each.step, name, statement, table));
    case 'dropColumn': return [{ kind: 'dropColumn', column: name, ifExists: modifiers.has('ifExists'), cascade: modifiers.has('cascade'), ...on }];
    case 'renameColumn': return second === undefined ? unknown : [{ kind: 'renameColumn', column: name, to: second, ...on }];
    case 'dropConstraint': return [{ kind: 'dropConstraint', name, ifExists: modifiers.has('ifExists'), cascade: modifiers.has('cascade'), ...on }];
    case 'renameConstraint': return second === undefined ? unknown : [{ kind: 'renameConstraint', name, to: second, ...on }];
    case 'renameTo': return [{ kind: 'renameRelation', relation: 'table', name: table, to: name, ifExists: false, location }];
    case 'setSchema': return [{ kind: 'setSchema', name: table, to: name, ifExists: false, location }];
    default: return [notUnderstood(`${method}() of alterTable()`, location, table)];
  }
}

function alteration({ method, args, location }: Step, column: string, statement: Statement, table: QualifiedName): Operation[] {
  const on = { table, column, location };
  switch (method) {
    case 'setNotNull': return [{ kind: 'setNotNull', ...on }];
    case 'dropNotNull': return [{ kind: 'dropNotNull', ...on }];
    case 'dropDefault': return [{ kind: 'dropDefault', ...on }];
    case 'setDefault': return [{ kind: 'setDefault', default: defaultOf(statement.lower.operand(args[0], location), location), ...on }];
    case 'setDataType': return [{ kind: 'setType', type: typed(args[0], statement).type, ...on }];
    default: return [notUnderstood(`${method}() of a column`, location, table)];
  }
}

function notUnderstood(reason: string, location: Location, table?: QualifiedName): Operation {
  return { kind: 'notUnderstood', reason, tables: table ? [table] : [], location };
}

interface Built {
  readonly column: ColumnDefinition;
  readonly constraints: readonly ConstraintDefinition[];
  readonly ifNotExists: boolean;
}

/** `addColumn('id', 'uuid', (column) => column.primaryKey().defaultTo(...))`. */
function columnOf({ args, location }: Step, statement: Statement): Built | undefined {
  const name = statement.name(args[0]);
  if (name === undefined) return undefined;
  const { type, ...implied } = typed(args[1], statement);
  const modifiers = statement.inner(args[2]) ?? new StepList<Step>([]);
  const constraints = modifiers.steps.flatMap(({ step }) => columnConstraint(step, name, modifiers, statement));
  const generated = generation(modifiers, statement, location);
  const written = modifiers.last('defaultTo');
  const value = written && defaultValue(written, statement);
  const isKey = constraints.some(({ kind }) => kind === 'primaryKey');
  const column: ColumnDefinition = {
    ...implied, name, type, notNull: implied.notNull || isKey || generated.generated === 'identity' || modifiers.has('notNull'),
    ...generated, ...(value && { default: defaultOf(value, written.location) }), location,
  };
  return { column, constraints, ifNotExists: modifiers.has('ifNotExists') };
}

/** The type of a column, a name or a text; with what a serial type implies. */
function typed(given: Value | undefined, statement: Statement): { type: SqlType; notNull: boolean; default?: NonNullable<ColumnDefinition['default']> } {
  const known = given && statement.ctx.read(given);
  const text = (known && isKysely(known, 'raw') ? knownText((known.data as Raw).text, statement.ctx) : statement.lower.text(known)) ?? 'text';
  const column = columnOfType(text);
  return { type: column?.type ?? { name: text, modifiers: [], dimensions: 0 }, notNull: column?.notNull ?? false, ...(column?.default && { default: column.default }) };
}

/** A default of NULL is none. */
function defaultValue({ args, location }: Step, statement: Statement): Expression | undefined {
  const known = args[0] && statement.ctx.read(args[0]);
  if (known?.kind === 'object' || known?.kind === 'list') return { kind: 'constant', value: '{}', location };
  const expression = statement.lower.operand(args[0], location);
  return expression.kind === 'constant' && expression.value === null ? undefined : expression;
}

function generation(modifiers: StepList<Step>, statement: Statement, location: Location): Pick<ColumnDefinition, 'generated' | 'identityAlways' | 'generation'> {
  const always = modifiers.has('generatedAlwaysAsIdentity');
  if (always || modifiers.has('generatedByDefaultAsIdentity', 'identity')) return { generated: 'identity', ...(always && { identityAlways: true }) };
  const written = modifiers.last('generatedAlwaysAs');
  return written?.args[0] ? { generated: modifiers.has('stored') ? 'stored' : 'virtual', generation: statement.lower.expression(written.args[0], location) } : {};
}

function columnConstraint({ method, args, location }: Step, column: string, modifiers: StepList<Step>, statement: Statement): ConstraintDefinition[] {
  switch (method) {
    case 'primaryKey': return [{ kind: 'primaryKey', columns: [column], location }];
    case 'unique': return [{ kind: 'unique', columns: [column], nullsNotDistinct: modifiers.has('nullsNotDistinct'), location }];
    case 'check': return args[0] ? [{ kind: 'check', expression: statement.lower.condition(args, [location], location), notValid: false, location }] : [];
    case 'references': {
      const parts = statement.lower.text(args[0])?.split('.').map((part) => statement.lower.name(part)) ?? [];
      const schema = parts.length > 2 ? parts.at(-3) : statement.client.schema;
      return parts.length < 2 ? [] : [{
        kind: 'foreignKey', columns: [column], references: { ...(schema !== undefined && { schema }), name: parts.at(-2)! }, referencedColumns: [parts.at(-1)!],
        ...actions(modifiers, statement), match: 'simple', notValid: false, enforced: true, location,
      }];
    }
    default: return [];
  }
}

function actions(modifiers: StepList<Step>, { lower }: Statement): Pick<Extract<ConstraintDefinition, { kind: 'foreignKey' }>, 'onDelete' | 'onUpdate'> {
  return { onDelete: referentialAction(lower.text(modifiers.last('onDelete')?.args[0])), onUpdate: referentialAction(lower.text(modifiers.last('onUpdate')?.args[0])) };
}

/** `addUniqueConstraint(name, columns)` and its kin. @param after the calls that follow it and belong to it */
function constraintOf({ method, args, location }: Step, statement: Statement, after?: StepList<Step>): ConstraintDefinition | undefined {
  const name = statement.name(args[0]);
  const columns = statement.names(args[1]);
  const base = { ...(name !== undefined && { name }), location };
  if (method === 'addCheckConstraint') return args[1] && { kind: 'check', expression: statement.lower.condition(args.slice(1, 2), [location], location), notValid: false, ...base };
  if (columns === undefined) return undefined;
  switch (method) {
    case 'addPrimaryKeyConstraint': return { kind: 'primaryKey', columns, ...base };
    case 'addUniqueConstraint': return { kind: 'unique', columns, nullsNotDistinct: statement.inner(args[2])?.has('nullsNotDistinct') ?? false, ...base };
    case 'addForeignKeyConstraint': {
      const references = statement.qualified(args[2]);
      const referencedColumns = statement.names(args[3]);
      const modifiers = new StepList<Step>([...statement.inner(args[4])?.steps ?? [], ...after?.steps ?? []]);
      return references && referencedColumns && { kind: 'foreignKey', columns, references, referencedColumns, ...actions(modifiers, statement), match: 'simple', notValid: false, enforced: true, ...base };
    }
    default: return undefined;
  }
}
