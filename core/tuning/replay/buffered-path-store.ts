import type { RealisedPathKey, RealisedPathStore, StoredRealisedPath } from '#core/market/venues/realised-paths'

export interface RealisedPathBatchStore extends RealisedPathStore {
  saveAll(paths: readonly StoredRealisedPath[]): void
}

const mostWaiting = 1_000

/** Holds new paths back and writes many at once: single writes would wait for the disk ten thousand times. */
export class BufferedPathStore implements RealisedPathStore {
  readonly #store: RealisedPathBatchStore
  readonly #waiting = new Map<string, StoredRealisedPath>()

  constructor(store: RealisedPathBatchStore) {
    this.#store = store
  }

  find(key: RealisedPathKey): StoredRealisedPath | undefined {
    return this.#waiting.get(nameOf(key)) ?? this.#store.find(key)
  }

  save(path: StoredRealisedPath): void {
    const name = nameOf(path)
    if (!this.#waiting.has(name)) this.#waiting.set(name, path)
    if (this.#waiting.size >= mostWaiting) this.flush()
  }

  flush(): void {
    if (this.#waiting.size > 0) this.#store.saveAll([...this.#waiting.values()])
    this.#waiting.clear()
  }
}

function nameOf({ asset, startAtMs, timeLengthSeconds, stepSeconds, series }: RealisedPathKey): string {
  return [asset, startAtMs, timeLengthSeconds, stepSeconds, series.venue, series.symbol].join('\n')
}
