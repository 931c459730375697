import type { CodeCall, CodeModule } from '../../facts/code.js';
import type { ModelTable } from '../../facts/schema.js';
import type { ClassifiedTable } from '../project.js';

/** What an edit has to achieve: that a call is limited to rows of one tenant. */
export interface Aim {
  readonly module: CodeModule;
  readonly file: string;
  /** The whole query. */
  readonly call: CodeCall;
  readonly models: readonly ModelTable[];
  /** The names under which the file has the object of a model. */
  readonly namesOf: (model: ModelTable) => readonly string[];
  /** The table that is not pinned. */
  readonly table: ClassifiedTable;
  /** Its tenant column, and the name of the value to compare with. */
  readonly value: { readonly column: string; readonly name: string };
  /** The major version of Prisma that the project depends on, where it says so. */
  readonly prismaVersion?: number;
}
