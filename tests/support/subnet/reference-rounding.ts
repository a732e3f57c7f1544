/**
 * The rounding of the subnet's own miner template: eight significant digits, ties to even, written as a float. Kept for
 * comparison; the older digit rule refuses it for nearly every price below 1.
 */
export function roundToSignificantDigits(value: number, digits = 8): number {
  if (value === 0 || !Number.isFinite(value)) return value
  const text = value.toExponential(digits - 1)
  if (!isTie(value, digits)) return Number(text)
  // toExponential rounds ties away from zero; an odd last digit there means that the even one is below.
  const [mantissa = '', exponent = ''] = text.split('e')
  const isOdd = Number(mantissa.at(-1)) % 2 === 1
  if (!isOdd) return Number(text)
  const unit = BigInt(mantissa.replace('.', '')) + (value < 0 ? 1n : -1n)
  return Number(`${unit}e${Number(exponent) - (digits - 1)}`)
}

/** The double is exactly half-way: its decimal expansion is the kept digits, a 5 and nothing more. */
function isTie(value: number, digits: number): boolean {
  const [mantissa = ''] = value.toExponential(100).split('e')
  return /^50*$/.test(mantissa.replace(/^-?\d\./, '').slice(digits - 1))
}
