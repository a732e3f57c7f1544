import { readCalibratedState, readEwmaState, type StateLimits, type StateProblem } from '#core/forecast/models/state'
import { AssetState } from '#core/forecast/models/states/asset-state'
import type { CalibratedSets } from '#core/forecast/models/states/calibrated-sets'
import { emptyMemories } from '#core/forecast/models/states/empty-state'
import { bootstrapCloses, EwmaTrack } from '#core/forecast/models/states/ewma-track'
import { MemoryTrack } from '#core/forecast/models/states/memory-track'
import type { StatePart, StoredState, StoredStateReading } from '#core/forecast/models/states/state-store'
import type { MinuteSeries } from '#core/market/minutes/minute-store'
import type { Horizon } from '#core/synth/prompts/horizon'

/** Why a part is rebuilt from stored minutes. */
export type RebuildReason =
  | StateProblem
  /** The row is not what was written. */
  | 'damaged'
  | 'missing'
  /** Stored before its first hours were complete: they are read again as a whole. */
  | 'bootstrapping'
  /** It was stored at another time than the rest: which minutes it lacks is not known. */
  | 'behind'
  /** Older minutes arrived after newer ones. */
  | 'lateMinutes'
  /** The asset is scored from another series now. */
  | 'otherSeries'

export interface StateRules {
  readonly lambda: number
  readonly sets: CalibratedSets
  readonly limits: StateLimits
}

export interface RestoredState {
  readonly state: AssetState
  /** Undefined when nothing could be used. */
  readonly series: MinuteSeries | undefined
  readonly closesStored: number
  readonly refused: ReadonlyMap<StatePart, RebuildReason>
}

/**
 * What was stored of one asset, part by part. A part that cannot be trusted begins empty and is listed with its reason.
 */
export function restoreState(asset: string, stored: readonly StoredStateReading[], rules: StateRules): RestoredState {
  const refused = new Map<StatePart, RebuildReason>()
  // All parts are written together: one that differs from the newest was left behind.
  const newest = stored
    .filter((row) => row.isIntact)
    .reduce<StoredState | undefined>(
      (best, row) => (best === undefined || row.seenToMs > best.seenToMs ? row : best),
      undefined,
    )
  const ewma = restorePart('ewma', (row) => restoreEwma(asset, row, rules))
  const memories: [Horizon, MemoryTrack][] = emptyMemories(asset, rules.sets).map(([horizon, empty]) => [
    horizon,
    restorePart(horizon, (row) => restoreMemory(row, empty, rules.limits)) ?? empty,
  ])
  const parts: readonly StatePart[] = ['ewma', ...memories.map(([horizon]) => horizon)]
  const isUsable = newest !== undefined && parts.some((part) => !refused.has(part))
  return {
    state: new AssetState(ewma ?? new EwmaTrack(asset, rules.lambda), memories, isUsable ? newest.seenToMs : undefined),
    series: isUsable ? newest.series : undefined,
    closesStored: isUsable ? newest.closesStored : 0,
    refused,
  }

  function restorePart<Track extends object>(
    part: StatePart,
    read: (row: StoredState) => Track | RebuildReason,
  ): Track | undefined {
    const row = stored.find((candidate) => candidate.part === part)
    const track = row === undefined ? 'missing' : !row.isIntact ? 'damaged' : isBehind(row) ? 'behind' : read(row)
    if (typeof track !== 'string') return track
    refused.set(part, track)
    return undefined
  }

  function isBehind(row: StoredState): boolean {
    return row.seenToMs !== newest?.seenToMs || row.closesStored !== newest.closesStored
  }
}

function restoreEwma(asset: string, row: StoredState, { lambda, limits }: StateRules): EwmaTrack | RebuildReason {
  const reading = readEwmaState(row.text, limits)
  if (!reading.ok) return reading.reason
  if (row.closesTaken < bootstrapCloses(asset)) return 'bootstrapping'
  return new EwmaTrack(asset, lambda, { state: reading.state, closesTaken: row.closesTaken })
}

function restoreMemory(row: StoredState, { set }: MemoryTrack, limits: StateLimits): MemoryTrack | RebuildReason {
  const expected = { parametersHash: set.hash, scaleCount: set.parameters.model.halfLivesSteps.length }
  const reading = readCalibratedState(row.text, expected, limits)
  return reading.ok ? new MemoryTrack(set, reading.state) : reading.reason
}
