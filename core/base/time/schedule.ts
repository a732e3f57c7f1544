/** Calls back at the times of a cron expression. */
export interface Schedule {
  /** `tick` gets the scheduled time, not the time of the call. It must not throw. The schedule ends with the signal. */
  every(expression: string, tick: (scheduledAtMs: number) => void): { stop(): void }
}

/** The last time at which a cron was due, not later than `nowMs`. */
export interface DueTimes {
  lastDueMs(expression: string, nowMs: number): number | undefined
}
