import { stored } from '../../store.js';
import type { CodeModule } from '../../../../facts/code.js';
import type { Context } from '../../library.js';
import { camelCase, snakeCase, upperFirst } from '../entities/naming.js';

/** How TypeORM makes names of tables and columns: its default, or the snake case of `typeorm-naming-strategies` and the like. */
export interface Naming {
  column(property: string, prefixes: readonly string[], given: string | undefined): string;
  joinColumn(relation: string, referenced: string): string;
  joinTable(first: string, second: string, property: string): string;
  joinTableColumn(table: string, property: string): string;
  table(className: string): string;
}

const standard: Naming = {
  column: (property, prefixes, given) => (prefixes.length > 0 ? camelCase(prefixes.join('_')) + upperFirst(given ?? property) : given ?? property),
  joinColumn: (relation, referenced) => camelCase(`${relation}_${referenced}`),
  joinTable: (first, second, property) => snakeCase(`${first}_${property.replace(/\./g, '_')}_${second}`),
  joinTableColumn: (table, property) => camelCase(`${table}_${property}`),
  table: snakeCase,
};

const snake: Naming = {
  column: (property, prefixes, given) => snakeCase([...prefixes, ''].join('_')) + (given ?? snakeCase(property)),
  joinColumn: (relation, referenced) => snakeCase(`${relation}_${referenced}`),
  joinTable: (first, second, property) => snakeCase(`${first}_${property.replace(/\./g, '_')}_${second}`),
  joinTableColumn: (table, property) => snakeCase(`${table}_${property}`),
  table: snakeCase,
};

/** The strategy that the project uses: snake case where it imports one, or has its own that makes snake case. */
export function namingOf(ctx: Context): Naming {
  return stored(ctx, 'typeorm:naming', () => (ctx.journal.modulesWith(/(?:Snake|Default)NamingStrategy/).some(usesSnakeCase) ? snake : standard));
}

function usesSnakeCase(module: CodeModule): boolean {
  const { imports } = module;
  if (imports.some(({ target, names }) => target.module === 'typeorm-naming-strategies' && names.includes('SnakeNamingStrategy'))) return true;
  if (!imports.some(({ names }) => names.includes('DefaultNamingStrategy'))) return false;
  return module.body.some((each) => {
    if (each.kind !== 'class') return false;
    const column = each.class.bases.some((base) => base.kind === 'name' && base.name === 'DefaultNamingStrategy') && each.class.methods.find(({ name }) => name === 'columnName');
    return column ? /snake/i.test(JSON.stringify(column.body)) : false;
  });
}
