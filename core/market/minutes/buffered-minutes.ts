import { StoreError } from '#core/base/errors/app-error'
import type { Stored, StoreFailure } from '#core/base/store/stored'
import type { Clock } from '#core/base/time/clock'
import { dayMinutes, dayMs, minuteMs } from '#core/base/time/units'
import type { MinuteClose } from '../venues/minute-history.ts'
import { emptyCount, mergeDay } from './merge-day.ts'
import { type CandleColumns, candleFields, restoreCandle } from './minute-candles.ts'
import { dayOf, newDay, slotOf, unknownSlot } from './minute-day.ts'
import { keyOf } from './minute-filler.ts'
import type {
  MinuteConflict,
  MinuteReader,
  MinuteSeries,
  MinuteStore,
  MinuteWrite,
  ProvenanceRange,
  SeriesSummary,
  WriteOutcome,
} from './minute-store.ts'

export interface BufferedMinutesDeps {
  /** Reads what is on disk. */
  readonly stored: MinuteReader
  /** Puts minutes on disk, all or nothing, without blocking. Never rejects. */
  readonly write: (writes: readonly MinuteWrite[]) => Promise<Stored<unknown>>
  readonly clock: Clock
  readonly onBug: (error: unknown) => void
}

/** Days of all series together: 46 MB. */
export const mostWaitingDays = 4_000
const mostWritesAtOnce = 500
const retryEveryMs = 1_000
const exampleCount = 3

const noCandles = new Float64Array(0)

interface SeriesBuffer {
  readonly series: MinuteSeries
  /** What the store will hold when everything that waits is written. */
  readonly days: Map<number, Float64Array>
}

/**
 * The minutes of the answering thread: a write is seen by every reader at once and reaches the disk as soon as it can. So
 * a lock or a full disk stops neither the recorder nor the volatility states. What waits is bounded; beyond that a write
 * is refused, and the recorder asks the venue again later.
 */
export class BufferedMinutes implements MinuteStore {
  readonly #deps: BufferedMinutesDeps
  readonly #mostDays: number
  readonly #buffers = new Map<string, SeriesBuffer>()
  #waiting: MinuteWrite[] = []
  #inFlight: readonly MinuteWrite[] = []
  #isFlushing = false
  #attempts = 0
  #whenTried: (() => void)[] = []
  #failure: (StoreFailure & { readonly sinceMs: number }) | undefined

  constructor(deps: BufferedMinutesDeps, mostDays = mostWaitingDays) {
    this.#deps = deps
    this.#mostDays = mostDays
  }

  /** Why minutes wait; undefined while the disk takes them. */
  get failure(): (StoreFailure & { readonly sinceMs: number }) | undefined {
    return this.#failure
  }

  get waitingDays(): number {
    return [...this.#buffers.values()].reduce((sum, { days }) => sum + days.size, 0)
  }

  /** Whether the disk holds all that was written here. */
  isSettled(): boolean {
    return this.#waiting.length === 0 && this.#inFlight.length === 0
  }

  /** Resolves when what waits was tried once: it is on disk, or it still waits. */
  async tried(): Promise<void> {
    if (this.isSettled()) return
    // The attempt that is under way may be without the newest.
    const target = this.#attempts + (this.#inFlight.length > 0 ? 2 : 1)
    while (this.#attempts < target && !this.isSettled() && this.#failure === undefined) {
      await new Promise<void>((resolve) => void this.#whenTried.push(resolve))
    }
  }

  write(writes: readonly MinuteWrite[]): readonly WriteOutcome[] {
    const days = writes.reduce((sum, { batch }) => sum + batch.days.size, 0)
    if (this.#failure !== undefined && this.waitingDays + days > this.#mostDays) {
      const { detail } = this.#failure
      throw new StoreError('MINUTES_STORE_FAILED', `${this.waitingDays} days of minutes wait for the disk: ${detail}.`)
    }
    const outcomes = writes.map((write) => this.#merge(write))
    for (const write of writes) if (!write.batch.isEmpty) this.#waiting.push(write)
    if (!this.#isFlushing && this.#waiting.length > 0) {
      this.#isFlushing = true
      this.#flush().catch(this.#deps.onBug)
    }
    return outcomes
  }

  readSlots(series: MinuteSeries, fromMs: number, toMs: number): Float64Array {
    const slots = this.#deps.stored.readSlots(series, fromMs, toMs)
    for (const [day, own] of this.#daysOf(series)) {
      const offset = (day * dayMs - fromMs) / minuteMs
      const end = Math.min(dayMinutes, slots.length - offset)
      for (let slot = Math.max(0, -offset); slot < end; slot += 1) {
        if (own[slot] !== unknownSlot) slots[offset + slot] = own[slot]!
      }
    }
    return slots
  }

  readCloses(series: MinuteSeries, fromMs: number, toMs: number): Float64Array {
    return this.readSlots(series, fromMs, toMs).map((slot) => (slot === unknownSlot ? Number.NaN : slot))
  }

  readCandles(series: MinuteSeries, fromMs: number, toMs: number): CandleColumns {
    const columns = this.#deps.stored.readCandles(series, fromMs, toMs)
    const own = [...this.#inFlight, ...this.#waiting].filter((write) => keyOf(write.series) === keyOf(series))
    if (own.length === 0) return columns
    const slots = this.readSlots(series, fromMs, toMs)
    for (const { batch } of own) {
      const rows = batch.candles ?? noCandles
      for (let at = 0; at < rows.length; at += candleFields) {
        const openAtMs = rows[at]!
        const place = (openAtMs - fromMs) / minuteMs
        const close = batch.days.get(dayOf(openAtMs))?.[slotOf(openAtMs)]
        // As in the store: the candle of a close that was refused is refused too, and the first one stays.
        if (close !== slots[place] || !Number.isNaN(columns.open[place]!)) continue
        restoreCandle(columns, place, close!, rows, at + 1)
      }
    }
    return columns
  }

  firstClose(series: MinuteSeries, fromMs: number, toMs: number): MinuteClose | undefined {
    const stored = this.#deps.stored.firstClose(series, fromMs, toMs)
    const own = this.#ownCloses(series, fromMs, toMs).reduce(earlier, undefined)
    return own === undefined || (stored !== undefined && stored.openAtMs < own.openAtMs) ? stored : own
  }

  lastClose(series: MinuteSeries, fromMs: number, toMs: number): MinuteClose | undefined {
    const stored = this.#deps.stored.lastClose(series, fromMs, toMs)
    const own = this.#ownCloses(series, fromMs, toMs).reduce(later, undefined)
    return own === undefined || (stored !== undefined && stored.openAtMs > own.openAtMs) ? stored : own
  }

  /** Of the disk alone. */
  listSeries(): readonly SeriesSummary[] {
    return this.#deps.stored.listSeries()
  }

  /** Of the disk alone: whoever compares counts asks `isSettled` first. */
  listRanges(series: MinuteSeries): readonly ProvenanceRange[] {
    return this.#deps.stored.listRanges(series)
  }

  #merge({ series, batch, mode = 'keep' }: MinuteWrite): WriteOutcome {
    const count = emptyCount()
    const examples: MinuteConflict[] = []
    if (batch.isEmpty) return { ...count, examples }
    const buffer = this.#buffers.get(keyOf(series)) ?? { series, days: new Map() }
    this.#buffers.set(keyOf(series), buffer)
    for (const [day, offered] of batch.days) {
      const slots = this.readSlots(series, day * dayMs, (day + 1) * dayMs - minuteMs)
      mergeDay(slots, offered, mode, count, ({ slot, stored, offered: close }) => {
        const openAtMs = day * dayMs + slot * minuteMs
        const [kept, refused] = mode === 'keep' ? [stored, close] : [close, stored]
        if (examples.length < exampleCount) examples.push({ openAtMs, kept, refused })
      })
      buffer.days.set(day, slots)
    }
    return { ...count, examples }
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      this.#inFlight = this.#waiting.slice(0, mostWritesAtOnce)
      this.#waiting = this.#waiting.slice(mostWritesAtOnce)
      const written = await this.#deps.write(this.#inFlight)
      const tried = this.#inFlight
      this.#inFlight = []
      if (written.ok) this.#forgetWritten()
      else this.#waiting = [...tried, ...this.#waiting].reduce(joined, [])
      this.#failure = written.ok
        ? undefined
        : { ...written.failure, sinceMs: this.#failure?.sinceMs ?? this.#deps.clock.nowMs() }
      this.#attempts += 1
      for (const resolve of this.#whenTried.splice(0)) resolve()
      if (!written.ok) await this.#deps.clock.sleep(retryEveryMs)
    }
    this.#isFlushing = false
  }

  /** A day stays while a write of it waits. */
  #forgetWritten(): void {
    for (const [key, { series, days }] of this.#buffers) {
      const needed = new Set(
        this.#waiting.flatMap((write) => (keyOf(write.series) === keyOf(series) ? [...write.batch.days.keys()] : [])),
      )
      for (const day of days.keys()) if (!needed.has(day)) days.delete(day)
      if (days.size === 0) this.#buffers.delete(key)
    }
  }

  #daysOf(series: MinuteSeries): ReadonlyMap<number, Float64Array> {
    return this.#buffers.get(keyOf(series))?.days ?? new Map()
  }

  #ownCloses(series: MinuteSeries, fromMs: number, toMs: number): MinuteClose[] {
    return [...this.#daysOf(series)].flatMap(([day, slots]) => {
      if (day < dayOf(fromMs) || day > dayOf(toMs)) return []
      const isWanted = (slot: number) => {
        const openAtMs = day * dayMs + slot * minuteMs
        return slots[slot]! > 0 && openAtMs >= fromMs && openAtMs <= toMs
      }
      const indexes = [...slots.keys()].filter(isWanted)
      const ends = indexes.length === 0 ? [] : [indexes[0]!, indexes.at(-1)!]
      return ends.map((slot) => ({ openAtMs: day * dayMs + slot * minuteMs, close: slots[slot]! }))
    })
  }
}

function earlier(best: MinuteClose | undefined, close: MinuteClose): MinuteClose {
  return best === undefined || close.openAtMs < best.openAtMs ? close : best
}

function later(best: MinuteClose | undefined, close: MinuteClose): MinuteClose {
  return best === undefined || close.openAtMs > best.openAtMs ? close : best
}

/** Minutes that follow each other become one write, so that a day of waiting is a few hundred of them and not thousands. */
function joined(list: MinuteWrite[], next: MinuteWrite): MinuteWrite[] {
  const index = list.findLastIndex((write) => keyOf(write.series) === keyOf(next.series))
  const last = list[index]
  const isAlike =
    last !== undefined && last.origin === next.origin && last.detail === next.detail && last.mode === next.mode
  const isBehind = isAlike && next.batch.firstMs > last.batch.lastMs && next.mode !== 'replace'
  if (!isBehind) return [...list, next]
  const days = new Map([...last.batch.days].map(([day, slots]) => [day, slots]))
  for (const [day, slots] of next.batch.days) {
    const merged = Float64Array.from(days.get(day) ?? newDay())
    slots.forEach((slot, i) => {
      if (slot !== unknownSlot) merged[i] = slot
    })
    days.set(day, merged)
  }
  const candles = Float64Array.from([...(last.batch.candles ?? noCandles), ...(next.batch.candles ?? noCandles)])
  const batch = { isEmpty: false, days, candles, firstMs: last.batch.firstMs, lastMs: next.batch.lastMs }
  return [...list.slice(0, index), { ...last, batch }, ...list.slice(index + 1)]
}
