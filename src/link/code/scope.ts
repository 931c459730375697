/** Names of a function, block or module; each names a slot of the heap. */
export class Scope {
  private readonly slots = new Map<string, number>();

  /** @param file the module the scope belongs to */
  constructor(readonly file: string, readonly parent?: Scope, readonly isFunction = false) {}

  declare(name: string, slot: number): void {
    this.slots.set(name, slot);
  }

  own(name: string): number | undefined {
    return this.slots.get(name);
  }

  find(name: string): number | undefined {
    return this.slots.get(name) ?? this.parent?.find(name);
  }

  /** The names declared here, in order. */
  names(): readonly string[] {
    return [...this.slots.keys()];
  }

  /** The function's (or module's) own scope around this one. */
  get functionScope(): Scope {
    return this.isFunction || this.parent === undefined ? this : this.parent.functionScope;
  }
}
