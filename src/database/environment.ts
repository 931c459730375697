import type { Location } from '../facts/location.js';
import type { DatabaseError } from './error.js';
import { isBookkeeping } from './platform.js';
import { namesMade } from './writes.js';
import type { RunMigration, RunStatement } from './types.js';

/** Objects that an extension brings; a constraint or a column by such a name would be the migration's own mistake. */
const OF_EXTENSION = /^(type|access method|operator class|operator family|collation|text search \w+|event trigger|language|foreign-data wrapper) "/;

/** Extensions that keep what they bring in schemas of their own: what is called without one of these is not theirs. */
const OWN_SCHEMAS_OF: Readonly<Record<string, readonly string[]>> = {
  pg_cron: ['cron'], pg_graphql: ['graphql', 'graphql_public'], pg_net: ['net', 'extensions'], pgmq: ['pgmq'], pgsodium: ['pgsodium'], supabase_vault: ['vault'], wrappers: ['extensions'],
};

/** A statement that says nothing of the project: the database at hand lacks what the project's own has. */
export interface NotRun {
  readonly location: Location;
  readonly reason: string;
}

/**
 * What the database at hand lacks beside the project's own: extensions, options it was built without, roles and tables that are made
 * outside of the migrations that run. What follows from that is no mistake of a migration.
 */
export class Surroundings {
  readonly notRun: NotRun[] = [];
  /** Names of roles that were made for the run. */
  readonly roles: string[] = [];
  /** Keys of tenants that were made for the run. */
  readonly tenants: string[] = [];
  private readonly lacking = new Set<string>();
  /** The last migration that could not be run, as nobody read it. */
  private opaque: string | undefined;
  private readonly ownRoles: ReadonlySet<string>;

  /** @param missing extensions that the database does not have @param root the table of the tenants */
  constructor(migrations: readonly RunMigration[], private readonly missing: readonly string[], private readonly root: string | undefined) {
    this.ownRoles = new Set(migrations.flatMap(({ statements }) => statements.flatMap(({ sql }) => [...sql.matchAll(/\bcreate\s+(?:role|user|group)\s+(?:"([^"]+)"|(\w+))/gi)].map(([, quoted, bare]) => quoted ?? bare!.toLowerCase()))));
  }

  /** Told of each migration, in their order. */
  begin({ file, opaque }: RunMigration): void {
    if (opaque) this.opaque = file;
  }

  /** The role a statement wants and no migration makes; the caller makes it. */
  missingRole({ code, message }: DatabaseError): string | undefined {
    const [, name] = /^role "(.*)" does not exist$/.exec(message) ?? [];
    if (name === undefined || (code !== '42704' && code !== '22023') || this.ownRoles.has(name) || this.roles.includes(name)) return undefined;
    this.roles.push(name);
    return name;
  }

  /** The tenant that a statement names by its key and no row of the root table is; the caller makes it. */
  missingTenant({ sql }: RunStatement, { code, detail }: DatabaseError): string | undefined {
    const [, key, table] = /^Key \([^,]+\)=\((.*)\) is not present in table "(.*)"\.$/.exec(detail ?? '') ?? [];
    if (code !== '23503' || key === undefined || table !== this.root || !sql.includes(key) || this.tenants.includes(key)) return undefined;
    this.tenants.push(key);
    return key;
  }

  /** Whether the database is at fault; then the statement is noted as not run. */
  excuses(statement: RunStatement, location: Location, error: DatabaseError): boolean {
    const reason = this.reason(error);
    if (reason === undefined) return false;
    this.notRun.push({ location, reason: `Not run: ${error.message}; ${reason}` });
    for (const name of namesMade(statement.operations)) this.lacking.add(name);
    return true;
  }

  private reason({ code, message, detail }: DatabaseError): string | undefined {
    if (/requires the server to be built with/.test(detail ?? '')) return 'this PostgreSQL was built without it';
    const named = [...message.matchAll(/"([^"]+)"/g)].map(([, name]) => name!.split('.').at(-1)!);
    if (code.startsWith('42') && named.some((name) => this.lacking.has(name))) return 'what makes it could not be run here either';
    if (this.opaque !== undefined && /^(42P01|42703|42704|42809|42883|3F000)$/.test(code)) return `${this.opaque} may make it, which is not run`;
    if (code === '42P01' && named.some((name) => isBookkeeping(name))) return 'the migration tool makes it';
    const isOfExtension = code === '0A000' || code === '58P01' ? /^(could not open )?extension /.test(message) : code === '42883' || code === '3F000' || (code === '42704' && OF_EXTENSION.test(message));
    const suspects = this.missing.filter((name) => mayBring(name, message));
    return suspects.length > 0 && isOfExtension ? `the database lacks the extension ${suspects.map((name) => `"${name}"`).join(', ')}` : undefined;
  }
}

function mayBring(extension: string, message: string): boolean {
  const schemas = OWN_SCHEMAS_OF[extension];
  return schemas === undefined || message.includes(extension) || schemas.some((schema) => new RegExp(`(^|[^\\w])"?${schema}"?(\\.|")`).test(message));
}
