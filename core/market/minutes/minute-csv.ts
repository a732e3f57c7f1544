import { InputError } from '#core/base/errors/app-error'
import { parseDecimal } from './decimal.ts'
import { MinuteBatch } from './minute-batch.ts'
import { MinuteRowCheck } from './minute-row-check.ts'

/**
 * Reads minutes from CSV text in pieces of any size: a header `ts,close` or `ts,close,open,high,low,volume`, then one
 * row per minute; `ts` is the Unix second of the candle's open. It works on bytes, because making a string of each
 * field would take longer than everything else together.
 */
export const minuteCsvHeaders = ['ts,close', 'ts,close,open,high,low,volume'] as const

/** A normal row has about 60 bytes; a file without line ends must not fill the memory. */
const longestLine = 1_000

const newline = 10
const carriageReturn = 13
const comma = 44
const zero = 48

export class MinuteCsvReader {
  readonly #file: string
  readonly #check: MinuteRowCheck
  readonly #batch = new MinuteBatch()
  #columns = 0
  #line = 0
  #rest: Uint8Array = new Uint8Array(0)

  constructor(file: string) {
    this.#file = file
    this.#check = new MinuteRowCheck((message) => this.#fail(message))
  }

  push(piece: Uint8Array): void {
    let bytes = piece
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + piece.length)
      bytes.set(this.#rest)
      bytes.set(piece, this.#rest.length)
    }
    let start = 0
    for (let end = bytes.indexOf(newline, start); end >= 0; end = bytes.indexOf(newline, start)) {
      this.#takeLine(bytes, start, end)
      start = end + 1
    }
    if (bytes.length - start > longestLine) {
      this.#line += 1
      this.#fail(`no line end within ${longestLine} characters; this is not a CSV file of minutes`)
    }
    this.#rest = bytes.slice(start)
  }

  /** The file has ended. Throws when its last row may have been cut off. */
  finish(): MinuteBatch {
    if (this.#rest.length > 0) {
      const bytes = this.#rest
      this.#takeLine(bytes, 0, bytes.length)
      // With more columns a cut row has too few fields; here the close itself may have lost digits without a sign of
      // it.
      if (this.#columns === 2 && this.#line > 1) {
        this.#fail('the last row has no line end, so its close may be cut; add a line end if the file is complete')
      }
    }
    if (this.#columns === 0) {
      this.#line = 1
      this.#fail(`the file is empty; expected the header ${headerChoice}`)
    }
    this.#check.finish()
    return this.#batch
  }

  #takeLine(bytes: Uint8Array, start: number, lineEnd: number): void {
    this.#line += 1
    const end = lineEnd > start && bytes[lineEnd - 1] === carriageReturn ? lineEnd - 1 : lineEnd
    if (this.#columns === 0) this.#takeHeader(bytes, start, end)
    else this.#takeRow(bytes, start, end)
  }

  #takeHeader(bytes: Uint8Array, start: number, end: number): void {
    const hasByteOrderMark = bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf
    const header = ascii(bytes, hasByteOrderMark ? start + 3 : start, end)
    if (!minuteCsvHeaders.some((known) => known === header)) {
      this.#fail(`the header is "${shorten(header)}"; expected ${headerChoice}`)
    }
    this.#columns = header.split(',').length
  }

  #takeRow(bytes: Uint8Array, start: number, end: number): void {
    let fieldStart = start
    let column = 0
    let openSeconds = Number.NaN
    let close = Number.NaN
    const rest = [Number.NaN, Number.NaN, Number.NaN, Number.NaN]
    for (let i = start; i <= end; i += 1) {
      if (i < end && bytes[i] !== comma) continue
      if (i === fieldStart) this.#failRow(bytes, start, end, `field ${column + 1} is empty`)
      if (column === 0) openSeconds = parseSeconds(bytes, fieldStart, i)
      else if (column === 1) close = parseDecimal(bytes, fieldStart, i)
      else if (column < 6) rest[column - 2] = parseDecimal(bytes, fieldStart, i)
      column += 1
      fieldStart = i + 1
    }
    if (column !== this.#columns) {
      this.#failRow(bytes, start, end, `${column} fields instead of ${this.#columns}; the row may be incomplete`)
    }
    if (Number.isNaN(openSeconds)) this.#failRow(bytes, start, end, 'ts is not a whole Unix second')
    if (!(close > 0 && close < Number.POSITIVE_INFINITY)) {
      this.#failRow(bytes, start, end, 'close is not a finite number above zero')
    }
    this.#check.take(openSeconds)
    const openAtMs = openSeconds * 1_000
    this.#batch.setClose(openAtMs, close)
    const [open, high, low, volume] = rest as [number, number, number, number]
    this.#batch.addCandle({ openAtMs, open, high, low, volume }, close)
  }

  #failRow(bytes: Uint8Array, start: number, end: number, message: string): never {
    this.#fail(`${message}: "${shorten(ascii(bytes, start, end))}"`)
  }

  #fail(message: string): never {
    throw new InputError('INPUT_INVALID', `${this.#file}, line ${this.#line}: ${message}.`, {
      hint: 'Correct the file and import it again; nothing of it was stored.',
      details: { file: this.#file, line: this.#line },
    })
  }
}

const headerChoice = minuteCsvHeaders.map((header) => `"${header}"`).join(' or ')

function parseSeconds(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > 12) return Number.NaN
  let value = 0
  for (let i = start; i < end; i += 1) {
    const digit = bytes[i]! - zero
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

function ascii(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let i = start; i < Math.min(end, start + longestLine); i += 1) {
    const byte = bytes[i]!
    text += byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '?'
  }
  return text
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}
