import type { PathMatrix } from './crps.ts'

/**
 * Paths read straight from the bytes of a JSON file, in one pass and without an entry per number: an answer of a day has
 * 289,000 of them. Reads the usual files only. For everything else it gives up, and the readers that can say what is wrong
 * take over (answer-json.ts).
 */
export interface FastPaths {
  /** The list's elements before its first path, as JSON text: start and increment of an answer. */
  readonly header: readonly string[]
  /** The other members of the object around the list, as JSON text. Empty if the file is the list. */
  readonly members: ReadonlyMap<string, string>
  /** The member that holds the list; null if the file is the list. */
  readonly member: string | null
  readonly paths: PathMatrix
  /** Every number has at most eight significant digits and a size that single precision knows: no digit rule refuses it. */
  readonly isShort: boolean
}

/** Names under which programs keep their paths. */
const listNames = new Set(['simulation_output', 'paths', 'prediction'])

/** Longer members are not read in passing. */
const longestMember = 65_536

export function readFastPaths(bytes: Uint8Array): FastPaths | undefined {
  let at = skipSpace(bytes, 0)
  if (bytes[at] === openList) {
    const list = readList(bytes, at)
    if (list === undefined || skipSpace(bytes, list.end) !== bytes.length) return undefined
    const { header, paths, isShort } = list
    return { header, members: new Map(), member: null, paths, isShort }
  }
  if (bytes[at] !== openObject) return undefined
  const members = new Map<string, string>()
  let found: { name: string; list: List } | undefined
  for (;;) {
    at = skipSpace(bytes, at + 1)
    const keyEnd = bytes[at] === quote ? endOfString(bytes, at) : -1
    if (keyEnd < 0) return undefined
    const name = latinText(bytes, at + 1, keyEnd - 1)
    at = skipSpace(bytes, keyEnd)
    // An escaped name, or one that comes twice, is a matter for the careful reader.
    if (bytes[at] !== colon || name.includes('\\') || members.has(name) || found?.name === name) return undefined
    at = skipSpace(bytes, at + 1)
    if (listNames.has(name) && bytes[at] === openList) {
      const list = found === undefined ? readList(bytes, at) : undefined
      if (list === undefined) return undefined
      found = { name, list }
      at = list.end
    } else {
      const end = endOfValue(bytes, at)
      if (end < 0 || end - at > longestMember) return undefined
      members.set(name, utf8Text(bytes, at, end))
      at = end
    }
    at = skipSpace(bytes, at)
    if (bytes[at] === closeObject) break
    if (bytes[at] !== comma) return undefined
  }
  if (found === undefined || skipSpace(bytes, at + 1) !== bytes.length) return undefined
  const { header, paths, isShort } = found.list
  return { header, members, member: found.name, paths, isShort }
}

const [openList, closeList, openObject, closeObject, comma, colon, quote, backslash] = [
  91, 93, 123, 125, 44, 58, 34, 92,
] as const
const [minus, dot, zero, nine] = [45, 46, 48, 57] as const

interface List {
  readonly header: readonly string[]
  readonly paths: PathMatrix
  readonly isShort: boolean
  readonly end: number
}

function readList(bytes: Uint8Array, open: number): List | undefined {
  const header: string[] = []
  let at = skipSpace(bytes, open + 1)
  while (bytes[at] !== openList) {
    const end = endOfValue(bytes, at)
    if (end < 0 || end - at > longestMember || header.length > 8) return undefined
    header.push(utf8Text(bytes, at, end))
    at = skipSpace(bytes, end)
    if (bytes[at] !== comma) return undefined
    at = skipSpace(bytes, at + 1)
  }
  const numbers = readNumbers(bytes, at)
  return numbers === undefined ? undefined : { header, ...numbers }
}

/** Powers of ten that are exact. */
const tens = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))
/** Veltkamp's constant: splits a double into two halves whose products are exact. */
const splitter = 2 ** 27 + 1

/** Lists of numbers, comma by comma, from the first `[` to the `]` that closes the list around them. */
function readNumbers(bytes: Uint8Array, first: number): Omit<List, 'header'> | undefined {
  const length = bytes.length
  let values = new Float64Array(512)
  let count = 0
  let pathCount = 0
  let pointCount = -1
  let isShort = true
  let at = first
  for (;;) {
    // One path.
    at += 1
    const start = count
    for (;;) {
      let byte = bytes[at]!
      while (byte === 32 || byte === 10 || byte === 13 || byte === 9) byte = bytes[++at]!
      const token = at
      const isNegative = byte === minus
      if (isNegative) byte = bytes[++at]!
      if (!(byte >= zero && byte <= nine)) return undefined
      if (byte === zero) {
        const next = bytes[at + 1]!
        // JSON has no leading zeros.
        if (next >= zero && next <= nine) return undefined
      }
      // Up to fifteen digits are an exact double, up to four more another one.
      let high = 0
      let low = 0
      let digits = 0
      let lowDigits = 0
      let trailing = 0
      let fraction = 0
      let isFraction = false
      for (;;) {
        if (byte >= zero && byte <= nine) {
          const digit = byte - zero
          if (digits > 0 || digit > 0) {
            digits += 1
            trailing = digit === 0 ? trailing + 1 : 0
            if (digits <= 15) high = high * 10 + digit
            else {
              low = low * 10 + digit
              lowDigits += 1
            }
          }
          if (isFraction) fraction += 1
        } else if (byte === dot && !isFraction) {
          isFraction = true
          const next = bytes[at + 1]!
          if (!(next >= zero && next <= nine)) return undefined
        } else break
        byte = bytes[++at]!
      }
      let value: number
      if ((byte | 32) === 101) {
        // An exponent: rare, so that the usual conversion will do.
        at = endOfNumber(bytes, at)
        if (at < 0) return undefined
        value = Number(latinText(bytes, token, at))
        if (!Number.isFinite(value)) return undefined
      } else {
        if (lowDigits === 0 && fraction <= 22) value = high / tens[fraction]!
        else if (lowDigits <= 4 && fraction <= 22) value = divide(high, low, tens[lowDigits]!, tens[fraction]!)
        else value = Number.NaN
        if (Number.isNaN(value)) value = Math.abs(Number(latinText(bytes, token, at)))
        if (isNegative) value = -value
      }
      if (digits - trailing > 8) isShort = false
      else if (value !== 0) {
        const size = value < 0 ? -value : value
        if (!(size > 1e-37 && size < 3e38)) isShort = false
      }
      if (count === values.length) values = grown(values, 2 * count)
      values[count] = value
      count += 1
      byte = bytes[at]!
      while (byte === 32 || byte === 10 || byte === 13 || byte === 9) byte = bytes[++at]!
      at += 1
      if (byte === comma) continue
      if (byte === closeList) break
      return undefined
    }
    if (pointCount < 0) {
      pointCount = count
      // Room for a thousand paths at once, if the file can hold them: a number takes two bytes at least.
      values = grown(values, Math.min(1000 * pointCount, bytes.length >> 1))
    }
    if (count - start !== pointCount) return undefined
    pathCount += 1
    at = skipSpace(bytes, at)
    const byte = bytes[at]
    if (byte === closeList) {
      return { paths: { values: values.subarray(0, count), pathCount, pointCount }, isShort, end: at + 1 }
    }
    if (byte !== comma) return undefined
    at = skipSpace(bytes, at + 1)
    if (at >= length || bytes[at] !== openList) return undefined
  }
}

/**
 * (high · scale + low) / divisor, rounded once; NaN where that cannot be told from twice the precision. Dekker's products
 * give the exact remainder.
 */
function divide(high: number, low: number, scale: number, divisor: number): number {
  const product = high * scale
  const sum = product + low
  // What is lost in the product and in the sum.
  const rest = productError(high, scale, product) + (low - (sum - product))
  const quotient = sum / divisor
  const back = quotient * divisor
  const more = (sum - back - productError(quotient, divisor, back) + rest) / divisor
  const slack = Math.abs(more) * 1e-9
  const value = quotient + (more + slack)
  return value === quotient + (more - slack) ? value : Number.NaN
}

function productError(a: number, b: number, product: number): number {
  const aScaled = a * splitter
  const aHigh = aScaled - (aScaled - a)
  const aLow = a - aHigh
  const bScaled = b * splitter
  const bHigh = bScaled - (bScaled - b)
  const bLow = b - bHigh
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow
}

function grown(values: Float64Array<ArrayBuffer>, room: number): Float64Array<ArrayBuffer> {
  if (room <= values.length) return values
  const larger = new Float64Array(room)
  larger.set(values)
  return larger
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from
  while (bytes[at] === 32 || bytes[at] === 10 || bytes[at] === 13 || bytes[at] === 9) at += 1
  return at
}

/** After the exponent that begins here; -1 if there is none. */
function endOfNumber(bytes: Uint8Array, e: number): number {
  let at = e + 1
  if (bytes[at] === 43 || bytes[at] === minus) at += 1
  const first = at
  while (bytes[at]! >= zero && bytes[at]! <= nine) at += 1
  return at === first ? -1 : at
}

function endOfString(bytes: Uint8Array, open: number): number {
  for (let at = open + 1; at < bytes.length; at += 1) {
    if (bytes[at] === backslash) at += 1
    else if (bytes[at] === quote) return at + 1
  }
  return -1
}

/** After the value that begins here; -1 if the file ends before. Whether it is JSON is seen when it is parsed. */
function endOfValue(bytes: Uint8Array, from: number): number {
  let depth = 0
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at]!
    if (byte === quote) {
      at = endOfString(bytes, at) - 1
      if (at < 0) return -1
    } else if (byte === openList || byte === openObject) depth += 1
    else if (byte === closeList || byte === closeObject) {
      if (depth === 0) return at
      depth -= 1
      if (depth === 0) return at + 1
    } else if (byte === comma && depth === 0) return at
  }
  return -1
}

function latinText(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to))
}

function utf8Text(bytes: Uint8Array, from: number, to: number): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(from, to)).trim()
}
