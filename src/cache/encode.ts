import type { Location } from '../facts/location.js';
import { ByteWriter } from './bytes.js';
import * as tag from './tags.js';

/**
 * Data as bytes, an eleventh of its size as JSON: each text and each set of keys is written once, locations say neither their file nor their
 * keys. What is one object in two places is one again after `decode`.
 * @param file the file that most locations are in
 * @param given parts of the value that will be at hand where it is decoded: only which of them it is, is written
 * @throws TypeError for what is no plain data, RangeError for what is nested too deeply
 */
export function encode(file: string, value: unknown, given: readonly object[] = []): Uint8Array {
  const numbers = new Map(given.map((each, index) => [each, index]));
  return new Encoder(file, sharedIn(value, numbers), numbers).encode(value);
}

/** The objects that stand in several places, but for those that are given. */
function sharedIn(value: unknown, given: ReadonlyMap<object, number>): Set<object> {
  const seen = new Set<object>();
  const shared = new Set<object>();
  const open: unknown[] = [value];
  while (open.length > 0) {
    const each = open.pop();
    if (typeof each !== 'object' || each === null || given.has(each)) continue;
    if (seen.has(each)) {
      shared.add(each);
      continue;
    }
    seen.add(each);
    for (const key in each) open.push((each as Record<string, unknown>)[key]);
  }
  return shared;
}

class Encoder {
  private readonly out = new ByteWriter();
  private readonly texts = new Map<string, number>();
  private readonly shapes = new Map<string, number>();
  private readonly keys: (readonly number[])[] = [];
  private readonly defined = new Map<object, number>();
  private lastStart = 0;

  constructor(private readonly file: string, private readonly shared: ReadonlySet<object>, private readonly given: ReadonlyMap<object, number>) {}

  encode(value: unknown): Uint8Array {
    this.value(value);
    const whole = new ByteWriter();
    const texts = [...this.texts.keys()];
    const text = texts.join('');
    // UTF-16 keeps halves of surrogate pairs as they are.
    const isLatin = /^[\0-\xff]*$/.test(text);
    const bytes = Buffer.from(text, isLatin ? 'latin1' : 'utf16le');
    whole.byte(isLatin ? 1 : 0);
    whole.integer(bytes.length);
    whole.append(bytes);
    whole.integer(texts.length);
    for (const { length } of texts) whole.integer(length);
    whole.integer(this.keys.length);
    for (const keys of this.keys) {
      whole.integer(keys.length);
      for (const key of keys) whole.integer(key);
    }
    whole.append(this.out.written());
    return whole.written();
  }

  private value(value: unknown): void {
    switch (typeof value) {
      case 'undefined': return this.out.byte(tag.UNDEFINED);
      case 'boolean': return this.out.byte(value ? tag.TRUE : tag.FALSE);
      case 'number': return this.number(value);
      case 'string':
        this.out.byte(tag.TEXT);
        return this.out.integer(this.text(value));
      case 'object': return value === null ? this.out.byte(tag.NULL) : this.reference(value);
      default: throw new TypeError(`a ${typeof value} is no data`);
    }
  }

  private number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      this.out.byte(value < 0 ? tag.NEGATIVE : tag.INTEGER);
      this.out.integer(Math.abs(value));
    } else {
      this.out.byte(tag.FLOAT);
      this.out.append(new Uint8Array(Float64Array.of(value).buffer));
    }
  }

  private reference(value: object): void {
    const number = this.given.get(value);
    if (number !== undefined) {
      this.out.byte(tag.GIVEN);
      return this.out.integer(number);
    }
    if (this.shared.has(value)) {
      const known = this.defined.get(value);
      if (known !== undefined) {
        this.out.byte(tag.KNOWN);
        return this.out.integer(known);
      }
      this.defined.set(value, this.defined.size);
      this.out.byte(tag.DEFINED);
    }
    if (Array.isArray(value)) {
      this.out.byte(tag.LIST);
      this.out.integer(value.length);
      for (const each of value) this.value(each);
    } else this.object(value);
  }

  private object(value: object): void {
    if (Object.getPrototypeOf(value) !== Object.prototype) throw new TypeError('an object of a class is no data');
    const keys = Object.keys(value);
    if (this.isLocation(value, keys)) return this.location(value);
    const shape = this.shape(keys);
    if (shape + tag.SHAPES < 256) this.out.byte(shape + tag.SHAPES);
    else {
      this.out.byte(tag.OBJECT);
      this.out.integer(shape);
    }
    for (const key of keys) this.value((value as Record<string, unknown>)[key]);
  }

  private isLocation(value: object, keys: readonly string[]): value is Location {
    const { file, start, end } = value as Partial<Location>;
    return keys.length === 3 && file === this.file && Number.isSafeInteger(start) && Number.isSafeInteger(end) && end! >= start!;
  }

  private location({ start, end }: Location): void {
    const distance = start - this.lastStart;
    this.lastStart = start;
    this.out.byte(tag.LOCATION);
    this.out.integer(distance < 0 ? -2 * distance - 1 : 2 * distance);
    this.out.integer(end - start);
  }

  private shape(keys: readonly string[]): number {
    const name = keys.join('\0');
    let shape = this.shapes.get(name);
    if (shape === undefined) {
      this.shapes.set(name, shape = this.keys.length);
      this.keys.push(keys.map((key) => this.text(key)));
    }
    return shape;
  }

  private text(text: string): number {
    let index = this.texts.get(text);
    if (index === undefined) this.texts.set(text, index = this.texts.size);
    return index;
  }
}
