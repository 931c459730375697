/** A map that can take back what was done to it, the order of its entries included. */
export class JournalMap<K, V> extends Map<K, V> {
  /** How to undo each change so far, while somebody may want to. */
  journal: (() => void)[] | undefined;

  override set(key: K, value: V): this {
    if (this.journal) {
      const before = this.get(key);
      this.journal.push(this.has(key) ? () => { super.set(key, before!); } : () => { super.delete(key); });
    }
    return super.set(key, value);
  }

  override delete(key: K): boolean {
    if (this.journal && this.has(key)) this.keep();
    return super.delete(key);
  }

  override clear(): void {
    if (this.journal) this.keep();
    super.clear();
  }

  private keep(): void {
    const entries = [...this];
    this.journal!.push(() => {
      super.clear();
      for (const [key, value] of entries) super.set(key, value);
    });
  }
}
