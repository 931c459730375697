import type { Expression, SqlType } from '../../src/facts/expression.js';
import type { Location } from '../../src/facts/location.js';
import type { FileFacts } from '../../src/facts/file.js';
import type { ColumnDefinition, ConstraintDefinition, IndexDefinition, ModelTable } from '../../src/facts/schema.js';

/** Models and notices as the pages show them, one line a fact, each with its place. */
export function renderModels(models: readonly ModelTable[], files: readonly FileFacts[], texts: ReadonlyMap<string, string>): string {
  const several = files.length > 1;
  const place = (location: Location) => {
    const lines = texts.get(location.file)!.slice(0, location.start).split('\n');
    return `${several ? `${location.file}:` : ''}${lines.length}:${lines.at(-1)!.length + 1}`;
  };
  return [
    ...models.flatMap((model) => [
      `${place(model.location)} ${model.isView ? 'view' : 'table'} ${named(model.name)} (${model.modelName})${model.ignored ? ' ignored' : ''}${model.comment === undefined ? '' : ` -- ${model.comment}`}`,
      ...model.columns.map((column) => `  ${place(column.location)} ${renderColumn(column)}`),
      ...model.constraints.map((constraint) => `  ${place(constraint.location)} ${renderConstraint(constraint)}`),
      ...model.indexes.map((index) => `  ${place(index.location)} ${renderIndex(index)}`),
    ]),
    ...files.flatMap((file) => file.notices.map((notice) => `${place(notice.location)} notice ${notice.reason}`)),
    ...files.flatMap((file) => file.directives.map((directive) => `${place(directive.location)} ${directive.kind} ${directive.rules.join(',')}${directive.reason === undefined ? '' : ` -- ${directive.reason}`}`)),
  ].map((line) => `${line}\n`).join('');
}

function named({ schema, name }: { schema?: string; name: string }): string {
  return schema === undefined ? name : `${schema}.${name}`;
}

function renderType(type: SqlType): string {
  return `${named(type)}${type.modifiers.length > 0 ? `(${type.modifiers.join(',')})` : ''}${'[]'.repeat(type.dimensions)}`;
}

function renderColumn(column: ColumnDefinition): string {
  const { default: standard } = column;
  const kind = standard && (standard.constant ? 'constant' : standard.clientSide ? 'client' : standard.generator ? 'generator' : 'expression');
  return `${column.name} ${renderType(column.type)}${column.notNull ? ' not null' : ''}${standard ? ` default ${renderExpression(standard.expression)} ${kind}` : ''}`;
}

function renderExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'constant': return JSON.stringify(expression.text ?? expression.value);
    case 'call': return `${expression.name.join('.')}()`;
    case 'array': return `[${expression.items.map(renderExpression).join(', ')}]`;
    default: return expression.kind === 'other' ? `other(${expression.name})` : expression.kind;
  }
}

function renderConstraint(constraint: ConstraintDefinition): string {
  if (constraint.kind === 'foreignKey') {
    const { columns, references, referencedColumns, onDelete, onUpdate, enforced, name } = constraint;
    return `foreignKey ${name}: ${columns.join(',')} -> ${named(references)}(${referencedColumns.join(',')}) delete ${onDelete} update ${onUpdate}${enforced ? '' : ' not enforced'}`;
  }
  return `${constraint.kind} ${constraint.name}: ${'columns' in constraint ? constraint.columns.join(',') : ''}`;
}

function renderIndex(index: IndexDefinition): string {
  return `${index.unique ? 'unique index' : 'index'} ${index.name}: ${index.method} ${index.keys.map((key) => key.column).join(',')}${index.where ? ' where' : ''}`;
}
