import type { RealisedPathKey, RealisedPathStore, StoredRealisedPath } from '#core/market/venues/realised-paths'

const mostKept = 500

/** The newest realised paths, in memory: a run ends before it needs more. */
export class PathShelf implements RealisedPathStore {
  readonly #paths = new Map<string, StoredRealisedPath>()

  find(key: RealisedPathKey): StoredRealisedPath | undefined {
    return this.#paths.get(keyText(key))
  }

  save(path: StoredRealisedPath): void {
    const key = keyText(path)
    if (!this.#paths.has(key)) this.#paths.set(key, path)
    const [oldest] = this.#paths.keys()
    if (this.#paths.size > mostKept && oldest !== undefined) this.#paths.delete(oldest)
  }
}

function keyText({ asset, startAtMs, timeLengthSeconds, stepSeconds, series }: RealisedPathKey): string {
  return [asset, startAtMs, timeLengthSeconds, stepSeconds, series.venue, series.symbol].join(' ')
}
