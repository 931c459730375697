import type { Value } from '../../values.js';
import type { Entity } from '../entities/registry.js';
import type { CallSite } from '../entities/site.js';

/** A call that reads or writes rows of an entity. */
export interface Site extends CallSite {
  readonly entity: Entity;
  readonly name: string;
  readonly args: readonly Value[];
}
