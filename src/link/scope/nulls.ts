import type { Expression, SubqueryExpression } from '../../facts/expression.js';
import type { FromItem, TableReference } from '../../facts/query.js';
import type { Builder } from './builder.js';
import type { Frame } from './frame.js';
import type { ColumnOf, Flow, GateBranch } from './graph.js';
import type { Region } from './regions.js';
import { bare, columnOf, valueOf } from './values.js';

/** A branch that is taken only where all of these are NULL: `COALESCE(a, b)` is b, `p IS NOT FALSE` without p, `$1 IS NULL`. */
export interface NullBranch {
  readonly branch: { -readonly [key in keyof GateBranch]: GateBranch[key] };
  readonly operands: readonly Expression[];
  readonly frame: Frame;
}

/** Operators that give NULL for a NULL operand, and only for one (PostgreSQL manual, 9.2: comparison functions and operators). */
const comparisons: ReadonlySet<string> = new Set(['=', '<>', '!=', '<', '>', '<=', '>=']);

/** Knows where columns and conditions of a statement cannot be NULL; made when all of its facts are there. */
export class Nulls {
  private readonly required = new Map<string, Region[]>();
  private readonly shown = new Map<string, Flow>();
  /** The columns as which readers see a column. */
  private readonly readers = new Map<string, ColumnOf[]>();

  constructor(private readonly builder: Builder) {
    for (const { column, region } of builder.notNull) {
      const list = this.required.get(keyOf(column));
      if (list) list.push(region);
      else this.required.set(keyOf(column), [region]);
    }
    for (const flow of builder.facts.flows) {
      if (!flow.same) continue;
      this.shown.set(keyOf(flow.to), flow);
      const key = keyOf(flow.from);
      const known = this.readers.get(key);
      if (known) known.push(flow.to);
      else this.readers.set(key, [flow.to]);
    }
  }

  /** The column cannot be NULL where the region's conditions hold: by its table, by another condition, or by what it shows. */
  isNotNull(column: ColumnOf, region: Region, depth = 0): boolean {
    const { regions } = this.builder;
    const key = keyOf(column);
    if (this.isAsked(column, region, depth)) return true;
    if (!regions.isInside(region, column.ref.region) || depth > 20) return false;
    if (column.ref.kind === 'table') return column.ref.table?.columns.get(column.name)?.notNull === true;
    const shown = this.shown.get(key);
    return shown !== undefined && this.isNotNull(shown.from, shown.fromRegion, depth + 1);
  }

  /** A condition around rejects NULLs of the column, or of what a reader sees of it. */
  private isAsked(column: ColumnOf, region: Region, depth: number): boolean {
    const key = keyOf(column);
    if (this.required.get(key)?.some((where) => this.builder.regions.isInside(region, where)) === true) return true;
    return depth < 20 && this.readers.get(key)?.some((reader) => this.isAsked(reader, region, depth + 1)) === true;
  }

  /** Closes a branch that is never taken; marks one that is taken only when a parameter is NULL. */
  settle({ branch, operands, frame }: NullBranch): void {
    if (operands.some((operand) => this.isNever(operand, branch.region, frame, false))) this.builder.regions.find(branch.region).dead = true;
    else if (operands.some((operand) => this.isNever(operand, branch.region, frame, true))) {
      branch.optional = true;
      delete branch.always;
    }
  }

  /** @param given whether parameters are taken to be given, not NULL */
  private isNever(expression: Expression, region: Region, frame: Frame, given: boolean): boolean {
    const inner = bare(expression);
    const all = (parts: readonly Expression[]): boolean => parts.every((part) => this.isNever(part, region, frame, given));
    switch (inner.kind) {
      case 'constant': return inner.value !== null;
      case 'parameter': return given || this.isRequired(inner, region, frame);
      case 'column': {
        const column = columnOf(inner, frame);
        return column ? this.isNotNull(column, region) : this.isRequired(inner, region, frame);
      }
      case 'nullTest': case 'distinct': case 'booleanTest': return true;
      case 'and': case 'or': return all(inner.operands);
      case 'not': return all([inner.operand]);
      case 'row': case 'array': return all(inner.items);
      case 'operator': return comparisons.has(inner.operator) && inner.left !== undefined && all([inner.left, inner.right]);
      case 'inList': return all([inner.operand, ...inner.list]);
      case 'quantified': return bare(inner.right).kind === 'array' && all([inner.left, inner.right]);
      case 'case': return inner.otherwise !== undefined && all([...inner.branches.map((each) => each.then), inner.otherwise]);
      case 'call': return inner.name.at(-1) === 'coalesce' && inner.arguments.some((each) => this.isNever(each, region, frame, given));
      case 'subquery': return inner.form === 'exists' || (inner.form !== 'scalar' && inner.left !== undefined && all([inner.left]) && showsNoNulls(inner, frame));
      default: return false;
    }
  }

  /** A parameter that a condition around compares: nothing is equal to it when it is NULL. */
  private isRequired(expression: Expression, region: Region, frame: Frame): boolean {
    const value = valueOf(expression, frame, this.builder.env);
    return value?.key !== undefined && this.isNotNull(this.builder.parameter(value), region);
  }
}

/** The sub-select shows columns of its tables that are NOT NULL, and no outer join supplies NULLs of them. */
function showsNoNulls({ query }: SubqueryExpression, { resolution }: Frame): boolean {
  if (query.kind !== 'select') return false;
  const tables = query.from.flatMap(innerTables);
  return query.targets.every(({ expression }) => {
    const inner = bare(expression);
    if (inner.kind === 'constant') return inner.value !== null;
    const binding = inner.kind === 'column' ? resolution.bindings.get(inner) : undefined;
    return binding?.column?.notNull === true && tables.includes(binding.item as TableReference);
  });
}

function innerTables(item: FromItem): TableReference[] {
  if (item.kind === 'table') return [item];
  return item.kind === 'join' && (item.type === 'inner' || item.type === 'cross') ? [...innerTables(item.left), ...innerTables(item.right)] : [];
}

function keyOf({ ref, name }: ColumnOf): string {
  return `${ref.id} ${name}`;
}
