/**
 * exp and log from additions and multiplications only. The built-in ones may differ in the last bit between engines or
 * processors; paths from a stored seed must have the same bytes everywhere.
 */
/** ln 2 in two pieces: the first has 21 trailing zero bits, so that its product with an exponent is exact. */
const ln2High = 0.6931471803691238
const ln2Low = 1.9082149292705877e-10
/** 1.5 * 2^52: adding and subtracting it rounds to the nearest whole number. */
const rounding = 6755399441055744

const words = new Uint32Array(2)
const double = new Float64Array(words.buffer)
const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1
const highWord = isLittleEndian ? 1 : 0
const lowWord = 1 - highWord

/** Beyond this the result would leave the normal doubles; the argument is limited to it. */
export const largestExponent = 700

/** Taylor coefficients, 1/12! first: the remainder is below 2e-16 for |r| <= ln 2 / 2. The kernel uses the same. */
export const expCoefficients = [
  2.08767569878681e-9, 2.505210838544172e-8, 2.755731922398589e-7, 2.7557319223985893e-6, 2.48015873015873e-5,
  1.984126984126984e-4, 1.388888888888889e-3, 8.333333333333333e-3, 0.041666666666666664, 0.16666666666666666, 0.5, 1,
  1,
] as const

export function exp(x: number): number {
  const bounded = Math.min(Math.max(x, -largestExponent), largestExponent)
  const shifted = bounded * Math.LOG2E + rounding
  const power = shifted - rounding
  const r = bounded - power * ln2High - power * ln2Low
  let sum = expCoefficients[0] as number
  for (let i = 1; i < expCoefficients.length; i += 1) sum = sum * r + expCoefficients[i]!
  words[lowWord] = 0
  words[highWord] = (power + 1023) << 20
  return sum * double[0]!
}

/** Natural logarithm of a positive normal double. */
export function log(x: number): number {
  double[0] = x
  const high = words[highWord]!
  let power = (high >>> 20) - 1023
  words[highWord] = (high & 0xfffff) | 0x3ff00000
  let mantissa = double[0]!
  if (mantissa > Math.SQRT2) {
    mantissa /= 2
    power += 1
  }
  // ln m = 2 artanh((m - 1) / (m + 1)), with |s| <= 0.1716
  const s = (mantissa - 1) / (mantissa + 1)
  const square = s * s
  let sum = 0
  for (let n = 23; n >= 3; n -= 2) sum = (sum + 1 / n) * square
  return power * ln2High + (2 * s + (2 * s * sum + power * ln2Low))
}

export function power(base: number, exponent: number): number {
  return exp(exponent * log(base))
}
