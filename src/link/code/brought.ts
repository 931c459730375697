import type { CodeModule, CodeStatement } from '../../facts/code.js';
import { withTypes } from './type-checking.js';

/** What a statement of a module brings from another. */
interface Brought {
  /** The place of the statement among those of the module. */
  readonly order: number;
  readonly target: string;
  /** Its name there; `*`: the same. */
  readonly theirs: string;
}

/** By name, and whatever is passed on. */
interface OfModule {
  readonly named: ReadonlyMap<string, readonly Brought[]>;
  readonly passed: readonly Brought[];
}

type Passing = Extract<CodeStatement, { kind: 'import' | 'export' }>;

/** Where the names that modules have from others come from: each module is gone through once. */
export class BroughtNames {
  private readonly modules = new Map<string, OfModule>();

  /** @param targetOf the file that a statement takes from; undefined for a package's */
  constructor(private readonly moduleOf: (file: string) => CodeModule | undefined, private readonly targetOf: (module: CodeModule, statement: Passing) => string | undefined) {}

  /** Where a name of a module may come from, in the order of its statements; of `export *` it is not known. */
  of(file: string, name: string): readonly Brought[] {
    let known = this.modules.get(file);
    if (known === undefined) this.modules.set(file, known = this.read(this.moduleOf(file)));
    const { named, passed } = known;
    const own = named.get(name) ?? [];
    if (passed.length === 0) return own;
    const orders = new Set(own.map(({ order }) => order));
    return [...own, ...passed.filter(({ order }) => !orders.has(order))].sort((a, b) => a.order - b.order);
  }

  private read(module: CodeModule | undefined): OfModule {
    const named = new Map<string, Brought[]>();
    const passed: Brought[] = [];
    for (const [order, statement] of withTypes(module?.body ?? []).entries()) {
      if (statement.kind !== 'import' && statement.kind !== 'export') continue;
      const target = this.targetOf(module!, statement);
      if (target === undefined) continue;
      const bindings = bindingsOf(statement);
      for (const { local, theirs } of bindings) {
        const same = named.get(local);
        if (same === undefined) named.set(local, [{ order, target, theirs }]);
        else if (same.at(-1)!.order !== order) same.push({ order, target, theirs });
      }
      const all = statement.kind === 'export' ? bindings.find(({ local }) => local === '*') : undefined;
      if (all !== undefined) passed.push({ order, target, theirs: all.theirs });
    }
    return { named, passed };
  }
}

function bindingsOf(statement: Passing): readonly { readonly local: string; readonly theirs: string }[] {
  return statement.kind === 'import' ? statement.bindings.map(({ local, imported }) => ({ local, theirs: imported })) : statement.bindings.map(({ local, exported }) => ({ local: exported, theirs: local }));
}
