/** One item of PostgREST's select text (PostgREST manual, "Resource embedding"). */
export interface SelectItem {
  /** `alias:name`. */
  readonly alias?: string;
  readonly name: string;
  /** `name!hint!inner`: a foreign key or column that tells several apart; `inner` and `left` are apart. */
  readonly hints: readonly string[];
  readonly isInner: boolean;
  /** `...name(columns)`: the columns of the other table are columns of this one. */
  readonly isSpread: boolean;
  /** Of a related table: what is wanted of it. */
  readonly embedded?: readonly SelectItem[];
}

/** Reads a select text; undefined when it cannot be read. */
export function parseSelect(text: string): readonly SelectItem[] | undefined {
  const reader = new Reader(text.replace(/\s+/g, ''));
  const items = reader.items();
  return reader.atEnd() ? items : undefined;
}

class Reader {
  #at = 0;

  constructor(private readonly text: string) {}

  atEnd(): boolean {
    return this.#at >= this.text.length;
  }

  items(): SelectItem[] {
    const items: SelectItem[] = [];
    while (!this.atEnd() && this.text[this.#at] !== ')') {
      const item = this.#item();
      if (item) items.push(item);
      if (this.text[this.#at] !== ',') break;
      this.#at++;
    }
    return items;
  }

  #item(): SelectItem | undefined {
    const isSpread = this.text.startsWith('...', this.#at);
    if (isSpread) this.#at += 3;
    let name = this.#word();
    let alias: string | undefined;
    if (this.text[this.#at] === ':' && this.text[this.#at + 1] !== ':') {
      this.#at++;
      alias = name;
      name = this.#word();
    }
    const marks: string[] = [];
    while (this.text[this.#at] === '!') {
      this.#at++;
      marks.push(this.#word());
    }
    const embedded = this.#embedded(name);
    // Casts, JSON paths and aggregates: `::text`, `->>key`, `.sum()`.
    while (!this.atEnd() && !',)'.includes(this.text[this.#at]!)) this.#at++;
    if (name === '') return undefined;
    return {
      ...(alias !== undefined && { alias }), name, hints: marks.filter((mark) => mark !== 'inner' && mark !== 'left'), isInner: marks.includes('inner'), isSpread,
      ...(embedded && { embedded }),
    };
  }

  #embedded(name: string): readonly SelectItem[] | undefined {
    if (this.text[this.#at] !== '(') return undefined;
    this.#at++;
    const items = this.items();
    if (this.text[this.#at] === ')') this.#at++;
    // `count()` and `amount.sum()` are aggregates.
    return /^(?:count|sum|avg|min|max)$/.test(name) && items.length === 0 ? undefined : items;
  }

  #word(): string {
    const [quoted, inner] = /^"([^"]*)"/.exec(this.text.slice(this.#at)) ?? [];
    if (quoted !== undefined) {
      this.#at += quoted.length;
      return inner!;
    }
    const [word = ''] = /^[^,():!.>-]*/.exec(this.text.slice(this.#at)) ?? [];
    this.#at += word.length;
    return word;
  }
}
