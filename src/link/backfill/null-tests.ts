import { entryOf } from '../../entry.js';
import type { CallExpression, CaseExpression, Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { FromItem, Query, SelectQuery } from '../../facts/query.js';
import { keyOf } from '../catalog/names.js';
import type { Catalog } from '../catalog/types.js';
import { resolveQuery } from '../resolve/index.js';
import { Names } from './names.js';
import { conjuncts, hasAggregate, nodes, nodesOfKind, withoutCasts } from './walk.js';

/** A column of one table whose NULLs a condition looks for. */
export interface NullTarget {
  readonly tableKey: string;
  readonly column: string;
  /** False when only some of the NULLs are looked for (a join, a further condition). */
  readonly complete: boolean;
  /** The sub-query that looks. */
  readonly location: Location;
}

export interface NullTest extends NullTarget {
  readonly sense: 'true when NULLs remain' | 'true when none remain';
}

/** What a truth value tells: `remain`: NULLs there make it true; `none`: NULLs there make it anything but true. */
interface Sense {
  readonly remain: readonly NullTarget[];
  readonly none: readonly NullTarget[];
}

const nothing: Sense = { remain: [], none: [] };

/** What a condition says about NULLs that remain in columns of base tables. */
export function nullTests(condition: Expression, catalog: Catalog, searchPath: readonly string[]): NullTest[] {
  const { remain, none } = new TestReader(namesOf(condition, catalog, searchPath)).sense(condition);
  return [
    ...remain.map((target): NullTest => ({ ...target, sense: 'true when NULLs remain' })),
    ...none.map((target): NullTest => ({ ...target, sense: 'true when none remain' })),
  ];
}

/** Every column whose NULLs are looked for anywhere in an expression, whatever is done with the answer. */
export function nullLookups(expression: Expression, catalog: Catalog, searchPath: readonly string[]): NullTarget[] {
  return new TestReader(namesOf(expression, catalog, searchPath)).lookups(expression);
}

/** The tables of which a condition asks only whether they hold rows (`EXISTS (SELECT 1 FROM t)`). */
export function rowTests(condition: Expression, catalog: Catalog, searchPath: readonly string[]): string[] {
  const names = namesOf(condition, catalog, searchPath);
  if (condition.kind !== 'subquery' || condition.form !== 'exists' || condition.query.kind !== 'select') return [];
  const { from, where, groupBy } = condition.query;
  const table = from.length === 1 && !where && groupBy.length === 0 ? names.tableOf(from[0]!) : undefined;
  return table ? [keyOf(table)] : [];
}

/** Names of an expression that stands alone, with only its sub-queries reading tables. */
export function namesOf(condition: Expression, catalog: Catalog, searchPath: readonly string[]): Names {
  const statement: SelectQuery = {
    kind: 'select', targets: [{ expression: condition }], from: [], groupBy: [], distinctOn: [], orderBy: [], with: [], location: condition.location,
  };
  return new Names(resolveQuery(statement, { catalog, searchPath, variables: new Set() }), catalog, statement);
}

class TestReader {
  constructor(private readonly names: Names) {}

  sense(condition: Expression, block?: SelectQuery): Sense {
    const expression = withoutCasts(condition);
    switch (expression.kind) {
      case 'and': return this.combine(expression.operands, block, true);
      case 'or': return this.combine(expression.operands, block, false);
      case 'not': return swap(this.sense(expression.operand, block));
      case 'booleanTest': {
        const inner = this.sense(expression.operand, block);
        if (expression.test === 'true' || expression.test === 'notFalse') return inner;
        return expression.test === 'false' || expression.test === 'notTrue' ? swap(inner) : nothing;
      }
      case 'operator': return this.comparison(expression, block);
      case 'subquery': return this.subquery(expression);
      case 'nullTest': return this.nullTest(expression);
      case 'call': return this.booleanCall(expression, block);
      case 'case': return { remain: this.nonZero(expression, block), none: [] };
      default: return nothing;
    }
  }

  /** AND (all) or OR: what every operand says, and what any does. */
  private combine(operands: readonly Expression[], block: SelectQuery | undefined, all: boolean): Sense {
    const senses = operands.map((operand) => this.sense(operand, block));
    const common = (lists: readonly (readonly NullTarget[])[]) => lists.reduce((left, right) => left.filter((a) => right.some((b) => same(a, b))));
    const remain = senses.map((sense) => sense.remain);
    const none = senses.map((sense) => sense.none);
    return all ? { remain: common(remain), none: none.flat() } : { remain: remain.flat(), none: common(none) };
  }

  private comparison(expression: Extract<Expression, { kind: 'operator' }>, block?: SelectQuery): Sense {
    if (!expression.left) return nothing;
    const mirrored: Record<string, string> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=', '=': '=', '<>': '<>', '!=': '<>' };
    const bound = number(expression.right);
    if (bound === undefined && number(expression.left) !== undefined && entryOf(mirrored, expression.operator)) {
      return this.comparison({ ...expression, operator: entryOf(mirrored, expression.operator)!, left: expression.right, right: expression.left }, block);
    }
    if (bound === undefined) return this.countComparison(expression.operator, expression.left, expression.right, block);
    const counted = this.nonZero(expression.left, block);
    const text = `${expression.operator} ${bound}`;
    if (['> 0', '<> 0', '!= 0', '>= 1'].includes(text)) return { remain: counted, none: [] };
    if (['= 0', '< 1', '<= 0'].includes(text)) return { remain: [], none: counted };
    return expression.operator === '>' || expression.operator === '>=' ? { remain: counted.map((target) => ({ ...target, complete: false })), none: [] } : nothing;
  }

  /** `count(*) > count(c)`, in one select or in two. */
  private countComparison(operator: string, left: Expression, right: Expression, block?: SelectQuery): Sense {
    if (operator === '<') return this.countComparison('>', right, left, block);
    const missing = this.difference(left, right, block) ?? (operator === '=' || operator === '<>' ? this.difference(right, left, block) : undefined);
    if (!missing) return nothing;
    if (operator === '>' || operator === '<>' || operator === '!=') return { remain: missing, none: [] };
    return operator === '=' ? { remain: [], none: missing } : nothing;
  }

  private subquery(expression: Extract<Expression, { kind: 'subquery' }>): Sense {
    if (expression.form === 'exists') return { remain: this.anyRow(expression.query), none: [] };
    const { query } = expression;
    if (expression.form !== 'scalar' || query.kind !== 'select' || query.targets.length !== 1) return nothing;
    const value = query.targets[0]!.expression;
    if (query.from.length === 0) return query.where || query.having ? nothing : this.sense(value);
    return hasAggregate(value) || value.kind !== 'column' ? this.sense(value, query) : nothing;
  }

  /** `(SELECT id FROM t WHERE c IS NULL LIMIT 1) IS NOT NULL`; of no use when the value selected is `c` itself. */
  private nullTest(expression: Extract<Expression, { kind: 'nullTest' }>): Sense {
    const operand = withoutCasts(expression.operand);
    if (operand.kind !== 'subquery' || operand.form !== 'scalar' || operand.query.kind !== 'select') return nothing;
    const found = this.valuesFound(operand.query);
    return expression.negated ? { remain: found, none: [] } : { remain: [], none: found };
  }

  private valuesFound(query: SelectQuery): readonly NullTarget[] {
    const value = query.targets[0] ? withoutCasts(query.targets[0].expression) : undefined;
    if (!value) return [];
    if (value.kind === 'call' && ['array_agg', 'string_agg', 'min', 'max'].includes(value.name.at(-1)!)) return this.nullRows(query).filter(({ column }) => !reads(value, column));
    if (hasAggregate(value)) return [];
    const leaf = this.names.leaf(value);
    if (value.kind === 'constant' ? value.value === null : !leaf?.column?.notNull) return [];
    return this.anyRow(query);
  }

  /** bool_or(c IS NULL), bool_and(c IS NOT NULL), and functions that pass a value through. */
  private booleanCall(call: CallExpression, block?: SelectQuery): Sense {
    const [first] = call.arguments;
    const name = call.name.at(-1);
    if (name === 'coalesce' && first) return this.sense(first, block);
    if (!block || !first || call.filter) return nothing;
    const targets = this.rowsOf(block, first.kind === 'not' ? first.operand : negatedNullTest(first, name !== 'bool_or'), block.where);
    if (name === 'bool_or') return { remain: targets, none: [] };
    return name === 'bool_and' || name === 'every' ? { remain: [], none: targets } : nothing;
  }

  /** The columns of which any remaining NULL makes a number positive (an array or text non-empty). */
  private nonZero(value: Expression, block?: SelectQuery): readonly NullTarget[] {
    const expression = withoutCasts(value);
    switch (expression.kind) {
      case 'call': return this.countCall(expression, block);
      case 'operator': {
        if (expression.operator === '+' || expression.operator === '||') return [expression.left, expression.right].flatMap((part) => (part ? this.nonZero(part, block) : []));
        return expression.operator === '-' && expression.left ? this.difference(expression.left, expression.right, block) ?? [] : [];
      }
      case 'case': return this.nonZeroCase(expression, block);
      case 'subquery': return expression.form === 'scalar' || expression.form === 'array' ? this.countQuery(expression.query) : [];
      default: return [];
    }
  }

  /** What makes the branch that is taken non-zero; from the last one backwards, as each leaves to those behind it what does not take it. */
  private nonZeroCase({ operand, branches, otherwise, location }: CaseExpression, block?: SelectQuery): readonly NullTarget[] {
    const result = [...branches].reverse().reduce((behind: Counted, { when, then }): Counted => {
      const { remain, none } = this.sense(operand ? { kind: 'operator', operator: '=', left: operand, right: when, location } : when, block);
      const own = this.countedOrConstant(then, block);
      const either = both(own, behind);
      return either === ALWAYS ? ALWAYS : [...asTargets(both(own, remain)), ...asTargets(both(behind, none)), ...either];
    }, otherwise ? this.countedOrConstant(otherwise, block) : []);
    return asTargets(result);
  }

  private countedOrConstant(value: Expression, block?: SelectQuery): Counted {
    const constant = number(value);
    return constant === undefined ? this.nonZero(value, block) : constant === 0 ? [] : ALWAYS;
  }

  private countCall(call: CallExpression, block?: SelectQuery): readonly NullTarget[] {
    const name = call.name.at(-1)!;
    const [first] = call.arguments;
    if (['coalesce', 'array_length', 'cardinality', 'array_append', 'length', 'greatest', 'char_length', 'array_cat'].includes(name)) return call.arguments.flatMap((part) => this.nonZero(part, block));
    if (!block || call.over) return [];
    if (name === 'count' && (call.star || (first && this.surelyCounts(first)))) {
      return call.filter ? this.rowsOf(block, call.filter, block.where) : this.anyRow(rowsBelow(block));
    }
    if (name === 'sum' && first) return this.summed(first, block);
    return [];
  }

  private surelyCounts(argument: Expression): boolean {
    return argument.kind === 'constant' ? argument.value !== null : this.names.leaf(argument)?.column?.notNull === true;
  }

  /** sum(CASE WHEN c IS NULL THEN 1 ELSE 0 END), or the sum of the counts of a sub-select. */
  private summed(argument: Expression, block: SelectQuery): readonly NullTarget[] {
    const inner = withoutCasts(argument);
    if (inner.kind === 'case' && inner.branches.length === 1 && !inner.operand && Number(number(inner.branches[0]!.then)) > 0) {
      return this.rowsOf(block, inner.branches[0]!.when, block.where);
    }
    const [item, ...others] = block.from;
    const query = item && this.names.queryOf(item);
    return inner.kind === 'column' && query && others.length === 0 && !block.where ? this.countQuery(query, inner.path.at(-1)) : [];
  }

  /** The count that a query gives out; for a set operation those of all its arms. */
  private countQuery(query: Query, column?: string): readonly NullTarget[] {
    if (query.kind === 'set') return query.operator === 'union' ? [...this.countQuery(query.left, column), ...this.countQuery(query.right, column)] : [];
    if (query.kind !== 'select' || query.having || query.groupBy.length > 0) return [];
    const targets = query.targets.length === 1 || column === undefined ? query.targets.slice(0, 1) : query.targets.filter(({ expression }) => hasAggregate(expression));
    return targets.flatMap(({ expression }) => this.nonZero(expression, query.from.length > 0 ? query : undefined));
  }

  /** count(*) - count(c) over the same rows. */
  private difference(all: Expression, some: Expression, block?: SelectQuery): NullTarget[] | undefined {
    const [whole, part] = [this.counted(all, block), this.counted(some, block)];
    if (!whole || !part || !whole.call.arguments.every((argument) => this.surelyCounts(argument))) return undefined;
    const [item, ...others] = part.block.from;
    const table = item && this.names.tableOf(item);
    const column = part.call.arguments[0] && this.names.leaf(part.call.arguments[0]);
    const sameTable = whole.block.from.length === 1 && whole.block.from[0] && this.names.tableOf(whole.block.from[0]) === table;
    if (!table || !column || column.table !== table || others.length > 0 || !sameTable || part.call.distinct) return undefined;
    const complete = !part.block.where && !whole.block.where && !part.call.filter && !whole.call.filter;
    return [{ tableKey: keyOf(table), column: column.name, complete, location: part.block.location }];
  }

  private counted(value: Expression, block?: SelectQuery): { call: CallExpression; block: SelectQuery } | undefined {
    const expression = withoutCasts(value);
    if (expression.kind === 'subquery' && expression.form === 'scalar' && expression.query.kind === 'select') {
      return expression.query.targets.length === 1 ? this.counted(expression.query.targets[0]!.expression, expression.query) : undefined;
    }
    return expression.kind === 'call' && expression.name.at(-1) === 'count' && block ? { call: expression, block } : undefined;
  }

  /** The columns of which any remaining NULL makes the query give a row. */
  anyRow(query: Query): readonly NullTarget[] {
    if (query.kind === 'set') return query.operator === 'union' ? [...this.anyRow(query.left), ...this.anyRow(query.right)] : [];
    if (query.kind !== 'select' || query.offset) return [];
    const aggregated = query.groupBy.length === 0 && query.targets.some(({ expression }) => hasAggregate(expression));
    if (query.having) return query.groupBy.length === 0 ? this.sense(query.having, query).remain : [];
    if (aggregated) return [];
    const [item, ...others] = query.from;
    const inner = item && others.length === 0 ? this.names.queryOf(item) : undefined;
    if (inner) return query.where ? [] : this.anyRow(inner);
    return this.nullRows(query);
  }

  private nullRows(query: SelectQuery): NullTarget[] {
    return query.where ? [...this.rowsOf(query, query.where), ...this.orphans(query)] : [];
  }

  /** Rows without a partner, by LEFT JOIN ... IS NULL or NOT EXISTS: those whose linking column is NULL are among them. */
  private orphans(block: SelectQuery): NullTarget[] {
    const [[item, ...items], [term, ...terms]] = [block.from, conjuncts(block.where)];
    if (!item || !term || items.length > 0 || terms.length > 0) return [];
    if (item.kind === 'join' && item.type === 'left' && term.kind === 'nullTest' && !term.negated) {
      return this.names.leaf(term.operand)?.item === item.right ? this.linking(conjuncts(item.on), item.left, block) : [];
    }
    const inner = term.kind === 'not' && term.operand.kind === 'subquery' && term.operand.form === 'exists' ? term.operand.query : undefined;
    if (inner?.kind !== 'select' || inner.targets.some(({ expression }) => hasAggregate(expression))) return [];
    return this.linking(conjuncts(inner.where), item, block);
  }

  private linking(conditions: readonly Expression[], item: FromItem, { location }: SelectQuery): NullTarget[] {
    return conditions.flatMap((condition) => (condition.kind === 'operator' && condition.operator === '=' ? [condition.left, condition.right] : []).flatMap((side) => {
      const leaf = side && this.names.leaf(side);
      return leaf?.table && leaf.item === item ? [{ tableKey: keyOf(leaf.table), column: leaf.name, complete: true, location }] : [];
    }));
  }

  /** The columns whose NULL rows all meet a condition on the rows of a block. */
  private rowsOf(block: SelectQuery, condition: Expression, further?: Expression): NullTarget[] {
    const alone = block.from.length === 1 && block.from[0]!.kind === 'table';
    const terms = [...conjuncts(condition), ...conjuncts(further)];
    return terms.flatMap((term) => (term.kind === 'or' ? term.operands : [term]).flatMap((test): NullTarget[] => {
      if (test.kind !== 'nullTest' || test.negated) return [];
      const leaf = this.names.leaf(test.operand);
      if (!leaf?.table) return [];
      const complete = alone && terms.every((other) => other === term || sameText(other, term));
      return [{ tableKey: keyOf(leaf.table), column: leaf.name, complete, location: block.location }];
    }));
  }

  lookups(expression: Expression): NullTarget[] {
    const found: NullTarget[] = [];
    for (const { query } of nodesOfKind(expression, 'subquery')) found.push(...this.queryLookups(query));
    return found.filter((target, index) => found.findIndex((other) => same(other, target)) === index);
  }

  /** Every null test of a query that counts or lists rows. */
  queryLookups(query: Query): NullTarget[] {
    const found: NullTarget[] = [];
    for (const select of nodesOfKind(query, 'select')) {
      if (select.where) found.push(...this.rowsOf(select, select.where));
      for (const { expression } of select.targets) {
        for (const part of nodes(expression)) found.push(...this.nonZero(part as Expression, select), ...this.sense(part as Expression, select).remain);
      }
    }
    return found;
  }
}

/** What any remaining NULL makes non-zero, or a number that is never zero. */
type Counted = readonly NullTarget[] | typeof ALWAYS;

const ALWAYS = 'always';

const asTargets = (counted: Counted): readonly NullTarget[] => (counted === ALWAYS ? [] : counted);

function both(a: Counted, b: Counted): Counted {
  if (a === ALWAYS) return b;
  return b === ALWAYS ? a : a.filter((target) => b.some((other) => same(target, other)));
}

function negatedNullTest(test: Expression, negate: boolean): Expression {
  return negate && test.kind === 'nullTest' ? { ...test, negated: !test.negated } : test;
}

function swap({ remain, none }: Sense): Sense {
  return { remain: none, none: remain };
}

function same(a: NullTarget, b: NullTarget): boolean {
  return a.tableKey === b.tableKey && a.column === b.column;
}

function sameText(a: Expression, b: Expression): boolean {
  const text = (value: Expression) => JSON.stringify(value, (name, part: unknown) => (name === 'location' ? undefined : part));
  return text(a) === text(b);
}

/** The rows that an aggregate of the block runs over. */
function rowsBelow({ having: _, ...block }: SelectQuery): SelectQuery {
  return { ...block, targets: [], groupBy: [] };
}

function number(expression: Expression): number | undefined {
  const value = withoutCasts(expression);
  return value.kind === 'constant' && value.value !== null && value.value !== '' && !Number.isNaN(Number(value.value)) ? Number(value.value) : undefined;
}

function reads(expression: Expression, column: string): boolean {
  return [...nodes(expression)].some((node) => node.kind === 'column' && (node as Extract<Expression, { kind: 'column' }>).path.at(-1) === column);
}

