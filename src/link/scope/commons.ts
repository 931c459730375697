import type { Query, SetQuery, TableReference } from '../../facts/query.js';
import type { Builder } from './builder.js';
import type { Common, Frame, Outputs, Source } from './frame.js';
import { derivedSource, keysOf } from './from.js';
import type { Recursion } from './graph.js';
import { limitByReaders } from './recursion.js';
import type { Region } from './regions.js';

/** From here on a CTE is built once for all that read it: conditions of readers do not reach into it. */
const MOST_REFERENCES = 4_000;

/** Makes the WITH queries of a block known to it. Those that write run by themselves, whoever reads them. */
export function declareCommons(query: Query, frame: Frame, block: Region, builder: Builder): void {
  for (const cte of query.with) {
    const body: Frame = { parent: frame.parent, resolution: frame.resolution, items: new Map(), common: frame.common, reported: frame.reported };
    const entry: Common = { cte, block, frame: body, next: frame.common, recursive: query.recursive === true, readers: [], isRead: false };
    if (entry.recursive) body.common = entry;
    frame.common = entry;
    if (!isWriting(cte.query)) continue;
    entry.shared = builder.query(cte.query, body, builder.regions.make('block', undefined), { outputs: true });
    entry.isRead = true;
  }
}

function isWriting(query: Query): boolean {
  return query.kind === 'insert' || query.kind === 'update' || query.kind === 'delete' || query.kind === 'merge';
}

/** A WITH query that nobody reads is not run; its tables are seen all the same. */
export function buildUnread(frame: Frame, builder: Builder): void {
  for (let entry = frame.common; entry; entry = entry.next) {
    if (entry.isRead) continue;
    const region = builder.regions.make('block', undefined);
    region.dead = true;
    entry.isRead = true;
    if (isRecursive(entry)) buildRecursive(entry, entry.cte.query as SetQuery, region, builder);
    else builder.query(entry.cte.query, entry.frame, region);
  }
}

function isRecursive({ cte, recursive }: Common): boolean {
  return recursive && cte.query.kind === 'set' && namesTable(cte.query.right, cte.name);
}

/** One reading of a WITH query. */
export function readCommon(entry: Common, item: TableReference, region: Region, builder: Builder): Source {
  entry.isRead = true;
  const name = item.alias ?? item.name.name;
  if (entry.building) return readSelf(entry, entry.building, item, name, region, builder);
  const outputs = entry.shared ?? buildReading(entry, region, builder);
  return derivedSource(item, name, oneWay(entry, outputs, region, item, builder), namesOf(entry, outputs), region, builder);
}

/** What a reader sees of a WITH query that is not built yet; one that is built once is so where it stands, unless its reader is not run either. */
function buildReading(entry: Common, region: Region, builder: Builder): Outputs {
  const { query } = entry.cte;
  if (isRecursive(entry)) {
    const isRun = !builder.regions.isDead(region);
    const outputs = buildRecursive(entry, query as SetQuery, isRun ? entry.block : region, builder);
    if (isRun) entry.shared = outputs;
    return outputs;
  }
  if (builder.facts.refs.length <= MOST_REFERENCES) return builder.query(query, entry.frame, builder.regions.make('block', region), { outputs: true });
  return entry.shared = builder.query(query, entry.frame, builder.regions.make('block', entry.block), { outputs: true });
}

/** Readers of something that is built once see its columns through a copy, so that they do not see each other's conditions. */
function oneWay(entry: Common, outputs: Outputs, region: Region, item: TableReference, builder: Builder): Outputs {
  if (!entry.shared) return outputs;
  const ref = builder.facts.ref('output', item.name.name, region);
  const columns = outputs.columns.map((output, index) => {
    const column = { ref, name: `#${index}` };
    builder.facts.flows.push({ from: output.column, fromRegion: outputs.region, to: column, toRegion: region, location: item.location, mode: 'proof', mixed: true });
    return { name: output.name, column };
  });
  entry.readers.push({ columns, region, open: false });
  return { columns, region, open: false };
}

function namesOf(entry: Common, outputs: Outputs): readonly string[] {
  return outputs.columns.map((output, index) => entry.cte.columns[index] ?? output.name);
}

/** The base arm starts; the recursive arm goes on from what the CTE holds. Conditions of readers do not reach inside. */
function buildRecursive(entry: Common, query: SetQuery, around: Region, builder: Builder): Outputs {
  const { regions, facts } = builder;
  const whole = regions.make('block', around);
  const base = builder.query(query.left, entry.frame, regions.make('block', whole), { outputs: true });
  const building = { base, selves: [] as Source[] };
  entry.building = building;
  const first = facts.recursions.length;
  const step = builder.query(query.right, entry.frame, regions.make('block', whole), { outputs: true });
  delete entry.building;
  for (const recursion of facts.recursions.slice(first)) {
    if (building.selves.some((self) => self.ref === recursion.self)) (recursion.step as Recursion['step'][number][]).push(...step.columns.map(({ column }) => ({ column, region: step.region })));
  }
  if (!query.limit && !query.offset) limitByReaders(entry, base, step, whole, facts.recursions.slice(first), builder);
  const ref = facts.ref('output', entry.cte.name, whole);
  const columns = base.columns.map(({ name }, index) => ({ name, column: { ref, name: `#${index}` } }));
  facts.gates.push({
    target: whole, branches: [{ region: base.region }, { region: step.region }], location: query.location, mode: 'proof',
    columns: columns.map(({ column }, index) => ({ to: column, from: [base, step].flatMap((arm) => arm.columns[index]?.column ?? []) })),
  });
  return { columns, region: whole, open: base.open || step.open };
}

function readSelf(entry: Common, { base, selves }: NonNullable<Common['building']>, item: TableReference, name: string, region: Region, builder: Builder): Source {
  const ref = builder.facts.ref('derived', name, region);
  const shown = base.columns.map((output, index) => item.columnAliases[index] ?? entry.cte.columns[index] ?? output.name);
  const names = keysOf(shown);
  const source: Source = { ref, columns: shown.map((each, index) => ({ name: each, column: { ref, name: names[index]! } })), open: base.open };
  selves.push(source);
  builder.facts.recursions.push({
    self: ref, selfRegion: region, names, base: base.columns.map(({ column }) => ({ column, region: base.region })), step: [],
  });
  return source;
}

function namesTable(query: Query, name: string): boolean {
  const open: unknown[] = [query];
  while (open.length > 0) {
    const node = open.pop();
    if (typeof node !== 'object' || node === null) continue;
    const { kind, name: own } = node as { kind?: string; name?: { name?: string; schema?: string } };
    if (kind === 'table' && own?.name === name && own.schema === undefined) return true;
    for (const [key, part] of Object.entries(node)) if (key !== 'location') open.push(part);
  }
  return false;
}
