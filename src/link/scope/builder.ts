import type { CallExpression, Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { Query } from '../../facts/query.js';
import type { Table } from '../catalog/types.js';
import { resolveQuery } from '../resolve/index.js';
import type { Resolution } from '../resolve/types.js';
import { holdsAny, partsOf } from '../resolve/walk.js';
import { buildQuery } from './blocks.js';
import type { QueryOptions } from './blocks.js';
import { Domains } from './domains.js';
import { hasCommons, type Frame, type Outputs } from './frame.js';
import type { ColumnOf, Mode, Value } from './graph.js';
import { Facts } from './graph.js';
import { Nulls, type NullBranch } from './nulls.js';
import type { Region } from './regions.js';
import { Regions } from './regions.js';
import { Rows } from './rows.js';
import type { ScopeEnvironment } from './types.js';
import { constantKey, isConstant, valueOf } from './values.js';

/** Turns a statement into regions and facts. */
export class Builder {
  readonly regions = new Regions();
  readonly facts = new Facts();
  readonly domains: Domains;
  readonly rows: Rows;
  /** Work that waits for the whole statement: ON of FULL JOINs that stayed full. */
  readonly later: (() => void)[] = [];
  /** Views that are being read, outermost first. */
  readonly openViews: Table[] = [];
  /** Columns that conditions of a region reject NULLs of. */
  readonly notNull: { readonly column: ColumnOf; readonly region: Region }[] = [];
  /** Branches that NULLs open, to be looked at when the whole statement is there. */
  readonly nullBranches: NullBranch[] = [];
  private readonly nowhere: Region;
  private readonly parameters = new Map<string, ColumnOf>();
  private readonly views = new Map<Table, Resolution>();

  constructor(readonly env: ScopeEnvironment) {
    this.domains = Domains.in(env);
    this.rows = new Rows(this.regions, env.asked);
    this.nowhere = this.regions.make('block', undefined);
  }

  /** Builds the statement. */
  run(query: Query): void {
    const frame: Frame = { parent: undefined, resolution: this.resolve(query), items: new Map(), common: undefined, reported: undefined };
    this.query(query, frame, this.regions.make('block', undefined));
    const nulls = new Nulls(this);
    for (const each of this.nullBranches) nulls.settle(each);
    for (let work = this.later.shift(); work; work = this.later.shift()) work();
  }

  /** Whether a reading differs from the strict one in anything. */
  isReadOtherwise(mode: Mode): boolean {
    const { flows, seeds, gates } = this.facts;
    if ([flows, seeds, gates].some((facts) => facts.some((fact) => fact.mode === mode))) return true;
    switch (mode) {
      case 'optimistic': return this.regions.hasHoles || seeds.some(({ value }) => value.doubtful);
      case 'optional': return gates.some(({ branches }) => branches.some(({ optional }) => optional === true));
      case 'chosen': return gates.some(({ isChoice }) => isChoice === true);
      case 'disjunctive': return gates.some(({ isOr }) => isOr === true);
      default: return false;
    }
  }

  resolve(query: Query): Resolution {
    const { resolved } = this.env;
    if (resolved?.query === query) return resolved.resolution;
    return resolveQuery(query, {
      catalog: this.env.catalog, searchPath: this.env.searchPath, variables: this.env.variables ?? new Set(), variableConflict: this.env.variableConflict ?? 'column',
      ...(this.env.labels ? { labels: this.env.labels } : {}),
    });
  }

  /** The names inside of a view. */
  resolveView(view: Table): Resolution {
    let resolution = this.views.get(view);
    if (!resolution) this.views.set(view, resolution = this.resolve(view.view!.query));
    return resolution;
  }

  query(query: Query, frame: Frame, region: Region, options: QueryOptions = {}): Outputs {
    return buildQuery(query, frame, region, this, options);
  }

  /** Builds the sub-selects of an expression: blocks that see the region, and say nothing about it. */
  subqueries(expression: Expression, region: Region, frame: Frame): void {
    const open: Expression[] = [expression];
    for (let each = open.pop(); each; each = open.pop()) {
      if (each.kind === 'subquery' && this.isWanted(each.query, frame)) this.query(each.query, frame, this.regions.make('block', region));
      for (const part of partsOf(each)) open.push(part);
    }
  }

  /** Whether anything hangs on a sub-select that says nothing of what stands around it: an answer is asked for inside, or it is one of the readers of a CTE. */
  private isWanted(query: Query, frame: Frame): boolean {
    const { asked } = this.env;
    return asked === undefined || hasCommons(frame) || holdsAny(query, asked);
  }

  present(column: ColumnOf, region: Region): void {
    this.notNull.push({ column, region });
    this.regions.requirePresent(column.ref, region);
  }

  /** Items that every branch needs a row of. */
  presentInAll(branches: readonly Region[], region: Region): void {
    const [first, ...rest] = branches.map((branch) => new Set(this.regions.find(branch).present));
    for (const ref of first ?? []) if (rest.every((set) => set.has(ref))) this.regions.requirePresent(ref, region);
  }

  equate(left: ColumnOf, right: ColumnOf, region: Region, location: Location, mode: Mode = 'proof', nullable = false): void {
    if (left.ref === right.ref && left.name === right.name) return;
    const base = { fromRegion: region, toRegion: region, location, mode, ...(nullable ? { nullable } : {}) };
    this.facts.flows.push({ from: left, to: right, ...base }, { from: right, to: left, ...base });
  }

  /**
   * A column is equal to a value; two columns equal to one parameter are equal to each other.
   * @param isMember to one of the values of an array: what holds of all of them holds of the column, and it says nothing of the others
   */
  seed(column: ColumnOf, value: Value, region: Region, location: Location, mode: Mode, nullable: boolean, isMember = false): void {
    const base = { region, location, mode, ...(nullable ? { nullable } : {}) };
    const isRowKey = value.key?.startsWith('constant ') && column.ref.table && this.domains.namesOtherRows(column.ref.table, column.name);
    this.facts.seeds.push({ column, value: isRowKey ? { ...value, tenant: false } : value, ...base });
    if (value.key !== undefined && isConstant(value.key)) this.tellKind(column, region, location);
    if (value.key === undefined || value.list || value.doubtful || nullable) return;
    const parameter = this.parameter(value);
    this.notNull.push({ column: parameter, region });
    if (isMember) this.facts.flows.push({ from: parameter, fromRegion: region, to: column, toRegion: region, location, mode });
    else this.equate(column, parameter, region, location, mode);
  }

  /** Where all of its discriminators are compared with what the config says, a polymorphic column holds keys of one table. */
  private tellKind(column: ColumnOf, region: Region, location: Location): void {
    const { ref, name } = column;
    for (const kind of ref.table ? this.domains.kindsOf(ref.table) : []) {
      const isTold = Object.entries(kind.when).every(([each, text]) => this.facts.seeds.some((seed) => seed.column.ref === ref && seed.column.name === each && seed.region === region && seed.value.key === constantKey(text)));
      if (isTold && name in kind.when) this.equate({ ref, name: kind.column }, { ref, name: kind.name }, region, location, this.facts.seeds.at(-1)!.mode);
    }
  }

  /** A column that is one of several: what holds of all of them holds of it. */
  oneOf(columns: readonly ColumnOf[], region: Region, location: Location): ColumnOf | undefined {
    const distinct = columns.filter((column, index) => columns.findIndex((other) => other.ref === column.ref && other.name === column.name) === index);
    if (distinct.length === 0) return undefined;
    const chosen = { ref: this.facts.ref('derived', 'COALESCE', region), name: '#0' };
    this.facts.gates.push({ target: region, branches: distinct.map(() => ({ region })), location, mode: 'proof', columns: [{ to: chosen, from: distinct }] });
    return chosen;
  }

  /** What stands for a value that has a key, wherever it is compared. */
  parameter(value: Value): ColumnOf {
    let column = this.parameters.get(value.key!);
    if (!column) {
      column = { ref: this.facts.ref('parameter', value.text, this.nowhere), name: value.text };
      this.parameters.set(value.key!, column);
    }
    return column;
  }

  /** `$1 IN (SELECT y ...)`. */
  compareOutput(output: ColumnOf, expression: Expression, location: Location, region: Region, frame: Frame): void {
    const value = valueOf(expression, frame, this.env);
    if (value) this.seed(output, value, region, location, 'proof', false);
  }

  isUserFunction(call: CallExpression): boolean {
    const schemas = call.name.length > 1 ? [call.name.at(-2)!] : this.env.searchPath;
    return schemas.some((schema) => this.env.catalog.functions.has(`${schema}.${call.name.at(-1)!}`));
  }
}
