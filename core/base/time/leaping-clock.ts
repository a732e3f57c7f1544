import type { Clock } from './clock.ts'

/**
 * Another clock's pace from an instant of one's own on, and on demand a leap: time then runs so many times faster until
 * it stands exactly at the target. Sleepers are woken in the leap as their time comes, so that whatever lives in this
 * clock does its minutes' work on the way. While nobody leaps, everything takes as long as it does in life.
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

  /** One leap at a time. Aborted, it ends where it is. */
  async leapTo(atMs: number, speed: number, signal?: AbortSignal): Promise<void> {
    if (this.#leap !== undefined) throw new Error('The clock is leaping already.')
    const untilElapsedMs = atMs - this.#startAtMs
    if (untilElapsedMs <= this.monotonicMs()) return
    this.#change({ speed, untilElapsedMs })
    try {
      // A timer that fires a little early is waited for again; while it is late, time stands at the target.
      do await this.#base.sleep((untilElapsedMs - this.monotonicMs()) / speed, signal)
      while (this.monotonicMs() < untilElapsedMs)
    } finally {
      this.#change(undefined)
    }
  }

  #change(leap: { speed: number; untilElapsedMs: number } | undefined): void {
    this.#anchor = { elapsedMs: this.monotonicMs(), baseMs: this.#base.monotonicMs() }
    this.#leap = leap
    for (const nap of this.#naps) nap.abort()
  }

  /** Sleeps as long as it would take at the present pace; whoever called looks at the time anew. */
  async #nap(leftMs: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    const cut = new AbortController()
    const onAbort = () => cut.abort()
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#naps.add(cut)
    const shareMs = this.#leap === undefined ? leftMs : Math.max(leftMs / this.#leap.speed, leastNapInLeapMs)
    try {
      await this.#base.sleep(Math.max(0, shareMs), cut.signal)
    } catch (error) {
      if (!cut.signal.aborted) throw error
    } finally {
      this.#naps.delete(cut)
      signal?.removeEventListener('abort', onAbort)
    }
    signal?.throwIfAborted()
  }
}

/** Whoever wakes every second would otherwise spin while a minute passes in a few milliseconds. */
const leastNapInLeapMs = 20
