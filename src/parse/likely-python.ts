import type { CodeCall, CodeExpression, LikelyQuery, MemberExpression } from '../facts/code.js';
import { nameOf } from './likely-client.js';

/** Managers of Django's models. */
const MANAGER = /^(?:\w*objects|_default_manager|_base_manager)$/;
/** What SQLAlchemy's statements begin with: functions that are given a model, and what a session is asked. */
const STATEMENT = /^(?:select|insert|update|delete)$/;
const OF_SESSION = /^(?:query|get|get_one|scalar_one)$/;
const MODEL = /^[A-Z]\w*[a-z]\w*$/;

/** What is given to these is a part of another query. */
export function isPart({ callee }: CodeCall): boolean {
  return /^(?:Prefetch|Subquery|Exists|exists|in_)$/.test(nameOf(callee) ?? '');
}

/** `Note.objects.filter(...)`, `select(Note)`, `db.query(Note.id)`, `db.get(Note, id)`, `Note.query.filter_by(...)`. */
export function likelyPython({ callee, arguments: given, location }: CodeCall): LikelyQuery[] {
  if (callee.kind === 'name') return STATEMENT.test(callee.name) ? ofModel('sqlalchemy', given[0]?.value, location) : [];
  if (callee.kind !== 'member') return [];
  const { object, property } = callee;
  if (object.kind === 'member' && MANAGER.test(object.property)) return property === 'none' ? [] : ofModel('django', object.object, location);
  if (object.kind === 'member' && object.property === 'query') return ofModel('sqlalchemy', object.object, location);
  if (OF_SESSION.test(property)) return given.length > (property === 'query' ? 0 : 1) ? ofModel('sqlalchemy', given[0]!.value, location) : [];
  // `sa.select(Note)`, `db.select(Note)`.
  return STATEMENT.test(property) && object.kind === 'name' ? ofModel('sqlalchemy', given[0]?.value, location) : [];
}

/** `Note`, `models.Note`; a column of one (`Note.id`). */
function ofModel(orm: 'django' | 'sqlalchemy', node: CodeExpression | undefined, location: LikelyQuery['location']): LikelyQuery[] {
  const of = node && (named(node) ?? (orm === 'sqlalchemy' && node.kind === 'member' ? named((node as MemberExpression).object) : undefined));
  return of === undefined ? [] : [{ orm, of, location }];
}

function named(node: CodeExpression): string | undefined {
  const name = node.kind === 'name' || node.kind === 'member' ? nameOf(node) : undefined;
  return name !== undefined && MODEL.test(name) ? name : undefined;
}
