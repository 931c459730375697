import type { CodeModule, SourceMap } from '../../src/facts/code.js';

type Node = Readonly<Record<string, unknown>>;

const HIDDEN = new Set(['kind', 'location', 'propertyLocation', 'contentStart', 'map', 'file']);
const STATEMENTS = new Set(['body', 'then', 'otherwise', 'finally', 'init', 'rest', 'methods', 'handlers', 'cases', 'fields', 'members']);

/**
 * Writes a module of any language as the pages of fixtures/parse show it: one line a statement with its place, what it holds indented below.
 * Names, literals, members, calls and assignments stand as in code; false, empty and absent fields are left out.
 */
export function renderCode(module: CodeModule, text: string): string {
  return module.body.flatMap((statement) => lines(statement as unknown as Node, text)).map((line) => `${line}\n`).join('');
}

function lines(node: Node, text: string, label = ''): string[] {
  const nested = Object.entries(node).filter(([key, value]) => STATEMENTS.has(key) && isNodes(value));
  const inner = Object.entries(node).flatMap(([, value]) => (isFunction(value) || isClass(value) ? [value] : []));
  const place = isObject(node['location']) ? position(node['location'], text) : '';
  const head = [place, label, node['kind'] ?? node['form'] ?? '', ...fields(node, (key) => !nested.some(([name]) => name === key) && !inner.includes(node[key] as Node))].filter((part) => part !== '').join(' ');
  const flat = inner.flatMap((each) => { const [first = '', ...rest] = lines(each, text); return [` ${first.replace(/^\S+ /, '')}`, ...rest]; });
  const [joined, ...below] = flat.length > 0 ? [head + flat[0]!, ...flat.slice(1)] : [head];
  return [joined!, ...below, ...nested.flatMap(([key, value]) => (value as Node[]).flatMap((each) => lines(each, text, key === 'body' ? '' : key)).map((line) => `  ${line}`))];
}

function fields(node: Node, isShown: (key: string) => boolean): string[] {
  return Object.entries(node).filter(([key]) => !HIDDEN.has(key) && !(key === 'form' && node['kind'] === undefined) && isShown(key)).flatMap(([key, value]) => {
    if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) return [];
    return [value === true ? key : ['form', 'name'].includes(key) ? show(value) : `${key}=${show(value)}`];
  });
}

function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (typeof value === 'string') return /^[\w.$#*=+@/-]+$/.test(value) ? value : JSON.stringify(value);
  return isObject(value) ? expression(value) : String(value);
}

function expression(node: Node): string {
  const { kind } = node;
  const of = (key: string) => show(node[key]);
  const each = (key: string) => node[key] as readonly Node[];
  switch (kind) {
    case 'name': return String(node['name']);
    case 'literal': return typeof node['value'] === 'string' && (node['form'] ?? 'string') === 'string' ? JSON.stringify(node['value']) : String(node['value']);
    case 'member': return `${of('object')}${node['optional'] ? '?.' : '.'}${String(node['property'])}`;
    case 'call': return `${node['isNew'] ? 'new ' : ''}${of('callee')}${node['optional'] ? '?.' : ''}${typeArguments(node)}(${each('arguments').map(argument).join(', ')})`;
    case 'template': return `${node['tag'] ? of('tag') : ''}${typeArguments(node)}\`${each('parts').map((part) => (part['kind'] === 'text' ? JSON.stringify(part['value']).slice(1, -1) : `\${${show(part['expression'])}${part['format'] ? String(part['format']) : ''}}`)).join('')}\``;
    case 'target': return of('expression');
    case 'named': return `${(node['path'] as string[]).join('.')}${each('arguments').length ? `<${each('arguments').map(show).join(', ')}>` : ''}`;
    case 'functionValue': return expression(node['function'] as Node);
    case 'classValue': return expression(node['class'] as Node);
    case 'property': return `${show(node['key'])}: ${of('value')}`;
    case 'await': return `await ${of('operand')}`;
    case 'this': case 'super': return kind;
    default: {
      const parts = fields(node, () => true);
      return parts.length === 0 ? `(${String(kind ?? '')})` : `(${[kind, ...parts].filter(Boolean).join(' ')})`;
    }
  }
}

function typeArguments(node: Node): string {
  const given = node['typeArguments'] as readonly Node[];
  return given.length > 0 ? `<${given.map(show).join(', ')}>` : '';
}

function argument(node: Node): string {
  const spread = node['spread'] === 'list' ? '...' : node['spread'] === 'map' ? '**' : '';
  return `${node['name'] === undefined ? '' : `${String(node['name'])}=`}${spread}${show(node['value'])}`;
}

function isObject(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNodes(value: unknown): value is Node[] {
  return Array.isArray(value) && value.length > 0 && value.every((each) => isObject(each) && ('location' in each || 'body' in each));
}

const isFunction = (value: unknown): value is Node => isObject(value) && 'parameters' in value && 'generator' in value;
const isClass = (value: unknown): value is Node => isObject(value) && 'bases' in value && 'methods' in value;

function position(location: Node, text: string): string {
  const before = text.slice(0, location['start'] as number).split('\n');
  return `${before.length}:${before.at(-1)!.length + 1}`;
}

/**
 * Checks what the places inside of strings promise: wherever value and file advance alike, the file says the same as the value.
 * @returns the strings whose map is wrong
 */
export function wrongMaps(module: CodeModule, text: string): string[] {
  const wrong: string[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (!isObject(node)) return;
    if (typeof node['contentStart'] === 'number' && typeof node['value'] === 'string' && !isMapped(node['value'], node['map'] as SourceMap | undefined, node['contentStart'], text)) {
      wrong.push(JSON.stringify(node['value']));
    }
    Object.values(node).forEach(visit);
  };
  visit(module.body);
  return wrong;
}

function isMapped(value: string, map: SourceMap | undefined, contentStart: number, text: string): boolean {
  const pairs = map ?? [[0, contentStart] as const];
  return pairs.every(([from, at], index) => {
    const [to] = pairs[index + 1] ?? [value.length];
    const same = commonStart(value.slice(from, to), text.slice(at, at + to - from));
    // What an escape stands for is the last of a run: at most two units of the value (a surrogate pair).
    return index === pairs.length - 1 ? same === to - from : to - from - same <= 2;
  });
}

function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}
