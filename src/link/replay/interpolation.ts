import type { Expression } from '../../facts/expression.js';
import { isWithin, type Location } from '../../facts/location.js';
import type { Interpolation } from '../project.js';
import { describe } from './describe.js';
import type { DynamicSql } from './dynamic.js';
import { cannotCarrySql, type TypesOf } from './safe-text.js';
import { operands } from './text.js';
import { textOf } from './values.js';

/** The values from outside that are pasted into dynamic SQL without quoting. Numbers and dates cannot change the meaning of the text. */
export function interpolations(dynamic: DynamicSql, text: Expression, migration: number, at: Location, typesOf: TypesOf): Interpolation[] {
  return dynamic.unknown.filter(({ form, value }) => form === 'raw' && !cannotCarrySql(value, typesOf)).map(({ value, location }) => ({
    // A value that a variable brings along was written elsewhere: then the place is where it is pasted.
    location: isWithin(location, at) ? location : at, migration, expression: describe(value), statement: statementText(text),
  }));
}

function statementText(text: Expression): string {
  const whole = operands(text).map((part) => textOf(part) ?? '...').join('').trim().replace(/\s+/g, ' ');
  return whole.length > 80 ? `${whole.slice(0, 77)}...` : whole;
}
