/**
 * A JSON reader for bodies from strangers. It refuses what JSON.parse accepts although two readers could understand it
 * differently: a name given twice, a number beyond double range, half a surrogate pair, nesting without end. Objects
 * have no prototype, so a name from the peer has no special meaning.
 */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [name: string]: JsonValue
}

export type StrictJson =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly offset: number; readonly reason: string }

const maxDepth = 32

export function parseStrictJson(bytes: Uint8Array): StrictJson {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return { ok: false, offset: 0, reason: 'not UTF-8' }
  }
  const reader = new Reader(text)
  try {
    return { ok: true, value: reader.document() }
  } catch (error) {
    if (error instanceof JsonFault) return { ok: false, offset: reader.offset, reason: error.message }
    throw error
  }
}

class JsonFault extends Error {}

const numberText = /-?(?:0|[1-9][0-9]*)(?:[.][0-9]+)?(?:[eE][+-]?[0-9]+)?/y
// Everything up to the closing quote, an escape or a control character.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what JSON forbids here.
const plainText = /[^"\\\u0000-\u001f]*/y
const loneSurrogate = /\p{Surrogate}/u
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

class Reader {
  readonly #text: string
  offset = 0

  constructor(text: string) {
    this.#text = text
  }

  document(): JsonValue {
    const value = this.#value(0)
    this.#skipSpace()
    if (this.offset < this.#text.length) throw new JsonFault('text after the value')
    return value
  }

  #value(depth: number): JsonValue {
    this.#skipSpace()
    switch (this.#text[this.offset]) {
      case '{':
        return this.#object(depth + 1)
      case '[':
        return this.#array(depth + 1)
      case '"':
        return this.#string()
      case 't':
        return this.#word('true', true)
      case 'f':
        return this.#word('false', false)
      case 'n':
        return this.#word('null', null)
      default:
        return this.#number()
    }
  }

  #object(depth: number): JsonObject {
    this.#enter(depth)
    const object: Record<string, JsonValue> = Object.create(null) as Record<string, JsonValue>
    if (this.#take('}')) return object
    do {
      this.#skipSpace()
      const name = this.#string()
      if (name in object) throw new JsonFault('a name given twice')
      // Harmless here, but no honest caller sends it, and the next reader of the value may be less careful.
      if (name === '__proto__') throw new JsonFault('a forbidden name')
      this.#expect(':')
      object[name] = this.#value(depth)
    } while (this.#take(','))
    this.#expect('}')
    return object
  }

  #array(depth: number): JsonValue[] {
    this.#enter(depth)
    const items: JsonValue[] = []
    if (this.#take(']')) return items
    do items.push(this.#value(depth))
    while (this.#take(','))
    this.#expect(']')
    return items
  }

  #string(): string {
    if (this.#text[this.offset] !== '"') throw new JsonFault('a text was expected')
    this.offset += 1
    let value = ''
    for (;;) {
      value += this.#match(plainText) ?? ''
      const next = this.#text[this.offset]
      if (next === '"') break
      if (next !== '\\') throw new JsonFault('a text without end')
      value += this.#escape()
    }
    this.offset += 1
    if (loneSurrogate.test(value)) throw new JsonFault('half a surrogate pair')
    return value
  }

  #escape(): string {
    const letter = this.#text[this.offset + 1] ?? ''
    this.offset += 2
    if (letter !== 'u') {
      const value = escapes[letter]
      if (value === undefined) throw new JsonFault('an unknown escape')
      return value
    }
    const digits = this.#text.slice(this.offset, this.offset + 4)
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new JsonFault('an unknown escape')
    this.offset += 4
    return String.fromCharCode(Number.parseInt(digits, 16))
  }

  #number(): number {
    const digits = this.#match(numberText)
    if (digits === undefined || digits === '') throw new JsonFault('a value was expected')
    const value = Number(digits)
    if (!Number.isFinite(value)) throw new JsonFault('a number out of range')
    return value
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.offset)) throw new JsonFault('a value was expected')
    this.offset += word.length
    return value
  }

  #enter(depth: number): void {
    if (depth > maxDepth) throw new JsonFault('nested too deep')
    this.offset += 1
  }

  #take(mark: string): boolean {
    this.#skipSpace()
    if (this.#text[this.offset] !== mark) return false
    this.offset += 1
    return true
  }

  #expect(mark: string): void {
    if (!this.#take(mark)) throw new JsonFault(`${mark} was expected`)
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.offset)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
      this.offset += 1
    }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.offset
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.offset += found.length
    return found
  }
}
