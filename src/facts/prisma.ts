import type { Location } from './location.js';

/** What one .prisma file says, before its relations to models of other files are resolved. */
export interface PrismaFile {
  readonly datasource?: PrismaDatasource;
  readonly blocks: readonly PrismaBlock[];
}

export interface PrismaDatasource {
  readonly provider?: string;
  /** `relationMode = "prisma"`: relations have no foreign keys in the database. */
  readonly relationMode?: string;
}

/** A model, view, enum or composite type. */
export interface PrismaBlock {
  readonly kind: 'model' | 'view' | 'enum' | 'type';
  readonly name: string;
  /** The keyword and the name. */
  readonly location: Location;
  /** Of an enum: its values, without a type. */
  readonly fields: readonly PrismaField[];
  readonly attributes: readonly PrismaAttribute[];
  readonly comment?: string;
}

export interface PrismaField {
  readonly name: string;
  /** `String`, a model, an enum; `Unsupported` for a type Prisma does not know. */
  readonly type: string;
  /** The database type in `Unsupported("...")`. */
  readonly unsupported?: string;
  readonly optional: boolean;
  readonly list: boolean;
  readonly attributes: readonly PrismaAttribute[];
  readonly location: Location;
  readonly comment?: string;
}

export interface PrismaAttribute {
  /** Without `@`: `id`, `relation`, `db.Uuid`. */
  readonly name: string;
  readonly arguments: readonly PrismaArgument[];
  readonly location: Location;
}

export interface PrismaArgument {
  readonly name?: string;
  readonly value: PrismaValue;
  readonly location: Location;
}

export type PrismaValue =
  | { readonly kind: 'string'; readonly value: string; readonly location: Location }
  | { readonly kind: 'number'; readonly text: string; readonly location: Location }
  | { readonly kind: 'name'; readonly name: string; readonly location: Location }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly PrismaArgument[]; readonly location: Location }
  | { readonly kind: 'list'; readonly items: readonly PrismaValue[]; readonly location: Location }
  | { readonly kind: 'object'; readonly entries: readonly PrismaArgument[]; readonly location: Location };
