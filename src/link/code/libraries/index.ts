import type { Library } from '../library.js';
import { knexLibrary } from './knex/index.js';
import { alembicLibrary } from './alembic/index.js';
import { assertionsLibrary } from './assertions/index.js';
import { djangoLibrary } from './django/index.js';
import { drizzleLibrary } from './drizzle/index.js';
import { cqrsLibrary } from './cqrs/index.js';
import { frameworksLibrary } from './frameworks/index.js';
import { kyselyLibrary } from './kysely/index.js';
import { mikroOrmLibrary } from './mikro-orm/index.js';
import { pgLibrary } from './pg/index.js';
import { nodePgMigrateLibrary } from './node-pg-migrate/index.js';
import { pgPromiseLibrary } from './pg/promise.js';
import { postgresJsLibrary } from './postgres-js/index.js';
import { prismaLibrary } from './prisma/index.js';
import { nodeFilesLibrary } from './node-files/index.js';
import { pythonFilesLibrary } from './python-files/index.js';
import { pythonRegexLibrary } from './python-regex/index.js';
import { resultsLibrary } from './results/index.js';
import { effectLibrary } from './effect/index.js';
import { restFrameworkLibrary } from './rest-framework/index.js';
import { pythonDriversLibrary } from './python-drivers/index.js';
import { pythonValuesLibrary } from './python-values/index.js';
import { runnersLibrary } from './runners/index.js';
import { schedulersLibrary } from './schedulers/index.js';
import { sequelizeLibrary } from './sequelize/index.js';
import { slonikLibrary } from './slonik/index.js';
import { sqlTemplatesLibrary } from './sql-templates/index.js';
import { sqlalchemyLibrary } from './sqlalchemy/index.js';
import { storesLibrary } from './stores/index.js';
import { supabaseLibrary } from './supabase/index.js';
import { trpcLibrary } from './trpc/index.js';
import { tsPatternLibrary } from './ts-pattern/index.js';
import { typeormLibrary } from './typeorm/index.js';
import { validatorLibrary } from './validator/index.js';
import { vercelLibrary } from './vercel/index.js';

/** Every package whose calls are understood. */
export const libraries: readonly Library[] = [
  alembicLibrary,
  assertionsLibrary,
  drizzleLibrary,
  effectLibrary,
  restFrameworkLibrary,
  resultsLibrary,
  runnersLibrary,
  // Before the frameworks: what is known of a procedure goes before what names of parameters say.
  trpcLibrary,
  cqrsLibrary,
  frameworksLibrary,
  djangoLibrary,
  knexLibrary,
  kyselyLibrary,
  mikroOrmLibrary,
  nodePgMigrateLibrary,
  pgLibrary,
  pgPromiseLibrary,
  postgresJsLibrary,
  prismaLibrary,
  pythonDriversLibrary,
  pythonFilesLibrary,
  nodeFilesLibrary,
  pythonRegexLibrary,
  pythonValuesLibrary,
  schedulersLibrary,
  sequelizeLibrary,
  slonikLibrary,
  sqlTemplatesLibrary,
  sqlalchemyLibrary,
  storesLibrary,
  supabaseLibrary,
  tsPatternLibrary,
  typeormLibrary,
  validatorLibrary,
  vercelLibrary,
];
