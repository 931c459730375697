import type { CodeCall, CodeExpression, CodeFunction, CodeModule, CodeStatement, DeclareStatement } from '../../facts/code.js';
import type { Location } from '../../facts/location.js';

/** An expression of a program, and what stands around it. */
export interface Place {
  readonly module: CodeModule;
  readonly expression: CodeExpression;
  /** The functions around it, outermost first. */
  readonly functions: readonly CodeFunction[];
  /** The declarations in these functions that are certainly made before it. */
  readonly declarations: readonly DeclareStatement[];
}

/** A call of a chain of methods: `.where(...)`. */
export interface Link {
  readonly name: string;
  readonly call: CodeCall;
}

/** The call that makes up a span, with what can be seen from there; undefined where no call has exactly this span. */
export function callAt(module: CodeModule, location: Location): (Place & { readonly expression: CodeCall }) | undefined {
  let found: (Place & { readonly expression: CodeCall }) | undefined;
  const walk = (node: unknown, functions: readonly CodeFunction[], declarations: readonly DeclareStatement[]): void => {
    if (typeof node !== 'object' || node === null || found !== undefined) return;
    if (Array.isArray(node)) {
      const before = isStatements(node) ? node.filter((each): each is DeclareStatement => each.kind === 'declare' && each.location.end <= location.start) : [];
      for (const each of node) walk(each, functions, functions.length > 0 ? [...declarations, ...before] : declarations);
      return;
    }
    const { location: own, kind } = node as { location?: Location; kind?: string };
    if (own !== undefined && (own.start > location.start || own.end < location.end)) return;
    if (kind === 'call' && own?.start === location.start && own.end === location.end) found = { module, expression: node as CodeCall, functions, declarations };
    const inner = isFunction(node) ? [...functions, node] : functions;
    for (const part of Object.values(node)) walk(part, inner, declarations);
  };
  walk(module.body, [], []);
  return found;
}

/** The calls of a chain in the order they are made, and what the first is made on; `knex('t')` itself is a link without a name. */
export function chainOf(expression: CodeExpression): { readonly base: CodeExpression; readonly links: readonly Link[] } {
  const links: Link[] = [];
  let base = expression;
  while (base.kind === 'call') {
    const { callee } = base;
    links.unshift({ name: callee.kind === 'member' ? callee.property : '', call: base });
    base = callee.kind === 'member' ? callee.object : callee;
  }
  return { base, links };
}

function isFunction(node: object): node is CodeFunction {
  return 'parameters' in node && 'body' in node && 'form' in node;
}

function isStatements(list: readonly unknown[]): list is readonly CodeStatement[] {
  return list.some((each) => (each as { kind?: string } | undefined)?.kind === 'declare');
}
