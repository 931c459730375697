import type { ClassifiedTable } from '../link/project.js';
import { escapeHtml } from './html-text.js';

const WIDTH = 190;
const HEIGHT = 24;
const GAP_X = 70;
const GAP_Y = 10;
/** Rows of the block of tables that no foreign key links. */
const LOOSE_COLUMNS = 5;
const LONGEST_NAME = 24;

interface Placed {
  readonly table: ClassifiedTable;
  x: number;
  y: number;
}

/** An element id for a table. */
export function tableId(name: string): string {
  return `table-${[...name].map((each) => (/[A-Za-z0-9]/.test(each) ? each : `_${each.codePointAt(0)!.toString(16)}`)).join('')}`;
}

/**
 * The foreign keys between tables as an SVG: parents left of their children, coloured by class. Keys of tenant columns to the root are
 * left out, for the colour says them. Layers by the longest way from a parent, rows by where the parents stand (Sugiyama et al. 1981).
 */
export function tableGraph(tables: readonly ClassifiedTable[]): string {
  const byName = new Map(tables.map((table) => [table.name, table]));
  const parents = new Map(tables.map((table) => [table, parentsOf(table, byName)]));
  const linked = tables.filter((table) => parents.get(table)!.length > 0 || tables.some((other) => parents.get(other)!.includes(table)));
  const placed = place(layersOf(linked, parents), parents);
  const below = Math.max(0, ...[...placed.values()].map(({ y }) => y + HEIGHT + GAP_Y * 3));
  for (const [index, table] of tables.filter((each) => !linked.includes(each)).entries()) {
    placed.set(table, { table, x: (index % LOOSE_COLUMNS) * (WIDTH + GAP_Y), y: below + Math.floor(index / LOOSE_COLUMNS) * (HEIGHT + GAP_Y) });
  }
  const all = [...placed.values()];
  const width = Math.max(...all.map(({ x }) => x + WIDTH)) + 2;
  const height = Math.max(...all.map(({ y }) => y + HEIGHT)) + 2;
  const edges = linked.flatMap((table) => parents.get(table)!.map((parent) => edge(placed.get(table)!, placed.get(parent)!)));
  return [
    `<svg viewBox="-1 -1 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Foreign keys between the tables">`, ...edges, ...all.map(node), '</svg>',
  ].join('\n');
}

function parentsOf(table: ClassifiedTable, byName: ReadonlyMap<string, ClassifiedTable>): ClassifiedTable[] {
  const own = new Set(table.tenantColumns.map(({ name }) => name));
  const keys = table.references.filter(({ columns, toClass }) => !(toClass === 'root' && columns.every((name) => own.has(name))));
  return [...new Set(keys.flatMap(({ to }) => byName.get(to) ?? []))].filter((parent) => parent !== table);
}

type Parents = ReadonlyMap<ClassifiedTable, readonly ClassifiedTable[]>;

/** One layer behind the last of its parents; a key that closes a cycle does not count. */
function layersOf(tables: readonly ClassifiedTable[], parents: Parents): ClassifiedTable[][] {
  const layers = new Map<ClassifiedTable, number>();
  const open = new Set<ClassifiedTable>();
  const layerOf = (table: ClassifiedTable): number => {
    const known = layers.get(table);
    if (known !== undefined) return known;
    if (open.has(table)) return -1;
    open.add(table);
    const layer = Math.max(-1, ...parents.get(table)!.map(layerOf)) + 1;
    open.delete(table);
    layers.set(table, layer);
    return layer;
  };
  const result: ClassifiedTable[][] = [];
  for (const table of tables) (result[layerOf(table)] ??= []).push(table);
  return [...result].map((layer) => layer ?? []);
}

function place(layers: readonly (readonly ClassifiedTable[])[], parents: Parents): Map<ClassifiedTable, Placed> {
  const placed = new Map<ClassifiedTable, Placed>();
  for (const [index, layer] of layers.entries()) {
    const wish = (table: ClassifiedTable) => {
      const rows = parents.get(table)!.flatMap((parent) => placed.get(parent)?.y ?? []);
      return rows.length === 0 ? 0 : rows.reduce((sum, y) => sum + y, 0) / rows.length;
    };
    let free = 0;
    for (const { table, y } of layer.map((each) => ({ table: each, y: wish(each) })).sort((a, b) => a.y - b.y || (a.table.name < b.table.name ? -1 : 1))) {
      const at = Math.max(free, Math.round(y - layer.length));
      placed.set(table, { table, x: index * (WIDTH + GAP_X), y: at });
      free = at + HEIGHT + GAP_Y;
    }
  }
  return placed;
}

function edge(child: Placed, parent: Placed): string {
  const [x1, y1, x2, y2] = [child.x, child.y + HEIGHT / 2, parent.x + WIDTH, parent.y + HEIGHT / 2];
  // A key within a layer, or back: around the right side.
  if (parent.x >= child.x) return `<path class="edge" d="M${child.x + WIDTH} ${y1}C${child.x + WIDTH + GAP_X / 2} ${y1} ${x2 + GAP_X / 2} ${y2} ${x2} ${y2}"/>`;
  const bend = (x1 - x2) / 2;
  return `<path class="edge" d="M${x1} ${y1}C${x1 - bend} ${y1} ${x2 + bend} ${y2} ${x2} ${y2}"/>`;
}

function node({ table, x, y }: Placed): string {
  const short = table.name.length > LONGEST_NAME ? `${table.name.slice(0, LONGEST_NAME - 1)}…` : table.name;
  return `<a href="#${tableId(table.name)}"><g class="node ${table.class}"><title>${escapeHtml(`${table.name}: ${table.class}`)}</title><rect x="${x}" y="${y}" width="${WIDTH}" height="${HEIGHT}" rx="4"/><text x="${x + 8}" y="${y + 16}">${escapeHtml(short)}</text></g></a>`;
}
