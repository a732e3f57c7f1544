/**
 * The only place where a venue's number becomes a price. Every traded asset is far inside these bounds (0.000001 to 100
 * 000 USD today). A number outside is a fault of the source, such as an exponent of 300.
 */
export const smallestPriceUsd = 1e-12
export const largestPriceUsd = 1e12
/** More than any minute has traded, and far below where single precision ends. */
const largestVolume = 1e18

const decimalText = /^\d{1,30}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,3})?$/

/** A finite positive price from a JSON number or a decimal string; undefined for anything else. */
export function toPrice(value: unknown): number | undefined {
  const number = typeof value === 'string' && decimalText.test(value) ? Number(value) : value
  if (typeof number !== 'number') return undefined
  return number >= smallestPriceUsd && number <= largestPriceUsd ? number : undefined
}

/** A finite amount of at least nothing, in the venue's unit; NaN for anything else. */
export function toVolume(value: unknown): number {
  const number = typeof value === 'string' && decimalText.test(value) ? Number(value) : value
  return typeof number === 'number' && number >= 0 && number < largestVolume ? number : Number.NaN
}

/** Pyth's form: an integer mantissa as text and a power of ten. Rounded once, from the decimal text. */
export function toPriceFromMantissa(mantissa: unknown, exponent: unknown): number | undefined {
  if (typeof mantissa !== 'string' || !/^\d{1,30}$/.test(mantissa)) return undefined
  if (typeof exponent !== 'number' || !Number.isInteger(exponent) || Math.abs(exponent) > 30) return undefined
  return toPrice(Number(`${mantissa}e${exponent}`))
}

/** A time stated by a venue, in epoch milliseconds; undefined unless it is a whole number of a plausible size. */
export function toEpochMs(value: unknown, unit: 'seconds' | 'milliseconds'): number | undefined {
  if (typeof value !== 'number' || !Number.isInteger(value) || value <= 0) return undefined
  const atMs = unit === 'seconds' ? value * 1000 : value
  return atMs <= 8.64e15 ? atMs : undefined
}
