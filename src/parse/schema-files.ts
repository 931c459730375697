import type { SourceFile } from '../facts/file.js';

/** Packages that declare tables in code. A module that declares one names such a package, or another module that does. */
const DECLARES = /(?:['"`]|\b(?:from|import)\s+)[@\w./-]*(?:drizzle|typeorm|mikro-orm|sequelize|sqlalchemy|sqlmodel|advanced_alchemy|django)/i;

const isCode = ({ language }: SourceFile): boolean => language !== 'sql' && language !== 'prisma';

/**
 * The files that may say something of the schema. Migrations and models in code may use any of its modules; where there are none, code is left out.
 * @param read the text of a file; undefined when it cannot be had
 */
export function schemaFiles(files: readonly SourceFile[], read: (path: string) => string | undefined): readonly SourceFile[] {
  const inCode = files.some((file) => isCode(file) && (file.role.type === 'migration' || file.role.type === 'model' || DECLARES.test(read(file.path) ?? '')));
  return inCode ? files : files.filter((file) => !isCode(file));
}
