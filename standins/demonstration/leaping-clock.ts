import type { Clock } from '#core/base/time/clock'

/**
 * Follows another clock from a given instant, and can leap: time then runs many times faster until it is exactly at the
 * target. Sleepers wake during the leap when their time comes, so everything in this clock does its work of each minute
 * on the way. Without a leap, time runs at real speed.
 */
export class LeapingClock implements Clock {
  readonly #base: Clock
  readonly #startAtMs: number
  #anchor: { readonly baseMs: number; readonly elapsedMs: number }
  #leap: { readonly speed: number; readonly untilElapsedMs: number } | undefined
  readonly #naps = new Set<AbortController>()

  constructor(base: Clock, startAtMs: number) {
    this.#base = base
    this.#startAtMs = startAtMs
    this.#anchor = { baseMs: base.monotonicMs(), elapsedMs: 0 }
  }

  nowMs(): number {
    // Whole milliseconds, as records have them.
    return Math.floor(this.#startAtMs + this.monotonicMs())
  }

  monotonicMs(): number {
    const { baseMs, elapsedMs } = this.#anchor
    const passedMs = this.#base.monotonicMs() - baseMs
    if (this.#leap === undefined) return elapsedMs + passedMs
    return Math.min(elapsedMs + passedMs * this.#leap.speed, this.#leap.untilElapsedMs)
  }

  async sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    const untilMs = this.monotonicMs() + durationMs
    do await this.#nap(untilMs - this.monotonicMs(), signal)
    while (this.monotonicMs() < untilMs)
  }

  /** One leap at a time. If aborted, it ends at the present time. */
  async leapTo(atMs: number, speed: number, signal?: AbortSignal): Promise<void> {
    if (this.#leap !== undefined) throw new Error('The clock is already in a leap.')
    const untilElapsedMs = atMs - this.#startAtMs
    if (untilElapsedMs <= this.monotonicMs()) return
    this.#change({ speed, untilElapsedMs })
    try {
      // If a timer fires a little early, wait again. If it is late, time stays at the target.
      do await this.#base.sleep((untilElapsedMs - this.monotonicMs()) / speed, signal)
      while (this.monotonicMs() < untilElapsedMs)
    } finally {
      this.#change(undefined)
    }
  }

  /** Time stands still until this work is done; sleepers sleep on. */
  async standStillDuring(work: () => Promise<void>): Promise<void> {
    if (this.#leap !== undefined) throw new Error('The clock is in a leap.')
    this.#change({ speed: 0, untilElapsedMs: this.monotonicMs() })
    try {
      await work()
    } finally {
      this.#change(undefined)
    }
  }

  #change(leap: { speed: number; untilElapsedMs: number } | undefined): void {
    this.#anchor = { elapsedMs: this.monotonicMs(), baseMs: this.#base.monotonicMs() }
    this.#leap = leap
    for (const nap of this.#naps) nap.abort()
  }

  /** Sleeps as long as needed at the present speed. The caller then reads the time again. */
  async #nap(leftMs: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    const cut = new AbortController()
    const onAbort = () => cut.abort()
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#naps.add(cut)
    try {
      await this.#base.sleep(this.#realMs(leftMs), cut.signal)
    } catch (error) {
      if (!cut.signal.aborted) throw error
    } finally {
      this.#naps.delete(cut)
      signal?.removeEventListener('abort', onAbort)
    }
    signal?.throwIfAborted()
  }

  #realMs(leftMs: number): number {
    if (leftMs <= 0) return 0
    if (this.#leap === undefined) return leftMs
    if (this.#leap.speed === 0) return longNapMs
    return Math.max(leftMs / this.#leap.speed, leastNapInLeapMs)
  }
}

/** While time stands still; every change of speed wakes the sleepers anyway. */
const longNapMs = 60_000
/** A sleeper with short intervals would otherwise spin, because a minute passes in a few milliseconds. */
const leastNapInLeapMs = 20
