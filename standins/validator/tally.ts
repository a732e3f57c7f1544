import { hourMs } from '#core/base/time/units'
import { type BadCall, type BadKind, badKinds } from './bad-calls.ts'
import type { SettledScores } from './judge-tasks.ts'
import type { RivalName } from './rival-forecasts.ts'

/** A prompt as people name it: `BTC 24h, 13:05`. */
export interface PromptName {
  readonly asset: string
  readonly startAtMs: number
  readonly timeLengthSeconds: number
}

export interface AssetScoreRow {
  readonly asset: string
  readonly timeLengthSeconds: number
  /** Scored prompts; all means of the row are over the same ones. */
  readonly prompts: number
  /** Mean scores, lower is better; null if a miner has no forecast of the asset. */
  readonly reference: number | null
  readonly seed: number | null
  readonly ours: number
  /** The miner's calibrated model where another one answers, otherwise undefined. */
  readonly calibrated?: number
}

export interface Stretch {
  readonly timeLengthSeconds: number
  readonly ours: readonly number[]
  readonly theirs: readonly number[]
}

export interface Trouble extends PromptName {
  readonly reason: string
}

export interface BadCount {
  readonly expected: BadCall['expected']
  readonly sent: number
  /** With the right code. */
  readonly refused: number
}

interface ScoredPrompt extends PromptName {
  readonly scores: SettledScores
}

/** By time and asset: scores come in the order in which answers arrived, and a sum of floats depends on the order. */
function byTime(a: ScoredPrompt, b: ScoredPrompt): number {
  return a.startAtMs - b.startAtMs || a.timeLengthSeconds - b.timeLengthSeconds || a.asset.localeCompare(b.asset)
}

const listedTroubles = 20

/** Everything that one validator saw: what it asked, how it was answered, and what the answers were worth. */
export class ValidatorTally {
  sent = 0
  answered = 0
  /** Honest prompts without an answer, and answers that the validator would not accept. */
  missed = 0
  invalid = 0
  unscored = 0
  readonly troubles: Trouble[] = []
  readonly badTroubles: string[] = []
  readonly #bad = new Map<BadKind, { expected: BadCall['expected']; sent: number; refused: number }>()
  readonly #latenciesMs: number[] = []
  readonly #scored: ScoredPrompt[] = []

  get scored(): number {
    return this.#scored.length
  }

  noteAnswered(durationMs: number): void {
    this.answered += 1
    this.#latenciesMs.push(durationMs)
  }

  noteMissed(prompt: PromptName, reason: string): void {
    this.missed += 1
    this.#list({ ...prompt, reason })
  }

  noteInvalid(prompt: PromptName, reason: string): void {
    this.invalid += 1
    this.#list({ ...prompt, reason })
  }

  /** Not the miner's fault: the market has a hole where the rules need a price. */
  noteUnscored(): void {
    this.unscored += 1
  }

  noteScored(prompt: PromptName, scores: SettledScores): void {
    this.#scored.push({ ...prompt, scores })
  }

  noteBad(kind: BadKind, expected: BadCall['expected'], got: string): void {
    const count = this.#bad.get(kind) ?? { expected, sent: 0, refused: 0 }
    count.sent += 1
    if (got === expected) count.refused += 1
    else this.badTroubles.push(`A request with fault "${kind}" got "${got}", not "${expected}".`)
    this.#bad.set(kind, count)
  }

  badCounts(): ReadonlyMap<BadKind, BadCount> {
    return new Map(badKinds.flatMap((kind) => (this.#bad.has(kind) ? [[kind, this.#bad.get(kind)!] as const] : [])))
  }

  /** The answer time that this share of answers does not exceed. */
  latencyMs(share: number): number | null {
    const sorted = this.#latenciesMs.toSorted((a, b) => a - b)
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null
  }

  /** By length and asset, in the order in which they were first scored, assets by name. */
  rows(): AssetScoreRow[] {
    const groups = new Map<string, ScoredPrompt[]>()
    for (const prompt of this.#inOrder()) {
      const key = `${String(prompt.timeLengthSeconds).padStart(9, '0')} ${prompt.asset}`
      groups.set(key, [...(groups.get(key) ?? []), prompt])
    }
    const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1))
    return sorted.map(([, prompts]) => rowOf(prompts[0]!.asset, prompts))
  }

  /** All assets of a length together, as far as every miner has a forecast of them. */
  totals(): AssetScoreRow[] {
    const lengths = [...new Set(this.#scored.map(({ timeLengthSeconds }) => timeLengthSeconds))].sort((a, b) => a - b)
    return lengths.map((length) => {
      const prompts = this.#inOrder().filter(({ timeLengthSeconds }) => timeLengthSeconds === length)
      const shared = prompts.filter(
        ({ scores }) => scores.rivals.reference !== undefined && scores.rivals.seed !== undefined,
      )
      return rowOf('all', shared.length === 0 ? prompts : shared)
    })
  }

  /**
   * Sums of scores by stretches of the market that have little in common: rounds, and whole days for prompts of a day.
   * Prompts of one stretch share their prices, so they are not so many independent proofs.
   */
  stretches(rival: RivalName = 'reference'): Stretch[] {
    const lengths = [...new Set(this.#scored.map(({ timeLengthSeconds }) => timeLengthSeconds))].sort((a, b) => a - b)
    return lengths.map((timeLengthSeconds) => {
      const stretchMs = Math.max(4 * hourMs, timeLengthSeconds * 1_000)
      const sums = new Map<number, { ours: number; theirs: number }>()
      for (const { scores, startAtMs, ...prompt } of this.#inOrder()) {
        const theirs = scores.rivals[rival]
        if (prompt.timeLengthSeconds !== timeLengthSeconds || theirs === undefined) continue
        const key = Math.floor(startAtMs / stretchMs)
        const sum = sums.get(key) ?? { ours: 0, theirs: 0 }
        sums.set(key, { ours: sum.ours + scores.ours, theirs: sum.theirs + theirs })
      }
      const all = [...sums.values()]
      return { timeLengthSeconds, ours: all.map(({ ours }) => ours), theirs: all.map(({ theirs }) => theirs) }
    })
  }

  #inOrder(): ScoredPrompt[] {
    return this.#scored.toSorted(byTime)
  }

  #list(trouble: Trouble): void {
    if (this.troubles.length < listedTroubles) this.troubles.push(trouble)
  }
}

function rowOf(asset: string, prompts: readonly ScoredPrompt[]): AssetScoreRow {
  const mean = (read: (scores: SettledScores) => number | undefined): number | null => {
    const values = prompts.map(({ scores }) => read(scores))
    if (values.some((value) => value === undefined)) return null
    return values.reduce<number>((sum, value) => sum + (value ?? 0), 0) / values.length
  }
  const calibrated = mean(({ rivals }) => rivals.calibrated)
  return {
    asset,
    timeLengthSeconds: prompts[0]!.timeLengthSeconds,
    prompts: prompts.length,
    reference: mean(({ rivals }) => rivals.reference),
    seed: mean(({ rivals }) => rivals.seed),
    ours: mean(({ ours }) => ours) ?? Number.NaN,
    ...(calibrated === null ? {} : { calibrated }),
  }
}
