import { dayMinutes, dayMs, minuteMs } from '#core/base/time/units'
import { type MinuteSpan, unknownSpans } from './coverage.ts'
import { floorToMinute } from './minute-day.ts'
import type { MinuteReader, MinuteSeries } from './minute-store.ts'

/** The most minutes that Hyperliquid answers at once, and five pages of Binance. */
const pieceMinutes = 5_000

/**
 * At the first start all series ask at once. One day of each is far inside every venue's limit; the rest becomes a
 * hole.
 */
const liveMinutes = dayMinutes

export interface PlannedAsk {
  readonly span: MinuteSpan
  readonly witnessToMs: number
}

interface Hole {
  readonly span: MinuteSpan
  readonly askedTimes: number
  readonly notBeforeMs: number
}

/**
 * What a series still lacks: everything from a cursor on (the live end) and holes before it. It is derived from the
 * store at the start, so a killed recorder continues at its last commit. It is updated by checking each stretch again
 * after it was requested.
 */
export class SeriesPlan {
  readonly series: MinuteSeries
  readonly #store: MinuteReader
  #cursorMs: number
  #holes: Hole[] = []

  constructor(store: MinuteReader, series: MinuteSeries, range: MinuteSpan) {
    this.#store = store
    this.series = series
    this.#cursorMs = range.fromMs
    this.#look(range)
  }

  get cursorMs(): number {
    return this.#cursorMs
  }

  get holes(): readonly MinuteSpan[] {
    return this.#holes.map((hole) => hole.span)
  }

  /**
   * From the cursor to the last full minute. After a long silence the newest piece comes first, and the rest becomes a
   * hole.
   */
  liveAsk(nowMs: number): PlannedAsk | undefined {
    const thisMinuteMs = floorToMinute(nowMs)
    const toMs = thisMinuteMs - minuteMs
    // The clock was ahead and is right again: what lies between was never asked for.
    if (this.#cursorMs > thisMinuteMs + minuteMs) this.#startAgain(toMs)
    if (this.#cursorMs > toMs) return undefined
    const oldestMs = toMs - (liveMinutes - 1) * minuteMs
    if (this.#cursorMs < oldestMs) {
      this.#addHoles([{ fromMs: this.#cursorMs, toMs: oldestMs - minuteMs }], 0, nowMs)
      this.#cursorMs = oldestMs
    }
    return { span: { fromMs: this.#cursorMs, toMs }, witnessToMs: thisMinuteMs }
  }

  /** The hole to ask for now, in pieces: the oldest first, because the venue drops it next. */
  nextHoleAsk(nowMs: number, oldestMs: number): PlannedAsk | undefined {
    this.#holes = this.#holes.filter((hole) => hole.span.toMs >= oldestMs)
    const hole = this.#holes.find((candidate) => candidate.notBeforeMs <= nowMs)
    if (hole === undefined) return undefined
    const { fromMs, toMs } = hole.span
    const span = { fromMs, toMs: Math.min(toMs, fromMs + (pieceMinutes - 1) * minuteMs) }
    return { span, witnessToMs: this.#witnessAfter(span) }
  }

  /** After an answer for a stretch: what of it is still unknown. Returns the holes that can never be filled. */
  noteAnswer(ask: PlannedAsk, answer: { nowMs: number; forgottenBeforeMs: number }): MinuteSpan[] {
    this.#look(ask.span, answer.nowMs)
    const pieces = this.#holes.flatMap((hole) =>
      cutAt(hole.span, answer.forgottenBeforeMs).map((span) => ({ ...hole, span })),
    )
    const isGone = (hole: Hole) => hole.span.toMs < answer.forgottenBeforeMs
    this.#holes = pieces.filter((hole) => !isGone(hole))
    return pieces.filter(isGone).map((hole) => hole.span)
  }

  /** Finds its way from the store, as at the start. Holes in the future were none. */
  #startAgain(toMs: number): void {
    const holes = this.#holes.filter((hole) => hole.span.fromMs <= toMs)
    this.#holes = holes.map(({ span }) => ({
      span: { fromMs: span.fromMs, toMs: Math.min(span.toMs, toMs) },
      askedTimes: 0,
      notBeforeMs: toMs,
    }))
    const fromMs = toMs - (liveMinutes - 1) * minuteMs
    this.#cursorMs = fromMs
    this.#look({ fromMs, toMs })
  }

  #look(span: MinuteSpan, nowMs = Number.NEGATIVE_INFINITY): void {
    const unknown = unknownSpans(this.#store.readSlots(this.series, span.fromMs, span.toMs), span.fromMs)
    if (span.toMs >= this.#cursorMs) {
      const tail = unknown.at(-1)?.toMs === span.toMs ? unknown.pop() : undefined
      this.#cursorMs = tail?.fromMs ?? span.toMs + minuteMs
    }
    this.#replaceHoles(span, unknown, nowMs)
  }

  /** Removes the holes inside the span, except what is still unknown; that waits longer each time. */
  #replaceHoles(span: MinuteSpan, still: readonly MinuteSpan[], nowMs: number): void {
    let askedTimes = 0
    const kept: Hole[] = []
    for (const hole of this.#holes) {
      if (hole.span.toMs < span.fromMs || hole.span.fromMs > span.toMs) {
        kept.push(hole)
        continue
      }
      askedTimes = Math.max(askedTimes, hole.askedTimes + 1)
      if (hole.span.fromMs < span.fromMs)
        kept.push({ ...hole, span: { fromMs: hole.span.fromMs, toMs: span.fromMs - minuteMs } })
      if (hole.span.toMs > span.toMs)
        kept.push({ ...hole, span: { fromMs: span.toMs + minuteMs, toMs: hole.span.toMs } })
    }
    this.#holes = kept
    this.#addHoles(still, askedTimes, nowMs)
  }

  #addHoles(spans: readonly MinuteSpan[], askedTimes: number, nowMs: number): void {
    const waitMs = askedTimes === 0 ? 0 : Math.min(60, 2 ** (askedTimes - 1)) * minuteMs
    for (const span of spans) this.#holes.push({ span, askedTimes, notBeforeMs: nowMs + waitMs })
    this.#holes.sort((a, b) => a.span.fromMs - b.span.fromMs)
  }

  /** The next stored close proves that the end of a hole is final; without one, a few minutes more are requested. */
  #witnessAfter(span: MinuteSpan): number {
    const next = this.#store.firstClose(this.series, span.toMs + minuteMs, span.toMs + dayMs)
    return next?.openAtMs ?? span.toMs + 5 * minuteMs
  }
}

/** A span in at most two parts; the first part is before the given minute. */
function cutAt(span: MinuteSpan, atMs: number): MinuteSpan[] {
  if (span.fromMs >= atMs || span.toMs < atMs) return [span]
  return [
    { fromMs: span.fromMs, toMs: atMs - minuteMs },
    { fromMs: atMs, toMs: span.toMs },
  ]
}
