/**
 * Numbers as the validator's Python writes and reads them. JSON keeps int and float apart there, and the text of a
 * float switches to the exponent form at other values than JavaScript's. So neither `String()` nor a parsed number can
 * replace this.
 */

/** Shortest text that reads back as the same double, in Python's layout: `1e-05`, `1e+16`, `100.0`, `nan`. */
export function pythonFloatText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const sign = value < 0 ? '-' : ''
  // toExponential() without an argument gives exactly the shortest round-trip digits: d.ddde±x
  const [mantissa = '', exponentText = ''] = Math.abs(value).toExponential().split('e')
  const digits = mantissa.replace('.', '')
  const exponent = Number(exponentText)
  if (exponent < -4 || exponent > 15) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
    const size = String(Math.abs(exponent)).padStart(2, '0')
    return `${sign}${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${size}`
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`
}

/** A JSON number token with neither point nor exponent is a Python int. The literals NaN and Infinity are floats. */
export function isIntToken(token: string): boolean {
  return /^-?\d+$/.test(token)
}

/** Python's `str()` of a JSON number token, the literals NaN and ±Infinity included. */
export function pythonNumberText(token: string): string {
  if (isIntToken(token)) return token === '-0' ? '0' : token
  return pythonFloatText(Number(token))
}

/** The length for the 8-character rule: every character of Python's text except the points. */
export function countPythonCharacters(token: string): number {
  return pythonNumberText(token).replaceAll('.', '').length
}

/** Python's `int(text)` and `float(text)` allow single underscores between digits and blanks around. */
const pythonInt = /^[+-]?\d+(?:_\d+)*$/
const pythonFloat =
  /^[+-]?(?:(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?|inf(?:inity)?|nan)$/i

/** Python's `int(text)`; null where it raises. Values beyond 2^53 lose digits; no caller needs them. */
export function parsePythonInt(text: string): number | null {
  const trimmed = text.trim()
  return pythonInt.test(trimmed) ? Number(trimmed.replaceAll('_', '')) : null
}

/** Python's `float(text)`; null where it raises. */
export function parsePythonFloat(text: string): number | null {
  const trimmed = text.trim()
  return pythonFloat.test(trimmed) ? floatOfDecimalText(trimmed.replaceAll('_', '')) : null
}

/** A double from decimal text that was checked before; accepts the spellings of infinity and NaN. */
export function floatOfDecimalText(text: string): number {
  const word = text.toLowerCase().replace(/^[+-]/, '')
  if (word === 'nan') return Number.NaN
  if (word === 'inf' || word === 'infinity')
    return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return Number(text)
}
