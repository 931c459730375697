import type { LibraryValue, Value } from '../../values.js';
import { SQLALCHEMY } from './data.js';
import { libraryValue } from './given.js';

/** The dialect of a connection: PostgreSQL's. */
export function dialectValue(): LibraryValue {
  return libraryValue(SQLALCHEMY, 'dialect', undefined);
}

/** A member of the dialect: it is PostgreSQL. */
export function dialectMember(name: string): Value | undefined {
  if (name === 'name') return { kind: 'constant', value: 'postgresql' };
  return name === 'identifier_preparer' || name === 'dialect' ? dialectValue() : undefined;
}
