import type { ColumnExpression, Expression } from '../../facts/expression.js';
import type { FromItem, SelectQuery, TableReference } from '../../facts/query.js';
import { meaningOf, mixed } from '../code/meaning.js';
import type { Resolution } from '../resolve/types.js';
import { hasCommons, type Frame } from './frame.js';
import type { ColumnOf } from './graph.js';
import type { Region, Regions } from './regions.js';
import { columnOf } from './values.js';

/** A sub-select that was built: its items, where they stand. */
interface Built {
  readonly query: SelectQuery;
  readonly frame: Frame;
  readonly region: Region;
}

/**
 * Sub-selects of which a statement asks for a row, or for what stands in it, again and again: whether it is there, its id, its owner. Code that looks a row up
 * and asks for it in all that follows makes many such statements; each of these sub-selects is built once, where it is met first.
 */
export class Rows {
  private readonly built = new Map<number, Built[]>();
  private readonly outer = new Map<SelectQuery, readonly (ColumnOf | undefined)[]>();

  /** @param asked the references that an answer is wanted for: each is built where it stands */
  constructor(private readonly regions: Regions, private readonly asked: ReadonlySet<unknown> | undefined) {}

  /**
   * Gives a sub-select the items of one that says the same, if that holds wherever this one does; else this one may be asked for it later.
   * @param frame of the sub-select, empty still
   */
  lend(query: SelectQuery, frame: Frame, region: Region): boolean {
    const items = this.asked === undefined || frame.reported || hasCommons(frame) ? undefined : tablesOf(query);
    if (items === undefined || items.some((item) => !this.isTable(item, frame.resolution))) return false;
    const said = [query.from, query.where, query.orderBy, query.limit, query.offset].reduce<number>((before, part) => mixed(before, meaningOf(part)), 0);
    const known = this.built.get(said) ?? [];
    const found = known.find((each) => this.regions.isInside(region, each.region) && this.fits(query, items, each, region, frame));
    if (found === undefined) {
      this.built.set(said, [...known, { query, frame, region }]);
      return false;
    }
    const sources = [...found.frame.items.values()];
    items.forEach((item, index) => { frame.items.set(item, sources[index]!); });
    if (found.frame.shown) frame.shown = found.frame.shown;
    return true;
  }

  private isTable(item: TableReference, { tables }: Resolution): boolean {
    const table = tables.get(item);
    return table !== undefined && !table.view && !this.asked!.has(item);
  }

  /** A sub-select of code stands in one place, so that it is looked at once. */
  private namedAround(query: SelectQuery, frame: Frame): readonly (ColumnOf | undefined)[] {
    let columns = this.outer.get(query);
    if (columns === undefined) this.outer.set(query, columns = outerColumns(query, frame));
    return columns;
  }

  /** Whether what is asked of a sub-select is as well known where the other one stands. */
  private fits(query: SelectQuery, items: readonly TableReference[], built: Built, region: Region, frame: Frame): boolean {
    const { resolution } = frame;
    if (built.frame.items.size !== items.length) return false;
    const before = this.namedAround(built.query, built.frame);
    if (this.namedAround(query, frame).some((column, index) => column === undefined || column.ref !== before[index]?.ref)) return false;
    const [own, other] = [region, built.region].map((each) => this.regions.find(each));
    // The other side of an outer join has a row where something of it is asked for: here, and not everywhere.
    return own === other || query.targets.every(({ expression }) => {
      if (expression.kind === 'constant') return true;
      const item = expression.kind === 'column' ? resolution.bindings.get(expression)?.item : undefined;
      const source = [...built.frame.items.values()][items.indexOf(item as TableReference)];
      return source !== undefined && this.regions.find(source.ref.region) === other;
    });
  }
}

/** The tables of a sub-select that only joins and filters them; undefined for any other. */
function tablesOf({ from, groupBy, distinctOn, having, with: commons }: SelectQuery): readonly TableReference[] | undefined {
  if (groupBy.length > 0 || distinctOn.length > 0 || having !== undefined || commons.length > 0) return undefined;
  const tables: TableReference[] = [];
  const collect = (item: FromItem): boolean => {
    if (item.kind === 'table') return tables.push(item) > 0;
    return item.kind === 'join' && item.type !== 'full' && !item.natural && item.using.length === 0 && collect(item.left) && collect(item.right);
  };
  return from.length > 0 && from.every(collect) ? tables : undefined;
}

/** The columns from around a sub-select that it names, in the order of the text; undefined for one that is not known. */
function outerColumns(query: SelectQuery, frame: Frame): readonly (ColumnOf | undefined)[] {
  const inside = new Set<unknown>();
  const columns: ColumnExpression[] = [];
  const open: unknown[] = [query.from, query.where, query.orderBy, query.limit, query.offset];
  while (open.length > 0) {
    const node = open.pop();
    if (typeof node !== 'object' || node === null) continue;
    inside.add(node);
    if ((node as Expression).kind === 'column') columns.push(node as ColumnExpression);
    for (const key in node) if (key !== 'location') open.push((node as Record<string, unknown>)[key]);
  }
  return columns.filter((column) => !inside.has(frame.resolution.bindings.get(column)?.item)).map((column) => columnOf(column, frame));
}
