import type { SetSetting } from '../../facts/operation.js';
import type { Catalog } from '../catalog/types.js';
import type { Session } from './types.js';

const defaultPath: readonly string[] = ['public'];
const bypassingRoles = new Set(['postgres', 'service_role', 'supabase_admin', 'rds_superuser']);

/** Outside of a transaction SET LOCAL lapses at once; but whether a tool opens one around the file is often not known, and these show what is meant. */
const liftsRowSecurity: ReadonlySet<string> = new Set(['row_security', 'role']);

/** The settings of one migration's session, as SET, SET LOCAL and set_config() leave them. */
export class SessionState {
  private settings = new Map<string, readonly string[]>();
  private local: Map<string, readonly string[]> | undefined;
  private cached: Session | undefined;
  private transaction = false;

  /** @param login the role that runs the migrations, where the kind tells (Supabase's `postgres` has BYPASSRLS) */
  constructor(private readonly catalog: Catalog, private readonly wholeFile: boolean, private readonly login?: string) {
    this.transaction = wholeFile;
  }

  /** The session a statement sees now. */
  get current(): Session {
    this.cached ??= { searchPath: this.searchPath(), rowSecurityLifted: this.rowSecurityLifted(), inTransaction: this.transaction };
    return this.cached;
  }

  /** A setting's value; undefined when it was not set. */
  get(name: string): readonly string[] | undefined {
    return this.local?.get(name) ?? this.settings.get(name);
  }

  /** SET, SET LOCAL (which ends with the transaction), RESET. */
  set({ name, values, local }: Pick<SetSetting, 'name' | 'values' | 'local'>): void {
    this.cached = undefined;
    const key = name.toLowerCase();
    if (local && values !== undefined) {
      if (this.transaction || liftsRowSecurity.has(key)) (this.local ??= new Map()).set(key, values);
      return;
    }
    this.local?.delete(key);
    if (values === undefined) {
      if (key === 'all') this.settings.clear();
      else this.settings.delete(key);
    } else {
      this.settings.set(key, values);
    }
  }

  /** BEGIN, COMMIT, ROLLBACK of the migration itself. */
  transact(action: 'begin' | 'end'): void {
    this.cached = undefined;
    this.transaction = action === 'begin' || (this.wholeFile && this.keepsImplicit);
    if (action === 'end') this.local = undefined;
  }

  /** A multi-statement query string is never outside of a transaction for statements that must not run in one. */
  keepsImplicit = false;

  /** Runs with other settings (those of a function), and puts the old ones back. */
  within<T>(settings: Readonly<Record<string, string>>, run: () => T): T {
    const entries = Object.entries(settings);
    if (entries.length === 0) return run();
    const [saved, local] = [new Map(this.settings), this.local];
    for (const [name, value] of entries) this.set({ name, values: splitList(value), local: false });
    try {
      return run();
    } finally {
      this.settings = saved;
      this.local = local;
      this.cached = undefined;
    }
  }

  private searchPath(): readonly string[] {
    const path = this.get('search_path');
    if (!path) return defaultPath;
    return path.flatMap(splitList).filter((schema) => schema !== '' && schema !== '$user');
  }

  private rowSecurityLifted(): boolean {
    if (['off', 'false', '0', 'no'].includes(this.get('row_security')?.[0]?.toLowerCase() ?? '')) return true;
    if (this.get('session_replication_role')?.[0]?.toLowerCase() === 'replica') return true;
    const role = this.get('role')?.[0] ?? this.login;
    if (role === undefined) return false;
    const known = this.catalog.roles.get(role);
    return known ? known.bypassRls || known.superuser : bypassingRoles.has(role);
  }
}

/** The items of a setting that is a list: `"$user", public`. */
export function splitList(value: string): string[] {
  return value.split(',').map((item) => item.trim().replace(/^["'](.*)["']$/, '$1')).filter((item) => item !== '');
}
