/** Tables that migration tools and well-known extensions keep for themselves. */
const toolTables = new Set([
  '_prisma_migrations', '__drizzle_migrations', 'alembic_version', 'schema_migrations', 'schema_version', 'goose_db_version', 'gorp_migrations',
  'flyway_schema_history', 'knex_migrations', 'knex_migrations_lock', 'kysely_migration', 'kysely_migration_lock', 'pgmigrations', 'typeorm_metadata', 'mikro_orm_migrations',
  'atlas_schema_revisions', 'databasechangelog', 'databasechangeloglock', 'spatial_ref_sys', 'sequelizemeta', 'django_migrations', 'ar_internal_metadata',
  '_sqlx_migrations', '__diesel_schema_migrations', 'refinery_schema_history', 'play_evolutions', 'schemaversion', '__efmigrationshistory',
  '_yoyo_migration', '_yoyo_log', '_yoyo_version', 'yoyo_lock',
]);

/** Whether a migration tool or an extension keeps a table of this name for itself: it belongs to no tenant. */
export function isToolTable(name: string): boolean {
  return toolTables.has(name.toLowerCase());
}
