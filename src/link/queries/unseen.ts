import type { FileFacts } from '../../facts/file.js';
import type { Location } from '../../facts/location.js';
import type { ModelTable } from '../../facts/schema.js';
import type { QueryFact } from '../project.js';
import { toFound, type QuerySite } from './code.js';
import type { QuerySources } from './index.js';

/**
 * The calls that look like those of Prisma Client, of a model of the project, where no query was seen: nothing that is known leads to the client
 * (another package gives it). Unknown is not the same as none.
 * @param models what Prisma schemas declare
 * @param seen the queries of code that were
 */
export function unseenCalls(files: ReadonlyMap<string, FileFacts>, models: readonly ModelTable[], seen: readonly QueryFact[], { config, only }: QuerySources): QuerySite[] {
  const delegates = new Set(models.filter(({ orm }) => orm === 'prisma').map(({ modelName }) => modelName.charAt(0).toLowerCase() + modelName.slice(1)));
  if (delegates.size === 0) return [];
  const places = new Set(seen.map(({ location }) => placeOf(location)));
  return [...files.values()].flatMap(({ file, role, code }) => {
    if (role.type !== 'source' || (only !== undefined && file !== only)) return [];
    const unseen = code?.operations?.filter(({ model, location }) => delegates.has(model) && !places.has(placeOf(location))) ?? [];
    return unseen.map(({ model, location }): QuerySite => ({
      called: [],
      own: [toFound({ kind: 'query', library: 'prisma', location, unknown: `it looks like a query of Prisma Client on "${model}", and nothing that was followed leads to it`, stack: [], calls: [], facts: [], checks: [], parameters: new Map() }, config)],
    }));
  });
}

function placeOf({ file, start }: Location): string {
  return `${file}:${start}`;
}
