import type { Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { unknownValue } from '../../values.js';
import { kyselyOf } from '../kysely/index.js';
import { fieldsOf } from '../objects.js';

/** The package that gives a Prisma client a query builder of Kysely, `$kysely`, which runs on the client's own connection and in its transactions. */
export const KYSELY_EXTENSION = 'prisma-extension-kysely';

/** `kyselyExtension({ kysely: (driver) => new Kysely({ ... }) })`: an extension for `$extends`. */
export function kyselyExtension(call: Call): LibraryValue {
  return { kind: 'library', library: 'prisma', type: 'kyselyExtension', data: call };
}

/** `prisma.$kysely`: what the callback of the extension made, else a builder of the project's database. @returns undefined for a client that was not extended so */
export function kyselyMember(client: LibraryValue, extensions: readonly Value[], ctx: Context): Value | undefined {
  const extension = extensions.map((each) => ctx.read(each)).findLast((each) => each.kind === 'library' && each.type === 'kyselyExtension');
  if (extension?.kind !== 'library') return undefined;
  const call = extension.data as Call;
  const given = call.arguments.positional[0] && ctx.read(call.arguments.positional[0]);
  const make = given?.kind === 'object' ? fieldsOf(given, ctx).given.find(({ key }) => key === 'kysely')?.value : undefined;
  const made = make && ctx.read(ctx.invoke(make, [unknownValue('the driver of a Prisma client')], call.location));
  return made?.kind === 'library' ? made : kyselyOf(client, ctx);
}
