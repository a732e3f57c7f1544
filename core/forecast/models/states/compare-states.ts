import { type CalibratedState, calibratedStateVersion } from '../calibrated-memory.ts'
import { type EwmaState, ewmaStateVersion } from '../ewma-state.ts'
import type { StatePart, StoredStateReading } from './state-store.ts'

/** One part as it was stored and as the stored minutes give it. */
export interface StateComparison {
  readonly asset: string
  readonly part: StatePart
  /** `differs`: by more than the threshold. `new`: nothing is stored of it. `removed`: it is not recorded any more. */
  readonly verdict: 'same' | 'differs' | 'new' | 'removed' | 'damaged'
  /** The last minute that the stored state has read; null where nothing is stored. */
  readonly seenToMs: number | null
  /** Largest difference of a number of the stored state from the same number made again of the minutes up to then. */
  readonly difference: number | null
  /** How far the newest minutes have moved it since. */
  readonly movedSince: number | null
  readonly stored: Level | null
  readonly live: Level | null
}

/** Size of a typical move, in basis points per step of the part: a minute for `ewma` and 1h, five for 24h. */
type Level = number

export interface RebuiltAsset {
  /** The parts as of the stored minute, and as of the newest one; a part that has read nothing is absent. */
  at(seenToMs: number): ReadonlyMap<StatePart, EwmaState | CalibratedState>
  newest(): ReadonlyMap<StatePart, EwmaState | CalibratedState>
}

/** Live against stored, part by part. `rebuild` is asked once for each recorded asset. */
export function compareStates(
  stored: readonly StoredStateReading[],
  recorded: readonly string[],
  rebuild: (asset: string) => RebuiltAsset,
  threshold: number,
): readonly StateComparison[] {
  const nothing = { seenToMs: null, difference: null, movedSince: null, stored: null, live: null }
  const comparisons = recorded.flatMap((asset) => {
    const rebuilt = rebuild(asset)
    const newest = rebuilt.newest()
    const own = stored.filter((row) => assetOf(row) === asset)
    const known = own.map((row): StateComparison => {
      const { part } = row
      const now = newest.get(part)
      const live = now === undefined ? null : levelOf(now)
      const state = row.isIntact ? parse(row.text) : undefined
      if (!row.isIntact || state === undefined) return { ...nothing, asset, part, verdict: 'damaged', live }
      const { seenToMs } = row
      const then = rebuilt.at(seenToMs).get(part)
      const difference = then === undefined ? Number.POSITIVE_INFINITY : differenceOf(state, then)
      const movedSince = now === undefined || live === null ? null : Math.abs(live / levelOf(state) - 1)
      const verdict = difference > threshold ? 'differs' : 'same'
      const shown = Number.isFinite(difference) ? difference : null
      return { asset, part, verdict, seenToMs, difference: shown, movedSince, stored: levelOf(state), live }
    })
    const fresh = [...newest]
      .filter(([part]) => !own.some((row) => row.part === part))
      .map(([part, state]): StateComparison => ({ ...nothing, asset, part, verdict: 'new', live: levelOf(state) }))
    return [...known, ...fresh]
  })
  const gone = stored
    .filter((row) => !recorded.includes(assetOf(row)))
    .map((row): StateComparison => {
      const state = row.isIntact ? parse(row.text) : undefined
      const base = { ...nothing, asset: assetOf(row), part: row.part, verdict: 'removed' as const }
      if (!row.isIntact || state === undefined) return base
      return { ...base, seenToMs: row.seenToMs, stored: levelOf(state) }
    })
  return [...comparisons, ...gone]
}

function assetOf(row: StoredStateReading): string {
  return row.isIntact ? row.series.asset : row.asset
}

/** What was written by `encodeState` and is intact; undefined for a version that this release does not read. */
function parse(text: string): EwmaState | CalibratedState | undefined {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof content !== 'object' || content === null || !('version' in content)) return undefined
  if ('variance' in content) return content.version === ewmaStateVersion ? (content as EwmaState) : undefined
  return content.version === calibratedStateVersion ? (content as CalibratedState) : undefined
}

function isEwma(state: EwmaState | CalibratedState): state is EwmaState {
  return 'variance' in state
}

function levelOf(state: EwmaState | CalibratedState): Level {
  if (isEwma(state)) return Math.sqrt(state.variance) * 1e4
  // The slowest average: it is what the part holds longest.
  return ratio(state.sums, state.weights, state.sums.length - 1)
}

function differenceOf(a: EwmaState | CalibratedState, b: EwmaState | CalibratedState): number {
  if (isEwma(a) !== isEwma(b)) return Number.POSITIVE_INFINITY
  if (isEwma(a) && isEwma(b)) {
    if (a.lambda !== b.lambda || a.lastCloseAtMs !== b.lastCloseAtMs) return Number.POSITIVE_INFINITY
    return Math.max(apart(Math.sqrt(a.variance), Math.sqrt(b.variance)), apart(a.lastClose, b.lastClose))
  }
  const [one, other] = [a as CalibratedState, b as CalibratedState]
  if (one.parametersHash !== other.parametersHash || one.lastPriceAtMs !== other.lastPriceAtMs) {
    return Number.POSITIVE_INFINITY
  }
  const scales = one.sums.map((_, i) => apart(ratio(one.sums, one.weights, i), ratio(other.sums, other.weights, i)))
  return Math.max(apart(one.lastPrice, other.lastPrice), ...scales)
}

function ratio(sums: readonly number[], weights: readonly number[], i: number): number {
  return sums[i]! / Math.max(weights[i]!, Number.MIN_VALUE)
}

function apart(a: number, b: number): number {
  return a === b ? 0 : Math.abs(a / b - 1)
}
