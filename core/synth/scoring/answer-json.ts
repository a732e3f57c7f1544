/**
 * JSON as the validator's Python reads it, with every number kept as text: the digit rule tells `12345678` from
 * `12345678.0`, which a parsed number cannot. Accepts what Python's json accepts beyond the standard (NaN, Infinity,
 * -Infinity, lone surrogates, repeated keys) and refuses what it refuses.
 *
 * The result is a flat tape in document order, not a tree of objects: a 24h answer holds 289 000 numbers.
 */
export const jsonKind = {
  null: 0,
  true: 1,
  false: 2,
  int: 3,
  float: 4,
  string: 5,
  array: 6,
  object: 7,
} as const

export interface JsonTape {
  readonly text: string
  /** Number of entries in use. */
  readonly size: number
  /** One of jsonKind per entry. The members of an object are entries too: key, value, key, value. */
  readonly kinds: Uint8Array
  /** Where the entry's text begins and ends. */
  readonly starts: Int32Array
  readonly ends: Int32Array
  /** The entry after this one and all it contains. */
  readonly nexts: Int32Array
  /** Elements of an array, members of an object. */
  readonly counts: Int32Array
}

export interface JsonProblem {
  readonly offset: number
  readonly message: string
}

export type JsonReading =
  | { readonly ok: true; readonly tape: JsonTape }
  | { readonly ok: false; readonly problem: JsonProblem }

/** Python does not convert longer integer texts into numbers; the whole body then fails. */
const maxIntDigits = 4300
/** Python stops near 1000 nested levels; no honest answer comes close. */
const maxDepth = 900

export function readJson(text: string): JsonReading {
  const reader = new TapeReader(text)
  try {
    return { ok: true, tape: reader.read() }
  } catch (error) {
    if (error instanceof JsonSyntax) return { ok: false, problem: { offset: error.offset, message: error.message } }
    throw error
  }
}

class JsonSyntax extends Error {
  readonly offset: number

  constructor(offset: number, message: string) {
    super(message)
    this.offset = offset
  }
}

const code = {
  tab: 9,
  newline: 10,
  return: 13,
  space: 32,
  quote: 34,
  comma: 44,
  minus: 45,
  point: 46,
  zero: 48,
  nine: 57,
  colon: 58,
  openBracket: 91,
  backslash: 92,
  closeBracket: 93,
  openBrace: 123,
  closeBrace: 125,
} as const

class TapeReader {
  private readonly text: string
  private kinds: Uint8Array<ArrayBuffer>
  private starts: Int32Array<ArrayBuffer>
  private ends: Int32Array<ArrayBuffer>
  private nexts: Int32Array<ArrayBuffer>
  private counts: Int32Array<ArrayBuffer>
  private size = 0
  private depth = 0

  constructor(text: string) {
    this.text = text
    // A price takes nine or ten characters with its comma; start with that and double when it is not enough.
    const capacity = 16 + (text.length >> 3)
    this.kinds = new Uint8Array(capacity)
    this.starts = new Int32Array(capacity)
    this.ends = new Int32Array(capacity)
    this.nexts = new Int32Array(capacity)
    this.counts = new Int32Array(capacity)
  }

  read(): JsonTape {
    const end = this.skipBlanks(this.readValue(this.skipBlanks(0)))
    if (end < this.text.length) this.fail(end, 'unexpected text after the value')
    const { text, size, kinds, starts, ends, nexts, counts } = this
    return { text, size, kinds, starts, ends, nexts, counts }
  }

  private readValue(at: number): number {
    const first = this.text.charCodeAt(at)
    if ((first >= code.zero && first <= code.nine) || first === code.minus) return this.readNumber(at)
    switch (first) {
      case code.openBracket:
        return this.readArray(at)
      case code.openBrace:
        return this.readObject(at)
      case code.quote:
        return this.readString(at)
      default:
        return this.readWord(at)
    }
  }

  private readNumber(at: number): number {
    const { text } = this
    let position = at
    if (text.charCodeAt(position) === code.minus) {
      position += 1
      if (text.startsWith('Infinity', position)) return this.addScalar(jsonKind.float, at, position + 8)
    }
    const wholeFrom = position
    let character = text.charCodeAt(position)
    while (character >= code.zero && character <= code.nine) character = text.charCodeAt(++position)
    const wholeDigits = position - wholeFrom
    if (wholeDigits === 0) this.fail(at, 'a minus sign without a number')
    if (wholeDigits > 1 && text.charCodeAt(wholeFrom) === code.zero) this.fail(at, 'a number with a leading zero')
    const wholeTo = position
    if (character === code.point) {
      position = this.skipDigits(position + 1, at)
      character = text.charCodeAt(position)
    }
    if (character === 101 || character === 69) {
      const sign = text.charCodeAt(position + 1)
      position = this.skipDigits(position + (sign === 43 || sign === code.minus ? 2 : 1), at)
    }
    if (position > wholeTo) return this.addScalar(jsonKind.float, at, position)
    if (wholeDigits > maxIntDigits) this.fail(at, `an integer of more than ${maxIntDigits} digits`)
    return this.addScalar(jsonKind.int, at, position)
  }

  private skipDigits(from: number, numberAt: number): number {
    let position = from
    let character = this.text.charCodeAt(position)
    while (character >= code.zero && character <= code.nine) character = this.text.charCodeAt(++position)
    if (position === from) this.fail(numberAt, 'a number that is cut off')
    return position
  }

  private readWord(at: number): number {
    const { text } = this
    if (at >= text.length) this.fail(at, 'the text ends where a value is expected')
    if (text.startsWith('null', at)) return this.addScalar(jsonKind.null, at, at + 4)
    if (text.startsWith('true', at)) return this.addScalar(jsonKind.true, at, at + 4)
    if (text.startsWith('false', at)) return this.addScalar(jsonKind.false, at, at + 5)
    if (text.startsWith('NaN', at)) return this.addScalar(jsonKind.float, at, at + 3)
    if (text.startsWith('Infinity', at)) return this.addScalar(jsonKind.float, at, at + 8)
    return this.fail(at, `${JSON.stringify(text.slice(at, at + 12))} where a value is expected`)
  }

  private readString(at: number): number {
    const { text } = this
    let position = at + 1
    for (;;) {
      const character = text.charCodeAt(position)
      if (character === code.quote) break
      if (position >= text.length) this.fail(at, 'a string without an end')
      if (character < code.space) this.fail(position, 'a control character inside a string')
      if (character === code.backslash) position += this.escapeLength(position)
      else position += 1
    }
    return this.addScalar(jsonKind.string, at, position + 1)
  }

  private escapeLength(at: number): number {
    const escaped = this.text[at + 1]
    if (escaped === 'u' && /^[0-9a-fA-F]{4}$/.test(this.text.slice(at + 2, at + 6))) return 6
    if (escaped !== undefined && '"\\/bfnrt'.includes(escaped)) return 2
    return this.fail(at, 'an unknown escape inside a string')
  }

  private readArray(at: number): number {
    const entry = this.open(jsonKind.array, at)
    let count = 0
    let position = this.skipBlanks(at + 1)
    if (this.text.charCodeAt(position) !== code.closeBracket) {
      for (;;) {
        position = this.skipBlanks(this.readValue(position))
        count += 1
        const separator = this.text.charCodeAt(position)
        if (separator === code.closeBracket) break
        if (separator !== code.comma) this.fail(position, 'a comma or ] is missing')
        position = this.skipBlanks(position + 1)
      }
    }
    return this.close(entry, position + 1, count)
  }

  private readObject(at: number): number {
    const entry = this.open(jsonKind.object, at)
    let count = 0
    let position = this.skipBlanks(at + 1)
    if (this.text.charCodeAt(position) !== code.closeBrace) {
      for (;;) {
        if (this.text.charCodeAt(position) !== code.quote) this.fail(position, 'a key in quotes is missing')
        position = this.skipBlanks(this.readString(position))
        if (this.text.charCodeAt(position) !== code.colon) this.fail(position, 'a colon is missing')
        position = this.skipBlanks(this.readValue(this.skipBlanks(position + 1)))
        count += 1
        const separator = this.text.charCodeAt(position)
        if (separator === code.closeBrace) break
        if (separator !== code.comma) this.fail(position, 'a comma or } is missing')
        position = this.skipBlanks(position + 1)
      }
    }
    return this.close(entry, position + 1, count)
  }

  private skipBlanks(from: number): number {
    let position = from
    for (;;) {
      const character = this.text.charCodeAt(position)
      if (character > code.space || Number.isNaN(character)) return position
      const blank = character === code.space || character === code.newline || character === code.return
      if (!blank && character !== code.tab) return position
      position += 1
    }
  }

  private open(kind: number, at: number): number {
    this.depth += 1
    if (this.depth > maxDepth) this.fail(at, `more than ${maxDepth} nested levels`)
    const entry = this.size
    this.addScalar(kind, at, at)
    return entry
  }

  private close(entry: number, end: number, count: number): number {
    this.depth -= 1
    this.ends[entry] = end
    this.nexts[entry] = this.size
    this.counts[entry] = count
    return end
  }

  private addScalar(kind: number, start: number, end: number): number {
    const entry = this.size
    if (entry === this.kinds.length) this.grow()
    this.kinds[entry] = kind
    this.starts[entry] = start
    this.ends[entry] = end
    this.nexts[entry] = entry + 1
    this.size = entry + 1
    return end
  }

  private grow(): void {
    const capacity = this.kinds.length * 2
    const kinds = new Uint8Array(capacity)
    kinds.set(this.kinds)
    this.kinds = kinds
    this.starts = doubled(this.starts, capacity)
    this.ends = doubled(this.ends, capacity)
    this.nexts = doubled(this.nexts, capacity)
    this.counts = doubled(this.counts, capacity)
  }

  private fail(offset: number, message: string): never {
    throw new JsonSyntax(offset, message)
  }
}

function doubled(values: Int32Array, capacity: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(capacity)
  larger.set(values)
  return larger
}
