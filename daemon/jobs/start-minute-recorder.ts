import { AppError } from '#core/base/errors/app-error'
import { minuteMs } from '#core/base/time/units'
import { MinuteRecorder, type MinuteRecorderDeps, type MinuteRecorderOptions } from './minute-recorder.ts'

/** After the full minute: late enough for a liquid market to have opened the next candle, which settles the last. */
const tickOffsetMs = 4_000

export interface RunningRecorder {
  readonly recorder: MinuteRecorder
  /** Rejects on a bug only; an outage or a full disk is logged and tried again. */
  readonly finished: Promise<void>
  stop(): Promise<void>
}

/** A tick at once, then one after each full minute. */
export function startMinuteRecorder(deps: MinuteRecorderDeps, options: MinuteRecorderOptions): RunningRecorder {
  const recorder = new MinuteRecorder(deps, options)
  const stopped = new AbortController()
  const finished = runTicks(recorder, deps, stopped.signal)
  return {
    recorder,
    finished,
    stop: async () => {
      stopped.abort()
      await finished
    },
  }
}

async function runTicks(
  recorder: MinuteRecorder,
  { clock, log }: MinuteRecorderDeps,
  signal: AbortSignal,
): Promise<void> {
  let scheduledAtMs = clock.nowMs()
  while (!signal.aborted) {
    try {
      await recorder.tick(scheduledAtMs, signal)
    } catch (err) {
      if (signal.aborted) return
      if (!(err instanceof AppError)) throw err
      log.error({ event: 'minutes.tick_failed', err }, 'Minutes could not be stored; they are asked for again')
    }
    // From the present time and not from the last tick: after a stall the ticks of the past are not made up for.
    const nowMs = clock.nowMs()
    scheduledAtMs = Math.floor((nowMs - tickOffsetMs) / minuteMs + 1) * minuteMs + tickOffsetMs
    await clock.sleep(scheduledAtMs - nowMs, signal).catch(() => undefined)
  }
}
