import type { Tree } from './tree.js';

const NAME = '(?:[\\w"]+\\s*\\.\\s*)?"?(\\w+)"?';
const MADE = new RegExp(`\\bcreate\\s+(?:or\\s+replace\\s+)?(?:unlogged\\s+|materialized\\s+)?(?:table|view|type|domain|function|sequence)\\s+(?:if\\s+not\\s+exists\\s+)?${NAME}`, 'gi');
/** Words before the name of a table that has to be there. */
const USED = new RegExp(`\\b(?:references|inherits\\s*\\(|partition\\s+of|on|from|join|into|update|only|alter\\s+table)\\s+${NAME}`, 'gi');
const COMMENT = /--[^\n]*|\/\*[^]*?\*\//g;

interface Script {
  readonly path: string;
  readonly made: readonly string[];
  readonly used: ReadonlySet<string>;
}

/**
 * Scripts that nobody has numbered, in an order in which they run: each after those that make what it names. Where they go round in a
 * circle the order given stays.
 */
export function byDependency(tree: Tree, paths: readonly string[]): string[] {
  const scripts = paths.map((path) => scriptOf(path, tree.text(path)));
  const makers = new Map(scripts.flatMap((script) => script.made.map((name) => [name, script] as const)).reverse());
  const entered = new Set<Script>();
  const ordered: string[] = [];
  const place = (script: Script): void => {
    if (entered.has(script)) return;
    entered.add(script);
    for (const name of script.used) {
      const maker = makers.get(name);
      if (maker !== undefined) place(maker);
    }
    ordered.push(script.path);
  };
  scripts.forEach(place);
  return ordered;
}

function scriptOf(path: string, text: string): Script {
  const code = text.replace(COMMENT, ' ').toLowerCase();
  const names = (pattern: RegExp): string[] => [...code.matchAll(pattern)].map((match) => match[1]!);
  return { path, made: names(MADE), used: new Set([...names(USED), ...typesOf(code)]) };
}

/** What a column may be of: the word after its name. */
function typesOf(code: string): string[] {
  return [...code.matchAll(/[(,]\s*"?\w+"?\s+(?:\w+\.)?"?(\w+)/g)].map((match) => match[1]!);
}
