import type { Config } from '../../config/types.js';
import type { CodeExpression, CodeFunction, CodeModule, CodeStatement } from '../../facts/code.js';
import type { FileFacts } from '../../facts/file.js';
import { matchesPath } from '../names.js';
import type { HandlerFact } from '../project.js';
import { dottedPath } from './call-names.js';

const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']);
const DEEPEST = 6;

/** Gives the module an imported name comes from, and its name there. */
export type FindImport = (file: string, module: string) => CodeModule | undefined;

/** The handlers that the files of `queries.handlers` export, and whether each is wrapped by one of `queries.handlerWrappers`. */
export function findHandlers(files: ReadonlyMap<string, FileFacts>, config: Config, findImport: FindImport): HandlerFact[] {
  const { handlers, handlerWrappers } = config.queries;
  if (handlers.length === 0 || handlerWrappers.length === 0) return [];
  return [...files.values()].flatMap(({ file, code }) => {
    if (code === undefined || !matchesPath(file, handlers)) return [];
    const wrappers = new Wrappers(handlerWrappers, findImport);
    const all = exportsOf(code);
    const methods = all.filter(({ name }) => METHODS.has(name));
    return (methods.length > 0 ? methods : all.filter(({ name, isFunction }) => name === 'default' || (isFunction && isAction(code)))).map(({ name, value, location }): HandlerFact => ({
      name, location, wrapped: value !== undefined && wrappers.isWrapped(value, code, 0), wrappers: handlerWrappers,
    }));
  });
}

/** A module of server actions: everything it exports can be called by a browser. */
function isAction({ body }: CodeModule): boolean {
  const [first] = body;
  return first?.kind === 'expression' && first.expression.kind === 'literal' && first.expression.value === 'use server';
}

interface Exported {
  readonly name: string;
  /** Absent for a function declaration: nothing wraps it. */
  readonly value?: CodeExpression;
  readonly isFunction: boolean;
  readonly location: CodeStatement['location'];
}

function exportsOf({ body }: CodeModule): Exported[] {
  return body.flatMap((statement): Exported[] => {
    if (statement.kind === 'function' && statement.exported !== undefined) return [{ name: statement.exported === 'default' ? 'default' : statement.function.name ?? 'default', isFunction: true, location: statement.location }];
    if (statement.kind === 'declare' && statement.exported === true && statement.target.kind === 'name') return [{ name: statement.target.name, location: statement.target.location, isFunction: statement.value?.kind === 'functionValue', ...(statement.value && { value: statement.value }) }];
    if (statement.kind !== 'export') return [];
    if (statement.value) return [{ name: statement.value.exported === '=' ? 'default' : statement.value.exported, value: statement.value.expression, isFunction: statement.value.expression.kind === 'functionValue', location: statement.location }];
    return statement.module !== undefined ? [] : statement.bindings.map(({ local, exported }) => ({ name: exported, value: { kind: 'name', name: local, location: statement.location }, isFunction: false, location: statement.location }));
  });
}

class Wrappers {
  constructor(private readonly names: readonly string[], private readonly findImport: FindImport) {}

  isWrapped(node: CodeExpression, module: CodeModule, depth: number): boolean {
    if (depth > DEEPEST) return false;
    if (node.kind === 'name') return this.declared(node.name, module, depth);
    if (node.kind === 'member') return this.isWrapped(node.object, module, depth + 1);
    if (node.kind === 'object') return node.entries.every(({ value }) => this.isWrapped(value, module, depth + 1));
    if (node.kind !== 'call') return false;
    const path = dottedPath(node.callee);
    if (path !== undefined && this.isWrapper(path)) return true;
    if (node.callee.kind === 'call' && this.isWrapped(node.callee, module, depth + 1)) return true;
    return node.arguments.some(({ value }) => this.isWrapped(value, module, depth + 1)) || (node.callee.kind === 'name' && this.wrapsInside(node.callee.name, module, depth));
  }

  private isWrapper(path: string): boolean {
    return this.names.some((name) => path === name || path.endsWith(`.${name}`));
  }

  /** A name of the module: a constant that is wrapped where it is declared, or one that another module exports. */
  private declared(name: string, module: CodeModule, depth: number): boolean {
    if (this.isWrapper(name)) return true;
    for (const statement of module.body) {
      if (statement.kind === 'declare' && bindsTo(statement, name) && statement.value) return this.isWrapped(statement.value, module, depth + 1);
      if (statement.kind !== 'import') continue;
      const binding = statement.bindings.find(({ local }) => local === name);
      const target = binding && this.findImport(module.file, statement.module);
      const found = target && exportsOf(target).find((each) => each.name === binding.imported);
      if (found?.value) return this.isWrapped(found.value, target!, depth + 1);
    }
    return false;
  }

  /** A helper of the project that itself calls a wrapper on what it is given. */
  private wrapsInside(name: string, module: CodeModule, depth: number): boolean {
    const own = functionNamed(name, module);
    if (own) return callsIn(own).some((path) => this.isWrapper(path));
    for (const statement of module.body) {
      const binding = statement.kind === 'import' ? statement.bindings.find(({ local }) => local === name) : undefined;
      const target = binding && statement.kind === 'import' ? this.findImport(module.file, statement.module) : undefined;
      if (target && depth < DEEPEST) {
        const theirs = functionNamed(binding!.imported, target) ?? functionNamed(name, target);
        if (theirs) return callsIn(theirs).some((path) => this.isWrapper(path));
      }
    }
    return false;
  }
}

function bindsTo({ target }: Extract<CodeStatement, { kind: 'declare' }>, name: string): boolean {
  if (target.kind === 'name') return target.name === name;
  return target.kind === 'object' && target.properties.some((each) => each.target.kind === 'name' && each.target.name === name);
}

function functionNamed(name: string, { body }: CodeModule): CodeFunction | undefined {
  for (const statement of body) {
    if (statement.kind === 'function' && (statement.function.name === name || (name === 'default' && statement.exported === 'default'))) return statement.function;
    if (statement.kind === 'declare' && statement.target.kind === 'name' && statement.target.name === name && statement.value?.kind === 'functionValue') return statement.value.function;
  }
  return undefined;
}

function callsIn(code: CodeFunction): string[] {
  const found: string[] = [];
  const open: unknown[] = [code.body];
  while (open.length > 0) {
    const each = open.pop();
    if (typeof each !== 'object' || each === null) continue;
    const node = each as CodeExpression;
    if (node.kind === 'call') {
      const path = dottedPath(node.callee);
      if (path !== undefined) found.push(path);
    }
    for (const key in each) if (key !== 'location') open.push((each as Record<string, unknown>)[key]);
  }
  return found;
}
