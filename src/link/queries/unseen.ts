import type { LikelyQuery } from '../../facts/code.js';
import type { FileFacts } from '../../facts/file.js';
import { overlaps, type Location } from '../../facts/location.js';
import type { ModelTable } from '../../facts/schema.js';
import { push } from '../code/lists.js';
import { likelyIn, likelyNames } from '../code/presumed.js';
import type { QueryFact } from '../project.js';
import { beginOf } from './callers.js';
import { toFound, type QuerySite } from './code.js';
import { tablesOf, type QuerySources } from './index.js';
import { isQuery, nodes } from './nodes.js';

/**
 * The calls that look like queries of an ORM, of a model or table of the project, where none was seen: nothing that was followed leads to their client
 * (another package gives it). Unknown is not the same as none. What is built piece by piece may be a part of another query: of Kysely, Drizzle,
 * supabase-js and Knex it counts where a whole file was not understood, of Django and SQLAlchemy where nothing of the model in the file was.
 * @param models the models of the project
 * @param seen the queries of code that were
 */
export function unseenCalls(files: ReadonlyMap<string, FileFacts>, models: readonly ModelTable[], seen: readonly QueryFact[], sources: QuerySources): QuerySite[] {
  const known = likelyNames(models, tablesOf(sources).map(({ table }) => table.name));
  const found = new Map<string, Location[]>();
  for (const { location } of seen) {
    push(found, location.file, location);
  }
  let parts: readonly Location[] | undefined;
  let begins: ReadonlySet<string> | undefined;
  const isPart = ({ orm, location }: LikelyQuery): boolean => {
    parts ??= seen.flatMap(({ query }) => nodes(query).filter(isQuery).map((each) => each.location));
    if (orm === 'sql') return parts.some((each) => overlaps(each, location));
    return (begins ??= new Set(parts.map(beginOf))).has(beginOf(location));
  };
  return [...files.values()].flatMap(({ file, role, code }) => {
    if (role.type !== 'source' || (sources.only !== undefined && file !== sources.only)) return [];
    const likely = likelyIn(code, known);
    const places = found.get(file) ?? [];
    const understood = likely.filter(({ location }) => places.some((query) => query.start === location.start || overlaps(location, query)));
    const [isSeen, builders] = [new Set(understood), new Set(understood.map(builderOf))];
    const unseen = likely.filter((each) => !isSeen.has(each) && !isPart(each) && (WHOLE.has(each.orm) || !builders.has(builderOf(each))));
    return [...new Map(unseen.map((each) => [each.location.start, each])).values()].map((each) => siteOf(each, sources));
  });
}

/** Queries that are no part of another. */
const WHOLE: ReadonlySet<LikelyQuery['orm']> = new Set(['prisma', 'sequelize', 'sql']);

/** What is built by what: of Python's ORMs by the model, which another package may have given. */
function builderOf({ orm, of }: LikelyQuery): string {
  return orm === 'django' || orm === 'sqlalchemy' ? `${orm} ${of}` : orm;
}

function siteOf({ orm, of, location }: LikelyQuery, { config }: QuerySources): QuerySite {
  const unknown = orm === 'sql' ? `it looks like SQL on "${of}" for a client that nothing that was followed leads to` : `it looks like a query of ${NAMES[orm]} on "${of}", and nothing that was followed leads to it`;
  return { called: [], own: [toFound({ kind: 'query', library: orm, location, unknown, stack: [], calls: [], facts: [], checks: [], parameters: new Map() }, config)] };
}

const NAMES: Readonly<Record<Exclude<LikelyQuery['orm'], 'sql'>, string>> = { prisma: 'Prisma Client', drizzle: 'Drizzle', kysely: 'Kysely', supabase: 'supabase-js or Knex', entity: 'TypeORM or MikroORM', sequelize: 'Sequelize', django: 'Django', sqlalchemy: 'SQLAlchemy' };
