import { defaultConfig } from '../../src/config/load.js';
import type { Config } from '../../src/config/types.js';
import type { SourceFile } from '../../src/facts/file.js';
import { link } from '../../src/link/index.js';
import { tableKey } from '../../src/link/catalog/index.js';
import { scopeOfQuery } from '../../src/link/scope/index.js';
import type { ReferenceVerdict, ScopeEnvironment } from '../../src/link/scope/index.js';
import { parseSqlFile } from '../../src/parse/sql/index.js';
import { parseQuery } from './resolve-catalog.js';

const file: SourceFile = { path: 'migrations/0001.sql', language: 'sql', role: { type: 'migration', kind: 'sql', source: 0, direction: 'up' } };

/** Accounts own projects, users, notes and invoices; tasks are children of projects; kinds is global; a few views. */
export const tables = `
create table accounts (id int primary key, name text);
create table kinds (id int primary key, label text, n int);
create table users (id int primary key, account_id int not null references accounts (id), email text unique, name text);
create table projects (id int primary key, account_id int not null references accounts (id), kind_id int references kinds (id), parent_id int references projects (id), name text, n int);
create table tasks (id int primary key, project_id int not null references projects (id), other_id int references projects (id), n int, name text);
create table links (project_id int not null references projects (id), user_id int not null references users (id), primary key (project_id, user_id));
create table notes (id int primary key, account_id int references accounts (id), kind_id int, name text);
create table invoices (account_id int not null references accounts (id), no int not null, amount int, primary key (account_id, no));
create table lines (id int primary key, account_id int not null, invoice_no int not null, amount int, foreign key (account_id, invoice_no) references invoices (account_id, no));
create table templates (id int primary key, account_id int references accounts (id), name text);
create table api_keys (id int primary key, account_id int not null references accounts (id), token text unique, prefix text);
create table memberships (account_id int not null references accounts (id), user_id int not null, primary key (account_id, user_id));
create view named_projects as select id, account_id, name from projects where name is not null;
create view totals as select account_id, count(*) as total from projects group by account_id;
create view grand_total as select count(*) as total from projects;
create function my_account() returns int language plpgsql as $$ begin return 1; end $$;
`;

/** The environment of a schema. `patch` changes the config. */
export function environment(schema = tables, patch: (base: Config) => Partial<Config> = () => ({})): ScopeEnvironment {
  const base = defaultConfig('/');
  const config: Config = {
    ...base, tenant: [{ columns: ['account_id'], root: 'accounts' }],
    tables: { ...base.tables, global: ['kinds'], viaParent: ['tasks', 'links'], hybrid: ['templates'] }, ...patch(base),
  };
  const discovery = { root: '/', files: [file], sources: [{ kind: 'sql' as const, dir: 'migrations', transaction: 'none' as const, entries: [{ id: '0001', file: file.path }], faults: [] }], notices: [] };
  const project = link(config, discovery, new Map([[file.path, parseSqlFile(file, schema)]]));
  const { catalog } = project.databases[0]!;
  return {
    catalog, searchPath: ['public'], config, tenancy: project.tenancy,
    tables: new Map(project.tables.map((each) => [tableKey(each.table.schema, each.table.name), each])),
  };
}

/** The verdicts of a query, one line for each reference: `projects p: scoped`. */
export function scope(sql: string, env: ScopeEnvironment): readonly ReferenceVerdict[] {
  return scopeOfQuery(parseQuery(sql), env);
}

/** `scoped`, or what is wrong: `projects unscoped, tasks optional`. */
export function summary(verdicts: readonly ReferenceVerdict[]): string {
  const wrong = verdicts.filter((each) => each.verdict !== 'scoped').map((each) => `${each.table.name} ${each.verdict}`);
  return wrong.length === 0 ? 'scoped' : wrong.join(', ');
}
