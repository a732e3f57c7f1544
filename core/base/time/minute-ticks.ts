import type { Clock } from './clock.ts'
import { minuteMs } from './units.ts'

export interface MinuteTicksOptions {
  /** So long after each full minute. */
  readonly offsetMs?: number
  /** The first tick comes at the start, and not only after the next full minute. */
  readonly isFirstAtOnce?: boolean
}

export interface MinuteTicks {
  /** Rejects with what a tick throws: that ends the ticks. */
  readonly finished: Promise<void>
  /** Resolves when a tick that still runs has ended. */
  stop(): Promise<void>
}

/** A tick gets the time that it was scheduled for, and a signal that tells it to stop. */
export type MinuteTick = (scheduledAtMs: number, signal: AbortSignal) => void | Promise<void>

/** One tick after each full minute, until it is stopped. Ticks never overlap. */
export function startMinuteTicks(clock: Clock, options: MinuteTicksOptions, tick: MinuteTick): MinuteTicks {
  const stopped = new AbortController()
  const finished = runTicks(clock, options, tick, stopped.signal)
  return {
    finished,
    stop: async () => {
      stopped.abort()
      await finished
    },
  }
}

async function runTicks(
  clock: Clock,
  { offsetMs = 0, isFirstAtOnce = false }: MinuteTicksOptions,
  tick: MinuteTick,
  signal: AbortSignal,
): Promise<void> {
  if (isFirstAtOnce) await tick(clock.nowMs(), signal)
  for (;;) {
    // From the present time and not from the last tick: after a stall the ticks of the past are not made up for.
    const nowMs = clock.nowMs()
    const scheduledAtMs = Math.floor((nowMs - offsetMs) / minuteMs + 1) * minuteMs + offsetMs
    await clock.sleep(scheduledAtMs - nowMs, signal).catch(() => undefined)
    if (signal.aborted) return
    await tick(scheduledAtMs, signal)
  }
}
