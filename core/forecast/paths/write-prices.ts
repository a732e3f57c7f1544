/**
 * An answer's prices as JSON text that every version of the validator accepts: at most eight digits, a leading zero
 * included, so at most seven below 1; no exponent, no trailing zeros, never 0. Rounded to nearest, ties to even, from
 * the exact value of the double. This is the readable reference of ./kernel/text.c, and fast enough for a few paths.
 */
export interface PriceText {
  readonly startAtSeconds: number
  readonly stepSeconds: number
  readonly pathCount: number
  readonly pointCount: number
  /** Path after path. */
  readonly values: Float64Array
}

export type WriteResult =
  | { readonly ok: true; readonly end: number }
  | {
      readonly ok: false
      readonly reason: 'price'
      readonly path: number
      readonly point: number
      readonly price: number
    }

/** Start prices are within these bounds, so that their paths keep a digit or two below and room above. */
export const leastStartPrice = 1e-6
export const largestStartPrice = 1e7

const digitCount = 8
/** A price of this size needs a ninth digit. */
const tooLarge = 1e8
const powersOfTen = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7] as const
/** Eight digits, a point and a comma. */
const mostBytesPerPrice = 10
const zero = 0x30

/** A size that is always enough; the writers may use all of it as scratch memory. */
export function priceTextCapacity({ pathCount, pointCount }: Pick<PriceText, 'pathCount' | 'pointCount'>): number {
  return 64 + pathCount * (2 + pointCount * mostBytesPerPrice)
}

/** Writes `[start,increment,[p,p,...],...]` at `offset`. After a refused price the text is incomplete. */
export function writePrices(target: Uint8Array, offset: number, text: PriceText): WriteResult {
  const { pathCount, pointCount, values } = text
  checkCapacity(target, offset, text)
  let at = writeHead(target, offset, text)
  for (let path = 0; path < pathCount; path += 1) {
    target[at] = 0x2c // ,
    target[at + 1] = 0x5b // [
    at += 2
    for (let point = 0; point < pointCount; point += 1) {
      const price = values[path * pointCount + point]!
      const end = writePrice(target, at, price)
      if (end < 0) return { ok: false, reason: 'price', path, point, price }
      target[end] = 0x2c
      at = end + 1
    }
    target[at - 1] = 0x5d // ]
  }
  target[at] = 0x5d
  return { ok: true, end: at + 1 }
}

export function checkCapacity(target: Uint8Array, offset: number, text: PriceText): void {
  const { pathCount, pointCount, values } = text
  if (values.length !== pathCount * pointCount) {
    throw new RangeError(`${values.length} prices are not ${pathCount} paths of ${pointCount} points.`)
  }
  const needed = priceTextCapacity(text)
  if (target.length - offset < needed) {
    throw new RangeError(`The text needs ${needed} bytes from ${offset} on, but the buffer ends at ${target.length}.`)
  }
}

export function writeHead(target: Uint8Array, offset: number, { startAtSeconds, stepSeconds }: PriceText): number {
  const head = `[${startAtSeconds},${stepSeconds}`
  for (let i = 0; i < head.length; i += 1) target[offset + i] = head.charCodeAt(i)
  return offset + head.length
}

/**
 * The price as a reader of the text gets it. A path should start from it, so that its first step contains no rounding.
 * Undefined: none.
 */
export function roundToWritten(price: number): number | undefined {
  const scaled = scalePrice(price)
  return scaled === undefined ? undefined : scaled.digits / powersOfTen[scaled.decimals]!
}

/** Writes one price at `offset` and returns its end; -1 if no text is possible. */
export function writePrice(target: Uint8Array, offset: number, price: number): number {
  const scaled = scalePrice(price)
  if (scaled === undefined) return -1
  let { digits, decimals } = scaled
  while (decimals > 0 && digits % 10 === 0) {
    digits /= 10
    decimals -= 1
  }
  let length = decimals + 1
  while (length < digitCount && digits >= powersOfTen[length]!) length += 1
  const end = offset + length + (decimals > 0 ? 1 : 0)
  let at = end - 1
  for (let i = 0; i < length; i += 1) {
    if (decimals > 0 && i === decimals) {
      target[at] = 0x2e // .
      at -= 1
    }
    const rest = Math.floor(digits / 10)
    target[at] = zero + digits - 10 * rest
    digits = rest
    at -= 1
  }
  return end
}

/** The price times a power of ten, as a whole number of at most eight digits that is not 0. */
function scalePrice(price: number): { digits: number; decimals: number } | undefined {
  if (!(price > 0 && price < tooLarge)) return undefined
  let wholeDigits = 1
  while (wholeDigits < digitCount && price >= powersOfTen[wholeDigits]!) wholeDigits += 1
  const decimals = digitCount - wholeDigits
  const digits = roundProduct(price, powersOfTen[decimals]!)
  if (digits === 0) return undefined
  if (digits < tooLarge) return { digits, decimals }
  // Rounding gave one more digit; the others are 0.
  return decimals === 0 ? undefined : { digits: digits / 10, decimals: decimals - 1 }
}

/** The exact product rounded to the nearest whole number, ties to even. */
function roundProduct(price: number, power: number): number {
  const product = price * power
  const whole = Math.floor(product)
  const fraction = product - whole
  // The product is wrong by at most 2^-27: that matters only close to one half.
  if (Math.abs(fraction - 0.5) > 1e-6) return fraction > 0.5 ? whole + 1 : whole
  // Veltkamp and Dekker: the price in two halves whose products are exact, so the rounding error of the product is
  // known.
  const split = 134217729 * price
  const high = split - (split - price)
  const low = price - high
  const error = high * power - product + low * power
  const side = fraction - 0.5 + error
  return side > 0 || (side === 0 && whole % 2 === 1) ? whole + 1 : whole
}
