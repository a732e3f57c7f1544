const powersOfTen = Array.from({ length: 23 }, (_, i) => 10 ** i)
const point = 46
const zero = 48
const number = /^[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?$/

/**
 * The float64 nearest to a plain decimal in ASCII, or NaN if the text is not one. Up to 15 digits the mantissa and the
 * power of ten are exact, so their quotient is correctly rounded (Clinger's fast path). Longer texts and exponents use
 * the slow way.
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number {
  let mantissa = 0
  let decimals = -1
  for (let i = start; i < end; i += 1) {
    const byte = bytes[i]!
    const digit = byte - zero
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit
      if (decimals >= 0) decimals += 1
    } else if (byte === point && decimals < 0 && i > start && i < end - 1) {
      decimals = 0
    } else {
      return parseSlowly(bytes, start, end)
    }
  }
  const digits = decimals < 0 ? end - start : end - start - 1
  if (digits > 15 || digits === 0) return parseSlowly(bytes, start, end)
  return decimals <= 0 ? mantissa : mantissa / powersOfTen[decimals]!
}

function parseSlowly(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > 400) return Number.NaN
  let text = ''
  for (let i = start; i < end; i += 1) text += String.fromCharCode(bytes[i]!)
  return number.test(text) ? Number(text) : Number.NaN
}
