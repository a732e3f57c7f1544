import type { Tails } from '../process-parameters.ts'
import { exp, log } from './elementary.ts'
import { gammaProbabilities, logGamma, tiny } from './incomplete-gamma.ts'

/** A law that is symmetric about zero and has variance 1, for x >= 0. */
export interface SymmetricLaw {
  /** Probability of more than x. */
  upperTail(x: number): number
  density(x: number): number
}

const inverseSqrtTwoPi = 0.3989422804014327

export const normalLaw: SymmetricLaw = {
  upperTail: (x) => 0.5 * gammaProbabilities(0.5, 0.5 * x * x).above,
  density: (x) => inverseSqrtTwoPi * exp(-0.5 * x * x),
}

export function lawOf(tails: Tails): SymmetricLaw {
  switch (tails.kind) {
    case 'normal':
      return normalLaw
    case 'student':
      return studentLaw(tails.degreesOfFreedom)
    case 'mixture':
      return mixtureLaw(tails.components)
  }
}

function studentLaw(degreesOfFreedom: number): SymmetricLaw {
  const half = degreesOfFreedom / 2
  const logScale = logGamma(half + 0.5) - logGamma(half)
  // x of variance 1 is t times the square root of (df - 2) / df, and t^2 / df is x^2 / (df - 2).
  const spread = degreesOfFreedom - 2
  return {
    upperTail: (x) => 0.5 * betaProbability(half, 0.5, spread / (spread + x * x), (x * x) / (spread + x * x), logScale),
    density: (x) => exp(logScale - 0.5 * log(Math.PI * spread) - (half + 0.5) * log(1 + (x * x) / spread)),
  }
}

function mixtureLaw(components: readonly { readonly weight: number; readonly scale: number }[]): SymmetricLaw {
  const standard = standardComponents(components)
  return {
    upperTail: (x) => standard.reduce((sum, { weight, scale }) => sum + weight * normalLaw.upperTail(x / scale), 0),
    density: (x) =>
      standard.reduce((sum, { weight, scale }) => sum + (weight / scale) * normalLaw.density(x / scale), 0),
  }
}

/** Weights that sum to 1 and scales that make the variance 1. */
export function standardComponents(
  components: readonly { readonly weight: number; readonly scale: number }[],
): { readonly weight: number; readonly scale: number }[] {
  const total = components.reduce((sum, { weight }) => sum + weight, 0)
  const variance = components.reduce((sum, { weight, scale }) => sum + (weight / total) * scale * scale, 0)
  const deviation = Math.sqrt(variance)
  return components.map(({ weight, scale }) => ({ weight: weight / total, scale: scale / deviation }))
}

/**
 * Regularised incomplete beta function at x, by its continued fraction (modified Lentz); `rest` is 1 - x without
 * cancellation and `logScale` is ln(Gamma(a + b) / Gamma(a)), for b = 1/2 only.
 */
function betaProbability(a: number, b: 0.5, x: number, rest: number, logScale: number): number {
  if (rest <= 0) return 1
  const scale = exp(logScale - 0.5 * log(Math.PI) + a * log(x) + b * log(rest))
  return x < (a + 1) / (a + b + 2) ? (scale * betaFraction(a, b, x)) / a : 1 - (scale * betaFraction(b, a, rest)) / b
}

function betaFraction(a: number, b: number, x: number): number {
  let c = 1
  let d = 1 / notZero(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let m = 1; m < 1000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / notZero(1 + even * d)
    c = notZero(1 + even / c)
    fraction *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / notZero(1 + odd * d)
    c = notZero(1 + odd / c)
    fraction *= d * c
    if (Math.abs(d * c - 1) < 1e-15) break
  }
  return fraction
}

function notZero(x: number): number {
  return Math.abs(x) < tiny ? tiny : x
}
