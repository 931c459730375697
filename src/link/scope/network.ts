import type { Builder } from './builder.js';
import type { Cell, CellGate, ColumnOf, Flow, Gate, GateBranch, Ref, Seed } from './graph.js';
import { Nulls } from './nulls.js';
import type { Region } from './regions.js';

/** Equalities times branches: beyond that an OR is taken by what its branches themselves say. */
const MOST_REPEATED = 4_000;

/** The facts of a statement as cells, one for each column in each region that speaks of it, and the ways between them. */
export class Network {
  readonly cells: Cell[] = [];
  private readonly nulls: Nulls;
  private readonly byRegion = new Map<number, Cell[]>();
  readonly seeds: { readonly cell: Cell; readonly seed: Seed }[] = [];

  constructor(private readonly builder: Builder) {
    const { facts } = builder;
    this.nulls = new Nulls(builder);
    for (const ref of facts.refs) if (ref.owned) this.cell({ ref, name: '*' }, ref.region);
    for (const seed of facts.seeds) if (!seed.nullable || this.isPresent(seed.column.ref, seed.region)) this.seeds.push({ cell: this.cell(seed.column, seed.region), seed });
    for (const flow of facts.flows) if (!flow.nullable || this.isStrict(flow)) this.connect(this.cell(flow.from, flow.fromRegion), this.cell(flow.to, flow.toRegion), flow);
    for (const recursion of facts.recursions) {
      recursion.names.forEach((name, index) => {
        for (const each of [recursion.base[index], recursion.step[index]]) if (each) this.cell(each.column, each.region);
        this.cell({ ref: recursion.self, name }, recursion.selfRegion);
      });
    }
    for (const gate of facts.gates) if (gate.isOr) this.repeatFlows(gate);
    for (const gate of facts.gates) this.addGate(gate);
    for (const cell of this.cells.slice()) this.connectRegions(cell);
  }

  /** The cell of a column in a region, made when there is none. */
  cell({ ref, name }: ColumnOf, where: Region): Cell {
    const region = this.builder.regions.find(where);
    const found = this.find(ref, name, region);
    if (found) return found;
    const cell: Cell = { ref, name, region, known: new Map(), out: [], gates: [] };
    let columns = ref.cells.get(region.id);
    if (!columns) ref.cells.set(region.id, columns = new Map());
    columns.set(name, cell);
    this.cells.push(cell);
    const list = this.byRegion.get(region.id);
    if (list) list.push(cell);
    else this.byRegion.set(region.id, [cell]);
    if (ref.owned && name !== '*') this.cell({ ref, name: '*' }, region);
    return cell;
  }

  /** The cell of a column in a region, if there is one. */
  find(ref: Ref, name: string, region: Region): Cell | undefined {
    return ref.cells.get(region.id)?.get(name);
  }

  private connect(from: Cell, to: Cell, flow?: Flow): void {
    if (from !== to) from.out.push(flow ? { to, flow } : { to });
  }

  /** The item has a row wherever the region's conditions are asked. */
  private isPresent(ref: Ref, region: Region): boolean {
    return this.builder.regions.isInside(region, ref.region);
  }

  /** IS NOT DISTINCT FROM is an equality when one side cannot be NULL. */
  private isStrict(flow: Flow): boolean {
    return [flow.from, flow.to].some((column) => this.nulls.isNotNull(column, flow.toRegion));
  }

  /** What is equal around an OR is equal in its branches: `ON c.parent_id = p.id WHERE p.account_id = $1 OR c.account_id = $1`. */
  private repeatFlows(gate: Gate): void {
    const { facts, regions } = this.builder;
    if (gate.branches.length * facts.flows.length > MOST_REPEATED) return;
    for (const branch of gate.branches) {
      const region = regions.find(branch.region);
      for (const flow of facts.flows) {
        const around = regions.find(flow.toRegion);
        if (flow.mode !== 'proof' || around !== regions.find(flow.fromRegion) || around === region || !(regions.isInside(region, around) || this.isJoined(region, around)) || (flow.nullable && !this.isStrict(flow))) continue;
        this.connect(this.cell(flow.from, region), this.cell(flow.to, region), flow);
      }
    }
  }

  /** The branch needs a row of an outer join's null-supplied side: what its ON says holds in it. */
  private isJoined(branch: Region, join: Region): boolean {
    const { regions } = this.builder;
    const parent = join.kind === 'outer' ? regions.parentOf(join) : undefined;
    return parent !== undefined && regions.isInside(branch, parent) && branch.present.some((ref) => regions.isInside(ref.region, join));
  }

  private addGate(gate: Gate): void {
    if (gate.columns) {
      for (const { to, from } of gate.columns) {
        const cells = new Map(from.map((column, index) => [this.cell(column, gate.branches[index]!.region), gate.branches[index]!]));
        if (cells.size === gate.branches.length) this.gateCells(this.cell(to, gate.target), cells, gate);
      }
      return;
    }
    if (gate.only) for (const { region } of gate.branches) this.cell({ ref: gate.only, name: '*' }, region);
    const groups = new Map<Ref, Map<string, Map<Cell, GateBranch>>>();
    for (const branch of gate.branches) {
      for (const cell of this.byRegion.get(this.builder.regions.find(branch.region).id) ?? []) {
        if (gate.only && cell.ref !== gate.only) continue;
        const names = groups.get(cell.ref) ?? new Map<string, Map<Cell, GateBranch>>();
        groups.set(cell.ref, names);
        const cells = names.get(cell.name) ?? new Map<Cell, GateBranch>();
        names.set(cell.name, cells.set(cell, branch));
      }
    }
    for (const [ref, names] of groups) for (const [name, cells] of names) this.gateCells(this.cell({ ref, name }, gate.target), cells, gate);
  }

  private gateCells(to: Cell, branches: ReadonlyMap<Cell, GateBranch>, gate: Gate): void {
    const made: CellGate = { to, branches, gate };
    for (const cell of branches.keys()) if (cell !== to) cell.gates.push(made);
  }

  /** What is known of a column where its row stands, and in the regions around, is known here. */
  private connectRegions(cell: Cell): void {
    const { regions } = this.builder;
    for (let each = regions.parentOf(cell.region); each; each = regions.parentOf(each)) {
      const around = this.find(cell.ref, cell.name, each);
      if (!around) continue;
      this.connect(around, cell);
      break;
    }
    const home = this.find(cell.ref, cell.name, regions.find(cell.ref.region));
    if (home && home !== cell) this.connect(home, cell);
  }
}
