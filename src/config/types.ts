import type { MigrationKind, TransactionMode } from '../facts/file.js';

export type Severity = 'error' | 'warning';
export type Level = Severity | 'off';
export type PresetName = 'recommended' | 'strict' | 'rls';

/** What a user may write; every key is optional. The JSON Schema and the validation are made from one description of this. */
export interface UserConfig {
  $schema?: string;
  tenant?: UserTenant | UserTenant[];
  tables?: {
    global?: string[];
    tenant?: string[];
    ignore?: string[];
    viaParent?: string[];
    hybrid?: string[];
    columns?: Record<string, string>;
  };
  references?: { from: string; to: string; when?: Record<string, string> }[];
  migrations?: { dir: string; kind?: MigrationKind; transaction?: TransactionMode }[];
  schema?: string[];
  source?: { include?: string[]; exclude?: string[] };
  queries?: {
    tenantValues?: string[];
    scopedClients?: string[];
    unscopedClients?: string[];
    parameters?: { tenant?: string[]; principal?: string[] };
    principalColumns?: string[];
    credentialColumns?: string[];
    systemPaths?: string[];
    scopedCallbacks?: string[];
    handlers?: string[];
    handlerWrappers?: string[];
    untrustedSources?: string[];
  };
  rls?: { setting?: string; roles?: string[] };
  rules?: Record<string, UserLevel | [UserLevel, Record<string, unknown>]>;
  preset?: PresetName;
  reportUnusedDisableDirectives?: UserLevel;
  pgVersion?: number;
  requireDisableReason?: boolean;
}

export type UserLevel = 'error' | 'warn' | 'warning' | 'off';

export interface UserTenant {
  column?: string | string[];
  root?: string;
  proof?: 'membership';
}

/** A level of tenancy as configured; columns and root may be left to inference. */
export interface TenantLevel {
  readonly columns: readonly string[];
  readonly root?: string;
  readonly proof?: 'membership';
}

export interface RuleSetting {
  readonly level: Level;
  readonly options: Readonly<Record<string, unknown>>;
}

/** The configuration after validation and defaults. Paths and globs are relative to `root`. */
export interface Config {
  /** Absolute folder the config's paths are relative to. */
  readonly root: string;
  /** The file it came from, relative to the working folder; absent when the run has no config. */
  readonly file?: string;
  /** Empty: infer. */
  readonly tenant: readonly TenantLevel[];
  readonly tables: {
    readonly global: readonly string[];
    readonly tenant: readonly string[];
    readonly ignore: readonly string[];
    readonly viaParent: readonly string[];
    readonly hybrid: readonly string[];
    readonly columns: Readonly<Record<string, string>>;
  };
  readonly references: readonly { readonly from: string; readonly to: string; readonly when?: Readonly<Record<string, string>> }[];
  readonly migrations: readonly { readonly dir: string; readonly kind?: MigrationKind; readonly transaction?: TransactionMode }[];
  /** Undefined: detect. */
  readonly schema?: readonly string[];
  readonly source: { readonly include: readonly string[]; readonly exclude: readonly string[] };
  readonly queries: Required<NonNullable<UserConfig['queries']>>;
  readonly rls?: { readonly setting?: string; readonly roles: readonly string[] };
  readonly rules: Readonly<Record<string, { readonly level?: Level; readonly options?: Readonly<Record<string, unknown>> }>>;
  readonly preset: PresetName;
  readonly reportUnusedDisableDirectives: Level;
  /** Major version of PostgreSQL. */
  readonly pgVersion: number;
  readonly requireDisableReason: boolean;
}
