import type { Expression } from '../../../src/facts/expression.js';
import type { Assignment, FromItem, Query, TableReference } from '../../../src/facts/query.js';

/** Writes a query's facts as SQL, well enough to read; parameters as `:name` without the place that makes them unique. */
export function renderQuery(query: Query): string {
  const commons = query.with.map(({ name, query: inner }) => `${name} AS (${renderQuery(inner)})`).join(', ');
  return `${commons === '' ? '' : `WITH ${commons} `}${body(query)}`;
}

function body(query: Query): string {
  switch (query.kind) {
    case 'select': return [
      `SELECT${query.distinct ? ' DISTINCT' : ''} ${targets(query.targets)}`, from(' FROM ', query.from), clause(' WHERE ', query.where),
      query.groupBy.length > 0 ? ` GROUP BY ${query.groupBy.map(renderExpression).join(', ')}` : '', clause(' HAVING ', query.having), clause(' LIMIT ', query.limit), clause(' OFFSET ', query.offset),
    ].join('');
    case 'values': return `VALUES ${query.rows.map((row) => `(${row.map(renderExpression).join(', ')})`).join(', ')}`;
    case 'set': return `${renderQuery(query.left)} ${query.operator.toUpperCase()}${query.all ? ' ALL' : ''} ${renderQuery(query.right)}`;
    case 'insert': return [
      `INSERT INTO ${table(query.target)} (${[...query.columns, ...(query.open ? query.open.map(({ trust }) => `...${trust}`) : [])].join(', ')})`, query.source ? ` ${renderQuery(query.source)}` : ' DEFAULT VALUES',
      query.onConflict ? ` ON CONFLICT (${query.onConflict.columns.join(', ')}) DO ${query.onConflict.action === 'nothing' ? 'NOTHING' : `UPDATE SET ${sets(query.onConflict.set)}`}${clause(' WHERE ', query.onConflict.where)}` : '',
      returning(query),
    ].join('');
    case 'update': return `UPDATE ${table(query.target)} SET ${[sets(query.set), ...(query.open ? query.open.map(({ trust }) => `...${trust}`) : [])].filter(Boolean).join(', ')}${from(' FROM ', query.from)}${clause(' WHERE ', query.where)}${returning(query)}`;
    case 'delete': return `DELETE FROM ${table(query.target)}${from(' USING ', query.using)}${clause(' WHERE ', query.where)}${returning(query)}`;
    case 'merge': return `MERGE INTO ${table(query.target)}`;
  }
}

function targets(list: readonly { readonly expression: Expression; readonly alias?: string }[]): string {
  return list.map(({ expression, alias }) => renderExpression(expression) + (alias === undefined ? '' : ` AS ${alias}`)).join(', ');
}

function returning({ returning: list }: Extract<Query, { kind: 'insert' | 'update' | 'delete' }>): string {
  return list.length === 0 ? '' : ` RETURNING ${targets(list)}`;
}

function clause(word: string, expression: Expression | undefined): string {
  return expression ? word + renderExpression(expression) : '';
}

function sets(list: readonly Assignment[]): string {
  return list.map(({ column, value, partial }) => `${column} ${partial ? '~' : ''}= ${value ? renderExpression(value) : 'DEFAULT'}`).join(', ');
}

function from(word: string, items: readonly FromItem[]): string {
  return items.length === 0 ? '' : word + items.map(item).join(', ');
}

function table({ name, alias }: TableReference): string {
  return `${name.schema === undefined ? '' : `${name.schema}.`}${name.name}${alias === undefined ? '' : ` ${alias}`}`;
}

function item(each: FromItem): string {
  switch (each.kind) {
    case 'table': return table(each);
    case 'derived': return `${each.lateral ? 'LATERAL ' : ''}(${renderQuery(each.query)}) ${each.alias ?? ''}`.trim();
    case 'function': return `${each.calls.map(renderExpression).join(', ')} ${each.alias ?? ''}`.trim();
    case 'join': return `${item(each.left)} ${each.type === 'inner' ? '' : `${each.type.toUpperCase()} `}JOIN ${item(each.right)}${clause(' ON ', each.on)}`;
  }
}

/** Writes an expression as SQL. */
export function renderExpression(each: Expression): string {
  switch (each.kind) {
    case 'column': return each.path.join('.');
    case 'star': return [...each.path, '*'].join('.');
    case 'constant': return typeof each.value === 'string' ? `'${each.value}'` : String(each.value).toUpperCase();
    case 'parameter': return `:${each.name.replace(/@?[\w/.-]+\.ts:\d+/g, '').slice(0, 60)}`;
    case 'hole': return `<${each.text}>`;
    case 'call': return `${each.name.join('.')}(${each.star ? '*' : each.arguments.map(renderExpression).join(', ')})`;
    case 'operator': return `${each.left ? `${renderExpression(each.left)} ` : ''}${each.operator} ${renderExpression(each.right)}`;
    case 'and': return each.operands.map((operand) => (operand.kind === 'or' ? `(${renderExpression(operand)})` : renderExpression(operand))).join(' AND ');
    case 'or': return each.operands.map(renderExpression).join(' OR ');
    case 'not': return `NOT (${renderExpression(each.operand)})`;
    case 'nullTest': return `${renderExpression(each.operand)} IS ${each.negated ? 'NOT ' : ''}NULL`;
    case 'distinct': return `${renderExpression(each.left)} IS ${each.negated ? 'NOT ' : ''}DISTINCT FROM ${renderExpression(each.right)}`;
    case 'inList': return `${renderExpression(each.operand)} ${each.negated ? 'NOT ' : ''}IN (${each.list.map(renderExpression).join(', ')})`;
    case 'quantified': return `${renderExpression(each.left)} ${each.operator} ${each.quantifier.toUpperCase()} (${renderExpression(each.right)})`;
    case 'subquery': return `${each.left ? `${renderExpression(each.left)} ${each.operator ?? ''} ` : ''}${each.form === 'scalar' ? '' : `${each.form.toUpperCase()} `}(${renderQuery(each.query)})`;
    case 'cast': return `${renderExpression(each.operand)}::${each.type.name}`;
    case 'row': case 'array': return `${each.kind === 'row' ? 'ROW' : 'ARRAY'}[${each.items.map(renderExpression).join(', ')}]`;
    case 'other': return `${each.name}(${each.parts.map(renderExpression).join(', ')})`;
    default: return each.kind;
  }
}
