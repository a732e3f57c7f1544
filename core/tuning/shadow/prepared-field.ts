import type { PromptScoreRule } from '#core/synth/regimes/regime'
import { isInWindow } from '#core/synth/scoring/average-window'
import { type RewardRow, weighScores } from '#core/synth/scoring/moving-average'
import { missedScore, scorePrompt } from '#core/synth/scoring/prompt-scores'
import { type FieldPrompt, startMsOf } from './field.ts'
import { minerIdAt, ourMinerId, type UidRegistrations, uidOfMiner } from './hands.ts'

/** What a scored prompt counts that the journal does not hold: nothing, for all miners, or a miss of ours. */
export type UnrecordedRule = 'skip' | 'miss'

export interface OwnScores {
  /** From here on we answer: a missing prompt after it is a miss, one before it is filled as for any newcomer. */
  readonly joinedAtMs: number
  /** Null: an answer that counts as none. Undefined: not recorded, and so not known. */
  find(prompt: FieldPrompt): number | null | undefined
  /** A prompt since then that is not recorded: left out for all miners, or counted as a miss of ours. */
  readonly unrecorded: UnrecordedRule
}

/**
 * The prompts of a competition, each scored once for all miners. The validator's updates come every few minutes and count
 * the same prompts again, so that a series of them needs the prompt scores in arrays.
 */
export interface PreparedField {
  readonly prompts: readonly PreparedPrompt[]
  /** Ascending; the prompts name miners by their place in it. */
  readonly minerIds: readonly number[]
  readonly registrations: UidRegistrations | undefined
}

export interface PreparedPrompt {
  readonly asset: string
  readonly scoredAtMs: number
  /** Of our answer; `none` without us. An unrecorded prompt counts for nobody. */
  readonly ours: 'answered' | 'missed' | 'backfilled' | 'unrecorded' | 'none'
  /** Empty: no miner has a valid score. */
  readonly miners: Int32Array
  readonly scores: Float64Array
  /** What newcomers are filled back with. */
  readonly worst: number
}

export function prepareField(
  prompts: readonly FieldPrompt[],
  own: OwnScores | undefined,
  rules: {
    readonly promptScoreRule: (prompt: FieldPrompt) => PromptScoreRule
    /** Undefined: each uid is treated as one miner. */
    readonly registrations?: UidRegistrations | undefined
  },
): PreparedField {
  const { registrations } = rules
  const idsOf = prompts.map((prompt) =>
    prompt.miners.map(({ uid }) => minerIdAt(registrations, uid, startMsOf(prompt))),
  )
  const known = new Set(idsOf.flat())
  if (own !== undefined) known.add(ourMinerId)
  const minerIds = [...known].sort((a, b) => a - b)
  const placeOf = new Map(minerIds.map((minerId, place) => [minerId, place]))
  const prepared = prompts.map((prompt, i): PreparedPrompt => {
    const { asset, scoredAtMs } = prompt
    const ours = own === undefined ? 'none' : judgeOurs(own, prompt)
    const empty = { asset, scoredAtMs, ours, miners: new Int32Array(0), scores: new Float64Array(0), worst: Number.NaN }
    if (ours === 'unrecorded') return empty
    const raw = prompt.miners.map(({ crps }) => crps)
    const ids = [...idsOf[i]!]
    if (ours === 'answered' || ours === 'missed') {
      raw.push(own?.find(prompt) ?? missedScore)
      ids.push(ourMinerId)
    }
    const scored = scorePrompt(raw, rules.promptScoreRule(prompt))
    if (scored === null) return empty
    const { promptScores, percentile, lowestScore } = scored
    return {
      ...{ asset, scoredAtMs, ours, worst: percentile - lowestScore },
      miners: Int32Array.from(ids, (id) => placeOf.get(id)!),
      scores: Float64Array.from(promptScores),
    }
  })
  return { prompts: prepared, minerIds, registrations }
}

function judgeOurs({ joinedAtMs, find, unrecorded }: OwnScores, prompt: FieldPrompt): PreparedPrompt['ours'] {
  if (prompt.scoredAtMs < joinedAtMs) return 'backfilled'
  const crps = find(prompt)
  if (crps === undefined && unrecorded === 'skip') return 'unrecorded'
  return crps === undefined || crps === null ? 'missed' : 'answered'
}

/** The rules of one competition at one update. */
export interface UpdateRules {
  readonly label: string
  readonly windowDays: number
  readonly newestRowLagSeconds: number
  readonly beta: number
  /** Share of the emission that this competition pays. */
  readonly coefficient: number
  readonly coefficientOf: (asset: string) => number
}

export interface FieldWeights {
  readonly counted: readonly PreparedPrompt[]
  /** Null where nothing is to be weighed. */
  readonly rows: readonly RewardRow[] | null
}

/** `weighCompetition` (core/synth/scoring/moving-average.ts) over one window, to the same bits, without a row per score. */
export function weighField(field: PreparedField, rules: UpdateRules, updateAtMs: number): FieldWeights {
  const { minerIds, registrations } = field
  const window = { updateAtMs, windowDays: rules.windowDays, newestRowLagSeconds: rules.newestRowLagSeconds }
  const counted = field.prompts.filter(({ scoredAtMs }) => isInWindow(scoredAtMs, window))
  const scored = counted.filter(({ miners }) => miners.length > 0)
  const firstAtMs = new Float64Array(minerIds.length).fill(Number.POSITIVE_INFINITY)
  for (const { miners, scoredAtMs } of scored) {
    for (let i = 0; i < miners.length; i += 1) {
      if (scoredAtMs < firstAtMs[miners[i]!]!) firstAtMs[miners[i]!] = scoredAtMs
    }
  }
  const weights = new KahanSums(minerIds.length)
  const scores = new KahanSums(minerIds.length)
  forEachTerm(scored, firstAtMs, rules, (miner, _, coefficient) => weights.add(miner, coefficient))
  forEachTerm(scored, firstAtMs, rules, (miner, score, coefficient) =>
    scores.add(miner, (score * coefficient) / weights.totals[miner]!),
  )
  const miners = minerIds.flatMap((minerId, place) =>
    firstAtMs[place] === Number.POSITIVE_INFINITY
      ? []
      : [
          {
            minerId,
            minerUid: uidOfMiner(registrations, minerId, updateAtMs),
            smoothedScore: scores.isUsed[place] === 1 ? scores.totals[place]! : Number.POSITIVE_INFINITY,
          },
        ],
  )
  return { counted, rows: weighScores(miners, { ...rules, competition: rules.label }) }
}

/** Every score and every fill of a newcomer, each miner's in the order of time. Unknown scores count for nothing. */
function forEachTerm(
  prompts: readonly PreparedPrompt[],
  firstAtMs: Float64Array,
  { coefficientOf }: UpdateRules,
  take: (miner: number, score: number, coefficient: number) => void,
): void {
  let lastAtMs = Number.NaN
  for (const { asset, scoredAtMs, miners, scores, worst } of prompts) {
    const coefficient = coefficientOf(asset)
    for (let i = 0; i < miners.length; i += 1) {
      if (!Number.isNaN(scores[i]!)) take(miners[i]!, scores[i]!, coefficient)
    }
    // The first prompt of a time decides for all that end then.
    const isFirst = scoredAtMs !== lastAtMs
    lastAtMs = scoredAtMs
    if (!isFirst || Number.isNaN(worst)) continue
    for (let miner = 0; miner < firstAtMs.length; miner += 1) {
      const first = firstAtMs[miner]!
      if (first > scoredAtMs && first !== Number.POSITIVE_INFINITY) take(miner, worst, coefficient)
    }
  }
}

/** KahanSum (core/synth/scoring/kahan.ts), one per miner. */
class KahanSums {
  readonly totals: Float64Array
  readonly isUsed: Uint8Array
  readonly #compensations: Float64Array

  constructor(count: number) {
    this.totals = new Float64Array(count)
    this.isUsed = new Uint8Array(count)
    this.#compensations = new Float64Array(count)
  }

  add(place: number, value: number): void {
    const sum = this.totals[place]!
    const corrected = value - this.#compensations[place]!
    const next = sum + corrected
    const lost = next - sum - corrected
    this.#compensations[place] = Number.isNaN(lost) ? 0 : lost
    this.totals[place] = next
    this.isUsed[place] = 1
  }
}
