import { digestFunction, onceFunction, assignmentsFor, type Assignments, type Judge, type Judgement } from './execute.js';
import type { Random } from './random.js';
import { ddl, OWN_TENANT, ownerOf, type OracleSchema, type OracleTable } from './schema.js';
import { generateWorld, inserts, rowsOf, type Values, type World } from './states.js';

/** One use of a table in the text of a query; of a view, one of the tables it reads. */
export interface Use {
  readonly table: string;
  /** What stands in the text: the table, or the view. */
  readonly name: string;
  readonly alias?: string;
  readonly start: number;
}

/** Fewer than for a whole query: there are more states. */
const ROUNDS = 5;

export interface IsolationOptions {
  readonly name: string;
  readonly count: number;
  readonly variants: number;
  /** Where the plain values of a world come from. */
  readonly values?: () => Values;
  /** How many assignments of the parameters each query is run with. */
  readonly rounds?: number;
}

type Hints = Parameters<typeof assignmentsFor>[0];

/**
 * Judges uses of tables apart from all others. They read tables of their own, which differ between the runs in other tenants' rows,
 * while everything else of the query reads what it always read: a difference is then due to them.
 */
export class Isolation {
  private readonly worlds: World[];

  constructor(private readonly judge: Judge, private readonly schema: OracleSchema, private readonly random: Random, private readonly options: IsolationOptions) {
    this.worlds = Array.from({ length: options.count }, () => generateWorld(schema, random, options.variants, options.values?.()));
  }

  /** Creates the tables and rows; those of the isolation before are dropped. */
  async load(): Promise<void> {
    const texts = this.worlds.flatMap((world, index) => [
      emptySchema(this.name(index), this.name(index)), ddl(this.schema), inserts(this.schema, world.state),
      digestFunction('everything', this.schema, () => 'TRUE'),
      ...world.variants.flatMap((variant, position) => [emptySchema(`${this.name(index)}v${position}`, this.path(index, position)), ...this.copies(variant)]),
    ]);
    await this.judge.db.exec(`BEGIN; ${texts.join('\n')} COMMIT;`);
  }

  private name(world: number): string {
    return `${this.options.name}${world}`;
  }

  private path(world: number, variant: number): string {
    return `${this.name(world)}v${variant}, ${this.name(world)}`;
  }

  /** The tables without foreign keys, the rows of others among them, and the views over one and over all of them. */
  private copies(variant: World['state']): string[] {
    const tables = this.owned().flatMap((table) => {
      const rows = (own: boolean) => rowsOf(table, `${table.name}_r`, variant.get(table.name)!.filter((row) => own === (row.tenant === OWN_TENANT)));
      const keys = [`PRIMARY KEY (${table.primaryKey.join(', ')})`, ...table.uniques.map((columns) => `UNIQUE (${columns.join(', ')})`)];
      const columns = table.columns.map((column) => `${column.name} ${column.type}${column.nullable ? '' : ' NOT NULL'}`);
      return [
        `CREATE TABLE ${table.name}_r (${[...columns, ...keys].join(', ')});`, rows(false),
        `INSERT INTO others_rows SELECT '${table.name}', x::text FROM ${table.name}_r x;`, rows(true),
      ];
    });
    const views = this.schema.views.flatMap((view) => {
      const read = this.owned().map((table) => table.name).filter((name) => new RegExp(`\\b${name}\\b`).test(view.body));
      return [read.sort(), ...read.map((name) => [name])].map((names) => (
        `CREATE OR REPLACE VIEW ${view.name}_r_${names.join('_')} AS ${view.body.replace(new RegExp(`(FROM|JOIN) (${names.join('|')})\\b`, 'g'), '$1 $2_r')};`
      ));
    });
    return ['CREATE TABLE others_rows (of text, row text);', ...tables, ...views];
  }

  private owned(): OracleTable[] {
    return this.schema.tables.filter((table) => table.class !== 'global');
  }

  /** New assignments for each world. */
  assignments(hints: Hints): Assignments[] {
    return this.worlds.map(({ state, variants }) => assignmentsFor(hints, [state, ...variants], this.random, this.options.rounds ?? ROUNDS, this.schema));
  }

  /** Whether rows of other tenants that only these uses see can change what the query returns or does, or are changed by it. */
  async verdict(sql: string, uses: readonly Use[], assignments: readonly Assignments[]): Promise<Judgement> {
    const text = withCopies(sql, uses);
    const tables = this.schema.tables.filter((table) => uses.some((use) => use.table === table.name));
    try {
      await this.judge.db.exec(onceFunction(text, this.effect(tables)));
    } catch (error) {
      return { kind: 'invalid', how: String(error) };
    }
    for (const [index, { variants }] of this.worlds.entries()) {
      const judgement = await this.judge.verdict(text, variants.map((_, position) => this.path(index, position)), assignments[index]!);
      if (judgement.kind !== 'no leak') return judgement;
    }
    return { kind: 'no leak' };
  }

  /** Of the copies, rows of others must stay, and none must come; what is there beside them is effect. */
  private effect(tables: readonly OracleTable[]): string {
    const others = (table: OracleTable): string => `SELECT o.row FROM others_rows o WHERE o.of = '${table.name}'`;
    const own = tables.map((table) => `coalesce((SELECT string_agg(x::text, ',' ORDER BY x::text COLLATE "C") FROM ${table.name}_r x WHERE x::text NOT IN (${others(table)})), '')`);
    const same = tables.map((table) => `NOT EXISTS (${others(table)} EXCEPT SELECT x::text FROM ${table.name}_r x)
      AND NOT EXISTS (SELECT FROM ${table.name}_r x WHERE x::text NOT IN (${others(table)}) AND ${this.isForeign(table, 'x')})`);
    return `SELECT concat_ws('/', everything(), ${own.join(', ')}), ${same.join(' AND ')}`;
  }

  private isForeign(table: OracleTable, alias: string): string {
    if (table.class === 'root') return `${alias}.${table.key!} <> ${OWN_TENANT}`;
    if (table.tenantColumn !== undefined) return `${alias}.${table.tenantColumn} IS DISTINCT FROM ${OWN_TENANT}`;
    const { owner, condition } = ownerOf(this.schema, table, alias);
    return `EXISTS (SELECT FROM ${owner.name} ${alias}o WHERE ${condition} AND ${this.isForeign(owner, `${alias}o`)})`;
  }
}

/** The query in which the uses read the copies. */
function withCopies(sql: string, uses: readonly Use[]): string {
  const places = new Map<number, readonly Use[]>();
  for (const use of uses) places.set(use.start, [...(places.get(use.start) ?? []), use]);
  let text = sql;
  for (const [start, same] of [...places].sort(([a], [b]) => b - a)) {
    const { name, alias, table } = same[0]!;
    const end = start + name.length;
    if (sql.slice(start, end) !== name) throw new Error(`"${name}" does not stand at ${start} of ${sql}`);
    const copy = name === table ? `${table}_r` : `${name}_r_${same.map((use) => use.table).sort().join('_')}`;
    text = `${text.slice(0, start)}${copy}${alias === undefined ? ` AS ${name}` : ''}${text.slice(end)}`;
  }
  return text;
}

const emptySchema = (name: string, path: string): string => `DROP SCHEMA IF EXISTS ${name} CASCADE; CREATE SCHEMA ${name}; SET LOCAL search_path = ${path};`;
