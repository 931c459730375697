import type { CallExpression, Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { FromItem, Query } from '../../facts/query.js';
import { displayName, keyOf } from '../catalog/names.js';
import type { ForeignKey, Table } from '../catalog/types.js';
import { uniqueSets } from '../catalog/unique.js';
import type { Evidence } from '../project.js';
import type { ColumnKeys } from './conditions.js';
import { ways } from './conditions.js';
import type { Equality, Graph, Source } from './graph.js';
import { equalities, graphOf, itemsRead } from './graph.js';
import type { Names } from './names.js';
import { declaredNotNull } from './names.js';
import type { Cause, Knowledge, Literal } from './pieces.js';
import { conjunction, isFalse, isNull, isTrue, nullTest, placedName, vague } from './pieces.js';
import { givesNull, neverNull, strictFunctions } from './functions.js';
import { isSingleRow } from './single-row.js';
import { withoutCasts } from './walk.js';

/** What is known of the NULLs of a column at this moment. */
export interface Fullness {
  readonly state: 'full' | 'leaky' | 'unknown';
  readonly why?: Evidence;
}

export interface ColumnStates {
  fullness(tableKey: string, column: string): Fullness;
  /** Rows of the table without a partner were looked for and dealt with: a missing foreign key proves nothing. */
  partnersSeenTo(tableKey: string, nullsToo?: boolean): boolean;
}

let sourceCount = 0;

/**
 * Finds out under which conditions a statement leaves or writes NULL: because a row is not reached
 * (WHERE, a join that does not match), or because the value itself is NULL.
 */
export class Coverage implements ColumnKeys, Knowledge {
  private readonly ids = new Map<FromItem, string>();
  private readonly columns = new Map<string, { table?: Table; name: string }>();

  constructor(readonly names: Names, private readonly states: ColumnStates, target?: FromItem) {
    if (!target) return;
    this.ids.set(target, 'target');
    const table = names.tableOf(target);
    for (const name of table?.columns.keys() ?? []) this.columns.set(`target.${name}`, { table: table!, name });
  }

  /** Rows that a unique key finds by columns of rows that are known have one name in all statements: what an earlier one left out is known of them. */
  place({ sources, conditions }: Graph): void {
    const equal = equalities(conditions, this.names);
    const open = new Set(sources.filter(({ item, table, optional }) => table && !optional && !this.ids.has(item)));
    for (let before = -1; before !== open.size;) {
      before = open.size;
      for (const source of open) {
        const id = this.placeOf(source, equal);
        if (id === undefined) continue;
        this.ids.set(source.item, id);
        open.delete(source);
      }
    }
  }

  private placeOf({ item, table }: Source, equal: readonly Equality[]): string | undefined {
    for (const columns of uniqueSets(table!)) {
      const found = columns.map((name) => equal.find(({ column, other }) => column.item === item && column.name === name && this.isPlaced(other)));
      if (found.length > 0 && found.every((each) => each !== undefined)) return placedName(keyOf(table!), found.map((each, index) => [columns[index]!, this.keyOf(each.other)!]));
    }
    return undefined;
  }

  private isPlaced(expression: Expression): boolean {
    const leaf = this.names.leaf(expression);
    return leaf !== undefined && this.ids.has(leaf.item);
  }

  keyOf(expression: Expression): string | undefined {
    const leaf = this.names.leaf(expression);
    if (!leaf) return undefined;
    if (!this.ids.has(leaf.item)) this.ids.set(leaf.item, `s${sourceCount++}`);
    const key = `${this.ids.get(leaf.item)}.${leaf.name}`;
    this.columns.set(key, { ...(leaf.table ? { table: leaf.table } : {}), name: leaf.name });
    return key;
  }

  expand(expression: Expression): Expression {
    return this.names.expand(expression);
  }

  fewValues(key: string): boolean {
    const { table, name } = this.columns.get(key) ?? {};
    const type = table?.columns.get(name!)?.type;
    if (!table || !type) return true;
    const userType = this.names.catalog.types.get(`${type.schema ?? 'public'}.${type.name}`);
    return userType !== undefined || table.checks.some((check) => JSON.stringify(check.expression).includes(`"${name}"`));
  }

  notNull(key: string): boolean {
    const { table, name } = this.columns.get(key) ?? {};
    const column = table?.columns.get(name!);
    if (!table || !column) return false;
    return declaredNotNull(table, column) || this.states.fullness(keyOf(table), column.name).state === 'full';
  }

  /** Why a row of the known items may find no row of the block: a join that need not match, a condition that need not hold. */
  unmatched(graph: Graph, known: ReadonlySet<FromItem>): Cause[] {
    const causes: Cause[] = [];
    const reached = new Set(known);
    const used = new Set<Expression>();
    const pending = new Set(graph.sources.filter(({ optional }) => !optional));
    const equal = equalities(graph.conditions, this.names);
    const reach = (source: Source, found: { causes: Cause[]; conditions: readonly Expression[] }): void => {
      causes.push(...found.causes);
      for (const condition of found.conditions) used.add(condition);
      reached.add(source.item);
      pending.delete(source);
    };
    while (pending.size > 0) {
      const next = firstDefined(pending, (source) => this.surelyMatched(source, equal, reached));
      if (next) reach(...next);
      else {
        const linked = [...pending].find((source) => this.linkTo(source, equal, reached));
        const source = linked ?? [...pending][0]!;
        const about = graph.conditions.filter((condition) => itemsRead(condition, this.names)?.has(source.item));
        reach(source, { causes: [this.unsureMatch(source, this.linkTo(source, equal, reached))], conditions: about });
      }
    }
    for (const condition of graph.conditions) if (!used.has(condition)) causes.push(...this.unmet(condition));
    if (!graph.incomplete) return causes;
    return [...unproven(causes), { literals: [], sure: false, why: { location: graph.sources[0]!.item.location, message: 'the join is not understood' } }];
  }

  /** Why a condition may not hold. */
  private unmet(condition: Expression): Cause[] {
    return ways(condition, isFalse | isNull, this).flatMap((literals): Cause[] => {
      const sure = !vague(literals);
      const possible = conjunction(literals, this);
      return possible ? [{ literals: possible, sure, why: { location: condition.location, message: this.describe(literals) } }] : [];
    });
  }

  private describe(literals: readonly Literal[]): string {
    const tests = literals.filter(({ atom, truth }) => atom.nullTestOf !== undefined && truth === isTrue).map(({ atom }) => `${this.display(atom.nullTestOf!)} can be NULL`);
    return tests.length > 0 ? tests.join(' and ') : 'WHERE leaves out rows that do not meet this condition';
  }

  private display(key: string): string {
    const { table, name } = this.columns.get(key) ?? {};
    return table ? `${displayName(table)}.${name}` : name ?? key;
  }

  /** A foreign key, or the same key of the same table, makes sure that each row of a reached item finds one of the source. */
  private surelyMatched(source: Source, equal: readonly Equality[], reached: ReadonlySet<FromItem>): { causes: Cause[]; conditions: Expression[] } | undefined {
    const { table } = source;
    if (source.query?.kind === 'insert' && isSingleRow(source.query)) return { causes: [], conditions: [] };
    if (!table) return undefined;
    const links = equal.filter(({ column, other }) => {
      const from = this.names.leaf(other);
      return column.item === source.item && from !== undefined && reached.has(from.item);
    }).map((link) => ({ ...link, from: this.names.leaf(link.other)! }));
    for (const item of new Set(links.map(({ from }) => from.item))) {
      const own = links.filter(({ from }) => from.item === item);
      const fromTable = this.names.tableOf(item);
      if (!fromTable) continue;
      if (keyOf(fromTable) === keyOf(table) && table.primaryKey && own.every(({ column, from }) => column.name === from.name)
        && table.primaryKey.columns.every((name) => own.some(({ column }) => column.name === name)) && own.length === table.primaryKey.columns.length) {
        return { causes: [], conditions: own.map(({ condition }) => condition) };
      }
      for (const key of fromTable.foreignKeys) {
        const steps = key.table === keyOf(table) && key.enforced ? linksOf(key, own) : undefined;
        if (steps) return { causes: this.alongKey(key, fromTable, steps), conditions: steps.map(({ condition }) => condition) };
      }
    }
    return undefined;
  }

  private alongKey(key: ForeignKey, table: Table, steps: readonly { other: Expression; condition: Expression }[]): Cause[] {
    const nulls = steps.flatMap(({ other }) => this.nullable(other));
    const causes = this.states.partnersSeenTo(keyOf(table), true) ? unproven(nulls) : nulls;
    if (key.validated) return causes;
    const message = `foreign key "${key.name}" of "${displayName(table)}" is NOT VALID: older rows need not match`;
    return [...causes, { literals: [], sure: true, why: { location: key.origin.location, message } }];
  }

  private linkTo(source: Source, equal: readonly Equality[], reached: ReadonlySet<FromItem>): Equality | undefined {
    return equal.find(({ column, other }) => {
      const from = this.names.leaf(other);
      return column.item === source.item && from?.table !== undefined && reached.has(from.item);
    });
  }

  private unsureMatch(source: Source, link: Equality | undefined): Cause {
    const from = link && this.names.leaf(link.other);
    if (source.query?.kind === 'values' && link && from?.table) {
      const key = this.keyOf(link.other);
      const sure = !from.table.assumed && key !== undefined && !this.fewValues(key);
      return { literals: [], sure, why: { location: source.item.location, message: `"${source.label}" lists some values of ${displayName(from.table)}.${from.name} only` } };
    }
    if (!source.table || !link || !from?.table) {
      return { literals: [], sure: false, why: { location: source.item.location, message: `"${source.label}" may hold no matching row` } };
    }
    const pair = `${displayName(from.table)}.${from.name} → ${displayName(source.table)}.${link.column.name}`;
    const sure = !source.table.assumed && !from.table.assumed && !this.states.partnersSeenTo(keyOf(from.table));
    return { literals: [], sure, why: { location: link.condition.location, message: `no foreign key ${pair}: rows without a match are left out` } };
  }

  /** Why a value may be NULL. */
  nullable(value: Expression, graph?: Graph, known?: ReadonlySet<FromItem>): Cause[] {
    const expression = withoutCasts(this.names.expand(value));
    const inner = (part: Expression) => this.nullable(part, graph, known);
    switch (expression.kind) {
      case 'constant': return expression.value === null ? [{ literals: [], sure: true, why: { location: expression.location, message: 'NULL is written' } }] : [];
      case 'parameter':
      case 'array':
      case 'nullTest':
      case 'distinct': return [];
      case 'column': return this.nullableColumn(expression, graph, known);
      case 'operator': return [...(expression.left ? inner(expression.left) : []), ...inner(expression.right), ...(givesNull(expression.operator) ? [unknown(expression.location)] : [])];
      case 'call': return this.nullableCall(expression, inner);
      case 'case': {
        let before: Literal[] = [];
        const causes: Cause[] = [];
        for (const { when: given, then } of expression.branches) {
          const when: Expression = expression.operand ? { kind: 'operator', operator: '=', left: expression.operand, right: given, location: given.location } : given;
          for (const cause of inner(then)) for (const literals of ways(when, isTrue, this)) causes.push({ ...cause, literals: [...before, ...literals, ...cause.literals] });
          const unmet = ways(when, isFalse | isNull, this);
          if (unmet.length === 1) before = [...before, ...unmet[0]!];
        }
        const rest = expression.otherwise ? inner(expression.otherwise) : [{ literals: [], sure: true, why: { location: expression.location, message: 'CASE has no ELSE' } }];
        return [...causes, ...rest.map((cause) => ({ ...cause, literals: [...before, ...cause.literals] }))]
          .filter(({ literals }) => conjunction(literals, this)).map((cause) => ({ ...cause, sure: cause.sure && !vague(cause.literals) }));
      }
      case 'subquery': return expression.form === 'scalar' ? this.nullableSelect(expression.query, known ?? new Set()) : [];
      default: return [unknown(expression.location)];
    }
  }

  private nullableColumn(expression: Expression, graph?: Graph, known?: ReadonlySet<FromItem>): Cause[] {
    const leaf = this.names.leaf(expression);
    const key = this.keyOf(expression);
    if (!leaf || key === undefined) return [unknown(expression.location)];
    const source = graph?.sources.find(({ item }) => item === leaf.item);
    const causes = leaf.table ? this.columnCauses(key, leaf.table, leaf.name, expression.location) : this.passedOn(leaf.item, leaf.name, expression.location);
    if (!source?.optional) return causes;
    const others = new Set([...(known ?? []), ...graph!.sources.filter(({ optional }) => !optional).map(({ item }) => item)]);
    const group = graph!.sources.filter(({ optional }) => optional === source.optional).map(({ item, label, table, query }) => ({ item, label, ...(table ? { table } : {}), ...(query ? { query } : {}) }));
    return [...causes, ...this.unmatched({ sources: group, conditions: source.optional, incomplete: graph!.incomplete }, others)];
  }

  private columnCauses(key: string, table: Table, name: string, location: Location): Cause[] {
    const column = table.columns.get(name);
    if (!column) return [unknown(location)];
    if (declaredNotNull(table, column)) return [];
    const { state, why } = this.states.fullness(keyOf(table), name);
    if (state === 'full') return [];
    const message = `${displayName(table)}.${name} is nullable${why ? ` (${why.message})` : ''}`;
    return [{ literals: [{ atom: nullTest(key), truth: isTrue }], sure: state === 'leaky' && !table.assumed, why: { location: why?.location ?? column.added.location, message } }];
  }

  /** A column of a sub-select that could not be opened. */
  private passedOn(item: FromItem, name: string, location: Location): Cause[] {
    const query = this.names.queryOf(item);
    if (query?.kind === 'insert') {
      const returned = query.returning.find(({ expression, alias }) => (alias ?? (expression.kind === 'column' ? expression.path.at(-1) : undefined)) === name);
      return returned ? unproven(this.nullable(returned.expression)) : [unknown(location)];
    }
    if (query?.kind === 'values') return query.rows.flatMap((row) => row.flatMap((value) => this.nullable(value)));
    const value = query?.kind === 'select' ? this.names.exposed(item, query, name) : undefined;
    if (query?.kind !== 'select' || !value) return [unknown(location)];
    return unproven(this.nullable(value, graphOf(query.from, undefined, this.names)));
  }

  /** A scalar sub-select is NULL when it finds no row, or when the value it finds is. */
  private nullableSelect(query: Query, known: ReadonlySet<FromItem>): Cause[] {
    if (query.kind !== 'select' || query.targets.length !== 1 || query.groupBy.length > 0 || query.having || query.offset) return [unknown(query.location)];
    const target = query.targets[0]!.expression;
    const counted = withoutCasts(target);
    if (counted.kind === 'call' && counted.name.at(-1) === 'count') return [];
    const graph = graphOf(query.from, query.where, this.names);
    this.place(graph);
    return [...(query.into === 'onlyRow' ? [] : this.unmatched(graph, known)), ...this.nullable(target, graph, known)];
  }

  private nullableCall(call: CallExpression, inner: (part: Expression) => Cause[]): Cause[] {
    const name = call.name.at(-1)!;
    if (name === 'coalesce' || name === 'greatest' || name === 'least') {
      return call.arguments.map(inner).reduce<Cause[]>((left, right) => allNull(left, right, this), [{ literals: [], sure: true, why: { location: call.location, message: '' } }])
        .filter(({ why }) => why.message !== '');
    }
    if (neverNull.has(name)) return [];
    if (call.filter) return [unknown(call.location)];
    if (strictFunctions.has(name)) return call.arguments.flatMap(inner);
    return [unknown(call.location)];
  }
}

function firstDefined<T, R>(items: Iterable<T>, find: (item: T) => R | undefined): [T, R] | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return [item, found];
  }
  return undefined;
}

/** The equalities that follow a foreign key column by column, when all of its columns are there. */
function linksOf<L extends { column: { name: string }; from: { name: string } }>(key: ForeignKey, links: readonly L[]): L[] | undefined {
  const steps = key.columns.map((name, index) => links.find(({ column, from }) => from.name === name && column.name === key.referencedColumns[index]));
  return steps.every((step) => step !== undefined) ? (steps as L[]) : undefined;
}

function allNull(left: readonly Cause[], right: readonly Cause[], knowledge: Knowledge): Cause[] {
  return left.flatMap((a) => right.flatMap((b): Cause[] => {
    const literals = conjunction([...a.literals, ...b.literals], knowledge);
    if (!literals) return [];
    const messages = [a.why.message, b.why.message].filter((message, index, all) => message !== '' && all.indexOf(message) === index);
    return [{ literals, sure: a.sure && b.sure, why: { location: b.why.location, message: messages.join(' and ') } }];
  })).slice(0, 24);
}

function unproven(causes: readonly Cause[]): Cause[] {
  return causes.map((cause) => ({ ...cause, sure: false }));
}

function unknown(location: Location): Cause {
  return { literals: [], sure: false, why: { location, message: 'the value is not understood' } };
}
