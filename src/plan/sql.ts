import type { SqlType } from '../facts/expression.js';
import { quoteIdentifier } from '../facts/identifier.js';
import type { ReferentialAction } from '../facts/schema.js';
import { formatType } from '../link/catalog/type-names.js';
import type { Table } from '../link/catalog/types.js';
import type { Hop, Source, Step, TablePlan } from './types.js';

/** How many rows one statement of a batched backfill changes. */
const BATCH = 5000;

const ACTIONS: Readonly<Record<ReferentialAction, string>> = {
  noAction: 'NO ACTION', restrict: 'RESTRICT', cascade: 'CASCADE', setNull: 'SET NULL', setDefault: 'SET DEFAULT',
};

type Named = Pick<Table, 'schema' | 'name'>;

/** A table that is read, and what its rows have to do with those before it. */
interface Join {
  readonly table: string;
  readonly on: string;
}

function joined({ table, on }: Join): string {
  return ` JOIN ${table} ON ${on}`;
}

/** A type with its modifiers, as DDL writes it: `character varying(36)`. */
export function sqlType(type: SqlType): string {
  const modifiers = type.modifiers.length > 0 ? `(${type.modifiers.join(', ')})` : '';
  return `${formatType({ ...type, dimensions: 0 })}${modifiers}${'[]'.repeat(type.dimensions)}`;
}

/** A string constant. */
export function sqlString(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Writes the steps of a plan as PostgreSQL statements, without their semicolons. */
export class Sql {
  /** @param quoteAll names in double quotes even where they need none, as Prisma, Drizzle and TypeORM write them */
  constructor(readonly quoteAll: boolean, private readonly updatesCascade: boolean) {}

  name(identifier: string): string {
    return this.quoteAll ? `"${identifier.replaceAll('"', '""')}"` : quoteIdentifier(identifier);
  }

  names(identifiers: readonly string[]): string {
    return identifiers.map((each) => this.name(each)).join(', ');
  }

  table({ schema, name }: Named): string {
    return schema === 'public' ? this.name(name) : `${this.name(schema)}.${this.name(name)}`;
  }

  action(action: ReferentialAction): string {
    return ACTIONS[action];
  }

  /** The statements of one step. */
  up(step: Step): string[] {
    switch (step.kind) {
      case 'addColumn': return [`${this.alter(step.plan)} ADD COLUMN ${this.name(step.plan.column)} ${sqlType(step.plan.type)}`];
      case 'addForeignKey': return [this.foreignKey(step)];
      case 'fill': return step.part === undefined ? this.fill(step.plan, step.batched) : [this.fill(step.plan, step.batched)[step.part]!];
      case 'verify': return [this.verify(step.plans)];
      case 'setNotNull': return [`${this.alter(step.plan)} ALTER COLUMN ${this.name(step.plan.column)} SET NOT NULL`];
      case 'addNotNullCheck': return [`${this.alter(step.plan)} ADD CONSTRAINT ${this.name(step.name)} CHECK (${this.name(step.plan.column)} IS NOT NULL) NOT VALID`];
      case 'validate': return [`ALTER TABLE ${this.table(step.table)} VALIDATE CONSTRAINT ${this.name(step.name)}`];
      case 'dropNotNullCheck': return [`${this.alter(step.plan)} DROP CONSTRAINT ${this.name(step.name)}`];
      case 'createIndex': return [`CREATE INDEX ${step.concurrently ? 'CONCURRENTLY ' : ''}${this.name(step.name)} ON ${this.table(step.plan.table.table)} (${this.name(step.plan.column)})`];
      case 'replaceUnique': return [this.dropUnique(step.plan, step.old.kind, step.old.name), this.addUnique(step.plan, step.old.kind, step.name, [step.plan.column, ...step.old.columns], step.nullsNotDistinct)];
      case 'rowSecurity': return [`ALTER TABLE ${this.table(step.table)} ${step.change} ROW LEVEL SECURITY`];
      case 'policy': return [this.policy(step)];
      case 'immutable': return [...(step.creates ? [this.keeper(step)] : []), `CREATE TRIGGER ${this.name(step.trigger)} BEFORE UPDATE ON ${this.table(step.plan.table.table)} FOR EACH ROW EXECUTE FUNCTION ${this.name(step.function)}()`];
    }
  }

  /** What undoes a step, statement by statement; nothing for what the dropped column takes with it or what leaves no trace. */
  down(step: Step): string[] {
    switch (step.kind) {
      case 'addColumn': return [`${this.alter(step.plan)} DROP COLUMN ${this.name(step.plan.column)}`];
      case 'addForeignKey': return [`${this.alter(step.plan)} DROP CONSTRAINT ${this.name(step.name)}`];
      case 'setNotNull': return [`${this.alter(step.plan)} ALTER COLUMN ${this.name(step.plan.column)} DROP NOT NULL`];
      case 'addNotNullCheck': return [`${this.alter(step.plan)} DROP CONSTRAINT IF EXISTS ${this.name(step.name)}`];
      case 'createIndex': return [`DROP INDEX ${step.concurrently ? 'CONCURRENTLY ' : ''}${this.table({ schema: step.plan.table.table.schema, name: step.name })}`];
      case 'replaceUnique': return [this.dropUnique(step.plan, step.old.kind, step.name), this.addUnique(step.plan, step.old.kind, step.old.name, step.old.columns, step.nullsNotDistinct)];
      case 'rowSecurity': return step.change === 'ENABLE' ? [`ALTER TABLE ${this.table(step.table)} DISABLE ROW LEVEL SECURITY`] : [];
      case 'policy': return [`DROP POLICY ${this.name(step.name)} ON ${this.table(step.plan.table.table)}`];
      case 'immutable': return [`DROP TRIGGER ${this.name(step.trigger)} ON ${this.table(step.plan.table.table)}`, ...(step.creates ? [`DROP FUNCTION ${this.name(step.function)}()`] : [])];
      default: return [];
    }
  }

  /** The tables of a verify, each with the condition that finds its rows without a tenant. */
  remaining({ table, column }: TablePlan): { readonly table: string; readonly where: string } {
    return { table: this.table(table.table), where: `${this.name(column)} IS NULL` };
  }

  /** One UPDATE for each foreign key, in their order; then what they leave. */
  private fill(plan: TablePlan, batched: boolean): string[] {
    return [...this.guards(plan), ...plan.sources.map((source) => (batched ? this.batch(plan, source) : this.update(plan, source))), ...this.inherit(plan, batched), ...this.rest(plan, batched)];
  }

  private alter({ table }: TablePlan): string {
    return `ALTER TABLE ${this.table(table.table)}`;
  }

  private foreignKey({ plan, name, validated }: Extract<Step, { kind: 'addForeignKey' }>): string {
    const { table, key, onDelete } = plan.root!;
    const actions = [onDelete === 'noAction' && !this.updatesCascade ? '' : ` ON DELETE ${ACTIONS[onDelete]}`, this.updatesCascade ? ' ON UPDATE CASCADE' : ''].join('');
    return `${this.alter(plan)} ADD CONSTRAINT ${this.name(name)} FOREIGN KEY (${this.name(plan.column)}) REFERENCES ${this.table(table)} (${this.name(key)})${actions}${validated ? '' : ' NOT VALID'}`;
  }

  private update(plan: TablePlan, source: Source): string {
    const column = this.name(plan.column);
    const { value, joins: [first, ...rest] } = this.read(source, 'p');
    const head = `UPDATE ${this.table(plan.table.table)} AS t`;
    const open = `t.${column} IS NULL`;
    if (!first) return `${head} SET ${column} = ${value} WHERE ${open}`;
    return [head, `SET ${column} = ${value}`, `FROM ${first.table}${rest.map(joined).join('')}`, `WHERE ${first.on} AND ${open}`].join('\n');
  }

  /** The value a source gives to row `t`, and the tables it is read from: none where the foreign key itself names the tenant. */
  private read({ hops, column }: Source, prefix: string): { readonly value: string; readonly joins: readonly Join[] } {
    const last = hops.at(-1)!;
    const named = last.columns.length === 1 && last.toColumns[0] === column;
    const alias = (index: number) => (index < 0 ? 't' : `${prefix}${index === 0 ? '' : index + 1}`);
    const joins = (named ? hops.slice(0, -1) : hops).map((hop, index): Join => ({
      table: `${this.table(hop.to.table)} AS ${alias(index)}`, on: this.on(hop, alias(index - 1), alias(index)),
    }));
    return { value: `${alias(joins.length - 1)}.${this.name(named ? last.columns[0]! : column)}`, joins };
  }

  private on(hop: Hop, from: string, to: string): string {
    return hop.columns.map((name, index) => `${to}.${this.name(hop.toColumns[index]!)} = ${from}.${this.name(name)}`).join(' AND ');
  }

  /** Stops where two of the sources name different tenants for one row. */
  private guards(plan: TablePlan): string[] {
    if (!plan.guarded) return [];
    return plan.sources.flatMap((other, index) => plan.sources.slice(0, index).map((one) => {
      const [a, b] = [this.read(one, 'p'), this.read(other, 'q')];
      const from = `${this.table(plan.table.table)} AS t${[...a.joins, ...b.joins].map(joined).join('')}`;
      const columns = [one, other].map(({ hops }) => hops[0]!.columns.join('+')).join(' and ');
      const open = plan.adds ? '' : ` AND t.${this.name(plan.column)} IS NULL`;
      return this.raiseIf(`SELECT 1 FROM ${from} WHERE ${a.value} <> ${b.value}${open}`, `${plan.table.name}: ${columns} lead to different tenants for some rows`);
    }));
  }

  /** Rows without a source of their own take their parent row's tenant, generation by generation. */
  private inherit({ table, column, selfReference: hop }: TablePlan, commits: boolean): string[] {
    if (!hop) return [];
    const [target, name] = [this.table(table.table), this.name(column)];
    return [this.loop(`UPDATE ${target} AS t SET ${name} = p.${name} FROM ${target} AS p WHERE ${this.on(hop, 't', 'p')} AND t.${name} IS NULL AND p.${name} IS NOT NULL`, commits)];
  }

  private rest(plan: TablePlan, batched: boolean): string[] {
    const { table, column, type, defaultTenant } = plan;
    if (defaultTenant === undefined) return [];
    const [target, name] = [this.table(table.table), this.name(column)];
    const head = `UPDATE ${target} AS t SET ${name} = ${this.tenantLiteral(defaultTenant, type)} WHERE t.${name} IS NULL`;
    if (!batched) return [head];
    const keys = this.keys(plan);
    return [this.loop(`${head} AND (${keys}) IN (SELECT ${keys} FROM ${target} AS t WHERE t.${name} IS NULL LIMIT ${BATCH})`, true)];
  }

  private tenantLiteral(value: string, { name }: SqlType): string {
    return ['int2', 'int4', 'int8', 'numeric'].includes(name) ? value : sqlString(value);
  }

  /** A loop that commits after each batch; it must run outside of a transaction (PostgreSQL manual, 41.8 Transaction Management). */
  private batch(plan: TablePlan, source: Source): string {
    const { value, joins } = this.read(source, 'p');
    const [target, column] = [this.table(plan.table.table), this.name(plan.column)];
    const keys = this.keys(plan);
    const [first, ...rest] = joins;
    const from = first ? ` FROM ${first.table}${rest.map(joined).join('')}` : '';
    const chosen = `(${keys}) IN (SELECT ${keys} FROM ${target} AS t${joins.map(joined).join('')} WHERE t.${column} IS NULL AND ${value} IS NOT NULL LIMIT ${BATCH})`;
    return this.loop(`UPDATE ${target} AS t SET ${column} = ${value}${from} WHERE ${first ? `${first.on} AND ` : ''}t.${column} IS NULL AND ${chosen}`, true);
  }

  /** What names one row `t`: its primary key, else its place. */
  private keys({ table: { table } }: TablePlan): string {
    const primary = table.primaryKey?.columns ?? [];
    return primary.length > 0 ? primary.map((each) => `t.${this.name(each)}`).join(', ') : 't.ctid';
  }

  /** Repeats an update until it changes nothing. */
  private loop(statement: string, commits: boolean): string {
    return [
      'DO $$', 'DECLARE', '  changed bigint;', 'BEGIN', '  LOOP', `    ${statement};`, '    GET DIAGNOSTICS changed = ROW_COUNT;', '    EXIT WHEN changed = 0;', ...(commits ? ['    COMMIT;'] : []),
      '  END LOOP;', 'END', '$$',
    ].join('\n');
  }

  private verify(plans: readonly TablePlan[]): string {
    const checks = plans.flatMap((plan) => {
      const { table, where } = this.remaining(plan);
      return [
        `  SELECT count(*) INTO remaining FROM ${table} WHERE ${where};`,
        '  IF remaining > 0 THEN', `    RAISE EXCEPTION ${sqlString(`${plan.table.name.replaceAll('%', '%%')}: % rows without ${plan.column.replaceAll('%', '%%')}`)}, remaining;`, '  END IF;',
      ];
    });
    return ['DO $$', 'DECLARE', '  remaining bigint;', 'BEGIN', ...checks, 'END', '$$'].join('\n');
  }

  private raiseIf(query: string, message: string): string {
    return ['DO $$', 'BEGIN', `  IF EXISTS (${query}) THEN`, `    RAISE EXCEPTION ${sqlString(message.replaceAll('%', '%%'))};`, '  END IF;', 'END', '$$'].join('\n');
  }

  private dropUnique(plan: TablePlan, kind: string, name: string): string {
    return kind === 'index' ? `DROP INDEX ${this.table({ schema: plan.table.table.schema, name })}` : `${this.alter(plan)} DROP CONSTRAINT ${this.name(name)}`;
  }

  private addUnique(plan: TablePlan, kind: string, name: string, columns: readonly string[], nullsNotDistinct: boolean): string {
    const nulls = nullsNotDistinct ? 'NULLS NOT DISTINCT ' : '';
    if (kind === 'index') return `CREATE UNIQUE INDEX ${this.name(name)} ON ${this.table(plan.table.table)} (${this.names(columns)})${nullsNotDistinct ? ' NULLS NOT DISTINCT' : ''}`;
    return `${this.alter(plan)} ADD CONSTRAINT ${this.name(name)} UNIQUE ${nulls}(${this.names(columns)})`;
  }

  private policy({ plan, name, tenant, roles }: Extract<Step, { kind: 'policy' }>): string {
    const to = roles.length > 0 ? ` TO ${this.names(roles)}` : '';
    return `CREATE POLICY ${this.name(name)} ON ${this.table(plan.table.table)}${to} USING (${this.name(plan.column)} = ${tenant}) WITH CHECK (${this.name(plan.column)} = ${tenant})`;
  }

  private keeper({ plan, function: name }: Extract<Step, { kind: 'immutable' }>): string {
    const column = this.name(plan.column);
    return [
      `CREATE OR REPLACE FUNCTION ${this.name(name)}() RETURNS trigger LANGUAGE plpgsql AS $$`, 'BEGIN', `  IF NEW.${column} IS DISTINCT FROM OLD.${column} THEN`,
      `    RAISE EXCEPTION ${sqlString(`${plan.column} of % cannot change`)}, TG_TABLE_NAME;`, '  END IF;', '  RETURN NEW;', 'END', '$$',
    ].join('\n');
  }
}
