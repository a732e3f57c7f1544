import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '#core/base/time/clock'

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (durationMs, signal) => delay(durationMs, undefined, signal === undefined ? {} : { signal }),
}

/** Keeps no process alive: for work that may as well be left undone. */
export function waitIdly(durationMs: number): Promise<void> {
  return delay(durationMs, undefined, { ref: false })
}
