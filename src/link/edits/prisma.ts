import type { CodeExpression, ObjectExpression } from '../../facts/code.js';
import { insertion, type Fix } from '../../facts/edit.js';
import type { Aim } from './types.js';

const MANY: ReadonlySet<string> = new Set(['findMany', 'findFirst', 'findFirstOrThrow', 'count', 'aggregate', 'groupBy', 'updateMany', 'updateManyAndReturn', 'deleteMany']);
const UNIQUE: ReadonlySet<string> = new Set(['findUnique', 'findUniqueOrThrow', 'update', 'delete']);

/** The first version whose unique selectors take further conditions (Prisma release notes, 5.0.0: `extendedWhereUnique`). */
const WIDER_UNIQUE = 5;

/** The tenant as a further condition of a Prisma call's `where`; undefined where that is no object of its own, or takes none. */
export function prismaEdit({ call, file, models, table, value, prismaVersion }: Aim): Fix | undefined {
  const { callee, arguments: [argument, ...more] } = call;
  if (callee.kind !== 'member' || callee.object.kind !== 'member' || more.length > 0) return undefined;
  const delegate = callee.object.property;
  const model = models.find(({ orm, modelName }) => orm === 'prisma' && modelName.charAt(0).toLowerCase() + modelName.slice(1) === delegate);
  if (model === undefined || (model.name.name !== table.table.name)) return undefined;
  const field = Object.keys(model.fields).find((key) => model.fields[key] === value.column);
  const isUnique = UNIQUE.has(callee.property);
  const method = isUnique && (prismaVersion ?? 0) < WIDER_UNIQUE ? WITHOUT_UNIQUE[callee.property] : callee.property;
  if (field === undefined || method === undefined || !(isUnique || MANY.has(callee.property))) return undefined;
  const entry = field === value.name ? field : `${field}: ${value.name}`;
  const where = whereEdit(argument?.value, entry, field, call.location.end - 1, file);
  if (where === undefined) return undefined;
  const renamed = method === callee.property ? [] : [{ location: callee.propertyLocation, replaces: /^\w+/, text: method }];
  return { description: `Add ${field} to where.`, edits: [...renamed, where] };
}

/** What finds the same row before that version. */
const WITHOUT_UNIQUE: Readonly<Record<string, string>> = { findUnique: 'findFirst', findUniqueOrThrow: 'findFirstOrThrow' };

function whereEdit(argument: CodeExpression | undefined, entry: string, field: string, end: number, file: string): Fix['edits'][number] | undefined {
  if (argument === undefined) return insertion(file, end, `{ where: { ${entry} } }`);
  if (argument.kind !== 'object' || argument.entries.some(({ kind }) => kind === 'spread')) return undefined;
  const where = propertyOf(argument, 'where');
  if (where === undefined) return withEntry(argument, `where: { ${entry} }`, file);
  if (where.kind !== 'object' || propertyOf(where, field) !== undefined) return undefined;
  return withEntry(where, entry, file);
}

function propertyOf({ entries }: ObjectExpression, key: string): CodeExpression | undefined {
  return entries.flatMap((entry) => (entry.kind === 'property' && entry.key === key ? [entry.value] : []))[0];
}

/** Behind what is there, so that nothing that is spread in can take it away. */
function withEntry({ entries, location }: ObjectExpression, entry: string, file: string): Fix['edits'][number] {
  const last = entries.at(-1);
  return last === undefined ? { location, replaces: /^\{\s*\}/, text: `{ ${entry} }` } : insertion(file, last.location.end, `, ${entry}`);
}
