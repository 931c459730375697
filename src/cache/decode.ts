import { ByteReader } from './bytes.js';
import * as tag from './tags.js';

/** An object of each set of keys: a copy of it gets all of its keys at once, which is much faster than one after the other. */
type Shape = { readonly keys: readonly string[]; readonly empty: Readonly<Record<string, unknown>> };
const shapes = new Map<string, Shape>();

/**
 * Data that `encode` made bytes of.
 * @param file as it was given to `encode`
 * @param given the same
 * @throws Error for bytes that it did not make
 */
export function decode(file: string, bytes: Buffer, given: readonly object[] = []): unknown {
  const reader = new ByteReader(bytes);
  const isLatin = reader.byte() === 1;
  const text = reader.take(reader.integer()).toString(isLatin ? 'latin1' : 'utf16le');
  let position = 0;
  const texts = listOf(reader, () => text.slice(position, position += reader.integer()));
  const own = listOf(reader, () => shapeOf(listOf(reader, () => texts[reader.integer()]!)));
  return new Decoder(file, reader, texts, own, given).value();
}

function listOf<T>(reader: ByteReader, next: () => T): T[] {
  const list: T[] = [];
  for (let count = reader.integer(); count > 0; count--) list.push(next());
  return list;
}

function shapeOf(keys: readonly string[]): Shape {
  const name = keys.join('\0');
  let shape = shapes.get(name);
  if (shape === undefined) shapes.set(name, shape = { keys, empty: Object.fromEntries(keys.map((key) => [key, undefined])) });
  return shape;
}

class Decoder {
  private readonly defined: unknown[] = [];
  private lastStart = 0;

  constructor(private readonly file: string, private readonly reader: ByteReader, private readonly texts: readonly string[], private readonly shapes: readonly Shape[], private readonly given: readonly object[]) {}

  value(): unknown {
    const { reader } = this;
    const kind = reader.byte();
    switch (kind) {
      case tag.UNDEFINED: return undefined;
      case tag.NULL: return null;
      case tag.FALSE: return false;
      case tag.TRUE: return true;
      case tag.INTEGER: return reader.integer();
      case tag.NEGATIVE: return -reader.integer();
      case tag.FLOAT: return reader.take(8).readDoubleLE();
      case tag.TEXT: return this.texts[reader.integer()];
      case tag.LOCATION: return this.location();
      case tag.LIST: return this.list();
      case tag.DEFINED: {
        const index = this.defined.push(undefined) - 1;
        return this.defined[index] = this.value();
      }
      case tag.KNOWN: return this.defined[reader.integer()];
      case tag.GIVEN: return this.fromGiven(reader.integer());
      case tag.OBJECT: return this.object(reader.integer());
      default: return this.object(kind - tag.SHAPES);
    }
  }

  private list(): unknown[] {
    const list: unknown[] = [];
    for (let count = this.reader.integer(); count > 0; count--) list.push(this.value());
    return list;
  }

  private fromGiven(index: number): object {
    const value = this.given[index];
    if (value === undefined) throw new RangeError('there is no such value');
    return value;
  }

  private location(): unknown {
    const distance = this.reader.integer();
    const start = this.lastStart += distance % 2 === 0 ? distance / 2 : -(distance + 1) / 2;
    return { file: this.file, start, end: start + this.reader.integer() };
  }

  private object(shape: number): unknown {
    const { keys, empty } = this.shapes[shape]!;
    const object: Record<string, unknown> = { ...empty };
    for (const key of keys) object[key] = this.value();
    return object;
  }
}
