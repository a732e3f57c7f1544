import type { Clock } from '#core/base/time/clock'
import { minuteMs } from '#core/base/time/units'
import type { OnnxShelf } from '#core/forecast/models/onnx/onnx-shelf'

/** Checks all models, then each minute those again that are other processes and did not answer. */
export function keepAsking(shelf: Pick<OnnxShelf, 'load' | 'askAgain'>, clock: Clock) {
  const stopping = new AbortController()
  const { signal } = stopping
  const work = async (): Promise<void> => {
    await shelf.load()
    while (!signal.aborted) {
      await clock.sleep(minuteMs, signal).catch(() => {})
      if (!signal.aborted) await shelf.askAgain()
    }
  }
  const finished = work()
  return {
    finished,
    // A check in progress ends when the runtime stops.
    stop: () => stopping.abort(),
  }
}
