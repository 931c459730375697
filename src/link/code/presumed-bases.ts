import type { CodeClass, CodeExpression, CodeModule } from '../../facts/code.js';
import type { ExternalValue } from './values.js';

/** What bases of models are called that have no columns of a tenant's, as far as names tell. */
const PLAIN = /^(?:Base|BaseModel|ModelBase|Timestamp(?:ed)?Model|TimeStamped(?:Model)?)$/;

/**
 * What a Python module imports from one that is not there, where its own classes say what it has to be: the base of models (`class Note(Base)` with
 * `__tablename__` or fields of Django), or Flask-SQLAlchemy's object (`class Note(db.Model)` with `db.Column`).
 */
export function presumedImport(module: CodeModule, imported: string): ExternalValue | undefined {
  let known = presumed.get(module);
  if (known === undefined) presumed.set(module, known = presumedIn(module));
  return known.get(imported);
}

/** By module and name. Names are asked for whenever they are read, and most modules have none. */
const presumed = new WeakMap<CodeModule, ReadonlyMap<string, ExternalValue>>();

function presumedIn({ body }: CodeModule): ReadonlyMap<string, ExternalValue> {
  const found = new Map<string, ExternalValue>();
  for (const statement of body) {
    if (statement.kind !== 'class') continue;
    for (const name of statement.class.bases.flatMap(nameOfBase)) {
      const value = found.has(name) ? undefined : presumedBy(statement.class, name);
      if (value !== undefined) found.set(name, value);
    }
  }
  return found;
}

/** `Base`, and `db` of `db.Model`. */
function nameOfBase(base: CodeExpression): string[] {
  const node = base.kind === 'member' ? base.object : base;
  return node.kind === 'name' ? [node.name] : [];
}

function presumedBy({ bases, fields }: CodeClass, name: string): ExternalValue | undefined {
  if (bases.some((base) => base.kind === 'member' && isName(base.object, name) && base.property === 'Model')) {
    return fields.some(({ value }) => asks(value, name, /^Column$/)) ? { kind: 'external', module: 'flask_sqlalchemy', path: ['db'] } : undefined;
  }
  if (!PLAIN.test(name) || !bases.some((base) => isName(base, name))) return undefined;
  if (fields.some((field) => field.name === '__tablename__')) return { kind: 'external', module: 'sqlalchemy.orm', path: ['DeclarativeBase'], arguments: [] };
  return fields.some(({ value }) => asks(value, 'models', /Field$|^ForeignKey$/)) ? { kind: 'external', module: 'django.db.models', path: ['Model'] } : undefined;
}

function isName(node: CodeExpression, name: string): boolean {
  return node.kind === 'name' && node.name === name;
}

/** `db.Column(...)`, `models.CharField(...)`. */
function asks(node: CodeExpression | undefined, object: string, method: RegExp): boolean {
  return node?.kind === 'call' && node.callee.kind === 'member' && isName(node.callee.object, object) && method.test(node.callee.property);
}
