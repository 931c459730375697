import { goOn } from '../../watch.js';
import { keyOf } from '../catalog/names.js';
import type { Table } from '../catalog/types.js';
import type { Builder } from './builder.js';
import { isHashOfSecret, isKey } from './domains.js';
import { areOfOneUser } from './values.js';
import type { Cell, CellGate, Gate, GateBranch, Known, Mode, OwnedTable, Ref, Seed } from './graph.js';
import type { Network } from './network.js';
import type { Region } from './regions.js';
import { domainOfShared, sharedLabel } from './shared.js';

interface Waiting {
  readonly cell: Cell;
  readonly label: string;
}

/** How many branches of a gate hold something, and for what value; rows of the signed-in user are theirs beside those of any tenant. */
interface Counted {
  count: number;
  origin: string;
  list: boolean;
  cause: Cell | undefined;
}

/** What holds of each column under one reading of the statement. */
export class Solution {
  private readonly queue: Waiting[] = [];
  private readonly words = new Map<string, string>();
  private readonly counts = new Map<CellGate, Map<string, Counted>>();
  private readonly needs = new Map<Gate, number>();
  private readonly dead = new Map<number, boolean>();
  /** What a recursive CTE was assumed to hold, and does not: `recursion column label`. */
  private readonly refuted = new Set<string>();
  /** What recursive CTEs hold whoever reads them; from then on nothing else is assumed of them. */
  private settled: ReadonlySet<string> | undefined;
  /** Rows that recursive CTEs are read for, and the rows they are taken from. */
  private readonly wanted = new Map<Cell, readonly Cell[]>();
  private readonly assumed: ReadonlyMap<Cell, readonly { readonly to: Cell; readonly key: string }[]>;

  constructor(private readonly builder: Builder, private readonly network: Network, private readonly mode: Mode) {
    this.assumed = this.assume();
    do this.propagate(); while (this.refute());
    this.limitRecursions();
  }

  /** Whether rows of other tenants cannot matter. */
  isPinned(ref: Ref): boolean {
    return this.isDead(ref.region) || this.causeOf(ref) !== undefined;
  }

  /** Whether the row is pinned to several values only. */
  isList(ref: Ref): boolean {
    return this.causeOf(ref)?.list === true;
  }

  /** What pins the row; rows that all tenants share may be read. */
  causeOf(ref: Ref): Known | undefined {
    const known = this.rowOf(ref)?.known;
    return known?.get('pin') ?? (ref.owned?.access === 'read' ? known?.get('shared') : undefined);
  }

  /** Whether the row is the tenant's or one that all share. */
  isShared(ref: Ref): boolean {
    return this.rowOf(ref)?.known.has('shared') === true;
  }

  /** The domain of rows that all tenants may share and that the row hangs on. */
  hangsOnShared(ref: Ref): string | undefined {
    const cells = [...ref.cells.get(this.builder.regions.find(ref.region).id)?.values() ?? []];
    return cells.flatMap((cell) => [...cell.known.keys()]).map(domainOfShared).find((domain) => domain !== undefined);
  }

  /** The condition of the region, or of one around it, is never true; in the optimistic reading also when it is not known. */
  isDead(where: Region): boolean {
    const region = this.builder.regions.find(where);
    let answer = this.dead.get(region.id);
    if (answer === undefined) {
      const parent = this.builder.regions.parentOf(region);
      answer = region.dead || (region.hole && this.mode === 'optimistic') || (parent !== undefined && this.isDead(parent));
      this.dead.set(region.id, answer);
    }
    return answer;
  }

  private rowOf(ref: Ref): Cell | undefined {
    return this.network.find(ref, '*', this.builder.regions.find(ref.region));
  }

  /** How the value that something is equal to is called. */
  wordsOf(origin: string): string {
    return this.words.get(origin) ?? origin;
  }

  private propagate(): void {
    for (const cell of this.network.cells) cell.known.clear();
    this.counts.clear();
    for (const { cell, seed } of this.inOrder()) if (this.counted(seed.mode)) this.plant(cell, seed);
    if (this.mode === 'optimistic') this.trustHoles();
    for (let next = this.queue.pop(); next; next = this.queue.pop()) {
      goOn();
      this.spread(next);
    }
  }

  /** What is planted last is looked at first: of a query of code, whose conditions come from all over, what the signed-in user has rather than another value of the row. */
  private inOrder(): Network['seeds'] {
    const { seeds } = this.network;
    return this.builder.env.asked === undefined ? seeds : [...seeds.filter(({ seed }) => !seed.value.principal), ...seeds.filter(({ seed }) => seed.value.principal)];
  }

  /** Conditions that cannot be read may pin: what is read from those rows is then not certain to be another tenant's. */
  private trustHoles(): void {
    for (const ref of this.builder.facts.refs) {
      const row = ref.owned && this.isDead(ref.region) ? this.rowOf(ref) : undefined;
      if (row) this.learn(row, { label: 'pin', origin: '', list: false });
    }
  }

  private counted(mode: Mode): boolean {
    return mode === 'proof' || mode === this.mode;
  }

  private plant(cell: Cell, { value, location }: Seed): void {
    if (value.doubtful && this.mode !== 'optimistic') return;
    const known = { origin: value.key ?? value.origin ?? value.text, list: value.list, location };
    this.words.set(known.origin, value.text);
    if (value.tenant) this.learn(cell, { label: 'tenant', ...known });
    if (value.principal) this.learn(cell, { label: 'principal', ...known });
    if (value.vouched) this.learn(cell, { label: 'vouched', ...known });
    if (value.derived) this.learn(cell, { label: 'derived', ...known });
    if (value.hashed) this.learn(cell, { label: 'hashed', ...known });
    if (value.secret) this.learn(cell, { label: 'secret', ...known });
    this.learn(cell, value.isNull && !value.tenant ? { label: 'null', ...known, origin: '' } : { label: 'input', ...known });
  }

  /** Whether a column is known to be as much already: most ways lead where others have been. */
  private isKnown({ known }: Cell, label: string, isList: boolean): boolean {
    const before = known.get(label);
    return before !== undefined && (!before.list || isList);
  }

  private learn(cell: Cell, known: Known): void {
    if (this.isKnown(cell, known.label, known.list)) return;
    const before = cell.known.get(known.label);
    cell.known.set(known.label, known);
    this.queue.push({ cell, label: known.label });
    if (!before) for (const gate of cell.gates) this.count(gate, cell, known);
    const weaker = this.weakerOf(cell, known.label);
    if (weaker !== undefined) this.learn(cell, { ...known, label: weaker });
  }

  /** A row of the tenant's is one of those that are the tenant's or everybody's. */
  private weakerOf({ ref, name }: Cell, label: string): string | undefined {
    const { shared } = this.builder.domains;
    if (name === '*') return label === 'pin' && ref.owned && shared.has(ref.owned.classified) ? 'shared' : undefined;
    return shared.isDomain(label) ? sharedLabel(label) : undefined;
  }

  private spread({ cell, label }: Waiting): void {
    const known = cell.known.get(label)!;
    const cause = { cell, label };
    for (const { to, flow } of cell.out) {
      if (this.isKnown(to, label, known.list) || (flow && (!this.counted(flow.mode) || (flow.mixed === true && isOfRow(label)) || (flow.unlessNull === true && label === 'null')))) continue;
      this.learn(to, flow ? { label, origin: known.origin, list: known.list, cause, location: flow.location } : { label, origin: known.origin, list: known.list, cause });
    }
    for (const { to, key } of this.assumed.get(cell) ?? []) {
      if (!isOfRow(label) && this.isAssumed(`${key} ${label}`)) this.learn(to, { label, origin: known.origin, list: known.list, cause });
    }
    if (label === 'pin') for (const to of this.wanted.get(cell) ?? []) this.learn(to, { label, origin: known.origin, list: known.list, cause });
    if (!cell.ref.owned) {
      if (label === 'principal' || label === 'input' || label === 'secret' || label === 'vouched' || label === 'hashed') this.tellUser(cell, known);
      return;
    }
    if (cell.name === '*') this.tellColumns(cell, known);
    else this.tellRow(cell, known);
  }

  /** A pinned row's keys are those of its tenant. What an INSERT gives a row it writes is only what was given: its references are not taken on trust. */
  private tellColumns(row: Cell, known: Known): void {
    const { domains } = this.builder;
    const { classified, table } = row.ref.owned!;
    const given = isNew(row.ref.owned!);
    const own = keyOf(table);
    const isMember = row.known.has('member');
    const cells = row.ref.cells.get(row.region.id)!;
    if (known.label === 'pin') {
      for (const { name, columns } of domains.rowKeys(classified)) {
        if (!columns.every((column) => cells.has(column)) || (given && !name.startsWith(`${own} `))) continue;
        columns.forEach((column, index) => {
          this.learn(cells.get(column)!, { label: rowLabel(name, index, `#${row.ref.id}`), origin: known.origin, list: known.list, cause: { cell: row, label: known.label } });
        });
      }
    }
    for (const cell of cells.values()) {
      if (cell === row) continue;
      const isGiven = given && !domains.isOfLevel(classified, cell.name);
      for (const label of domains.of(classified, cell.name)) {
        if (isGiven && label !== `${own}.${cell.name}`) continue;
        if (domains.memberDomains.has(label) && !isMember) continue;
        this.learn(cell, { label: this.isCertain(cell, label, known) ? label : sharedLabel(label), origin: known.origin, list: known.list, cause: { cell: row, label: known.label } });
      }
    }
  }

  /** Whether the column of a pinned row names a row of the tenant's, and none that all share. */
  private isCertain({ ref, name }: Cell, label: string, known: Known): boolean {
    const { classified } = ref.owned!;
    const { domains } = this.builder;
    return known.label !== 'shared' && (!domains.shared.isDomain(label) || domains.shared.isOneWith(classified, name, label));
  }

  private tellRow(cell: Cell, known: Known): void {
    const pin = this.pinOf(cell, known.label);
    if (!pin) return;
    const row = this.network.find(cell.ref, '*', cell.region)!;
    const base = { origin: known.origin, list: (pin === 'list' || pin === 'shared') && known.list, cause: { cell, label: known.label } };
    this.learn(row, { label: pin === 'shared' ? 'shared' : 'pin', ...base });
    if (pin === 'member') this.learn(row, { label: 'member', ...base });
  }

  /**
   * A table that belongs to no tenant, asked for the one row that a key of the signed-in user names, or a secret that only its holder knows: its keys
   * name that user or session, and what else stands in it is theirs: the tenant they have chosen. So it is with a row that something else answers for.
   */
  private tellUser({ ref, name, region }: Cell, known: Known): void {
    const { table } = ref;
    if (table === undefined || table.view || !this.isFoundBy(table, name, known.label)) return;
    const [principal, tenant] = [{ ...known, label: 'principal' }, { ...known, label: 'tenant' }];
    for (const columns of ref.cells.values()) {
      const [first] = columns.values();
      if (first === undefined || !this.builder.regions.isInside(first.region, region)) continue;
      for (const cell of columns.values()) {
        if (cell.name === name) continue;
        if (known.label !== 'vouched') this.learn(cell, principal);
        if (!isKey(table, cell.name)) this.learn(cell, tenant);
      }
    }
  }

  /** Whether a row that belongs to no tenant is the one that the user, or what only its holder knows, names. */
  private isFoundBy(table: Table, column: string, label: string): boolean {
    if (label === 'secret') return true;
    if (label === 'input') return this.builder.domains.isCredential(table, column);
    // A hash of what nobody but the holder knows names a session or a key; the hash of an address names whomever one likes.
    return isKey(table, column) && (label !== 'hashed' || /session|token|key/i.test(table.name));
  }

  /** Whether a fact on a column pins its row: to the tenant, to the signed-in user, or to the tenant and what all share. */
  private pinOf(cell: Cell, label: string): 'tenant' | 'member' | 'list' | 'shared' | undefined {
    const { classified, table } = cell.ref.owned!;
    const { domains } = this.builder;
    const domain = domainOfShared(label);
    if (domain !== undefined) return this.pinOfShared(cell, domain);
    // Whose a new row is does not follow from the secret that it is given.
    if (SECRETS.has(label) && isNew(cell.ref.owned!)) return undefined;
    switch (label) {
      case 'tenant': if (domains.isTenantColumn(classified, cell.name)) return 'list'; break;
      case 'principal': if (domains.isPrincipalColumn(table, cell.name)) return 'member'; return undefined;
      case 'secret': return 'tenant';
      case 'vouched': return isKey(table, cell.name) ? 'tenant' : undefined;
      case 'derived': return domains.of(classified, cell.name).size > 0 ? 'tenant' : undefined;
      case 'input': return domains.isCredential(table, cell.name) ? 'tenant' : undefined;
      case 'hashed': return isHashOfSecret(cell.name) ? 'tenant' : undefined;
      case 'null': return classified.hybrid && domains.isTenantColumn(classified, cell.name) ? 'shared' : undefined;
      default: if (isOfRow(label)) return this.isSameRow(cell, label) ? 'list' : undefined;
    }
    if (!domains.of(classified, cell.name).has(label)) return undefined;
    return domains.memberDomains.has(label) ? 'member' : 'list';
  }

  private pinOfShared({ ref, name }: Cell, domain: string): 'list' | 'shared' | undefined {
    const { classified, table } = ref.owned!;
    const { domains } = this.builder;
    if (!domains.of(classified, name).has(domain)) return undefined;
    const isShared = domains.shared.has(classified);
    if (!domains.shared.isDomain(domain)) return isShared ? 'shared' : 'list';
    return isShared && (domain === `${keyOf(table)}.${name}` || domains.shared.isOnlyOwner(classified, name)) ? 'shared' : undefined;
  }

  /** Whether all columns of a key of several are equal to those of one row that is pinned. */
  private isSameRow({ ref, region }: Cell, label: string): boolean {
    const [, name, row] = /^row (.*) \d+ (#\d+)$/.exec(label)!;
    const cells = ref.cells.get(region.id)!;
    return this.builder.domains.rowKeys(ref.owned!.classified).some((key) => key.name === name
      && key.columns.every((column, index) => cells.get(column)?.known.has(rowLabel(name, index, row!)) === true));
  }

  private needOf(gate: Gate): number {
    let need = this.needs.get(gate);
    if (need === undefined) {
      need = this.isEnough(gate) ? 1 : gate.branches.filter((branch) => !this.isLeftOut(branch)).length;
      this.needs.set(gate, need);
    }
    return need;
  }

  /** Whether one of the branches is enough in this reading. */
  private isEnough({ isOr, isChoice }: Gate): boolean {
    return (this.mode === 'disjunctive' && isOr === true) || (this.mode === 'chosen' && isChoice === true);
  }

  private isLeftOut(branch: GateBranch): boolean {
    return (this.mode === 'optional' && branch.optional === true) || this.isDead(branch.region);
  }

  private count(made: CellGate, cell: Cell, known: Known): void {
    const { gate } = made;
    if (!this.counted(gate.mode)) return;
    const branch = made.branches.get(cell);
    if (branch && this.isLeftOut(branch) && !this.isEnough(gate)) return;
    let labels = this.counts.get(made);
    if (!labels) this.counts.set(made, labels = new Map());
    const cause = known.cause?.cell;
    const entry = labels.get(known.label) ?? { count: 0, origin: known.origin, list: false, cause };
    entry.count++;
    const isOther = gate.isChoice !== true && known.origin !== '' && entry.origin !== '' && known.origin !== entry.origin && !areOfOneUser(known.origin, entry.origin) && !this.areOfTwoLevels(entry.cause, cause) && !this.areOfOneHolder(entry.cause, cause);
    entry.list ||= known.list || (isOther && !this.isOfUser(cause) && !this.isOfUser(entry.cause));
    if (entry.origin === '' || this.isOfUser(entry.cause)) Object.assign(entry, { origin: known.origin, cause });
    labels.set(known.label, entry);
    if (entry.count !== this.needOf(gate)) return;
    this.learn(made.to, { label: known.label, origin: entry.origin, list: entry.list, location: gate.location, cause: { cell, label: known.label } });
  }

  /** A row of one project or of its organization: two values, and one tenant. */
  private areOfTwoLevels(one: Cell | undefined, other: Cell | undefined): boolean {
    const owned = one?.ref.owned;
    return owned !== undefined && other?.ref === one!.ref && this.builder.domains.areOfTwoLevels(owned.classified, one!.name, other.name);
  }

  /** It is the signed-in user's column. */
  private isOfUser(cell: Cell | undefined): boolean {
    const owned = cell?.ref.owned;
    return owned !== undefined && this.builder.domains.isPrincipalColumn(owned.table, cell!.name);
  }

  /** A key as it is stored now, or as it was before (`secret = $1 OR hash = $2`): whoever knows it holds the row. */
  private areOfOneHolder(one: Cell | undefined, other: Cell | undefined): boolean {
    const table = one?.ref.table;
    const isSecret = ({ name }: Cell): boolean => this.builder.domains.isCredential(table!, name) || isHashOfSecret(name);
    return table !== undefined && other?.ref === one!.ref && isSecret(one!) && isSecret(other);
  }

  /** A recursive CTE is taken to hold what its base arm holds, until its recursive arm is seen not to. */
  private assume(): Map<Cell, { readonly to: Cell; readonly key: string }[]> {
    const result = new Map<Cell, { readonly to: Cell; readonly key: string }[]>();
    this.builder.facts.recursions.forEach(({ names, base, self, selfRegion }, index) => {
      names.forEach((name, column) => {
        const first = base[column];
        if (!first) return;
        const from = this.network.cell(first.column, first.region);
        result.set(from, [...(result.get(from) ?? []), { to: this.network.cell({ ref: self, name }, selfRegion), key: `${index} ${column}` }]);
      });
    });
    return result;
  }

  /** Takes back what a recursive arm does not hold. @returns whether there was anything */
  private refute(): boolean {
    const before = this.refuted.size;
    this.builder.facts.recursions.forEach(({ base, step }, index) => {
      base.forEach((first, column) => {
        const last = step[column];
        const known = last && this.network.cell(last.column, last.region).known;
        for (const label of this.network.cell(first.column, first.region).known.keys()) if (!known?.has(label)) this.refuted.add(`${index} ${column} ${label}`);
      });
    });
    return this.refuted.size > before;
  }

  private isAssumed(fact: string): boolean {
    return this.settled ? this.settled.has(fact) : !this.refuted.has(fact);
  }

  /**
   * Recursive CTEs of which all readers want the tenant's rows only: their tables are read for these alone, if the rows that the step
   * goes on from are the tenant's too. What the base holds for its readers' sake must not prove that.
   */
  private limitRecursions(): void {
    const { network } = this;
    const limited = this.builder.facts.recursions.flatMap(({ rows }) => (rows && this.rowOf(rows.wanted)?.known.has('pin') && rows.sources.some(({ ref }) => !this.isPinned(ref)) ? [rows] : []));
    if (limited.length === 0) return;
    this.settled = this.factsOfRecursions();
    for (const { wanted, sources } of limited) this.wanted.set(this.rowOf(wanted)!, sources.map(({ ref, region }) => network.cell({ ref, name: '*' }, region)));
    do this.propagate(); while (limited.some(({ wanted, self }) => !this.isPinned(self) && this.wanted.delete(this.rowOf(wanted)!)));
  }

  private factsOfRecursions(): ReadonlySet<string> {
    return new Set(this.builder.facts.recursions.flatMap(({ base, names }, index) => names.flatMap((_, column) => {
      const first = base[column];
      const known = first ? [...this.network.cell(first.column, first.region).known.keys()] : [];
      return known.map((label) => `${index} ${column} ${label}`).filter((fact) => !this.refuted.has(fact));
    })));
  }
}

/** What only the holder of a row knows. */
const SECRETS = new Set(['input', 'secret', 'vouched', 'hashed']);

/** Whether a row is written anew, other than one that an INSERT may find there. */
function isNew({ access, conflictKey }: OwnedTable): boolean {
  return access === 'insert' && !conflictKey;
}

function rowLabel(key: string, index: number, row: string): string {
  return `row ${key} ${index} ${row}`;
}

function isOfRow(label: string): boolean {
  return label.startsWith('row ');
}
