import { digestFunction, onceFunction, assignmentsFor, type Assignments, type Judge, type Judgement } from './execute.js';
import type { Random } from './random.js';
import { ddl, OWN_TENANT, type OracleSchema, type OracleTable } from './schema.js';
import { generateWorld, inserts, rowsOf, type World } from './states.js';

/** One use of a table in the text of a query; of a view, one of the tables it reads. */
export interface Use {
  readonly table: string;
  /** What stands in the text: the table, or the view. */
  readonly name: string;
  readonly alias?: string;
  readonly start: number;
}

type Hints = Parameters<typeof assignmentsFor>[0];

/**
 * Judges one use of a table apart from all others. That use reads a table of its own, which differs between the runs in other
 * tenants' rows, while everything else of the query reads what it always read: a difference is then due to that use.
 */
export class Isolation {
  private readonly worlds: World[];

  constructor(private readonly judge: Judge, private readonly schema: OracleSchema, private readonly random: Random, private readonly options: { readonly name: string; readonly count: number }) {
    this.worlds = Array.from({ length: options.count }, () => generateWorld(schema, random));
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

  /** The tables without foreign keys, the rows of others among them, and the views over each of them. */
  private copies(variant: World['state']): string[] {
    const tables = this.owned().flatMap((table) => {
      const foreign = variant.get(table.name)!.filter((row) => row.tenant !== OWN_TENANT);
      const keys = [`PRIMARY KEY (${table.primaryKey.join(', ')})`, ...table.uniques.map((columns) => `UNIQUE (${columns.join(', ')})`)];
      const columns = table.columns.map((column) => `${column.name} ${column.type}${column.nullable ? '' : ' NOT NULL'}`);
      return [
        `CREATE TABLE ${table.name}_r (${[...columns, ...keys].join(', ')});`, rowsOf(table, `${table.name}_r`, variant.get(table.name)!),
        `CREATE TABLE ${table.name}_others (LIKE ${table.name}_r);`, rowsOf(table, `${table.name}_others`, foreign),
      ];
    });
    const views = this.schema.views.flatMap((view) => this.owned().filter((table) => new RegExp(`\\b${table.name}\\b`).test(view.body)).map((table) => (
      `CREATE VIEW ${view.name}_r_${table.name} AS ${view.body.replace(new RegExp(`(FROM|JOIN) ${table.name}\\b`, 'g'), `$1 ${table.name}_r`)};`
    )));
    return [...tables, ...views];
  }

  private owned(): OracleTable[] {
    return this.schema.tables.filter((table) => table.class !== 'global');
  }

  /** New assignments for each world. */
  assignments(hints: Hints): Assignments[] {
    return this.worlds.map(({ state, variants }) => assignmentsFor(hints, [state, ...variants], this.random));
  }

  /** Whether rows of other tenants that only this use sees can change what the query returns or does, or are changed by it. */
  async verdict(sql: string, use: Use, assignments: readonly Assignments[]): Promise<Judgement> {
    const copy = use.name === use.table ? `${use.table}_r` : `${use.name}_r_${use.table}`;
    const end = use.start + use.name.length;
    if (sql.slice(use.start, end) !== use.name) throw new Error(`"${use.name}" does not stand at ${use.start} of ${sql}`);
    const text = `${sql.slice(0, use.start)}${copy}${use.alias === undefined ? ` AS ${use.name}` : ''}${sql.slice(end)}`;
    try {
      await this.judge.db.exec(onceFunction(text, this.effect(this.schema.tables.find((table) => table.name === use.table)!)));
    } catch (error) {
      return { kind: 'invalid', how: String(error) };
    }
    for (const [index, { variants }] of this.worlds.entries()) {
      const judgement = await this.judge.verdict(text, variants.map((_, position) => this.path(index, position)), assignments[index]!);
      if (judgement.kind !== 'no leak') return judgement;
    }
    return { kind: 'no leak' };
  }

  /** Of the copy, rows of others must stay, and none must come; what is there beside them is effect. */
  private effect(table: OracleTable): string {
    const others = `SELECT o::text FROM ${table.name}_others o`;
    return `SELECT everything() || coalesce((SELECT string_agg(x::text, ',' ORDER BY x::text COLLATE "C") FROM ${table.name}_r x WHERE x::text NOT IN (${others})), ''),
      NOT EXISTS (${others} EXCEPT SELECT x::text FROM ${table.name}_r x)
      AND NOT EXISTS (SELECT FROM ${table.name}_r x WHERE x::text NOT IN (${others}) AND ${this.isForeign(table, 'x')})`;
  }

  private isForeign(table: OracleTable, alias: string): string {
    if (table.class === 'root') return `${alias}.${table.key!} <> ${OWN_TENANT}`;
    if (table.tenantColumn !== undefined) return `${alias}.${table.tenantColumn} <> ${OWN_TENANT}`;
    const column = table.columns.find((each) => each.name === table.ownerColumn)!;
    const owner = this.schema.tables.find((each) => each.name === column.references)!;
    return `EXISTS (SELECT FROM ${owner.name} ${alias}o WHERE ${alias}o.${owner.key!} = ${alias}.${column.name} AND ${this.isForeign(owner, `${alias}o`)})`;
  }
}

const emptySchema = (name: string, path: string): string => `DROP SCHEMA IF EXISTS ${name} CASCADE; CREATE SCHEMA ${name}; SET LOCAL search_path = ${path};`;
