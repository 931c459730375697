import type { ImportStatement } from '../../facts/code.js';
import type { Node } from './grammar.js';
import { splitAtCommas, type Reading } from './reading.js';

/** Lowers `import` and `from ... import`. `import a.b` binds the package `a`, and loads `a.b` without a name of its own. */
export function lowerImport(node: Node, reading: Reading): ImportStatement[] {
  const location = reading.of(node);
  const at = node.children.findIndex(({ type }) => type === 'import');
  const imported = splitAtCommas(node.children.slice(at + 1).filter(({ type }) => type !== '(' && type !== ')'));
  if (node.children[0]?.type !== 'from') return imported.flatMap((parts) => moduleImport(parts, reading, location));
  const source = node.children.slice(1, at < 0 ? undefined : at);
  const dots = source.findIndex(({ type }) => type === 'VariableName');
  const leading = dots < 0 ? source : source.slice(0, dots);
  const level = leading.reduce((sum, { from, to }) => sum + to - from, 0);
  const module = dots < 0 ? '' : source.slice(dots).map((part) => reading.word(part)).join('');
  const bindings = imported.map((parts) => {
    const { name, local } = namesOf(parts, reading);
    return { imported: name, local, location: reading.at(parts[0]!.from, parts.at(-1)!.to) };
  });
  return [{ kind: 'import', module, ...(level > 0 && { level }), bindings, location }];
}

function namesOf(parts: readonly Node[], reading: Reading): { name: string; local: string } {
  const as = parts.findIndex(({ type }) => type === 'as');
  const name = (as < 0 ? parts : parts.slice(0, as)).map((part) => reading.word(part)).join('');
  return { name, local: as < 0 || !parts[as + 1] ? name : reading.word(parts[as + 1]!) };
}

function moduleImport(parts: readonly Node[], reading: Reading, location: ImportStatement['location']): ImportStatement[] {
  const { name: module, local } = namesOf(parts, reading);
  const place = reading.at(parts[0]!.from, parts.at(-1)!.to);
  const bind = (from: string, name: string): ImportStatement => ({ kind: 'import', module: from, bindings: [{ imported: '*', local: name, location: place }], location });
  if (local !== module || !module.includes('.')) return [bind(module, local)];
  const root = module.slice(0, module.indexOf('.'));
  return [bind(root, root), { kind: 'import', module, bindings: [], location }];
}
