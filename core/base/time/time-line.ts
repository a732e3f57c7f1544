/** A time of day, and the monotonic time at which it was so. */
export interface TimeLine {
  readonly wallMs: number
  readonly monotonicMs: number
}

/** What time it is then, if no more than the monotonic time has passed. */
export function lineAt(line: TimeLine, monotonicMs: number): number {
  return Math.round(line.wallMs + (monotonicMs - line.monotonicMs))
}
