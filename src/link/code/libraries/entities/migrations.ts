import type { CodeClass } from '../../../../facts/code.js';
import type { Location } from '../../../../facts/location.js';
import type { Operation } from '../../../../facts/operation.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import type { Value } from '../../values.js';
import { and, column, constant, equal, select, table as reference } from '../build.js';

/** An instance of the class of a migration's module that has a method of that name. */
export function migrationInstance(lookup: (name: string) => Value | undefined, method: string, ctx: Context): Value | undefined {
  const module = ctx.modules.get(ctx.file);
  for (const each of module?.body ?? []) {
    const code: CodeClass | undefined = each.kind === 'class' ? each.class : each.kind === 'export' && each.value?.expression.kind === 'classValue' ? each.value.expression.class : undefined;
    if (code === undefined || !code.methods.some(({ name }) => name === method)) continue;
    const value = code.name === undefined ? undefined : lookup(code.name);
    const known = value && ctx.read(value);
    if (known?.kind === 'classValue') return ctx.instanceOf(known);
  }
  for (const name of ['default', 'export =', ...(module?.body ?? []).flatMap((each) => (each.kind === 'export' && each.value ? [each.value.exported] : []))]) {
    const value = lookup(name);
    const known = value && ctx.read(value);
    if (known?.kind === 'classValue') return ctx.instanceOf(known);
  }
  return undefined;
}

/** Records statements of a migration, each with its operations. */
export function emitEach(operations: readonly Operation[], ctx: Context): void {
  for (const each of operations) ctx.emit({ kind: 'operations', operations: [each], location: each.location });
}

/** An operation whose effect is not known. */
export function notUnderstood(reason: string, location: Location, tables: readonly QualifiedName[] = []): Operation {
  return { kind: 'notUnderstood', reason, tables, location };
}

/** DROP TABLE. */
export function dropTable(name: QualifiedName, ifExists: boolean, cascade: boolean, location: Location): Operation {
  return { kind: 'dropRelation', relation: 'table', name, ifExists, cascade, location };
}

/** DROP INDEX. */
export function dropIndex(name: string, schema: string | undefined, location: Location): Operation {
  return { kind: 'dropRelation', relation: 'index', name: { ...(schema !== undefined && { schema }), name }, ifExists: false, cascade: false, location };
}

/** Whether a table (or a column of it) is there: what the catalog says. */
export function existence(name: QualifiedName, columnName: string | undefined, library: string, location: Location, ctx: Context): Value {
  const condition = (key: string, value: string) => equal(column(undefined, key, location), constant(value, location), location);
  const query = select({
    targets: [{ expression: constant(1, location) }], from: [reference({ schema: 'information_schema', name: columnName === undefined ? 'tables' : 'columns' }, undefined, location)],
    where: and([
      ...(name.schema === undefined ? [] : [condition('table_schema', name.schema)]), condition('table_name', name.name), ...(columnName === undefined ? [] : [condition('column_name', columnName)]),
    ], location),
    location,
  });
  ctx.query({ kind: 'query', query, location, library });
  const result = ctx.result({ rows: { ...query, targets: [] }, column: () => undefined, location });
  return { kind: 'condition', condition: { operator: 'truthy', value: { kind: 'row', result, path: [], maybe: true } } };
}
