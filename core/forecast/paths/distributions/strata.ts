/** Representatives of equally likely strata: a shuffled copy has every part of the law in its proper share. */
import type { Tails } from '../process-parameters.ts'
import { gammaDensity, gammaProbabilities } from './incomplete-gamma.ts'
import { upperQuantile } from './quantile.ts'
import { normalLaw, standardComponents } from './symmetric-law.ts'

/** Ascending medians of the strata of a normal variable, scaled to mean square 1. */
export function normalStrata(count: number): Float64Array {
  const strata = new Float64Array(count)
  let guess = 0
  let squares = 0
  for (let i = count - Math.floor(count / 2); i < count; i += 1) {
    guess = upperQuantile(normalLaw, (count - i - 0.5) / count, guess)
    strata[i] = guess
    strata[count - 1 - i] = -guess
    squares += 2 * guess * guess
  }
  const scale = squares > 0 ? Math.sqrt(count / squares) : 0
  return strata.map((stratum) => stratum * scale)
}

/**
 * The conditional variance behind the tails (all of ours are normal variables of random variance): the mean of each
 * stratum, so that the overall mean is 1. Undefined for normal tails, whose variance is not random.
 */
export function varianceStrata(tails: Tails, count: number): Float64Array | undefined {
  switch (tails.kind) {
    case 'normal':
      return undefined
    case 'student':
      return inverseGammaStrata(tails.degreesOfFreedom / 2, count)
    case 'mixture':
      return mixtureStrata(tails.components, count)
  }
}

/** 1 / G for G gamma of this shape and mean 1 / (shape - 1): Student's t is a normal variable with that variance. */
function inverseGammaStrata(shape: number, count: number): Float64Array {
  const strata = new Float64Array(count)
  let edge = 0
  let share = 0
  for (let i = 1; i <= count; i += 1) {
    if (i < count) edge = gammaQuantile(shape, i / count, edge)
    // E[1 / G; G < g] / E[1 / G] is the distribution of a gamma variable whose shape is less by 1.
    const nextShare = i < count ? gammaProbabilities(shape - 1, edge).below : 1
    strata[count - i] = (nextShare - share) * count
    share = nextShare
  }
  return strata
}

function gammaQuantile(shape: number, probability: number, guess: number): number {
  let low = 0
  let high = Number.POSITIVE_INFINITY
  let x = guess > 0 ? guess : shape / 4
  for (let i = 0; i < 200; i += 1) {
    const excess = gammaProbabilities(shape, x).below - probability
    if (excess > 0) high = x
    else low = x
    const density = gammaDensity(shape, x)
    let next = density > 0 ? x - excess / density : Number.NaN
    if (!(next > low && next < high)) next = high === Number.POSITIVE_INFINITY ? 2 * x : (low + high) / 2
    if (Math.abs(next - x) <= 1e-12 * x) return next
    x = next
  }
  return x
}

function mixtureStrata(components: readonly { weight: number; scale: number }[], count: number): Float64Array {
  const strata = new Float64Array(count)
  const ascending = standardComponents(components).sort((a, b) => a.scale - b.scale)
  let start = 0
  for (const { weight, scale } of ascending) {
    const end = Math.min(start + weight * count, count)
    // A stratum on a border takes its share from both sides.
    for (let i = Math.floor(start); i < end; i += 1) {
      strata[i] = strata[i]! + (Math.min(end, i + 1) - Math.max(start, i)) * scale * scale
    }
    start = end
  }
  return strata
}
