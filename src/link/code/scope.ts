/** A name that stands for what another module exports. */
export interface ImportBinding {
  readonly module: string;
  /** Python: leading dots. */
  readonly level?: number;
  /** The name there, `default`, or `*` for the module itself. */
  readonly imported: string;
}

/** Names of a function, block or module; each names a slot of the heap, or something imported. */
export class Scope {
  private readonly slots = new Map<string, number>();
  private readonly imports = new Map<string, ImportBinding>();

  /** @param file the module the scope belongs to */
  constructor(readonly file: string, readonly parent?: Scope, readonly isFunction = false) {}

  declare(name: string, slot: number): void {
    this.slots.set(name, slot);
  }

  bindImport(name: string, binding: ImportBinding): void {
    this.imports.set(name, binding);
  }

  own(name: string): number | ImportBinding | undefined {
    return this.slots.get(name) ?? this.imports.get(name);
  }

  find(name: string): number | ImportBinding | undefined {
    const own = this.own(name);
    if (own !== undefined) return own;
    for (let parent = this.parent; parent !== undefined; parent = parent.parent) {
      const found = parent.own(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The names declared here, in order. */
  names(): readonly string[] {
    return [...this.slots.keys(), ...this.imports.keys()];
  }

  /** The function's (or module's) own scope around this one. */
  get functionScope(): Scope {
    return this.isFunction || this.parent === undefined ? this : this.parent.functionScope;
  }
}
