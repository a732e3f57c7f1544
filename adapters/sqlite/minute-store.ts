import type { Statement } from 'better-sqlite3'
import { StoreError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'
import type { Clock } from '#core/base/time/clock'
import { dayMinutes, dayMs, hourMs, minuteMs } from '#core/base/time/units'
import { emptyCount, mergeDay } from '#core/market/minutes/merge-day'
import {
  type CandleColumns,
  CandleHour,
  candleFields,
  hourMinutes,
  unknownCandles,
} from '#core/market/minutes/minute-candles'
import { dayBytes, dayOf, decodeDay, encodeDay, kindOf, newDay, slotOf } from '#core/market/minutes/minute-day'
import type {
  MinuteConflict,
  MinuteOrigin,
  MinuteSeries,
  MinuteStore,
  MinuteWrite,
  ProvenanceRange,
  SeriesSummary,
  WriteOutcome,
} from '#core/market/minutes/minute-store'
import type { MinuteClose } from '#core/market/venues/minute-history'
import type { VenueId } from '#core/market/venues/venue'
import type { Database } from './database.ts'

/** A bad import can differ in every row; all are counted, and this many rows are kept. */
const conflictRowsPerWrite = 1_000
const exampleCount = 3

interface DayRow {
  readonly day: number
  readonly slots: Buffer
}

export class SqliteMinuteStore implements MinuteStore {
  readonly #clock: Clock
  readonly #ids = new Map<string, number>()
  readonly #selectSeries: Statement<[string, string, string], number>
  readonly #insertSeries: Statement<[string, string, string]>
  readonly #listSeries: Statement<[], SeriesRow>
  readonly #selectDay: Statement<[number, number], Buffer>
  readonly #selectDays: DaysStatement
  readonly #selectDaysDown: DaysStatement
  readonly #upsertDay: Statement<[number, number, Buffer]>
  readonly #selectHour: Statement<[number, number], Buffer>
  readonly #selectHours: Statement<[number, number, number], HourRow>
  readonly #upsertHour: Statement<[number, number, Uint8Array]>
  readonly #extendRange: Statement<[RangeParameters]>
  readonly #insertRange: Statement<[RangeParameters]>
  readonly #listRanges: Statement<[number], RangeRow>
  readonly #upsertConflict: Statement<[number, number, number, number, string, number]>
  readonly #writeAll: (writes: readonly MinuteWrite[]) => WriteOutcome[]

  constructor(db: Database, clock: Clock) {
    this.#clock = clock
    this.#selectSeries = db
      .prepare<[string, string, string], number>(
        'select id from minute_series where asset = ? and venue = ? and symbol = ?',
      )
      .pluck()
    this.#insertSeries = db.prepare('insert into minute_series (asset, venue, symbol) values (?, ?, ?)')
    this.#listSeries = db.prepare(
      `select asset, venue, symbol,
              (select min(day) from minute_days where series_id = id) as first_day,
              (select max(day) from minute_days where series_id = id) as last_day,
              (select coalesce(sum(conflicts), 0) from minute_ranges where series_id = minute_series.id) as conflicts
         from minute_series order by asset, venue, symbol`,
    )
    this.#selectDay = db
      .prepare<[number, number], Buffer>('select slots from minute_days where series_id = ? and day = ?')
      .pluck()
    const days = 'select day, slots from minute_days where series_id = ? and day between ? and ?'
    this.#selectDays = db.prepare(`${days} order by day`)
    this.#selectDaysDown = db.prepare(`${days} order by day desc`)
    this.#upsertDay = db.prepare(
      `insert into minute_days (series_id, day, slots) values (?, ?, ?)
       on conflict (series_id, day) do update set slots = excluded.slots`,
    )
    this.#selectHour = db
      .prepare<[number, number], Buffer>('select candles from minute_candles where series_id = ? and hour = ?')
      .pluck()
    this.#selectHours = db.prepare(
      'select hour, candles from minute_candles where series_id = ? and hour between ? and ? order by hour',
    )
    this.#upsertHour = db.prepare(
      `insert into minute_candles (series_id, hour, candles) values (?, ?, ?)
       on conflict (series_id, hour) do update set candles = excluded.candles`,
    )
    // Minutes that continue the last ones of the same origin extend one range: a year of recording is a few rows.
    this.#extendRange = db.prepare(
      `update minute_ranges
          set from_at_ms = min(from_at_ms, :fromMs), to_at_ms = max(to_at_ms, :toMs),
              closes = closes + :closes, gaps = gaps + :gaps, conflicts = conflicts + :conflicts,
              last_written_at_ms = :atMs
        where id = (select max(id) from minute_ranges
                     where series_id = :seriesId and origin = :origin and detail = :detail
                       and from_at_ms <= :toMs + ${minuteMs} and to_at_ms >= :fromMs - ${minuteMs})`,
    )
    this.#insertRange = db.prepare(
      `insert into minute_ranges (series_id, origin, detail, from_at_ms, to_at_ms, closes, gaps, conflicts,
                                  first_written_at_ms, last_written_at_ms)
       values (:seriesId, :origin, :detail, :fromMs, :toMs, :closes, :gaps, :conflicts, :atMs, :atMs)`,
    )
    this.#listRanges = db.prepare(
      `select origin, detail, from_at_ms, to_at_ms, closes, gaps, conflicts, first_written_at_ms, last_written_at_ms
         from minute_ranges where series_id = ? order by from_at_ms, id`,
    )
    this.#upsertConflict = db.prepare(
      `insert into minute_conflicts (series_id, open_at_ms, kept, refused, origin, seen_count, last_seen_at_ms)
       values (?, ?, ?, ?, ?, 1, ?)
       on conflict (series_id, open_at_ms, refused)
       do update set seen_count = seen_count + 1, last_seen_at_ms = excluded.last_seen_at_ms`,
    )
    // immediate: reading a day, merging and writing it back must not interleave with another process's merge.
    this.#writeAll = db.transaction((writes: readonly MinuteWrite[]) => writes.map((write) => this.#writeOne(write)))
      .immediate as (writes: readonly MinuteWrite[]) => WriteOutcome[]
  }

  write(writes: readonly MinuteWrite[]): readonly WriteOutcome[] {
    try {
      return this.#writeAll(writes)
    } catch (cause) {
      this.#ids.clear() // A series made in the transaction that failed is gone with it.
      throw storeError('stored', cause)
    }
  }

  readSlots(series: MinuteSeries, fromMs: number, toMs: number): Float64Array {
    if (fromMs % minuteMs !== 0) throw new RangeError(`a range must begin on a whole minute, not at ${fromMs} ms`)
    const count = Math.max(0, Math.floor((toMs - fromMs) / minuteMs) + 1)
    const slots = new Float64Array(count)
    const bytes = new Uint8Array(slots.buffer)
    const id = this.#idOf(series)
    if (id === undefined || count === 0) return slots
    for (const row of this.#days(this.#selectDays, id, fromMs, toMs)) {
      const offset = (row.day * dayMs - fromMs) / minuteMs
      const first = Math.max(0, -offset)
      const end = Math.min(dayMinutes, count - offset)
      bytes.set(row.slots.subarray(first * 8, end * 8), (offset + first) * 8)
    }
    return slots
  }

  readCloses(series: MinuteSeries, fromMs: number, toMs: number): Float64Array {
    const slots = this.readSlots(series, fromMs, toMs)
    for (let i = 0; i < slots.length; i += 1) if (slots[i] === 0) slots[i] = Number.NaN
    return slots
  }

  readCandles(series: MinuteSeries, fromMs: number, toMs: number): CandleColumns {
    const slots = this.readSlots(series, fromMs, toMs)
    const columns = unknownCandles(slots.length)
    const id = this.#idOf(series)
    if (id === undefined || slots.length === 0) return columns
    try {
      for (const row of this.#selectHours.iterate(id, Math.floor(fromMs / hourMs), Math.floor(toMs / hourMs))) {
        const candles = new CandleHour(row.candles)
        const offset = (row.hour * hourMs - fromMs) / minuteMs
        const end = Math.min(hourMinutes, slots.length - offset)
        for (let minute = Math.max(0, -offset); minute < end; minute += 1) {
          const close = slots[offset + minute]!
          if (close > 0 && candles.isKnown(minute)) candles.restore(minute, columns, offset + minute, close)
        }
      }
    } catch (cause) {
      throw storeError('read', cause)
    }
    return columns
  }

  firstClose(series: MinuteSeries, fromMs: number, toMs: number): MinuteClose | undefined {
    return this.#findClose(this.#selectDays, series, fromMs, toMs, 1)
  }

  lastClose(series: MinuteSeries, fromMs: number, toMs: number): MinuteClose | undefined {
    return this.#findClose(this.#selectDaysDown, series, fromMs, toMs, -1)
  }

  listSeries(): readonly SeriesSummary[] {
    return this.#listSeries.all().flatMap((row) => {
      if (row.first_day === null || row.last_day === null) return []
      const series = { asset: row.asset, venue: row.venue as VenueId, symbol: row.symbol }
      const firstDay = this.readSlots(series, row.first_day * dayMs, (row.first_day + 1) * dayMs - minuteMs)
      const lastDay = this.readSlots(series, row.last_day * dayMs, (row.last_day + 1) * dayMs - minuteMs)
      return [
        {
          ...series,
          firstMs: row.first_day * dayMs + firstDay.findIndex((slot) => kindOf(slot) !== 'unknown') * minuteMs,
          lastMs: row.last_day * dayMs + lastDay.findLastIndex((slot) => kindOf(slot) !== 'unknown') * minuteMs,
          conflicts: row.conflicts,
        },
      ]
    })
  }

  listRanges(series: MinuteSeries): readonly ProvenanceRange[] {
    const id = this.#idOf(series)
    return id === undefined ? [] : this.#listRanges.all(id).map(toRange)
  }

  #writeOne(write: MinuteWrite): WriteOutcome {
    const atMs = this.#clock.nowMs()
    const mode = write.mode ?? 'keep'
    const count = emptyCount()
    const examples: MinuteConflict[] = []
    if (write.batch.isEmpty) return { ...count, examples }
    const seriesId = this.#idOf(write.series) ?? this.#createSeries(write.series)
    const replaced: number[] = []
    const merged = new Map<number, Float64Array>()
    for (const [day, offered] of write.batch.days) {
      const stored = this.#selectDay.get(seriesId, day)
      const slots = stored === undefined ? newDay() : decodeDay(stored)
      const hasChanged = mergeDay(slots, offered, mode, count, (conflict) => {
        const openAtMs = day * dayMs + conflict.slot * minuteMs
        const [kept, refused] =
          mode === 'keep' ? [conflict.stored, conflict.offered] : [conflict.offered, conflict.stored]
        if (mode === 'replace') replaced.push(openAtMs)
        if (examples.length < exampleCount) examples.push({ openAtMs, kept, refused })
        if (count.conflicts <= conflictRowsPerWrite) {
          this.#upsertConflict.run(seriesId, openAtMs, kept, refused, write.origin, atMs)
        }
      })
      merged.set(day, slots)
      if (hasChanged) {
        const bytes = encodeDay(slots)
        this.#upsertDay.run(seriesId, day, Buffer.from(bytes.buffer, bytes.byteOffset, dayBytes))
      }
    }
    this.#writeCandles(seriesId, write.batch, merged, replaced)
    this.#noteRange(write, { seriesId, atMs }, count)
    return { ...count, examples }
  }

  /** Of closes that are the stored ones. The first candle of a close stays, as the close does. */
  #writeCandles(
    seriesId: number,
    { days, candles: rows }: MinuteWrite['batch'],
    merged: ReadonlyMap<number, Float64Array>,
    replaced: readonly number[],
  ): void {
    const hours = new Map<number, CandleHour>()
    const changed = new Set<number>()
    const change = (openAtMs: number, edit: (candles: CandleHour, minute: number) => boolean): void => {
      const hour = Math.floor(openAtMs / hourMs)
      const candles = hours.get(hour) ?? new CandleHour(this.#selectHour.get(seriesId, hour))
      hours.set(hour, candles)
      if (edit(candles, (openAtMs % hourMs) / minuteMs)) changed.add(hour)
    }
    for (const openAtMs of replaced) change(openAtMs, (candles, minute) => candles.forget(minute))
    for (let at = 0; rows !== undefined && at < rows.length; at += candleFields) {
      const openAtMs = rows[at]!
      const day = dayOf(openAtMs)
      const isStored = merged.get(day)?.[slotOf(openAtMs)] === days.get(day)?.[slotOf(openAtMs)]
      if (isStored) change(openAtMs, (candles, minute) => candles.add(minute, rows, at))
    }
    for (const hour of changed) this.#upsertHour.run(seriesId, hour, hours.get(hour)!.bytes)
  }

  #noteRange(
    write: MinuteWrite,
    where: { seriesId: number; atMs: number },
    count: Omit<WriteOutcome, 'examples'>,
  ): void {
    const closes = count.added + count.gapsFilled
    if (closes + count.gapsDeclared + count.conflicts === 0) return
    const parameters: RangeParameters = {
      seriesId: where.seriesId,
      origin: write.origin,
      detail: write.detail ?? '',
      fromMs: write.batch.firstMs,
      toMs: write.batch.lastMs,
      closes,
      gaps: count.gapsDeclared,
      conflicts: count.conflicts,
      atMs: where.atMs,
    }
    if (this.#extendRange.run(parameters).changes === 0) this.#insertRange.run(parameters)
  }

  #idOf(series: MinuteSeries): number | undefined {
    const key = `${series.asset}\n${series.venue}\n${series.symbol}`
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    const id = this.#selectSeries.get(series.asset, series.venue, series.symbol)
    if (id !== undefined) this.#ids.set(key, id)
    return id
  }

  #createSeries(series: MinuteSeries): number {
    return Number(this.#insertSeries.run(series.asset, series.venue, series.symbol).lastInsertRowid)
  }

  *#days(days: DaysStatement, id: number, fromMs: number, toMs: number): Generator<DayRow> {
    try {
      yield* days.iterate(id, dayOf(fromMs), dayOf(toMs))
    } catch (cause) {
      throw storeError('read', cause)
    }
  }

  #findClose(
    days: DaysStatement,
    series: MinuteSeries,
    fromMs: number,
    toMs: number,
    step: 1 | -1,
  ): MinuteClose | undefined {
    const id = this.#idOf(series)
    if (id === undefined || toMs < fromMs) return undefined
    for (const row of this.#days(days, id, fromMs, toMs)) {
      const slots = decodeDay(row.slots)
      const dayStartMs = row.day * dayMs
      const low = Math.max(0, Math.ceil((fromMs - dayStartMs) / minuteMs))
      const high = Math.min(dayMinutes - 1, Math.floor((toMs - dayStartMs) / minuteMs))
      for (let slot = step === 1 ? low : high; slot >= low && slot <= high; slot += step) {
        const close = slots[slot]!
        if (close > 0) return { openAtMs: dayStartMs + slot * minuteMs, close }
      }
    }
    return undefined
  }
}

type DaysStatement = Statement<[seriesId: number, fromDay: number, toDay: number], DayRow>

function storeError(what: 'read' | 'stored', cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause
  const message = messageOf(cause)
  return new StoreError('MINUTES_STORE_FAILED', `The minutes were not ${what}: ${message}.`, { cause })
}

interface HourRow {
  readonly hour: number
  readonly candles: Buffer
}

interface SeriesRow {
  readonly asset: string
  readonly venue: string
  readonly symbol: string
  readonly first_day: number | null
  readonly last_day: number | null
  readonly conflicts: number
}

interface RangeParameters {
  readonly seriesId: number
  readonly origin: MinuteOrigin
  readonly detail: string
  readonly fromMs: number
  readonly toMs: number
  readonly closes: number
  readonly gaps: number
  readonly conflicts: number
  readonly atMs: number
}

interface RangeRow {
  readonly origin: MinuteOrigin
  readonly detail: string
  readonly from_at_ms: number
  readonly to_at_ms: number
  readonly closes: number
  readonly gaps: number
  readonly conflicts: number
  readonly first_written_at_ms: number
  readonly last_written_at_ms: number
}

function toRange(row: RangeRow): ProvenanceRange {
  return {
    origin: row.origin,
    detail: row.detail,
    fromMs: row.from_at_ms,
    toMs: row.to_at_ms,
    closes: row.closes,
    gaps: row.gaps,
    conflicts: row.conflicts,
    firstWrittenAtMs: row.first_written_at_ms,
    lastWrittenAtMs: row.last_written_at_ms,
  }
}
