/** What was made of texts, for as many characters of them as there is room; the oldest goes first. */
export class KeptTexts<V> {
  private readonly entries = new Map<string, V>();
  private length = 0;

  /** @param most as many texts, @param room as many characters are kept */
  constructor(private readonly most: number, private readonly room: number) {}

  get(text: string): V | undefined {
    return this.entries.get(text);
  }

  /** Keeps what was made of a text that is not kept yet; one that takes much of the room is not kept. */
  keep(text: string, value: V): void {
    if (text.length > this.room / 8) return;
    this.entries.set(text, value);
    this.length += text.length;
    // A map keeps the order.
    for (const [oldest] of this.entries) {
      if (this.entries.size <= this.most && this.length <= this.room) break;
      this.length -= oldest.length;
      this.entries.delete(oldest);
    }
  }
}
