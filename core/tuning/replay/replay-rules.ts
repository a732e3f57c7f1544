import { UsageError } from '#core/base/errors/app-error'
import type { RegimeBook } from '#core/synth/regimes/book'
import { instantBounds } from '#core/synth/regimes/instant'
import { expectedScoringAtMs, resolvePrediction } from '#core/synth/regimes/prediction'
import { predictionRuleOf } from '#core/synth/scoring/prediction-rule'
import type { PredictionRule } from '#core/synth/scoring/score-prediction'

export interface ReplayPrompt {
  readonly asset: string
  readonly startAtMs: number
  readonly timeLengthSeconds: number
}

export type ReplayRules =
  | { readonly ok: true; readonly regimeId: string; readonly competition: string; readonly rule: PredictionRule }
  /** There are no prompts of the asset at this length. `regimeId` of the date, if any rules of it are known. */
  | { readonly ok: false; readonly reason: string }

/**
 * The rules that each prompt was scored under, or those of the override. A decision is kept until an instant crosses
 * the bounds of a switch: a month of prompts needs a few decisions, not tens of thousands.
 */
export class ReplayRulesLookup {
  readonly #book: RegimeBook
  readonly #override: string | undefined
  readonly #boundsMs: readonly number[]
  readonly #known = new Map<string, ReplayRules>()

  constructor(book: RegimeBook, override?: string) {
    this.#book = book
    this.#override = override
    this.#boundsMs = boundsOf(book)
  }

  of(prompt: ReplayPrompt): ReplayRules {
    const { asset, startAtMs, timeLengthSeconds } = prompt
    const key = `${asset} ${timeLengthSeconds} ${this.#places(prompt).join(' ')}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const rules = this.#resolve({ asset, startAtMs, timeLengthSeconds })
    this.#known.set(key, rules)
    return rules
  }

  /** Undefined if no rules of the date have such a prompt. */
  regimeIdOf(prompt: ReplayPrompt): string | undefined {
    const rules = this.of(prompt)
    return rules.ok ? rules.regimeId : undefined
  }

  /** The bounds of the instants that the decision depends on. */
  #places(prompt: ReplayPrompt): number[] {
    const { startAtMs, timeLengthSeconds } = prompt
    const endAtMs = startAtMs + timeLengthSeconds * 1000
    const scoringAtMs = this.#scoringAtMs(prompt) ?? endAtMs
    return [startAtMs, endAtMs, scoringAtMs].map((atMs) => {
      let place = 0
      while (place < this.#boundsMs.length && this.#boundsMs[place]! <= atMs) place += 1
      return place
    })
  }

  #scoringAtMs(prompt: ReplayPrompt): number | undefined {
    try {
      return expectedScoringAtMs(this.#book, { ...prompt, regime: this.#override })
    } catch (error) {
      if (error instanceof UsageError) return undefined
      throw error
    }
  }

  #resolve(prompt: ReplayPrompt): ReplayRules {
    try {
      const rules = resolvePrediction(this.#book, { ...prompt, regime: this.#override })
      return {
        ok: true,
        regimeId: rules.scoring.decision.regimeId,
        competition: rules.scoring.competition.key,
        rule: predictionRuleOf(rules, 'increments'),
      }
    } catch (error) {
      if (error instanceof UsageError) return { ok: false, reason: error.message }
      throw error
    }
  }
}

function boundsOf(book: RegimeBook): readonly number[] {
  const switches = Object.values(book.timelines).flat()
  const ends = book.regimes
    .flatMap((regime) => Object.values(regime.priceSources))
    .flatMap(({ until }) => (until === null ? [] : [instantBounds(until)]))
  const bounds = [...switches, ...ends].flatMap(({ earliestMs, atMs, latestMs }) => [earliestMs, atMs, latestMs])
  return [...new Set(bounds)].sort((a, b) => a - b)
}
