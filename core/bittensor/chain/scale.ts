/**
 * A reader of SCALE bytes, driven by a description of their shape. The shape comes from the chain's own metadata, so
 * that order and types of fields follow the runtime. Decoding 256 neurons takes about a millisecond this way; building
 * the client's typed objects blocked the event loop for a hundred.
 */
export type ScaleShape =
  | { readonly kind: 'uint'; readonly byteCount: number }
  | { readonly kind: 'int'; readonly byteCount: number }
  | { readonly kind: 'compact' }
  | { readonly kind: 'bool' }
  /** A fixed run of bytes, such as a public key. */
  | { readonly kind: 'bytes'; readonly byteCount: number }
  | { readonly kind: 'array'; readonly of: ScaleShape; readonly count: number }
  | { readonly kind: 'sequence'; readonly of: ScaleShape }
  | { readonly kind: 'option'; readonly of: ScaleShape }
  | { readonly kind: 'struct'; readonly fields: readonly ScaleField[] }
  | { readonly kind: 'variant'; readonly cases: readonly { readonly index: number; readonly of: ScaleShape }[] }
  /** Something that this reader does not know; the reason is reported when such bytes must be read. */
  | { readonly kind: 'unknown'; readonly reason: string }

export interface ScaleField {
  readonly name: string
  readonly of: ScaleShape
}

export type ScaleValue =
  | number
  | bigint
  | boolean
  | Uint8Array
  | undefined
  | readonly ScaleValue[]
  | { readonly [name: string]: ScaleValue }

/** The bytes do not match the shape. */
export class ScaleError extends Error {}

/** A longer sequence is a decoding mistake, not data: it stops before memory is allocated. */
const longestSequence = 1_000_000

export class ScaleReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get remaining(): number {
    return this.#bytes.length - this.#at
  }

  read(shape: ScaleShape): ScaleValue {
    switch (shape.kind) {
      case 'uint':
        return this.#uint(shape.byteCount)
      case 'int':
        return this.#int(shape.byteCount)
      case 'compact':
        return this.compact()
      case 'bool':
        return this.#flag()
      case 'bytes':
        return this.#take(shape.byteCount)
      case 'array':
        return Array.from({ length: shape.count }, () => this.read(shape.of))
      case 'sequence':
        return this.#sequence(shape.of)
      case 'option':
        return this.#flag() ? this.read(shape.of) : undefined
      case 'struct':
        return this.#struct(shape.fields)
      case 'variant':
        return this.#variant(shape.cases)
      case 'unknown':
        throw new ScaleError(`cannot read ${shape.reason}`)
    }
  }

  /** Up to 2^53 a number, above it a bigint. */
  compact(): number | bigint {
    const first = this.#peek()
    switch (first & 3) {
      case 0:
        this.#at += 1
        return first >> 2
      case 1:
        return this.#number(2) >> 2
      case 2:
        return this.#number(4) >>> 2
      default: {
        this.#at += 1
        return toNumberIfSafe(this.#bigUint((first >> 2) + 4))
      }
    }
  }

  #struct(fields: readonly ScaleField[]): { [name: string]: ScaleValue } {
    const value: { [name: string]: ScaleValue } = {}
    for (const field of fields) {
      try {
        value[field.name] = this.read(field.of)
      } catch (error) {
        if (!(error instanceof ScaleError)) throw error
        throw new ScaleError(`${field.name}: ${error.message}`)
      }
    }
    return value
  }

  #sequence(of: ScaleShape): ScaleValue[] {
    const count = Number(this.compact())
    if (count > longestSequence) throw new ScaleError(`a sequence of ${count} items`)
    const items: ScaleValue[] = []
    for (let i = 0; i < count; i += 1) items.push(this.read(of))
    return items
  }

  #variant(cases: readonly { index: number; of: ScaleShape }[]): ScaleValue {
    const index = this.#number(1)
    const found = cases.find((candidate) => candidate.index === index)
    if (found === undefined) throw new ScaleError(`there is no case ${index}`)
    return this.read(found.of)
  }

  #flag(): boolean {
    const byte = this.#number(1)
    if (byte > 1) throw new ScaleError(`${byte} is neither yes nor no`)
    return byte === 1
  }

  #uint(byteCount: number): number | bigint {
    return byteCount <= 4 ? this.#number(byteCount) : this.#bigUint(byteCount)
  }

  #int(byteCount: number): bigint {
    return BigInt.asIntN(8 * byteCount, this.#bigUint(byteCount))
  }

  #number(byteCount: number): number {
    const at = this.#advance(byteCount)
    if (byteCount === 1) return this.#view.getUint8(at)
    if (byteCount === 2) return this.#view.getUint16(at, true)
    return this.#view.getUint32(at, true)
  }

  #bigUint(byteCount: number): bigint {
    const at = this.#advance(byteCount)
    let value = 0n
    for (let i = byteCount - 1; i >= 0; i -= 1) value = (value << 8n) | BigInt(this.#bytes[at + i]!)
    return value
  }

  #take(byteCount: number): Uint8Array {
    const at = this.#advance(byteCount)
    return this.#bytes.slice(at, at + byteCount)
  }

  #peek(): number {
    const byte = this.#bytes[this.#at]
    if (byte === undefined) throw new ScaleError('the answer ends too early')
    return byte
  }

  #advance(byteCount: number): number {
    if (byteCount > this.remaining) throw new ScaleError('the answer ends too early')
    const at = this.#at
    this.#at += byteCount
    return at
  }
}

/** True when a value of this shape takes no bytes at all. */
export function isZeroSized(shape: ScaleShape): boolean {
  switch (shape.kind) {
    case 'struct':
      return shape.fields.every((field) => isZeroSized(field.of))
    case 'array':
      return shape.count === 0 || isZeroSized(shape.of)
    case 'bytes':
      return shape.byteCount === 0
    default:
      return false
  }
}

function toNumberIfSafe(value: bigint): number | bigint {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
}
