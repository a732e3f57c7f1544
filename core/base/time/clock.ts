/** The only way to learn the time. `nowMs` is for records, `monotonicMs` for durations. */
export interface Clock {
  nowMs(): number
  monotonicMs(): number
  /** Resolves after the duration; rejects with the signal's reason when it is aborted first. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>
}
