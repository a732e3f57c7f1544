/** Plain values one after the other, little-endian; reading past the end throws a RangeError. */
export class ByteWriter {
  #buffer = new Uint8Array(4_096)
  #view = new DataView(this.#buffer.buffer)
  #length = 0

  bytes(): Uint8Array {
    return this.#buffer.slice(0, this.#length)
  }

  /** A whole number from 0 to 2^32 - 1. */
  count(value: number): void {
    if (!(Number.isInteger(value) && value >= 0 && value < 2 ** 32)) throw new RangeError(`${value} is not a count`)
    this.#view.setUint32(this.#grow(4), value, true)
  }

  flag(value: boolean): void {
    this.#view.setUint8(this.#grow(1), value ? 1 : 0)
  }

  double(value: number): void {
    this.#view.setFloat64(this.#grow(8), value, true)
  }

  uint64(value: bigint): void {
    if (value < 0n || value >= 1n << 64n) throw new RangeError(`${value} does not fit 64 bits`)
    this.#view.setBigUint64(this.#grow(8), value, true)
  }

  text(value: string): void {
    const encoded = new TextEncoder().encode(value)
    this.count(encoded.length)
    const at = this.#grow(encoded.length)
    this.#buffer.set(encoded, at)
  }

  doubles(values: Float64Array): void {
    this.count(values.length)
    let at = this.#grow(8 * values.length)
    for (const value of values) {
      this.#view.setFloat64(at, value, true)
      at += 8
    }
  }

  list<T>(items: readonly T[], write: (item: T) => void): void {
    this.count(items.length)
    for (const item of items) write(item)
  }

  #grow(byteCount: number): number {
    const at = this.#length
    this.#length += byteCount
    if (this.#length > this.#buffer.length) {
      const larger = new Uint8Array(2 * this.#length)
      larger.set(this.#buffer)
      this.#buffer = larger
      this.#view = new DataView(larger.buffer)
    }
    return at
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  count(): number {
    return this.#view.getUint32(this.#skip(4), true)
  }

  flag(): boolean {
    return this.#view.getUint8(this.#skip(1)) !== 0
  }

  double(): number {
    return this.#view.getFloat64(this.#skip(8), true)
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.#skip(8), true)
  }

  text(): string {
    const length = this.count()
    const at = this.#skip(length)
    return new TextDecoder().decode(this.#bytes.subarray(at, at + length))
  }

  doubles(): Float64Array {
    const count = this.count()
    const at = this.#skip(8 * count)
    return Float64Array.from({ length: count }, (_, i) => this.#view.getFloat64(at + 8 * i, true))
  }

  list<T>(read: () => T): T[] {
    const count = this.count()
    // Each item has at least one byte: a count from damaged bytes must not allocate memory.
    if (count > this.#bytes.length - this.#at) throw new RangeError(`a list of ${count} items`)
    return Array.from({ length: count }, read)
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new RangeError(`${this.#bytes.length - this.#at} bytes too many`)
  }

  #skip(byteCount: number): number {
    const at = this.#at
    if (byteCount > this.#bytes.length - at) throw new RangeError(`the bytes end at ${this.#bytes.length}`)
    this.#at += byteCount
    return at
  }
}
