import type { SymmetricLaw } from './symmetric-law.ts'

const mostSteps = 200

/** x with the upper tail `probability` (0 to 1/2), by Newton's method inside a shrinking bracket. */
export function upperQuantile(law: SymmetricLaw, probability: number, guess = 1): number {
  if (probability >= 0.5) return 0
  let low = 0
  let high = Number.POSITIVE_INFINITY
  let x = guess > 0 ? guess : 1
  for (let i = 0; i < mostSteps; i += 1) {
    const excess = law.upperTail(x) - probability
    if (excess > 0) low = x
    else high = x
    const density = law.density(x)
    // Far out a plain Newton step overshoots; the tail falls at least like a power, so doubling finds x soon.
    let next = density > 0 ? x + excess / density : Number.POSITIVE_INFINITY
    if (!(next > low && next < high)) next = high === Number.POSITIVE_INFINITY ? 2 * x : (low + high) / 2
    if (Math.abs(next - x) <= 1e-14 * x) return next
    x = next
  }
  return x
}
