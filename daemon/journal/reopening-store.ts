import type { Stored } from '#core/base/store/stored'
import type { DroppedPaths, JournalStore, PreparedPrediction, StoreRoom } from '#core/forecast/journal/journal-store'

/**
 * Reopens its store after a failure that is neither a lock nor a full disk. SQLite stays read-only after it once failed
 * to open a file for writing, and only another connection ends that.
 */
export class ReopeningStore implements JournalStore {
  readonly #open: () => Stored<JournalStore>
  #store: JournalStore | undefined

  constructor(open: () => Stored<JournalStore>) {
    this.#open = open
  }

  write(batch: readonly PreparedPrediction[], waitMs: number): Stored<void> {
    return this.#with((store) => store.write(batch, waitMs))
  }

  pathsBytes(): Stored<number> {
    return this.#with((store) => store.pathsBytes())
  }

  room(): Stored<StoreRoom> {
    return this.#with((store) => store.room())
  }

  dropPaths(atMost: { readonly count: number; readonly bytes: number }): Stored<DroppedPaths> {
    return this.#with((store) => store.dropPaths(atMost))
  }

  deleteBefore(startAtMs: number, atMost: number): Stored<number> {
    return this.#with((store) => store.deleteBefore(startAtMs, atMost))
  }

  close(): void {
    this.#store?.close()
    this.#store = undefined
  }

  #with<T>(work: (store: JournalStore) => Stored<T>): Stored<T> {
    if (this.#store === undefined) {
      const opened = this.#open()
      if (!opened.ok) return opened
      this.#store = opened.value
    }
    const result = work(this.#store)
    if (!result.ok && result.failure.kind !== 'busy' && result.failure.kind !== 'full') this.close()
    return result
  }
}
