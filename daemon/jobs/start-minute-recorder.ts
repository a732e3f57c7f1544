import { AppError } from '#core/base/errors/app-error'
import { type MinuteTicks, startMinuteTicks } from '#core/base/time/minute-ticks'
import { MinuteRecorder, type MinuteRecorderDeps, type MinuteRecorderOptions } from './minute-recorder.ts'

/**
 * After the full minute: late enough for a liquid market to have opened the next candle, which makes the last one
 * final.
 */
const offsetMs = 4_000

/** `finished` rejects on a bug only; an outage or a full disk is logged and tried again. */
export interface RunningRecorder extends MinuteTicks {
  readonly recorder: MinuteRecorder
}

/** A tick at once, then one after each full minute. */
export function startMinuteRecorder(deps: MinuteRecorderDeps, options: MinuteRecorderOptions): RunningRecorder {
  const { clock, log } = deps
  const recorder = new MinuteRecorder(deps, options)
  const ticks = startMinuteTicks(clock, { offsetMs, isFirstAtOnce: true }, async (scheduledAtMs, signal) => {
    try {
      await recorder.tick(scheduledAtMs, signal)
    } catch (err) {
      if (signal.aborted) return
      if (!(err instanceof AppError)) throw err
      log.error({ event: 'minutes.tick_failed', err }, 'Minutes could not be stored; they will be requested again')
    }
  })
  return { recorder, ...ticks }
}
