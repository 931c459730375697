import { stored } from '../../store.js';
import { posix } from 'node:path';
import type { Context } from '../../library.js';
import type { Machine } from '../../machine.js';
import { metadataOf } from '../sqlalchemy/metadata.js';
import type { NamingConvention } from '../sqlalchemy/naming.js';

const NONE: NamingConvention = new Map();

/**
 * The naming convention of the metadata that `env.py` names as its target: Alembic names constraints without a name by it.
 * @see Alembic manual, "Integration of Naming Conventions into Operations, Autogenerate"
 */
export function namingInForce(ctx: Context): NamingConvention {
  const known = stored(ctx, 'alembic:naming', () => new Map<string, NamingConvention>());
  const folder = posix.dirname(ctx.file);
  const found = known.get(folder) ?? conventionOf(folder, ctx as Machine);
  known.set(folder, found);
  return found;
}

/** The target metadata of the nearest `env.py` upwards. */
function conventionOf(folder: string, machine: Machine): NamingConvention {
  for (let dir = folder; ; dir = posix.dirname(dir)) {
    const file = dir === '.' ? 'env.py' : `${dir}/env.py`;
    if (machine.program.modules.has(file)) {
      const target = machine.program.resolver.exported(machine, file, 'target_metadata');
      return target ? metadataOf(target, machine).naming : NONE;
    }
    if (dir === '.' || dir === '/') return NONE;
  }
}
