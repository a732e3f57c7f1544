import { exp, log } from './elementary.ts'

const epsilon = 1e-16
/** The smallest denominator of a continued fraction, used in place of 0 (Lentz). */
export const tiny = 1e-300
const largestTermCount = 1000

/** Stirling's series after shifting the argument up to 15. */
export function logGamma(x: number): number {
  let shifted = x
  let product = 1
  while (shifted < 15) {
    product *= shifted
    shifted += 1
  }
  const inverse = 1 / shifted
  const square = inverse * inverse
  const series =
    inverse *
    (1 / 12 -
      square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square * (1 / 1188 - (square * 691) / 360360)))))
  return (shifted - 0.5) * log(shifted) - shifted + 0.9189385332046728 + series - log(product)
}

/** Density of the gamma distribution of scale 1. */
export function gammaDensity(shape: number, x: number): number {
  return x > 0 ? exp((shape - 1) * log(x) - x - logGamma(shape)) : 0
}

/** Probabilities that a gamma variable of scale 1 is below and above x; the smaller one has full relative precision. */
export function gammaProbabilities(shape: number, x: number): { readonly below: number; readonly above: number } {
  if (!(x > 0)) return { below: 0, above: 1 }
  const scale = exp(shape * log(x) - x - logGamma(shape))
  if (x < shape + 1) {
    let term = 1 / shape
    let sum = term
    for (let n = 1; n < largestTermCount && term > sum * epsilon; n += 1) {
      term *= x / (shape + n)
      sum += term
    }
    const below = scale * sum
    return { below, above: 1 - below }
  }
  let b = x + 1 - shape
  let c = 1 / tiny
  let d = 1 / b
  let fraction = d
  for (let n = 1; n < largestTermCount; n += 1) {
    const a = -n * (n - shape)
    b += 2
    d = a * d + b
    c = b + a / c
    d = 1 / (Math.abs(d) < tiny ? tiny : d)
    if (Math.abs(c) < tiny) c = tiny
    const step = c * d
    fraction *= step
    if (Math.abs(step - 1) < epsilon) break
  }
  const above = scale * fraction
  return { below: 1 - above, above }
}
