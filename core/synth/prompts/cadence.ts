/**
 * When a validator asks, for which asset, and how long it waits: the schedule of one of its processes. Times are whole
 * seconds since the epoch unless a name says otherwise.
 */

/** Always later: 12:00:00 gives 12:01:00. */
export function nextWholeMinute(epochSeconds: number): number {
  return (Math.floor(epochSeconds / 60) + 1) * 60
}

/** Start of the predicted period of a request sent now: the next whole minute plus the profile's extra seconds. */
export function predictionStart(epochSeconds: number, extraSeconds: number): number {
  return nextWholeMinute(epochSeconds) + extraSeconds
}

/** Seconds until the answer must be complete, by wall clock; may be zero or less. Computed once, before signing. */
export function answerTimeoutSeconds(startAtMicros: number, nowAtMicros: number): number {
  return (startAtMicros - nowAtMicros) / 1_000_000
}

/** The asset after the last one, back to the first at the end; the first if there was none or it is not in the list. */
export function nextAsset(lastAsset: string | null, assets: readonly string[]): string {
  const first = assets[0]
  if (first === undefined) throw new RangeError('a profile without assets asks for nothing')
  const last = lastAsset === null ? -1 : assets.indexOf(lastAsset)
  return assets[last + 1] ?? first
}

export interface CycleTiming {
  /** Null on the first run. */
  readonly previousStart: number | null
  readonly now: number
  readonly intervalMinutes: number
}

/**
 * Seconds to wait before the next request of a process without a minute offset. A cycle that exceeds its slot waits for
 * the next whole minute; so a slow miner delays everybody.
 */
export function nextCycleDelaySeconds({ previousStart, now, intervalMinutes }: CycleTiming): number {
  const untilNextMinute = nextWholeMinute(now) - now
  if (previousStart === null) return untilNextMinute
  const delay = nextWholeMinute(previousStart) + (intervalMinutes - 1) * 60 - now
  return delay > 0 ? delay : untilNextMinute
}

/** The profile with prompts of this length, or null: nothing else on the wire tells profiles apart. */
export function profileOfLength<T extends { readonly timeLengthSeconds: number }>(
  profiles: readonly T[],
  timeLengthSeconds: number,
): T | null {
  return profiles.find((profile) => profile.timeLengthSeconds === timeLengthSeconds) ?? null
}
