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
/** So many digits are a whole number of 32 bits, which is fast to collect. */
const wordDigits = 9
/** The digit rule takes so many. */
const shortDigits = 8

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
      // Nine digits and nine more; zeros before the first other digit are not among them.
      let digit = byte - zero
      let head = 0
      let tail = 0
      let headDigits = 0
      let tailDigits = 0
      let fraction = 0
      let end = at + wordDigits
      while (digit >= 0 && digit <= 9 && at < end) {
        head = (head * 10 + digit) | 0
        digit = bytes[++at]! - zero
      }
      if (head !== 0) headDigits = at - token - (isNegative ? 1 : 0)
      if (digit === dot - zero) {
        const point = at
        digit = bytes[++at]! - zero
        if (!(digit >= 0 && digit <= 9)) return undefined
        if (head === 0) while (digit === 0) digit = bytes[++at]! - zero
        let from = at
        end = at + wordDigits - headDigits
        while (digit >= 0 && digit <= 9 && at < end) {
          head = (head * 10 + digit) | 0
          digit = bytes[++at]! - zero
        }
        headDigits += at - from
        from = at
        end = at + wordDigits
        while (digit >= 0 && digit <= 9 && at < end) {
          tail = (tail * 10 + digit) | 0
          digit = bytes[++at]! - zero
        }
        tailDigits = at - from
        fraction = at - point - 1
      }
      let value: number
      if ((digit >= 0 && digit <= 9) || (digit | 32) === 101 - zero || fraction > 22) {
        // Many digits, or an exponent: rare, so that the usual conversion will do.
        at = endOfNumber(bytes, at, fraction > 0)
        if (at < 0) return undefined
        value = Number(latinText(bytes, token, at))
        if (!Number.isFinite(value)) return undefined
        const size = Math.abs(value)
        if (isShort) isShort = value === 0 || (size > 1e-37 && size < 3e38)
        headDigits = Number.POSITIVE_INFINITY
      } else {
        if (tailDigits === 0) value = head / tens[fraction]!
        else {
          // Exact: at most thirty bits times five to the ninth and a power of two.
          const product = head * tens[tailDigits]!
          if (headDigits + tailDigits <= 15) value = (product + tail) / tens[fraction]!
          else value = divide(product, tail, tens[fraction]!)
          if (Number.isNaN(value)) value = Math.abs(Number(latinText(bytes, token, at)))
        }
        if (isNegative) value = -value
      }
      if (isShort && headDigits + tailDigits > shortDigits) isShort = significantDigits(bytes, token, at) <= shortDigits
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

/** (high + low) / divisor, rounded once; NaN where that cannot be told from twice the precision. */
function divide(high: number, low: number, divisor: number): number {
  const sum = high + low
  const quotient = sum / divisor
  const back = quotient * divisor
  // Dekker's product gives the exact remainder; the last term is what the sum has lost.
  const more = (sum - back - productError(quotient, divisor, back) + (low - (sum - high))) / divisor
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

/** After the digits, point and exponent that begin here; -1 if that is no number. */
function endOfNumber(bytes: Uint8Array, from: number, isFraction: boolean): number {
  let at = endOfDigits(bytes, from)
  if (bytes[at] === dot) {
    const end = endOfDigits(bytes, at + 1)
    if (isFraction || end === at + 1) return -1
    at = end
  }
  if ((bytes[at]! | 32) !== 101) return at
  at += bytes[at + 1] === 43 || bytes[at + 1] === minus ? 2 : 1
  const end = endOfDigits(bytes, at)
  return end === at ? -1 : end
}

function endOfDigits(bytes: Uint8Array, from: number): number {
  let at = from
  while (bytes[at]! >= zero && bytes[at]! <= nine) at += 1
  return at
}

/** From the first digit of a number that is not 0 to the last, before its exponent. */
function significantDigits(bytes: Uint8Array, from: number, to: number): number {
  let digits = 0
  let zeros = 0
  for (let at = from; at < to && (bytes[at]! | 32) !== 101; at += 1) {
    if (bytes[at] === zero) zeros += digits > 0 ? 1 : 0
    else if (bytes[at]! > zero) {
      digits += zeros + 1
      zeros = 0
    }
  }
  return digits
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
