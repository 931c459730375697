import type { PrismaArgument, PrismaAttribute, PrismaBlock, PrismaField, PrismaValue } from '../../facts/prisma.js';
import type { QualifiedName } from '../../facts/query.js';

interface Attributed {
  readonly name: string;
  readonly attributes: readonly PrismaAttribute[];
}

/** The first attribute of that name, without its `@`. */
export function attribute(owner: Pick<PrismaField | PrismaBlock, 'attributes'>, name: string): PrismaAttribute | undefined {
  return owner.attributes.find((candidate) => candidate.name === name);
}

/** An argument by its name, or the first one without a name. */
export function argument(owner: { readonly arguments: readonly PrismaArgument[] }, name: string, orFirst = false): PrismaValue | undefined {
  const found = owner.arguments.find((candidate) => candidate.name === name) ?? (orFirst ? owner.arguments.find((candidate) => candidate.name === undefined) : undefined);
  return found?.value;
}

/** The text of a string value; undefined for any other. */
export function textOf(value: PrismaValue | undefined): string | undefined {
  return value?.kind === 'string' ? value.value : undefined;
}

/** The database's name of a model, enum, field or enum value. */
export function mappedName(owner: Attributed): string {
  const map = attribute(owner, 'map');
  return (map && textOf(argument(map, 'name', true))) ?? owner.name;
}

/** The schema given by `@@schema`; undefined for the default one. */
export function schemaName(block: PrismaBlock): string | undefined {
  const schema = attribute(block, 'schema');
  const name = schema && textOf(argument(schema, 'map', true));
  return name === 'public' ? undefined : name;
}

/** The physical name of a model's table. */
export function tableName(model: PrismaBlock): QualifiedName {
  const schema = schemaName(model);
  return { ...(schema !== undefined && { schema }), name: mappedName(model) };
}

/** Field names of `[a, b(sort: Desc)]`, or of a single name. */
export function fieldNames(value: PrismaValue | undefined): string[] {
  if (value === undefined) return [];
  if (value.kind === 'list') return value.items.flatMap(fieldNames);
  return value.kind === 'name' || value.kind === 'call' ? [value.name] : [];
}

/** Column names of fields; names that are no field stay as they are. */
export function columnNames(model: PrismaBlock, fields: readonly string[]): string[] {
  return fields.map((name) => {
    const field = model.fields.find((candidate) => candidate.name === name);
    return field ? mappedName(field) : name;
  });
}
