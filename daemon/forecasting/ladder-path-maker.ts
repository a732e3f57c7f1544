import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import type { AppendOutcome, Journal } from '#core/forecast/journal/journal'
import type { PredictionRecord } from '#core/forecast/journal/prediction-record'
import { AnswerBudget, type BudgetRules } from '#core/forecast/ladder/answer-budget'
import type { ForecastLadder, LadderAnswer } from '#core/forecast/ladder/ladder'
import { makeRecord } from '#core/forecast/ladder/make-record'
import type { PathAnswer, PathMaker } from '#core/forecast/paths/path-maker'
import type { SpotPrice } from '#core/forecast/paths/spot-price'
import { largestStartPrice, leastStartPrice } from '#core/forecast/paths/write-prices'
import type { NextPrompts } from '#core/synth/prompts/next-prompts'
import type { Prompt } from '#core/synth/prompts/prompt'
import type { PromptSeeds } from './prompt-seeds.ts'

export interface LadderPathMakerDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly spot: SpotPrice
  readonly ladder: ForecastLadder
  readonly seeds: PromptSeeds
  /** SHA-256 in hex. */
  readonly hashText: (text: string) => string
  /** None: nothing is recorded. */
  readonly journal?: Journal
  /** Learns when to expect the next prompt. */
  readonly nextPrompts?: NextPrompts
  /** Told of every answer, and of every prompt that got none. */
  readonly onOutcome?: (outcome: LadderAnswer | undefined) => void
}

export interface LadderPathMakerRules extends BudgetRules {
  /** Longest wait for the record of an answer to be on disk. */
  readonly journalWaitMs: number
}

/** One prompt from its price to its recorded answer, each stage within its share of the time that is left. */
export class LadderPathMaker implements PathMaker {
  readonly #deps: LadderPathMakerDeps
  readonly #rules: LadderPathMakerRules

  constructor(deps: LadderPathMakerDeps, rules: LadderPathMakerRules) {
    this.#deps = deps
    this.#rules = rules
  }

  async makePaths(prompt: Prompt): Promise<PathAnswer> {
    const { clock, ladder, nextPrompts, seeds, spot, onOutcome } = this.#deps
    const receivedAtMs = clock.nowMs()
    const budget = new AnswerBudget(clock, this.#rules, prompt.startAtSeconds * 1_000)
    nextPrompts?.observe(prompt, receivedAtMs)
    const price = spot.spotPrice(prompt.asset)
    if (!price.ok) return { ok: false, reason: 'priceUnavailable', detail: price.reason }
    const { priceUsd: startPriceUsd, publishedAtMs, venue } = price
    if (!(startPriceUsd >= leastStartPrice && startPriceUsd <= largestStartPrice)) {
      const detail = `paths start from ${leastStartPrice} to ${largestStartPrice}, not from ${startPriceUsd}`
      return { ok: false, reason: 'failed', detail }
    }
    const answer = await ladder.climb({ prompt, startPriceUsd, seed: seeds.seedOf(prompt) }, budget)
    onOutcome?.(answer.ok ? answer : undefined)
    if (!answer.ok) {
      const detail = answer.falls.map(({ model, kind, detail }) => `${model} ${kind}: ${detail}`).join('; ')
      return { ok: false, reason: 'failed', detail }
    }
    const record = makeRecord(
      answer,
      {
        prompt,
        receivedAtMs,
        madeAtMs: clock.nowMs(),
        price: { usd: startPriceUsd, publishedAtMs, venue },
        stageMs: budget.spent(),
      },
      this.#deps.hashText,
    )
    const isDone = await this.#keep(record, answer.ensemble.outputJson, budget)
    if (budget.leftMs() < 0) this.#sayLate(record, budget)
    const { outputJson, deflated, release } = answer.ensemble
    const facts = factsOf(record, answer, budget)
    return { ok: true, outputJson, deflated, facts, ...(isDone && release !== undefined ? { release } : {}) }
  }

  /**
   * An answer is worth more than its record, and what was not kept is said aloud. Answers whether the journal is done
   * with the text.
   */
  async #keep(record: PredictionRecord, outputJson: Uint8Array, budget: AnswerBudget): Promise<boolean> {
    const { clock, journal, log } = this.#deps
    if (journal === undefined) return true
    const waitMs = Math.min(this.#rules.journalWaitMs, budget.stageMs('record'))
    const beganAtMs = clock.monotonicMs()
    let isDone = false
    const appended = journal.append(record, outputJson).finally(() => {
      isDone = true
    })
    const outcome = await this.#within(appended, waitMs)
    budget.spend('record', clock.monotonicMs() - beganAtMs, waitMs)
    if (outcome.kind !== 'unpersisted') return isDone
    log.error(
      {
        event: 'prediction_unpersisted',
        predictionId: record.id,
        asset: record.prompt.asset,
        startAtMs: record.prompt.startAtSeconds * 1_000,
        outputHash: record.outputHash,
        reason: outcome.reason,
      },
      'An answer goes out without its record',
    )
    return isDone
  }

  async #within(appended: Promise<AppendOutcome>, waitMs: number): Promise<AppendOutcome> {
    const done = new AbortController()
    const late = this.#deps.clock.sleep(waitMs, done.signal).then(
      (): AppendOutcome => ({ kind: 'unpersisted', reason: `not on disk within ${Math.round(waitMs)} ms` }),
      () => new Promise<never>(() => {}),
    )
    try {
      return await Promise.race([appended, late])
    } catch (error) {
      return { kind: 'unpersisted', reason: String(error) }
    } finally {
      done.abort()
    }
  }

  #sayLate({ id, prompt, rung }: PredictionRecord, budget: AnswerBudget): void {
    this.#deps.log.warn(
      {
        event: 'forecast.late',
        predictionId: id,
        asset: prompt.asset,
        startAtMs: prompt.startAtSeconds * 1_000,
        rung,
        overranStage: budget.overran(),
        lateMs: Math.round(-budget.leftMs()),
      },
      'An answer is ready only after the time at which it is safely delivered',
    )
  }
}

function factsOf(record: PredictionRecord, { ensemble, falls, recipe }: LadderAnswer, budget: AnswerBudget) {
  const stages = Object.entries(budget.spent()).map(([stage, ms]) => [`${stage}Ms`, ms] as const)
  return {
    predictionId: record.id,
    rung: record.rung,
    model: record.model.name,
    modelVersion: record.model.version,
    isDegraded: record.isDegraded,
    arrangement: recipe.arrangement.kind,
    isPrepared: ensemble.isPrepared,
    fallCount: falls.length,
    outputHash: record.outputHash,
    ...Object.fromEntries(stages),
  }
}
