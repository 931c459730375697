import type { CodeModule, CodeStatement } from '../../facts/code.js';

/** What a module exports where it declares it, and the statements that export something else. */
export interface ExportsOfModule {
  readonly declared: ReadonlyMap<string, { readonly local: string; readonly position: number }>;
  readonly others: readonly { readonly statement: Extract<CodeStatement, { kind: 'export' }>; readonly position: number }[];
}

/** What a module exports. */
export function exportsOf({ body }: CodeModule): ExportsOfModule {
  const declared = new Map<string, { local: string; position: number }>();
  const others: { statement: Extract<CodeStatement, { kind: 'export' }>; position: number }[] = [];
  for (const [position, statement] of body.entries()) {
    if (statement.kind === 'export') others.push({ statement, position });
    for (const [name, local] of declaredNames(statement)) if (!declared.has(name)) declared.set(name, { local, position });
  }
  return { declared, others };
}

/** The names that a statement exports, each with the name it has in the module. */
function declaredNames(statement: CodeStatement): (readonly [string, string])[] {
  switch (statement.kind) {
    case 'function': return exportedAs(statement.exported, statement.function.name);
    case 'class': return exportedAs(statement.exported, statement.class.name);
    case 'enum': return statement.exported === true ? [[statement.name, statement.name]] : [];
    case 'declare': return statement.exported === true ? boundNames(statement.target).map((name) => [name, name]) : [];
    default: return [];
  }
}

function exportedAs(form: 'named' | 'default' | undefined, own: string | undefined): (readonly [string, string])[] {
  if (own === undefined || form === undefined) return [];
  return [[form === 'named' ? own : 'default', own]];
}

function boundNames(pattern: Extract<CodeStatement, { kind: 'declare' }>['target']): string[] {
  if (pattern.kind === 'name') return [pattern.name];
  if (pattern.kind === 'object') return [...pattern.properties.flatMap(({ target }) => boundNames(target)), ...(pattern.rest === undefined ? [] : boundNames(pattern.rest))];
  return pattern.kind === 'list' ? pattern.items.flatMap((item) => (item === undefined ? [] : boundNames(item.target))) : [];
}
