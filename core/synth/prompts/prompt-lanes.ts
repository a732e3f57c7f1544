import type { PromptLane, PromptProfile } from '../regimes/regime.ts'
import { nextAsset, nextCycleDelaySeconds, nextWholeMinute, predictionStart } from './cadence.ts'

export interface DuePrompt {
  /** The process of the validator that asks; each has its own nonce lane. */
  readonly lane: number
  readonly asset: string
  readonly startAtSeconds: number
  readonly timeLengthSeconds: number
  readonly stepSeconds: number
  readonly pathCount: number
}

interface Lane {
  readonly profile: PromptProfile
  readonly rule: PromptLane
  lastAsset: string | null
  nextAtSeconds: number
}

/** Every process of one validator under the rules of a time: which one asks next, and for what. */
export class PromptLanes {
  readonly #lanes: readonly Lane[]

  constructor(profiles: readonly PromptProfile[], nowSeconds: number) {
    this.#lanes = profiles.flatMap((profile) =>
      profile.lanes.map((rule) => ({ profile, rule, lastAsset: null, nextAtSeconds: firstRun(rule, nowSeconds) })),
    )
  }

  /** The time of the next request. */
  get nextAtSeconds(): number {
    return Math.min(...this.#lanes.map((lane) => lane.nextAtSeconds))
  }

  /** As after a pause: each lane begins at its next time with the asset after its last one. */
  resume(nowSeconds: number): void {
    for (const lane of this.#lanes) lane.nextAtSeconds = firstRun(lane.rule, nowSeconds)
  }

  /** The requests that are due now; a lane that missed several turns takes one. */
  take(nowSeconds: number): DuePrompt[] {
    return this.#lanes.flatMap((lane, index) => {
      if (lane.nextAtSeconds > nowSeconds) return []
      const { profile, rule } = lane
      const asset = nextAsset(lane.lastAsset, rule.assets)
      lane.lastAsset = asset
      lane.nextAtSeconds = nowSeconds + secondsToNext(rule, nowSeconds)
      const { timeLengthSeconds, timeIncrementSeconds: stepSeconds, pathCount } = profile
      const startAtSeconds = predictionStart(nowSeconds, profile.extraSeconds)
      return [{ lane: index, asset, startAtSeconds, timeLengthSeconds, stepSeconds, pathCount }]
    })
  }
}

function firstRun(rule: PromptLane, nowSeconds: number): number {
  return rule.offsetMinutes === null ? nextWholeMinute(nowSeconds) : nextOnOffset(rule, nowSeconds)
}

function secondsToNext(rule: PromptLane, nowSeconds: number): number {
  if (rule.offsetMinutes !== null) return nextOnOffset(rule, nowSeconds) - nowSeconds
  return nextCycleDelaySeconds({ previousStart: nowSeconds, now: nowSeconds, intervalMinutes: intervalOf(rule) })
}

function nextOnOffset(rule: PromptLane, nowSeconds: number): number {
  const interval = Math.max(1, Math.round(intervalOf(rule)))
  const minute = nextWholeMinute(nowSeconds) / 60
  const behind = (((minute - (rule.offsetMinutes ?? 0)) % interval) + interval) % interval
  return (minute + (behind === 0 ? 0 : interval - behind)) * 60
}

/** If only bounds are known, the slower one: no miner is asked more often than the network may ask. */
function intervalOf({ intervalMinutes }: PromptLane): number {
  return typeof intervalMinutes === 'number' ? intervalMinutes : intervalMinutes.max
}
