import type { Context } from '../../library.js';
import { stored } from '../../store.js';
import type { Operation } from '../../../../facts/operation.js';
import type { Part } from './lowered.js';
import type { ModelSpec, Registry } from './spec.js';

/** What the migrations so far have made: the models as Django knows them, and what the database calls their constraints and indexes. */
export interface MigrationState {
  models: ReadonlyMap<string, ModelSpec>;
  /** Names by table and key of the part, where they are not those that the part would be given today. */
  readonly names: Map<string, Map<string, string>>;
  /** Statements that Django sends at the end of the migration: foreign keys and indexes. */
  deferred: Operation[];
  /** The models of this time, for look-ups; made anew when they change. */
  registry?: Registry;
  /** The migrations that have been applied to it. */
  readonly applied: Set<string>;
}

/** The state that all migrations of a project work on, in their order. */
export function migrationState(ctx: Context): MigrationState {
  return stored(ctx, 'django:state', (): MigrationState => ({ models: new Map(), names: new Map(), deferred: [], applied: new Set() }));
}

/** The models as they are now. */
export function registryOf(state: MigrationState): Registry {
  const { models } = state;
  return (state.registry ??= { find: (key) => models.get(key), all: () => models.values() });
}

/** Goes on with other models. */
export function setModels(state: MigrationState, models: ReadonlyMap<string, ModelSpec>): void {
  state.models = models;
  delete state.registry;
}

/** Goes on with one model changed, added or (undefined) gone. */
export function setModel(state: MigrationState, key: string, spec: ModelSpec | undefined): void {
  const models = new Map(state.models);
  if (spec) models.set(key, spec);
  else models.delete(key);
  setModels(state, models);
}

/** The name of a part in the database. */
export function nameOfPart(state: MigrationState, table: string, part: Part): string | undefined {
  return state.names.get(table)?.get(part.key) ?? part.constraint?.name ?? part.index?.name;
}

/** Takes note of the name that a part was given. */
export function noteName(state: MigrationState, table: string, key: string, name: string): void {
  let own = state.names.get(table);
  if (own === undefined) state.names.set(table, own = new Map());
  own.set(key, name);
}
