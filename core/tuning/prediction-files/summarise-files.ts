import type { FileScore } from './prediction-file.ts'

/** All predictions of one asset and length in a folder. */
export interface FileGroup {
  readonly asset: string
  readonly timeLengthSeconds: number
  readonly predictions: number
  readonly scored: number
  /** The validator would count them as no answer. */
  readonly misses: number
  readonly unreadable: number
  /** Of the scored ones; null without any. */
  readonly mean: number | null
  /** Share of the points of their realised paths that have a price. Fewer points make a smaller score, not a better one. */
  readonly realisedCoverage: number | null
  /** Every number of paths that occurs, ascending. */
  readonly pathCounts: readonly number[]
}

export function summariseFiles(scores: readonly FileScore[]): FileGroup[] {
  const groups = new Map<string, FileScore[]>()
  for (const score of scores) {
    const key = `${score.asset} ${score.timeLengthSeconds}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [score])
    else group.push(score)
  }
  return [...groups.values()]
    .map((rows): FileGroup => {
      const { asset, timeLengthSeconds } = rows[0]!
      const scored = rows.filter(({ total }) => total !== null)
      const unreadable = rows.filter(({ problem }) => problem === 'unreadable').length
      const points = scored.reduce((sum, { realPoints }) => sum + realPoints, 0)
      const known = scored.reduce((sum, { realKnown }) => sum + realKnown, 0)
      return {
        ...{ asset, timeLengthSeconds, predictions: rows.length, scored: scored.length, unreadable },
        misses: rows.length - scored.length - unreadable,
        mean: scored.length === 0 ? null : scored.reduce((sum, { total }) => sum + total!, 0) / scored.length,
        realisedCoverage: points === 0 ? null : known / points,
        pathCounts: [...new Set(scored.map(({ pathCount }) => pathCount))].sort((a, b) => a - b),
      }
    })
    .sort((a, b) => a.asset.localeCompare(b.asset) || b.timeLengthSeconds - a.timeLengthSeconds)
}
