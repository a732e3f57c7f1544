import type { PathMatrix } from '#core/synth/scoring/crps'
import type { Fan, FanPoint } from './charts.ts'

const levels = [0.05, 0.25, 0.5, 0.75, 0.95] as const

/** The paths of one prompt as a fan, and the real prices at the same points, if they are known. */
export function fanOf(
  name: string,
  { pathCount, pointCount, values }: PathMatrix,
  real: ArrayLike<number>,
  start: { readonly atMs: number; readonly stepSeconds: number },
): Fan {
  const column = new Float64Array(pathCount)
  const points = Array.from({ length: pointCount }, (_, k): FanPoint => {
    for (let path = 0; path < pathCount; path += 1) column[path] = values[path * pointCount + k]!
    column.sort()
    const at = (level: number) => column[Math.min(pathCount - 1, Math.floor(level * pathCount))]!
    const price = real[k] ?? Number.NaN
    return {
      atMs: start.atMs + k * start.stepSeconds * 1000,
      quantiles: [at(levels[0]), at(levels[1]), at(levels[2]), at(levels[3]), at(levels[4])],
      real: Number.isNaN(price) ? null : price,
    }
  })
  return { name, points }
}
