import type { PathMatrix } from '#core/synth/scoring/crps'

/**
 * The prices of `simulation_output` as written: each a whole number of at most eight digits and the number of its
 * decimals. Exact, and about as fast as the bytes can be read, because every kept answer passes through here.
 */
export interface WrittenPrices {
  readonly startAtSeconds: number
  readonly stepSeconds: number
  readonly pathCount: number
  readonly pointCount: number
  /** Path after path; below 10^8. */
  readonly digits: Int32Array
  readonly decimals: Uint8Array
}

export type OutputReading =
  | { readonly ok: true; readonly prices: WrittenPrices }
  | { readonly ok: false; readonly detail: string }

const comma = 0x2c
const open = 0x5b
const close = 0x5d
const point = 0x2e
const zero = 0x30
const mostDigits = 8

/** Reads `[start,increment,[p,p,...],...]` as `writePrices` makes it: no spaces, no signs, no exponents. */
export function readOutput(json: Uint8Array): OutputReading {
  let at = 0
  const fail = (what: string): OutputReading => ({ ok: false, detail: `${what} at byte ${at}` })
  const readWhole = (): number => {
    let value = 0
    const from = at
    while (at < json.length && at - from < 15 && isDigit(json[at]!)) value = 10 * value + json[at++]! - zero
    return at === from ? Number.NaN : value
  }

  if (json[at++] !== open) return fail('no list')
  const startAtSeconds = readWhole()
  if (Number.isNaN(startAtSeconds) || json[at++] !== comma) return fail('no start time')
  const stepSeconds = readWhole()
  if (Number.isNaN(stepSeconds)) return fail('no increment')

  // A price takes two bytes at least, its comma or bracket included.
  const digits = new Int32Array(json.length >> 1)
  const decimals = new Uint8Array(json.length >> 1)
  let count = 0
  let pathCount = 0
  let pointCount = 0
  while (json[at] === comma) {
    if (json[at + 1] !== open) return fail('no path')
    at += 1
    const first = count
    do {
      at += 1
      let value = 0
      let length = 0
      let pointAt = -1
      for (; ; at += 1) {
        const byte = json[at]!
        if (byte >= zero && byte <= zero + 9) {
          value = 10 * value + byte - zero
          length += 1
        } else if (byte === point && pointAt < 0 && length > 0) pointAt = length
        else break
      }
      if (length === 0 || length > mostDigits || pointAt === length) return fail('no price')
      digits[count] = value
      decimals[count] = pointAt < 0 ? 0 : length - pointAt
      count += 1
    } while (json[at] === comma)
    if (json[at] !== close) return fail('the end of a path is missing')
    at += 1
    if (pathCount === 0) pointCount = count
    else if (count - first !== pointCount) return fail('a path of another length')
    pathCount += 1
  }
  if (json[at] !== close || at !== json.length - 1 || pathCount === 0) return fail('no end')
  const prices = { startAtSeconds, stepSeconds, pathCount, pointCount }
  return { ok: true, prices: { ...prices, digits: digits.subarray(0, count), decimals: decimals.subarray(0, count) } }
}

/**
 * The same doubles that any reader of the text gets: a whole number times a power of ten is rounded once, as in
 * parsing.
 */
export function toMatrix({ pathCount, pointCount, digits, decimals }: WrittenPrices): PathMatrix {
  const values = new Float64Array(digits.length)
  for (let i = 0; i < values.length; i += 1) values[i] = digits[i]! / powersOfTen[decimals[i]!]!
  return { pathCount, pointCount, values }
}

export const powersOfTen = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8] as const

function isDigit(byte: number): boolean {
  return byte >= zero && byte <= zero + 9
}
