/** Writes whole numbers of any size into bytes that grow: seven bits a byte, the lowest first, the eighth says that more follow. */
export class ByteWriter {
  private bytes = new Uint8Array(4096);
  private length = 0;

  byte(value: number): void {
    if (this.length === this.bytes.length) this.grow(1);
    this.bytes[this.length++] = value;
  }

  /** @param value whole and not negative */
  integer(value: number): void {
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.byte((rest % 128) | 128);
    this.byte(rest);
  }

  append(more: Uint8Array): void {
    if (this.length + more.length > this.bytes.length) this.grow(more.length);
    this.bytes.set(more, this.length);
    this.length += more.length;
  }

  /** What was written; a view that the next write may invalidate. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  private grow(needed: number): void {
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + needed));
    larger.set(this.written());
    this.bytes = larger;
  }
}

/** Reads what a ByteWriter wrote. */
export class ByteReader {
  private position = 0;

  constructor(private readonly bytes: Buffer) {}

  /** @throws RangeError at the end */
  byte(): number {
    const value = this.bytes[this.position++];
    if (value === undefined) throw new RangeError('the bytes end too early');
    return value;
  }

  integer(): number {
    let byte = this.byte();
    let value = byte & 127;
    for (let unit = 128; byte > 127; unit *= 128) {
      byte = this.byte();
      value += (byte & 127) * unit;
    }
    return value;
  }

  /** The next bytes, not copied. @throws RangeError when there are fewer */
  take(length: number): Buffer {
    const end = this.position + length;
    if (end > this.bytes.length) throw new RangeError('the bytes end too early');
    const taken = this.bytes.subarray(this.position, end);
    this.position = end;
    return taken;
  }

  /** What is left, not copied; it stays there. */
  rest(): Buffer {
    return this.bytes.subarray(this.position);
  }
}
