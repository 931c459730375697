import type { Library } from '../../library.js';
import { client } from '../sql-client.js';
import { entityOf } from './registry.js';

/** The entity manager that a value of which nothing is known must be: it is asked one of these for an entity, which is given first. */
export function presumedManager(orm: string, methods: RegExp): NonNullable<Library['presumed']> {
  return (name, { arguments: { positional: [first] } }, ctx) =>
    methods.test(name) && first !== undefined && ctx.read(first).kind === 'classValue' && entityOf(orm, first, ctx) !== undefined ? client(orm, 'manager') : undefined;
}
