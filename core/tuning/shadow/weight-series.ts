import { isInWindow } from '#core/synth/scoring/average-window'
import { weighScores } from '#core/synth/scoring/moving-average'
import { uidOfMiner } from './hands.ts'
import type { PreparedField, PreparedPrompt, UpdateRules } from './prepared-field.ts'
import { RangeSums } from './range-sums.ts'
import { type SimulatedWeight, summariseUpdate } from './simulate-weights.ts'

/**
 * `simulateUpdate` for many updates of one field: a series of ten days has ten thousand, and each counts half a million
 * scores. The sums of a window are put together from sums of blocks, so that smoothed scores differ from the
 * validator's in the last digits; `tuner shadow verify` compares with weights to the bit.
 */
export class WeightSeries {
  readonly #field: PreparedField
  readonly #scored: readonly PreparedPrompt[]
  readonly #assets: readonly string[]
  /** For each scored prompt, the first that ended at the same time. */
  readonly #firstOfTime: Int32Array
  readonly #appearances: readonly Appearances[]
  #sums: { readonly key: string; readonly own: readonly Sums[]; readonly fill: Sums } | undefined

  constructor(field: PreparedField) {
    this.#field = field
    this.#scored = field.prompts.filter(({ miners }) => miners.length > 0)
    this.#assets = [...new Set(this.#scored.map(({ asset }) => asset))]
    this.#firstOfTime = new Int32Array(this.#scored.length)
    for (const [i, { scoredAtMs }] of this.#scored.entries()) {
      const isSame = i > 0 && this.#scored[i - 1]!.scoredAtMs === scoredAtMs
      this.#firstOfTime[i] = isSame ? this.#firstOfTime[i - 1]! : i
    }
    this.#appearances = findAppearances(this.#scored, field.minerIds.length)
  }

  at(rules: UpdateRules, updateAtMs: number): SimulatedWeight | null {
    const { prompts, minerIds, registrations } = this.#field
    const [from, to] = windowOf(this.#scored, rules, updateAtMs)
    const { own, fill } = this.#sumsFor(rules)
    const miners = minerIds.flatMap((minerId, place) => {
      const { at } = this.#appearances[place]!
      const first = lowerBound(at, from)
      const end = lowerBound(at, to)
      if (first === end) return []
      // Before it came, a newcomer is filled back with one prompt of each time.
      const filledTo = this.#firstOfTime[at[first]!]!
      const weight = own[place]!.weights.sum(first, end) + fill.weights.sum(from, filledTo)
      const score = own[place]!.scores.sum(first, end) + fill.scores.sum(from, filledTo)
      const isUsed = own[place]!.counts.sum(first, end) + fill.counts.sum(from, filledTo) > 0
      const smoothedScore = isUsed ? score / weight : Number.POSITIVE_INFINITY
      return [{ minerId, minerUid: uidOfMiner(registrations, minerId, updateAtMs), smoothedScore }]
    })
    const rows = weighScores(miners, { ...rules, competition: rules.label })
    if (rows === null) return null
    const [allFrom, allTo] = windowOf(prompts, rules, updateAtMs)
    return summariseUpdate(prompts.slice(allFrom, allTo), rows, updateAtMs)
  }

  /** They change with the coefficients of the assets only. */
  #sumsFor({ coefficientOf }: UpdateRules) {
    const key = this.#assets.map(coefficientOf).join()
    if (this.#sums?.key === key) return this.#sums
    const coefficients = this.#scored.map(({ asset }) => coefficientOf(asset))
    const own = this.#appearances.map(
      ({ at, scores }) =>
        new Sums(
          scores,
          Float64Array.from(at, (i) => coefficients[i]!),
        ),
    )
    const worst = Float64Array.from(this.#scored, (prompt, i) =>
      this.#firstOfTime[i] === i ? prompt.worst : Number.NaN,
    )
    const fill = new Sums(worst, Float64Array.from(coefficients))
    this.#sums = { key, own, fill }
    return this.#sums
  }
}

/** The scored prompts in which a miner is, and its scores there; NaN: not known, and counted for nothing. */
interface Appearances {
  readonly at: Int32Array
  readonly scores: Float64Array
}

function findAppearances(scored: readonly PreparedPrompt[], minerCount: number): Appearances[] {
  const counts = new Int32Array(minerCount)
  for (const { miners } of scored) for (const place of miners) counts[place]! += 1
  const found = Array.from(counts, (count) => ({ at: new Int32Array(count), scores: new Float64Array(count) }))
  counts.fill(0)
  for (const [i, { miners, scores }] of scored.entries()) {
    for (const [k, place] of miners.entries()) {
      const { at, scores: own } = found[place]!
      at[counts[place]!] = i
      own[counts[place]!] = scores[k]!
      counts[place]! += 1
    }
  }
  return found
}

class Sums {
  readonly scores: RangeSums
  readonly weights: RangeSums
  readonly counts: RangeSums

  constructor(scores: Float64Array, coefficients: Float64Array) {
    const known = (value: (i: number) => number) => scores.map((score, i) => (Number.isNaN(score) ? 0 : value(i)))
    this.scores = new RangeSums(known((i) => scores[i]! * coefficients[i]!))
    this.weights = new RangeSums(known((i) => coefficients[i]!))
    this.counts = new RangeSums(known(() => 1))
  }
}

/** Of prompts in the order of time: those that the update counts lie together. */
function windowOf(
  prompts: readonly Pick<PreparedPrompt, 'scoredAtMs'>[],
  { windowDays, newestRowLagSeconds }: UpdateRules,
  updateAtMs: number,
): [from: number, to: number] {
  const window = { updateAtMs, windowDays, newestRowLagSeconds }
  const isAfterStart = ({ scoredAtMs }: Pick<PreparedPrompt, 'scoredAtMs'>) =>
    isInWindow(scoredAtMs, window) || scoredAtMs >= updateAtMs - newestRowLagSeconds * 1000
  const from = firstWhere(prompts.length, (i) => isAfterStart(prompts[i]!))
  const to = firstWhere(prompts.length, (i) => isAfterStart(prompts[i]!) && !isInWindow(prompts[i]!.scoredAtMs, window))
  return [from, to]
}

function lowerBound(sorted: Int32Array, value: number): number {
  return firstWhere(sorted.length, (i) => sorted[i]! >= value)
}

/** The first index from which on it holds. */
function firstWhere(length: number, holds: (i: number) => boolean): number {
  let [low, high] = [0, length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
