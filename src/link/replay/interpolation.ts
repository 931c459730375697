import type { Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { QualifiedName } from '../../facts/query.js';
import type { Interpolation } from '../project.js';
import { describe } from './describe.js';
import type { DynamicSql } from './dynamic.js';
import { operands } from './text.js';
import { walkTree } from './tree.js';
import { textOf } from './values.js';

/** The values from outside that are pasted into dynamic SQL without quoting. Numbers cannot change the meaning of the text. */
export function interpolations(dynamic: DynamicSql, text: Expression, migration: number, at: Location): Interpolation[] {
  return dynamic.unknown.filter(({ form, value }) => form === 'raw' && !isNumeric(value) && !readsCatalogOnly(value)).map(({ value, location }) => ({
    location: isInside(location, at) ? location : at, migration, expression: describe(value), statement: statementText(text),
  }));
}

/** Names read from the system catalog are those of the database's own objects. */
function readsCatalogOnly(value: Expression): boolean {
  let [system, other] = [false, false];
  walkTree(value, (node) => {
    if (node.kind === 'parameter') other = true;
    if (node.kind !== 'table' || !('columnAliases' in node)) return true;
    const { schema, name } = (node as unknown as { name: QualifiedName }).name;
    if (schema === 'information_schema' || schema === 'pg_catalog' || name.startsWith('pg_')) system = true;
    else other = true;
    return true;
  });
  return system && !other;
}

/** A value that a variable brings along was written elsewhere: then the place is where it is pasted. */
function isInside(location: Location, at: Location): boolean {
  return location.file === at.file && location.start >= at.start && location.end <= at.end;
}

function statementText(text: Expression): string {
  const whole = operands(text).map((part) => textOf(part) ?? '...').join('').trim().replace(/\s+/g, ' ');
  return whole.length > 80 ? `${whole.slice(0, 77)}...` : whole;
}

const numericCalls = new Set(['count', 'length', 'array_length', 'cardinality', 'abs', 'ceil', 'floor', 'nextval', 'currval', 'extract', 'random']);
const numericTypes = new Set(['int2', 'int4', 'int8', 'numeric', 'float4', 'float8', 'bool', 'oid', 'date', 'timestamp', 'timestamptz', 'regclass', 'regtype', 'uuid']);

function isText(value: Expression): boolean {
  return value.kind === 'constant' && typeof value.value !== 'number';
}

/** Whether a value is certain to be a number (or another type whose text cannot hold SQL). */
function isNumeric(value: Expression): boolean {
  switch (value.kind) {
    case 'constant': return true;
    case 'cast': return numericTypes.has(value.type.name) && value.type.dimensions === 0;
    case 'call':
      if (['coalesce', 'greatest', 'least', 'max', 'min', 'sum', 'nullif'].includes(value.name.at(-1)!)) return value.arguments.some((argument) => isNumeric(argument) && !isText(argument));
      return numericCalls.has(value.name.at(-1)!);
    case 'operator': return ['+', '-', '*', '/', '%'].includes(value.operator);
    case 'case': return value.branches.every(({ then }) => isNumeric(then)) && (!value.otherwise || isNumeric(value.otherwise));
    case 'subquery': {
      const target = value.form === 'scalar' && value.query.kind === 'select' ? value.query.targets[0]?.expression : undefined;
      return target !== undefined && isNumeric(target);
    }
    default: return false;
  }
}
