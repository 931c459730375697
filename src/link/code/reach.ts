import type { CodeModule, CodeStatement, CodeType } from '../../facts/code.js';
import type { Location } from '../../facts/location.js';
import { push } from './lists.js';
import { definitionsOf, spokenOf, type Definition, type Outside } from './mentions.js';

type NamedType = Extract<CodeType, { kind: 'named' }>;

/** What the graph asks of the project. */
export interface ReachQuestions {
  readonly modules: ReadonlyMap<string, CodeModule>;
  /** The modules that lead to a library at all. */
  readonly files: ReadonlySet<string>;
  /** The files an import of these names stands for; empty: a package. */
  readonly filesOf: (from: CodeModule, target: { readonly module: string; readonly level?: number }, names: readonly string[]) => readonly string[];
  /** Whether a file asks a framework's objects for what may run queries: nothing that it speaks of tells where. */
  readonly isHanded: (file: string) => boolean;
  /** Where a file may ask a client that nothing tells of. */
  readonly presumed: (file: string) => readonly Location[];
  /** The classes that implement or extend what a module calls so. */
  readonly implementers: (name: string) => readonly { readonly file: string; readonly class: string }[];
  /** Whether a name of a package may lead to queries. */
  readonly isSource: (module: string, name: string) => boolean;
  /** Whether a library speaks for a package at all. */
  readonly isKnown: (module: string) => boolean;
  /** Whether something of a type of a package may run queries. */
  readonly isSourceType: (file: string, module: string, path: readonly string[], type: NamedType) => boolean;
}

interface Binding {
  readonly module: string;
  readonly level?: number;
  readonly imported: string;
}

/** A module as the graph sees it: its definitions, and what its names stand for. */
interface Part {
  readonly file: string;
  readonly module: CodeModule;
  /** Its node: everything that the module holds or passes on. */
  readonly whole: number;
  readonly definitions: readonly { readonly definition: Definition; readonly node: number }[];
  readonly own: ReadonlyMap<string, readonly number[]>;
  /** What may put anything into what a name holds. */
  readonly setters: ReadonlyMap<string, readonly number[]>;
  readonly imports: ReadonlyMap<string, readonly Binding[]>;
  /** Python's `from m import *`. */
  readonly stars: readonly Binding[];
  readonly exports: readonly Extract<CodeStatement, { kind: 'export' }>[];
  readonly outside: Outside;
}

/** A node that is being looked at. */
interface Open {
  readonly node: number;
  readonly place: number;
  readonly spoken: readonly number[];
  next: number;
  /** The first of the nodes that it leads back to, by their place. */
  lowest: number;
}

/** A node, or a name of a package. */
type Target = number | { readonly module: string; readonly name: string };

/** The node of whatever may run queries by itself. */
const SOURCE = 0;

/**
 * Which definitions of a project may come to run a query: those that speak of a database library, of a definition that does, or of a module
 * that is not known in detail. A value that a function can get hold of is given by a name it speaks of, or by whoever calls it: what is not
 * reached here runs no query unless it is handed the means to. Modules are looked into as far as what is asked for speaks of them.
 */
export class Reach {
  private readonly parts = new Map<string, Part>();
  /** What stands at a node: a definition of a part, or its whole. */
  private readonly nodes: ({ readonly file: string; readonly definition?: Definition } | undefined)[] = [undefined];
  private readonly reached = new Map<number, boolean>([[SOURCE, true]]);
  private readonly known = new Map<string, readonly Target[]>();
  private readonly typesKnown = new Map<CodeType, boolean>();

  constructor(private readonly ask: ReachQuestions) {}

  /** Whether the definition that a place is part of may come to run a query. */
  reaches({ file, start }: Location): boolean {
    const part = this.part(file);
    const own = part?.definitions.find(({ definition }) => definition.start <= start && start < definition.end);
    return own === undefined ? part !== undefined : this.isReached(own.node);
  }

  /** Whether something of a type may run queries. */
  reachesType(file: string, type: CodeType): boolean {
    const part = this.part(file);
    if (part === undefined) return false;
    let known = this.typesKnown.get(type);
    if (known === undefined) {
      const { names, types } = spokenOf(type, part.outside);
      known = types.some((each) => this.typeNodes(part, each).some((node) => this.isReached(node)))
        || [...names].some((name) => this.valueNodes(this.nameIn(part, name)).some((node) => this.isReached(node)));
      this.typesKnown.set(type, known);
    }
    return known;
  }

  /** Goes from node to node (strongly connected components after Tarjan): what leads to something that runs queries does so, too, and a circle that is left does not. */
  private isReached(start: number): boolean {
    const known = this.reached.get(start);
    if (known !== undefined) return known;
    const places = new Map<number, number>();
    const circle: number[] = [];
    const path: Open[] = [];
    const enter = (node: number): void => {
      places.set(node, circle.length);
      path.push({ node, place: circle.push(node) - 1, spoken: this.spokenBy(node), next: 0, lowest: circle.length - 1 });
    };
    enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.spoken[top.next++];
      if (next === undefined) {
        path.pop();
        if (top.lowest === top.place) for (const node of circle.splice(top.place)) this.reached.set(node, false);
        else path.at(-1)!.lowest = Math.min(path.at(-1)!.lowest, top.lowest);
      } else if (this.reached.get(next) === true) {
        for (const node of circle) this.reached.set(node, true);
      } else if (this.reached.get(next) === undefined) {
        const place = places.get(next);
        if (place === undefined) enter(next);
        else top.lowest = Math.min(top.lowest, place);
      }
      if (this.reached.get(start) !== undefined) break;
    }
    return this.reached.get(start)!;
  }

  private node(file: string, definition?: Definition): number {
    return this.nodes.push({ file, ...(definition && { definition }) }) - 1;
  }

  private part(file: string): Part | undefined {
    let part = this.parts.get(file);
    if (part === undefined && this.ask.files.has(file) && this.ask.modules.has(file)) this.parts.set(file, part = this.read(this.ask.modules.get(file)!));
    return part;
  }

  private read(module: CodeModule): Part {
    const { file } = module;
    const own = new Map<string, number[]>();
    const setters = new Map<string, number[]>();
    const imports = new Map<string, Binding[]>();
    const stars: Binding[] = [];
    for (const statement of module.body) {
      if (statement.kind !== 'import') continue;
      const from = { module: statement.module, ...(statement.level !== undefined && { level: statement.level }) };
      for (const { local, imported } of statement.bindings) {
        if (local === '*') stars.push({ ...from, imported });
        else push(imports, local, { ...from, imported });
      }
    }
    const outside: Outside = (name) => {
      const bound = imports.get(name);
      if (bound === undefined || bound.some((each) => this.ask.filesOf(module, each, [each.imported]).length > 0)) return undefined;
      return bound.some((each) => this.ask.isKnown(each.module)) ? 'library' : 'plain';
    };
    const definitions = definitionsOf(module, outside).map((definition) => {
      const node = this.node(file, definition);
      for (const name of definition.declares) push(own, name, node);
      // What a module does when it is loaded may put anything into what it speaks of.
      for (const name of definition.acts ? [...definition.names, ...definition.assigned] : definition.assigned) push(setters, name, node);
      return { definition, node };
    });
    return { file, module, whole: this.node(file), definitions, own, setters, imports, stars, exports: module.body.filter((each) => each.kind === 'export'), outside };
  }

  /** The nodes that what stands at one speaks of. */
  private spokenBy(node: number): number[] {
    const { file, definition } = this.nodes[node]!;
    const part = this.part(file)!;
    return definition === undefined ? this.spokenByAll(part) : this.spokenByOne(part, definition);
  }

  private spokenByOne(part: Part, definition: Definition): number[] {
    return [
      ...this.ask.isHanded(part.file) || this.ask.presumed(part.file).some(({ start }) => definition.start <= start && start < definition.end) ? [SOURCE] : [],
      ...definition.declares.flatMap((name) => part.setters.get(name) ?? []),
      ...[...definition.names].flatMap((name) => this.valueNodes(this.nameIn(part, name))),
      ...definition.declares.flatMap((name) => this.ask.implementers(name).flatMap((each) => this.part(each.file)?.own.get(each.class) ?? [])),
      // What is kept in a global was made by the module that asks for it, as a rule.
      ...definition.names.has('globalThis') || definition.names.has('global') ? [part.whole] : [],
      ...definition.types.flatMap((type) => this.typeNodes(part, type)),
      ...definition.modules.flatMap((each) => each.bindings.flatMap((imported) => this.valueNodes(this.imported(part, { ...each, imported })))),
    ];
  }

  private spokenByAll(part: Part): number[] {
    return [
      ...part.definitions.map(({ node }) => node),
      ...part.stars.flatMap((each) => this.valueNodes(this.imported(part, each))),
      ...part.exports.flatMap(({ module, bindings }) => (module === undefined ? [] : bindings.flatMap(({ local }) => this.valueNodes(this.imported(part, { module, imported: local }))))),
    ];
  }

  private valueNodes(targets: readonly Target[]): number[] {
    return targets.flatMap((each) => (typeof each === 'number' ? [each] : this.ask.isSource(each.module, each.name) ? [SOURCE] : []));
  }

  private typeNodes(part: Part, type: NamedType): number[] {
    const [first, ...rest] = type.path;
    return this.nameIn(part, first!).flatMap((each) => {
      if (typeof each === 'number') return [each];
      const path = each.name === '*' || each.name === 'default' ? rest : [each.name, ...rest];
      return this.ask.isSourceType(part.file, each.module, path, type) ? [SOURCE] : [];
    });
  }

  /** What a name in a module stands for. */
  private nameIn(part: Part, name: string): readonly Target[] {
    const own = part.own.get(name) ?? [];
    const bound = part.imports.get(name);
    if (bound !== undefined) return [...own, ...bound.flatMap((each) => this.imported(part, each))];
    return own.length > 0 ? own : part.stars.flatMap((each) => this.starred(part, each, name, new Set()));
  }

  /** What an imported name stands for. */
  private imported(part: Part, binding: Binding): readonly Target[] {
    const files = this.ask.filesOf(part.module, binding, [binding.imported]);
    if (files.length === 0) return [{ module: binding.module, name: binding.imported }];
    if (binding.imported === '*') return files.flatMap((file) => this.wholeOf(file));
    const [file, ...below] = files;
    return [...this.exported(file!, binding.imported), ...below.flatMap((each) => this.wholeOf(each))];
  }

  private wholeOf(file: string): readonly number[] {
    const part = this.part(file);
    return part === undefined ? [] : [part.whole];
  }

  /** What a module gives under a name. */
  private exported(file: string, name: string): readonly Target[] {
    const key = `${file}|${name}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    this.known.set(key, []);
    const found = this.search(file, name, new Set());
    this.known.set(key, found);
    return found;
  }

  private search(file: string, name: string, seen: Set<string>): readonly Target[] {
    const part = this.part(file);
    if (part === undefined || seen.has(file)) return [];
    seen.add(file);
    const found: Target[] = [...part.own.get(name) ?? []];
    const isPython = part.module.language === 'python';
    if (isPython) found.push(...(part.imports.get(name) ?? []).flatMap((each) => this.imported(part, each)));
    const open = [...part.stars];
    for (const statement of part.exports) {
      if (statement.value?.exported === '=') return [part.whole];
      for (const { local, exported } of statement.bindings) {
        if (exported === name) found.push(...statement.module === undefined ? this.nameIn(part, local) : this.imported(part, { module: statement.module, imported: local }));
        else if (exported === '*' && statement.module !== undefined) open.push({ module: statement.module, imported: '*' });
      }
    }
    if (found.length > 0) return found;
    const passed = open.flatMap((each) => this.starred(part, each, name, seen));
    return passed.length === 0 && isPython ? [part.whole] : passed;
  }

  /** A name that may come of `from m import *`, `export * from 'm'`. */
  private starred(part: Part, from: Binding, name: string, seen: Set<string>): readonly Target[] {
    const files = this.ask.filesOf(part.module, from, ['*']);
    return files.length === 0 ? [{ module: from.module, name }] : files.flatMap((file) => this.search(file, name, seen));
  }
}
