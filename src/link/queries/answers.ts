import type { Answers } from '../../cache/answers.js';
import type { Query } from '../../facts/query.js';
import type { ClassifiedTable, QueryFact } from '../project.js';
import type { QuerySite } from './code.js';
import type { FoundQuery } from './collect.js';
import { isQuery, nodes } from './nodes.js';
import { differentWays, wayOf } from './ways.js';

/** What is known of the queries of code from earlier runs. */
export interface KnownAnswers {
  readonly answers: Answers;
  /** All that queries are judged by, but for the queries themselves. */
  readonly basis: string;
}

/** The lists of a fact whose members name a table. */
const LISTS = ['references', 'missingTenants', 'reassignments', 'literals', 'untrustedTenants', 'foreignIds'] as const;

/** Results of queries are numbered through the project, in names of parameters too: what matters is which are the same. */
const NUMBERED = /("name":"row )(\d+)/g;

/** Judges the queries of code, or takes what was said of the same query, under the same conditions, beside the same schema. */
export class SiteAnswers {
  private readonly numbers: ReadonlyMap<ClassifiedTable, number>;

  /**
   * @param tables those of all databases, the same each time that the basis is
   * @param isBorrowed whether a sub-select only says where a value came from
   */
  constructor(private readonly known: KnownAnswers, private readonly tables: readonly ClassifiedTable[], private readonly isBorrowed: (query: Query) => boolean) {
    this.numbers = new Map(tables.map((table, index) => [table, index]));
  }

  /** What is said of a site. @param group the database that its file belongs to, where there are several */
  of(site: QuerySite, group: string | undefined, judge: () => QueryFact[]): QueryFact[] {
    const key = this.keyOf(site, group);
    const kept = this.known.answers.find(key) as readonly QueryFact[] | undefined;
    if (kept !== undefined) return kept.map((fact) => this.unpacked(fact));
    const facts = judge();
    const packed = facts.map((fact) => this.packed(fact));
    if (packed.every((fact) => fact !== undefined)) this.known.answers.keep(key, packed);
    return facts;
  }

  private keyOf({ own, called }: QuerySite, group: string | undefined): string {
    const said = (ways: readonly FoundQuery[]) => differentWays(ways, this.isBorrowed).map((way) => [wayOf(way), this.borrowedIn(way)]);
    const text = JSON.stringify([group, said(own), said(called)]);
    const met = new Map<string, number>();
    return `${this.known.basis}\n${text.replace(NUMBERED, (_, before: string, number: string) => {
      if (!met.has(number)) met.set(number, met.size);
      return `${before}${met.get(number)!}`;
    })}`;
  }

  /** The nodes of a query are told apart by what they are: which sub-selects are borrowed is known of the nodes themselves. */
  private borrowedIn({ query }: FoundQuery): unknown {
    return query && nodes(query).filter(isQuery).map((each) => (this.isBorrowed(each) ? 1 : 0));
  }

  /** A fact as plain data, without its query; undefined where a table is not one of the project's. */
  packed({ query: _, ...fact }: QueryFact): unknown {
    const numbered = Object.fromEntries(LISTS.map((list) => [list, fact[list].map((each) => ({ ...each, table: this.numbers.get(each.table) }))]));
    const isKnown = LISTS.every((list) => fact[list].every(({ table }) => this.numbers.has(table)));
    return isKnown ? { ...fact, ...numbered } : undefined;
  }

  /** The fact that `packed` made plain data of. */
  unpacked(fact: QueryFact): QueryFact {
    const named = Object.fromEntries(LISTS.map((list) => [list, fact[list].map((each) => ({ ...each, table: this.tables[each.table as unknown as number] }))]));
    return { ...fact, ...named };
  }
}
