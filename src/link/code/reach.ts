import type { CodeModule, CodeType } from '../../facts/code.js';
import type { Location } from '../../facts/location.js';
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
  readonly imports: ReadonlyMap<string, readonly Binding[]>;
  /** Python's `from m import *`. */
  readonly stars: readonly Binding[];
  readonly outside: Outside;
}

/** A node, or a name of a package. */
type Target = number | { readonly module: string; readonly name: string };

/** The node of whatever may run queries by itself. */
const SOURCE = 0;

/**
 * Which definitions of a project may come to run a query: those that speak of a database library, of a definition that does, or of a module
 * that is not known in detail. A value that a function can get hold of is given by a name it speaks of, or by whoever calls it: what is not
 * reached here runs no query unless it is handed the means to.
 */
export class Reach {
  private readonly parts = new Map<string, Part>();
  /** Who speaks of a node. */
  private readonly speakers: number[][] = [[]];
  private readonly reached = new Set<number>();
  private readonly known = new Map<string, readonly Target[]>();
  private readonly typesKnown = new Map<CodeType, boolean>();

  constructor(private readonly ask: ReachQuestions) {
    for (const file of ask.files) this.add(file);
    for (const part of this.parts.values()) this.connect(part);
    const open = [SOURCE];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (this.reached.has(node)) continue;
      this.reached.add(node);
      open.push(...this.speakers[node]!);
    }
  }

  /** Whether the definition that a place is part of may come to run a query. */
  reaches({ file, start }: Location): boolean {
    const part = this.parts.get(file);
    const own = part?.definitions.find(({ definition }) => definition.start <= start && start < definition.end);
    return own === undefined ? part !== undefined : this.reached.has(own.node);
  }

  /** Whether something of a type may run queries. */
  reachesType(file: string, type: CodeType): boolean {
    const part = this.parts.get(file);
    if (part === undefined) return false;
    let known = this.typesKnown.get(type);
    if (known === undefined) {
      const { names, types } = spokenOf(type, part.outside);
      known = types.some((each) => this.typeNodes(part, each).some((node) => this.reached.has(node)))
        || [...names].some((name) => this.valueNodes(this.nameIn(part, name)).some((node) => this.reached.has(node)));
      this.typesKnown.set(type, known);
    }
    return known;
  }

  private node(): number {
    return this.speakers.push([]) - 1;
  }

  private add(file: string): void {
    const module = this.ask.modules.get(file);
    if (module === undefined) return;
    const own = new Map<string, number[]>();
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
      const node = this.node();
      for (const name of definition.declares) push(own, name, node);
      return { definition, node };
    });
    this.parts.set(file, { file, module, whole: this.node(), definitions, own, imports, stars, outside });
  }

  private connect(part: Part): void {
    const { module, whole } = part;
    for (const { definition, node } of part.definitions) {
      this.link(whole, [node]);
      if (this.ask.isHanded(part.file)) this.link(node, [SOURCE]);
      for (const name of definition.names) {
        this.link(node, this.valueNodes(this.nameIn(part, name)));
        // What is kept in a global was made by the module that asks for it, as a rule.
        if (name === 'globalThis' || name === 'global') this.link(node, [whole]);
        // What a module does when it is loaded may put anything into what it speaks of.
        if (definition.acts) for (const target of part.own.get(name) ?? []) this.link(target, [node]);
      }
      for (const name of definition.assigned) for (const target of part.own.get(name) ?? []) this.link(target, [node]);
      for (const type of definition.types) this.link(node, this.typeNodes(part, type));
      for (const each of definition.modules) this.link(node, each.bindings.flatMap((imported) => this.valueNodes(this.imported(part, { ...each, imported }))));
    }
    for (const each of part.stars) this.link(whole, this.valueNodes(this.imported(part, each)));
    for (const statement of module.body) {
      if (statement.kind === 'export' && statement.module !== undefined) for (const { local } of statement.bindings) this.link(whole, this.valueNodes(this.imported(part, { module: statement.module, imported: local })));
    }
  }

  private link(from: number, to: readonly number[]): void {
    for (const each of to) if (each !== from) this.speakers[each]!.push(from);
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
    const part = this.parts.get(file);
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
    const part = this.parts.get(file);
    if (part === undefined || seen.has(file)) return [];
    seen.add(file);
    const found: Target[] = [...part.own.get(name) ?? []];
    const isPython = part.module.language === 'python';
    if (isPython) found.push(...(part.imports.get(name) ?? []).flatMap((each) => this.imported(part, each)));
    const open = [...part.stars];
    for (const statement of part.module.body) {
      if (statement.kind !== 'export') continue;
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

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}
