import { dayMs } from '#core/base/time/units'
import type { PublishedReward } from '#core/market/venues/synth-api'
import type { RegimeBook } from '#core/synth/regimes/book'
import { coefficientOf } from '#core/synth/regimes/prediction'
import { resolveAverageRules } from '#core/synth/regimes/resolve'
import { type FieldPrompt, type FieldStore, type FieldWindow, inSavedOrder, missingWindows } from './field.ts'
import type { UidRegistrations } from './hands.ts'
import { prepareField, weighField } from './prepared-field.ts'
import { createRuleLookup } from './report.ts'

/** Our weights of one competition held against those that the validator published, update by update. */
export interface WeightVerification {
  readonly label: string
  /** Compared: the public scores of their whole windows are stored. */
  readonly updates: number
  readonly equalUpdates: number
  /** Published, but public scores of their windows are not stored. */
  readonly skipped: number
  readonly weights: number
  readonly equalWeights: number
  /** Of all weights; 0 without any. */
  readonly largestDifference: number
  readonly first: WeightDifference | undefined
}

export interface WeightDifference {
  readonly updatedAtMs: number
  readonly uid: number
  /** Undefined: the validator published none, or we have none. */
  readonly published: number | undefined
  readonly ours: number | undefined
  readonly publishedSmoothed: number | undefined
  readonly ourSmoothed: number | undefined
}

export interface VerifySources {
  readonly book: RegimeBook
  readonly store: Pick<FieldStore, 'read' | 'listWindows'>
  readonly registrations: UidRegistrations | undefined
}

/** Published numbers may be rounded, and the order of a sum over miners is not public. */
const mostRelative = 1e-6
const mostAbsolute = 1e-9

export function verifyWeights(
  { book, store, registrations }: VerifySources,
  label: string,
  rewards: readonly PublishedReward[],
  receivedAtMs: (prompt: FieldPrompt) => number | undefined,
): WeightVerification {
  const updates = new Map<number, Map<number, PublishedReward>>()
  for (const reward of rewards) {
    const rows = updates.get(reward.updatedAtMs) ?? new Map<number, PublishedReward>()
    updates.set(reward.updatedAtMs, rows.set(reward.minerUid, reward))
  }
  const times = [...updates.keys()].sort((a, b) => a - b)
  const last = times.at(-1)
  let [compared, equalUpdates, skipped, weights, equalWeights, largestDifference] = [0, 0, 0, 0, 0, 0]
  let first: WeightDifference | undefined
  const competition =
    last === undefined
      ? undefined
      : resolveAverageRules(book, { updateAtMs: last }).competitions.find((one) => one.label === label)
  if (last !== undefined && competition !== undefined) {
    const { assets, timeLengthSeconds, windowDays } = competition
    const reach = { fromMs: times[0]! - windowDays * dayMs, toMs: last }
    const kinds = assets.map((asset) => ({ asset, timeLengthSeconds }))
    const gaps = kinds.flatMap((kind) => missingWindows(store.listWindows(kind), reach))
    const { prompts } = inSavedOrder(
      kinds.flatMap((kind) => store.read(kind, reach)),
      receivedAtMs,
    )
    const field = prepareField(prompts, undefined, { promptScoreRule: createRuleLookup(book), registrations })
    for (const updateAtMs of times) {
      const rules = resolveAverageRules(book, { updateAtMs })
      const own = rules.competitions.find(({ key }) => key === competition.key)
      if (
        own === undefined ||
        gaps.some((gap) => touches(gap, updateAtMs, own.windowDays, rules.average.newestRowLagSeconds))
      ) {
        skipped += 1
        continue
      }
      const { rows } = weighField(
        field,
        {
          ...{ label, windowDays: own.windowDays, beta: own.beta },
          newestRowLagSeconds: rules.average.newestRowLagSeconds,
          coefficient: own.coefficient.numerator / own.coefficient.denominator,
          coefficientOf: (asset) => {
            const coefficient = coefficientOf(rules, asset)
            return coefficient === 'unknown' ? 0 : coefficient
          },
        },
        updateAtMs,
      )
      const ours = new Map((rows ?? []).map((row) => [row.minerUid, row]))
      const published = updates.get(updateAtMs)!
      const before = equalWeights
      const uids = [...new Set([...ours.keys(), ...published.keys()])].sort((a, b) => a - b)
      for (const uid of uids) {
        const [theirs, own] = [published.get(uid), ours.get(uid)]
        // A miner that the softmax left nothing has no row with us, and may have one of 0 with them.
        const difference = Math.abs((theirs?.rewardWeight ?? 0) - (own?.rewardWeight ?? 0))
        const size = Math.max(theirs?.rewardWeight ?? 0, own?.rewardWeight ?? 0)
        largestDifference = Math.max(largestDifference, difference)
        weights += 1
        if (difference <= Math.max(mostAbsolute, mostRelative * size)) equalWeights += 1
        else {
          first ??= {
            ...{ updatedAtMs: updateAtMs, uid, published: theirs?.rewardWeight, ours: own?.rewardWeight },
            ...{ publishedSmoothed: theirs?.smoothedScore, ourSmoothed: own?.smoothedScore },
          }
        }
      }
      compared += 1
      if (equalWeights - before === uids.length) equalUpdates += 1
    }
  }
  return { label, updates: compared, equalUpdates, skipped, weights, equalWeights, largestDifference, first }
}

/** Whether an update counts prompts that end in a gap. */
function touches(gap: FieldWindow, updateAtMs: number, windowDays: number, lagSeconds: number): boolean {
  return gap.fromMs < updateAtMs - lagSeconds * 1000 && gap.toMs > updateAtMs - windowDays * dayMs
}
