import type { Stored, StoreFailure } from '#core/base/store/stored'
import type { JournalStore, PreparedPrediction, StoreRoom } from '#core/forecast/journal/journal-store'

interface StoredPaths {
  readonly id: string
  readonly bytes: number
}

/** Keeps what it is given in order; fails, and runs out of room, as the test says. */
export class FakeJournalStore implements JournalStore {
  readonly records = new Map<string, PreparedPrediction['record']>()
  readonly waits: number[] = []
  paths: StoredPaths[] = []
  transactions = 0
  failure: StoreFailure | undefined
  diskBytes = 1e12
  unusedBytes = 0
  isClosed = false

  write(batch: readonly PreparedPrediction[], waitMs: number): Stored<void> {
    this.waits.push(waitMs)
    if (this.failure !== undefined) return { ok: false, failure: this.failure }
    this.transactions += 1
    for (const { record, prices } of batch) {
      if (this.records.has(record.id)) continue
      this.records.set(record.id, record)
      if (prices !== undefined) this.paths.push({ id: record.id, bytes: prices.bytes.length })
    }
    return { ok: true, value: undefined }
  }

  pathsBytes(): Stored<number> {
    return { ok: true, value: this.paths.reduce((sum, { bytes }) => sum + bytes, 0) }
  }

  room(): Stored<StoreRoom> {
    return { ok: true, value: { diskBytes: this.diskBytes, unusedBytes: this.unusedBytes } }
  }

  dropPaths(atMost: { readonly count: number; readonly bytes: number }): Stored<{ count: number; bytes: number }> {
    if (this.failure !== undefined) return { ok: false, failure: this.failure }
    let count = 0
    let bytes = 0
    while (count < atMost.count && bytes < atMost.bytes && this.paths.length > 0) {
      bytes += this.paths.shift()!.bytes
      count += 1
    }
    this.unusedBytes += bytes
    return { ok: true, value: { count, bytes } }
  }

  deleteBefore(startAtMs: number, atMost: number): Stored<number> {
    if (this.failure !== undefined) return { ok: false, failure: this.failure }
    const old = [...this.records.values()].filter(({ prompt }) => prompt.startAtSeconds * 1_000 < startAtMs)
    const chosen = new Set(old.slice(0, atMost).map(({ id }) => id))
    for (const id of chosen) this.records.delete(id)
    this.paths = this.paths.filter(({ id }) => !chosen.has(id))
    return { ok: true, value: chosen.size }
  }

  close(): void {
    this.isClosed = true
  }
}
