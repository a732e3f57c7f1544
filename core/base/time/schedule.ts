/** Calls back at the times that a cron expression names. */
export interface Schedule {
  /** `tick` gets the scheduled time, not the time of the call. It must not throw. Stops when asked to. */
  every(expression: string, tick: (scheduledAtMs: number) => void): { stop(): void }
}

/** When a cron was last due, not later than `nowMs`. */
export interface DueTimes {
  lastDueMs(expression: string, nowMs: number): number | undefined
}
