/**
 * Prices as text that every version of the validator accepts: at most eight digits, leading zero counted, no exponent,
 * no trailing zeros. Written straight into the answer's bytes, since an answer holds 289,000 of them.
 */
export const maxPriceTextBytes = 9

const powers = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000]
const tooLarge = 100_000_000

/** Writes the price at `offset` and returns the offset after it; -1, with nothing promised, where no text is right. */
export function writePrice(target: Uint8Array, offset: number, priceUsd: number): number {
  if (!(priceUsd > 0 && priceUsd < tooLarge)) return -1
  let decimals = 8 - wholeDigits(priceUsd)
  let scaled = Math.round(priceUsd * powers[decimals]!)
  if (scaled >= tooLarge) {
    // Rounding carried into one more whole digit.
    if (decimals === 0) return -1
    decimals -= 1
    scaled = Math.round(priceUsd * powers[decimals]!)
  }
  if (scaled === 0) return -1
  for (; decimals > 0 && scaled % 10 === 0; decimals -= 1) scaled /= 10
  return writeDecimal(target, offset, scaled, decimals)
}

/** At least one: the zero before the point counts too. */
function wholeDigits(price: number): number {
  let digits = 1
  while (digits < 8 && price >= powers[digits]!) digits += 1
  return digits
}

function writeDecimal(target: Uint8Array, offset: number, scaled: number, decimals: number): number {
  let length = decimals + 1
  while (length < 8 && scaled >= powers[length]!) length += 1
  const end = offset + length + (decimals > 0 ? 1 : 0)
  let rest = scaled
  let at = end - 1
  for (let i = 0; i < length; i += 1) {
    if (i === decimals && decimals > 0) {
      target[at] = 0x2e
      at -= 1
    }
    const quotient = Math.floor(rest / 10)
    target[at] = 0x30 + rest - quotient * 10
    rest = quotient
    at -= 1
  }
  return end
}
