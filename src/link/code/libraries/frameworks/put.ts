import type { AssignmentExpression } from '../../../../facts/code.js';
import { nodes } from '../../../queries/nodes.js';
import type { Context } from '../../library.js';
import { stored } from '../../store.js';
import type { FunctionValue, LibraryValue, ObjectEntryValue, Value } from '../../values.js';
import { FRAMEWORKS } from './name.js';
import { placeKey, type Request } from './request.js';
import { nameOf } from './routes.js';

/** What the project's own middleware puts on requests, by the name of the member: rows that it found. */
type Put = Map<string, Value[]>;

/** Takes note of what is put on a request: `req.project = project`. */
export function noteOnRequest(entries: readonly ObjectEntryValue[], ctx: Context): void {
  for (const entry of entries) {
    if (entry.kind !== 'property') continue;
    const values = put(ctx).get(entry.key);
    const known = ctx.read(entry.value);
    values?.push(...known.kind === 'union' ? known.options.map(({ value }) => ctx.read(value)) : [known]);
  }
}

/**
 * The row that middleware of the project puts on a request under a name. Whichever ran before, it is one of the rows that one of them found.
 * @returns undefined where nothing puts a row there, or something else than a row may be there too
 */
export function rowOnRequest(request: LibraryValue, name: string, ctx: Context): Value | undefined {
  const found = stored(ctx, 'rows on requests', () => new Map<string, Value | undefined>());
  if (!found.has(name)) {
    found.set(name, undefined);
    found.set(name, search(request, name, ctx));
  }
  return found.get(name);
}

function search(request: LibraryValue, name: string, ctx: Context): Value | undefined {
  const values: Value[] = [];
  put(ctx).set(name, values);
  for (const fn of settersOf(name, ctx)) ctx.glance(() => ctx.invoke(fn, [requestOf(request, fn)], fn.function.location));
  put(ctx).delete(name);
  const rows = values.filter((value) => value.kind === 'row');
  const others = values.filter((value) => value.kind !== 'row' && !(value.kind === 'constant' && (value.value === null || value.value === undefined)));
  if (rows.length === 0 || others.length > 0) return undefined;
  return rows.length === 1 ? rows[0] : { kind: 'union', options: rows.map((value) => ({ value, facts: [] })) };
}

/** The functions that set a member of what they are given first. */
function settersOf(name: string, ctx: Context): FunctionValue[] {
  const files = [...ctx.modules.keys()].filter((file) => ctx.modules.get(file)!.language === 'javascript' && ctx.text(file)?.includes(`.${name} =`) === true);
  return files.flatMap((file) => ctx.functionsOf(file)).filter(({ function: { parameters, body } }) => {
    const first = parameters[0] && nameOf(parameters[0]);
    return first !== undefined && first !== '' && nodes(body).some((node) => isSetting(node, first, name));
  });
}

function isSetting(node: { readonly kind: string }, object: string, name: string): boolean {
  if (node.kind !== 'assignment') return false;
  const { target } = node as AssignmentExpression;
  const member = target.kind === 'target' ? target.expression : undefined;
  return member?.kind === 'member' && member.property === name && member.object.kind === 'name' && member.object.name === object;
}

function requestOf(request: LibraryValue, fn: FunctionValue): LibraryValue {
  const [first] = fn.function.parameters;
  const name = nameOf(first!);
  return { kind: 'library', library: FRAMEWORKS, type: request.type, data: { name, key: placeKey(name, first!.location) } satisfies Request };
}

function put(ctx: Context): Put {
  return stored(ctx, 'put on requests', () => new Map<string, Value[]>());
}
