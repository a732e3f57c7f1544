import { z } from 'zod'
import type { ScoringInterval } from '#core/synth/regimes/regime'
import type { PathMatrix } from '#core/synth/scoring/crps'
import type { ScoringError } from '#core/synth/scoring/score-plan'
import { walkPaths } from '#tests/support/walk-v1'

export const recipeSchema = z.strictObject({
  seed: z.string(),
  paths: z.number(),
  points: z.number(),
  s0: z.number(),
  sigma: z.number(),
  decimals: z.number(),
})

export const realRecipe = recipeSchema.extend({ paths: z.literal(1).default(1), missing: z.array(z.number()) })

/** The walk of a real path, with the indices in `missing` unobserved. */
export function realPathOf({ missing, ...recipe }: z.output<typeof realRecipe>): Float64Array {
  const { values } = walkPaths(recipe)
  for (const index of missing) values[index] = Number.NaN
  return values
}

export function matrixOf(paths: readonly (readonly number[])[]): PathMatrix {
  const pointCount = paths[0]?.length ?? 0
  if (paths.some((path) => path.length !== pointCount)) throw new Error('paths of different lengths')
  return { pathCount: paths.length, pointCount, values: Float64Array.from(paths.flat()) }
}

/**
 * The exact sum, rounded once, as Python's fsum gives it. Prices are doubles well inside 2^±200, so that all of them are
 * whole multiples of 2^-300.
 */
export function sumPresent(values: Float64Array): number {
  let sum = 0n
  for (const value of values) if (!Number.isNaN(value)) sum += scaledInteger(value)
  return Number(sum) / 2 ** 300
}

function scaledInteger(value: number): bigint {
  return BigInt(value * 2 ** 300)
}

export function intervalsOf(entries: readonly (readonly [string, number])[]): ScoringInterval[] {
  return entries.map(([name, seconds]) => ({ name, seconds }))
}

/** Name of the Python exception that the port's error stands for. */
export function exceptionOf(error: ScoringError): string {
  return error.code === 'SCORING_INTERVAL_TOO_SHORT' ? 'ValueError' : 'IndexError'
}
