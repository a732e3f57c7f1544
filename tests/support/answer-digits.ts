/** The subnet's rules on numbers, restated from their text and independent of the code that writes or checks answers. */

/** Until July 2026: characters of Python's text of the number, points apart, number at most eight. */
export function satisfiesCharacterRule(token: string): boolean {
  return pythonText(token).replaceAll('.', '').length <= 8
}

/** From July 2026: finite, within float32, and equal to itself after rounding to eight significant digits. */
export function satisfiesSignificanceRule(token: string): boolean {
  const value = Number(token)
  const stored = Math.fround(value)
  return Number.isFinite(stored) && (stored !== 0 || value === 0) && Number(value.toPrecision(8)) === value
}

/** A token without point and exponent is an int; anything else is a float, written in its shortest form. */
function pythonText(token: string): string {
  if (/^-?\d+$/.test(token)) return String(BigInt(token))
  const [mantissa, exponentText] = Number(token).toExponential().split('e') as [string, string]
  const exponent = Number(exponentText)
  const digits = mantissa.replace('.', '')
  if (exponent < -4 || exponent >= 16) {
    const sign = exponent < 0 ? '-' : '+'
    return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`
  }
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  return `${whole}.${digits.slice(exponent + 1) || '0'}`
}

const words = new BigUint64Array(1)
const double = new Float64Array(words.buffer)

/** A positive double times 10^decimals, rounded to nearest with ties to even, in exact arithmetic. */
export function roundDecimally(value: number, decimals: number): bigint {
  double[0] = value
  const bits = words[0]!
  const exponent = Number(bits >> 52n)
  const fraction = bits & 0xfffffffffffffn
  const mantissa = exponent === 0 ? fraction : fraction | (1n << 52n)
  const shift = Math.max(exponent, 1) - 1075
  const scaled = mantissa * 10n ** BigInt(decimals)
  if (shift >= 0) return scaled << BigInt(shift)
  const divisor = 1n << BigInt(-shift)
  const whole = scaled / divisor
  const twice = 2n * (scaled - whole * divisor)
  return twice > divisor || (twice === divisor && whole % 2n === 1n) ? whole + 1n : whole
}

/** The text that a price should have: eight digits counting a leading zero, no trailing zeros. Undefined: none. */
export function expectedPriceText(price: number): string | undefined {
  if (!(price > 0) || price >= 1e8) return undefined
  const wholeDigits = String(Math.floor(price)).length
  const decimals = 8 - wholeDigits
  const digits = roundDecimally(price, decimals)
  if (digits === 0n || digits > 10n ** 8n || (decimals === 0 && digits === 10n ** 8n)) return undefined
  const text = digits.toString().padStart(decimals + 1, '0')
  const at = text.length - decimals
  return decimals === 0 ? text : `${text.slice(0, at)}.${text.slice(at)}`.replace(/[.]?0+$/, '')
}
