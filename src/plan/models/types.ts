import type { ModelTable } from '../../facts/schema.js';
import type { Project } from '../../link/project.js';
import type { Step, TablePlan } from '../types.js';

/** A change of a file that is there. Offsets are those of the file as read; an insertion has `start` equal to `end`. */
export interface TextEdit {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What one model has to say that it does not yet. */
export interface ModelChange {
  readonly model: ModelTable;
  readonly plan: TablePlan;
  /** The model of the root table, where there is one. */
  readonly root?: ModelTable;
  /** The name of the tenant column in the model's language, as other models have it. */
  readonly field: string;
  /** The index of the tenant column, where the migrations make one. */
  readonly index?: string;
  readonly uniques: readonly Extract<Step, { kind: 'replaceUnique' }>[];
}

export interface ModelContext {
  readonly project: Project;
  readonly text: (file: string) => string | undefined;
}

/** Writes changes in the language of one ORM; says what has to be done by hand. */
export type ModelWriter = (changes: readonly ModelChange[], context: ModelContext) => { readonly edits: readonly TextEdit[]; readonly byHand: readonly string[] };
