import type { CodeExpression, CodeModule, CodeStatement, CodeType, Pattern } from '../../facts/code.js';

/** One statement at the top of a module: the names it gives and the names it speaks of. */
export interface Definition {
  readonly start: number;
  readonly end: number;
  /** The module's own names that it declares, values and types alike. */
  readonly declares: readonly string[];
  /** It runs when the module is loaded and may change what the names hold that it speaks of. */
  readonly acts: boolean;
  /** The names of values, shadowed or not. */
  readonly names: ReadonlySet<string>;
  /** Names that functions of it assign to. */
  readonly assigned: ReadonlySet<string>;
  /** The types it names, each place of them. */
  readonly types: readonly Extract<CodeType, { kind: 'named' }>[];
  /** Modules named where it runs: `import('x')`, imports of a function's own. */
  readonly modules: readonly { readonly module: string; readonly level?: number; readonly bindings: readonly string[] }[];
}

/** Says of a name of a module whether a package gives it. */
export type Outside = (name: string) => 'plain' | 'library' | undefined;

interface Collected {
  readonly names: Set<string>;
  readonly assigned: Set<string>;
  readonly types: Extract<CodeType, { kind: 'named' }>[];
  readonly modules: Definition['modules'][number][];
}

/**
 * The definitions of a module, in order; imports and bare exports are none.
 * @param outside what a name of the module is that a package gives: `plain`, of one that no library speaks for
 */
export function definitionsOf({ body }: CodeModule, outside: Outside): Definition[] {
  return body.filter(({ kind }) => kind !== 'import').map((statement): Definition => {
    const found: Collected = { names: new Set(), assigned: new Set(), types: [], modules: [] };
    collect(statement, found, outside);
    return {
      start: statement.location.start, end: statement.location.end, declares: declaredIn(statement), acts: !['declare', 'function', 'class', 'type', 'enum', 'export'].includes(statement.kind), ...found,
    };
  });
}

/** The names and types that a part of a module speaks of. */
export function spokenOf(node: CodeType, outside: Outside): Pick<Definition, 'names' | 'types'> {
  const found: Collected = { names: new Set(), assigned: new Set(), types: [], modules: [] };
  collect(node, found, outside);
  return found;
}

function collect(node: unknown, found: Collected, outside: Outside): void {
  if (Array.isArray(node)) {
    for (const each of node) collect(each, found, outside);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  const each = node as CodeExpression | CodeStatement | CodeType;
  switch (each.kind) {
    case 'name': found.names.add(each.name); return;
    case 'typeof': found.names.add(each.path[0]!); return;
    case 'literal': return;
    case 'named':
      found.types.push(each);
      // What is inside of a package's type only that package could ask for.
      if (outside(each.path[0]!) !== undefined) return;
      break;
    case 'import': found.modules.push({ module: each.module, ...(each.level !== undefined && { level: each.level }), bindings: each.bindings.map(({ imported }) => imported) }); return;
    case 'assignment': if (each.target.kind === 'name') found.assigned.add(each.target.name); break;
    // Python's `global pool`.
    case 'unknown': if (each.name === 'global') for (const name of each.names ?? []) found.assigned.add(name); break;
    case 'call': {
      const { callee, arguments: [first] } = each;
      if (callee.kind === 'name') {
        if (callee.name === 'import' && first?.value.kind === 'literal' && typeof first.value.value === 'string') found.modules.push({ module: first.value.value, bindings: ['*'] });
        if (each.typeArguments.length > 0 && outside(callee.name) === 'plain') {
          found.names.add(callee.name);
          collect(each.arguments, found, outside);
          return;
        }
      }
      break;
    }
    default: break;
  }
  for (const key in each) if (key !== 'location') collect((each as unknown as Record<string, unknown>)[key], found, outside);
}

/** The names a statement declares for its module, at any depth that is not a function's own. */
function declaredIn(statement: CodeStatement): string[] {
  switch (statement.kind) {
    case 'function': return [statement.function.name ?? [], statement.exported === 'default' ? 'default' : []].flat();
    case 'class': return [statement.class.name ?? [], statement.exported === 'default' ? 'default' : []].flat();
    case 'enum': case 'type': return [statement.name];
    case 'declare': return boundNames(statement.target);
    case 'expression': return statement.expression.kind === 'assignment' ? boundNames(statement.expression.target) : [];
    case 'export': return statement.value === undefined ? [] : [statement.value.exported];
    case 'if': return [...statement.then, ...statement.otherwise].flatMap(declaredIn);
    case 'try': return [...statement.body, ...statement.handlers.flatMap(({ body }) => body), ...statement.otherwise, ...statement.finally].flatMap(declaredIn);
    case 'loop': return [...statement.target ? boundNames(statement.target) : [], ...statement.init.flatMap(declaredIn), ...statement.body.flatMap(declaredIn)];
    case 'with': return [...statement.items.flatMap(({ target }) => (target ? boundNames(target) : [])), ...statement.body.flatMap(declaredIn)];
    case 'block': case 'unknown': return statement.body.flatMap(declaredIn);
    default: return [];
  }
}

/** The names that a pattern binds. */
export function boundNames(pattern: Pattern): string[] {
  switch (pattern.kind) {
    case 'name': return [pattern.name];
    case 'object': return [...pattern.properties.flatMap(({ target }) => boundNames(target)), ...pattern.rest ? boundNames(pattern.rest) : []];
    case 'list': return pattern.items.flatMap((item) => (item === undefined ? [] : boundNames(item.target)));
    case 'target': return [];
  }
}
