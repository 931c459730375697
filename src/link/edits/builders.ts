import { insertion, type Fix } from '../../facts/edit.js';
import { chainOf, type Link } from './place.js';
import type { Aim } from './types.js';

/** The tenant as a further condition of a Kysely query. */
export function kyselyEdit({ call, file, table, value }: Aim): Fix | undefined {
  const { links } = chainOf(call);
  const base = links.find(({ name }) => name === 'selectFrom' || name === 'updateTable' || name === 'deleteFrom');
  const name = base && alias(base, table.table.name);
  if (base === undefined || name === undefined || links.some(({ name: method }) => method === 'withSchema')) return undefined;
  const after = links.findLast((link) => link === base || link.name === 'set' || /Join$/.test(link.name))!;
  return condition(after, `.where('${column(links, name, value.column)}', '=', ${value.name})`, value, file);
}

/** The tenant as a further condition of a Knex query; none where conditions are joined by OR. */
export function knexEdit({ call, file, table, value }: Aim): Fix | undefined {
  const { links } = chainOf(call);
  const base = links.find(({ name, call: { arguments: [argument] } }) => ['', 'from', 'into', 'table'].includes(name) && argument?.value.kind === 'literal');
  const name = base && alias(base, table.table.name);
  if (base === undefined || name === undefined || links.some(({ name: method }) => /^or[A-Z]/.test(method) || method === 'withSchema')) return undefined;
  const after = links.findLast((link) => link === base || /join$/i.test(link.name))!;
  return condition(after, `.where('${column(links, name, value.column)}', ${value.name})`, value, file);
}

function condition({ call }: Link, text: string, { column: of, name }: Aim['value'], file: string): Fix {
  return { description: `Compare ${of} with ${name}.`, edits: [insertion(file, call.location.end, text)] };
}

/** The name that a table has in a query: `notes`, `notes as n`; undefined where the link names another. */
function alias({ call: { arguments: [argument] } }: Link, table: string): string | undefined {
  const written = argument?.value.kind === 'literal' ? argument.value.value : undefined;
  const [, name, other] = typeof written === 'string' ? /^(\w+)(?:\s+as\s+(\w+))?$/i.exec(written) ?? [] : [];
  return name === table ? other ?? name : undefined;
}

function column(links: readonly Link[], table: string, name: string): string {
  return links.some((link) => /join$/i.test(link.name)) ? `${table}.${name}` : name;
}
