import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import { withinMs } from '#core/base/time/within-ms'
import type { AppendOutcome, Journal } from '#core/forecast/journal/journal'
import type { ServedPrediction } from '#core/forecast/journal/prediction-record'
import { AnswerBudget, type BudgetRules } from '#core/forecast/ladder/answer-budget'
import type { AnswerText, AnswerTextMaker } from '#core/forecast/ladder/answer-text-maker'
import type { ForecastLadder, LadderAnswer } from '#core/forecast/ladder/ladder'
import { hashParameters } from '#core/forecast/parameters/parameters-hash'
import type { SpotPrice } from '#core/forecast/paths/spot-price'
import { largestStartPrice, leastStartPrice } from '#core/forecast/paths/write-prices'
import type { Prompt } from '#core/synth/prompts/prompt'
import type { PromptSeeds } from './prompt-seeds.ts'

export interface LadderTextMakerDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly spot: SpotPrice
  readonly ladder: ForecastLadder
  readonly seeds: PromptSeeds
  /** The model of a hotkey that has one of its own. */
  readonly championOf?: ChampionOf
  /** SHA-256 in hex. */
  readonly hashText: (text: string) => string
  /** None: nothing is recorded. */
  readonly journal?: Journal
  /** Learns when to expect the next prompt. */
  readonly onPrompt?: (prompt: Prompt, receivedAtMs: number) => void
  /** Told of every answer, and of every prompt that got none. */
  readonly onOutcome?: (outcome: LadderAnswer | undefined, prompt: Prompt) => void
}

export type ChampionOf = (prompt: Prompt, receiver: string | undefined) => string | undefined

export interface LadderTextMakerRules extends BudgetRules {
  /** Longest wait for the record of an answer to be on disk. */
  readonly journalWaitMs: number
}

interface Kept {
  /** The journal's name for the prediction; undefined without a journal. */
  readonly id: string | undefined
  readonly isDone: boolean
}

/** One prompt from its price to its recorded answer, each stage within its share of the time that is left. */
export class LadderTextMaker implements AnswerTextMaker {
  readonly #deps: LadderTextMakerDeps
  readonly #rules: LadderTextMakerRules

  constructor(deps: LadderTextMakerDeps, rules: LadderTextMakerRules) {
    this.#deps = deps
    this.#rules = rules
  }

  async makeAnswerText(prompt: Prompt, receiver?: string): Promise<AnswerText> {
    const { clock, ladder, seeds, spot, onPrompt, onOutcome } = this.#deps
    const receivedAtMs = clock.nowMs()
    const budget = new AnswerBudget(clock, this.#rules, prompt.startAtSeconds * 1_000)
    onPrompt?.(prompt, receivedAtMs)
    const price = spot.spotPrice(prompt.asset)
    if (!price.ok) return { ok: false, reason: 'priceUnavailable', detail: price.reason }
    const { priceUsd: startPriceUsd, publishedAtMs, venue } = price
    if (!(startPriceUsd >= leastStartPrice && startPriceUsd <= largestStartPrice)) {
      const detail = `paths start from ${leastStartPrice} to ${largestStartPrice}, not from ${startPriceUsd}`
      return { ok: false, reason: 'failed', detail }
    }
    const champion = this.#deps.championOf?.(prompt, receiver)
    const answer = await ladder.answer(
      { prompt, startPriceUsd, seed: seeds.seedOf(prompt, receiver), champion },
      budget,
    )
    onOutcome?.(answer.ok ? answer : undefined, prompt)
    if (!answer.ok) {
      const detail = answer.falls.map(({ model, kind, detail }) => `${model} ${kind}: ${detail}`).join('; ')
      return { ok: false, reason: 'failed', detail }
    }
    const { model, rung, isDegraded, recipe, ensemble } = answer
    const parametersHash = hashParameters(model.parameters, this.#deps.hashText)
    // The journal adds the id, and the reason why it is kept.
    const record: ServedPrediction = {
      prompt,
      receivedAtMs,
      madeAtMs: clock.nowMs(),
      rung,
      model: { ...model, parametersHash },
      isDegraded,
      price: { usd: startPriceUsd, publishedAtMs, venue },
      recipe,
      outputHash: ensemble.outputHash,
      stageMs: budget.spent(),
    }
    const { id, isDone } = await this.#keep(record, ensemble.outputJson, budget)
    const named = id === undefined ? {} : { predictionId: id }
    if (budget.leftMs() < 0) this.#sayLate(record, named, budget)
    const { outputJson, deflated, release } = ensemble
    const facts = { ...named, ...factsOf(record, answer, budget) }
    return { ok: true, outputJson, deflated, facts, ...(isDone && release !== undefined ? { release } : {}) }
  }

  /** An answer is worth more than its record: a lost record is logged. `isDone`: the journal has read the text. */
  async #keep(record: ServedPrediction, outputJson: Uint8Array, budget: AnswerBudget): Promise<Kept> {
    const { clock, journal, log } = this.#deps
    if (journal === undefined) return { id: undefined, isDone: true }
    const waitMs = Math.min(this.#rules.journalWaitMs, budget.stageMs('record'))
    const beganAtMs = clock.monotonicMs()
    let isDone = false
    const { id, outcome: appended } = journal.append(record, outputJson)
    const work = () =>
      appended.finally(() => {
        isDone = true
      })
    const outcome = await withinMs(clock, waitMs, work, () =>
      unpersisted(`not on disk within ${Math.round(waitMs)} ms`),
    ).catch((error: unknown) => unpersisted(String(error)))
    budget.spend('record', clock.monotonicMs() - beganAtMs, waitMs)
    if (outcome.kind === 'unpersisted') {
      log.error(
        {
          event: 'prediction_unpersisted',
          predictionId: id,
          asset: record.prompt.asset,
          startAtMs: record.prompt.startAtSeconds * 1_000,
          outputHash: record.outputHash,
          reason: outcome.reason,
        },
        'An answer is sent without its record',
      )
    }
    return { id, isDone }
  }

  #sayLate({ prompt, rung }: ServedPrediction, named: object, budget: AnswerBudget): void {
    this.#deps.log.warn(
      {
        event: 'forecast.late',
        ...named,
        asset: prompt.asset,
        startAtMs: prompt.startAtSeconds * 1_000,
        rung,
        overranStage: budget.overran(),
        lateMs: Math.round(-budget.leftMs()),
      },
      'An answer is ready later than the time for safe delivery',
    )
  }
}

function unpersisted(reason: string): AppendOutcome {
  return { kind: 'unpersisted', reason }
}

function factsOf(record: ServedPrediction, { ensemble, falls, recipe, isCapped }: LadderAnswer, budget: AnswerBudget) {
  const stages = Object.entries(budget.spent()).map(([stage, ms]) => [`${stage}Ms`, ms] as const)
  return {
    rung: record.rung,
    model: record.model.name,
    modelVersion: record.model.version,
    isDegraded: record.isDegraded,
    isCapped,
    arrangement: recipe.arrangement.kind,
    isPrepared: ensemble.isPrepared,
    fallCount: falls.length,
    outputHash: record.outputHash,
    ...Object.fromEntries(stages),
  }
}
