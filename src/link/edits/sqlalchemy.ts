import type { CodeCall } from '../../facts/code.js';
import { insertion, type Fix } from '../../facts/edit.js';
import type { Aim } from './types.js';

/** What begins a statement over a class, and the method that takes a condition of it (SQLAlchemy manual, "ORM Querying Guide" and "Query API"). */
const CONDITION: Readonly<Record<string, string>> = { select: 'where', update: 'where', delete: 'where', query: 'filter' };

/** The tenant as a further condition of a statement over a mapped class, right behind what begins it. */
export function sqlalchemyEdit({ call, file, models, table, value }: Aim): Fix | undefined {
  const model = models.find(({ orm, name }) => orm === 'sqlalchemy' && name.name === table.table.name && (name.schema ?? 'public') === table.table.schema);
  const field = model && Object.keys(model.fields).find((key) => model.fields[key] === value.column);
  if (model === undefined || field === undefined) return undefined;
  const [begin, ...more] = callsIn(call).filter((each) => Object.hasOwn(CONDITION, nameOf(each)) && isOver(each, model.modelName));
  if (begin === undefined || more.length > 0) return undefined;
  const text = `.${CONDITION[nameOf(begin)]}(${model.modelName}.${field} == ${value.name})`;
  return { description: `Compare ${model.modelName}.${field} with ${value.name}.`, edits: [insertion(file, begin.location.end, text)] };
}

function nameOf({ callee }: CodeCall): string {
  return callee.kind === 'name' ? callee.name : callee.kind === 'member' ? callee.property : '';
}

/** `select(Note)`, `select(Note.id)`. */
function isOver({ arguments: given }: CodeCall, model: string): boolean {
  return given.some(({ value }) => (value.kind === 'name' ? value.name : value.kind === 'member' && value.object.kind === 'name' ? value.object.name : '') === model);
}

function callsIn(node: unknown): CodeCall[] {
  if (typeof node !== 'object' || node === null) return [];
  const inner = Object.values(node).flatMap(callsIn);
  return (node as { kind?: string }).kind === 'call' ? [node as CodeCall, ...inner] : inner;
}
