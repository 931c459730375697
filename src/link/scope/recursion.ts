import type { Builder } from './builder.js';
import type { Common, Outputs } from './frame.js';
import type { OwnedTable, Recursion, Ref } from './graph.js';
import type { Region } from './regions.js';

/** A column of the CTE that shows a column of its table. */
interface ShownColumn {
  readonly index: number;
  readonly name: string;
}

/**
 * Lets what all readers of a recursive CTE want reach into it, where its rows are rows of one table: `SELECT ... FROM tree WHERE account_id = $1`
 * (PostgreSQL manual, 7.8.2: the recursive term sees the rows of the step before it only).
 */
export function limitByReaders(entry: Common, base: Outputs, step: Outputs, whole: Region, recursions: readonly Recursion[], builder: Builder): void {
  const first = rowOf(base);
  const next = rowOf(step);
  if (!first || !next || first.owned!.table !== next.owned!.table) return;
  const columns = base.columns.flatMap(({ plain }, index): ShownColumn[] => {
    const other = step.columns[index]?.plain;
    return plain && other && plain.ref === first && other.ref === next && plain.name === other.name ? [{ index, name: plain.name }] : [];
  });
  const wanted = copyOf(first.owned!, entry.cte.name, whole, builder);
  const sources = [{ ref: first, region: base.region }, { ref: next, region: step.region }];
  for (const recursion of recursions) recursion.rows = { wanted, sources, self: selfRow(recursion, first.owned!, columns, builder) };
  builder.later.push(() => {
    builder.facts.gates.push({
      target: whole, branches: entry.readers.map(({ region }) => ({ region })), location: entry.cte.location, mode: 'proof',
      columns: columns.map(({ index, name }) => ({ to: { ref: wanted, name }, from: entry.readers.flatMap((reader) => reader.columns[index]?.column ?? []) })),
    });
  });
}

/** The table of which an arm shows a row: the one its first column comes from. */
function rowOf(arm: Outputs): Ref | undefined {
  const ref = arm.columns.find(({ plain }) => plain?.ref.owned)?.plain?.ref;
  return ref?.owned?.access === 'read' ? ref : undefined;
}

function copyOf(owned: OwnedTable, name: string, region: Region, builder: Builder): Ref {
  const copy = builder.facts.ref('table', name, region, { ...owned, isCopy: true });
  copy.table = owned.table;
  return copy;
}

function selfRow({ self, selfRegion, names }: Recursion, owned: OwnedTable, columns: readonly ShownColumn[], builder: Builder): Ref {
  const copy = copyOf(owned, self.name, selfRegion, builder);
  for (const { index, name } of columns) {
    builder.facts.flows.push({
      from: { ref: self, name: names[index]! }, fromRegion: selfRegion, to: { ref: copy, name }, toRegion: selfRegion, location: owned.reference.location, mode: 'proof',
    });
  }
  return copy;
}
