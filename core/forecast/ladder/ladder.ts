import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import { withinMs } from '#core/base/time/within-ms'
import { horizonOf } from '#core/synth/prompts/horizon'
import type { Prompt } from '#core/synth/prompts/prompt'
import type { PathRecipe } from '../journal/prediction-record.ts'
import type { Rung } from '../journal/rung.ts'
import type { ForecastQuestion, ModelAnswer } from '../models/volatility-model.ts'
import type { AssetParameters, ParameterSource } from '../parameters/asset-parameters.ts'
import type { ScoredInterval } from '../paths/block-plan.ts'
import { type Arrangement, samplerVersion } from '../paths/path-sampler.ts'
import type { Forecast } from '../paths/process-parameters.ts'
import type { AnswerBudget } from './answer-budget.ts'
import { findForecastProblem } from './check-model-answer.ts'
import type { Ensemble, EnsembleAnswer, EnsembleFailure, EnsembleJob, EnsembleMaker } from './ensemble-maker.ts'
import type { ModelShelf } from './model-shelf.ts'
import { type LadderStep, planRungs } from './plan-rungs.ts'

export interface LadderDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly shelf: ModelShelf
  readonly parameters: ParameterSource
  readonly ensembles: EnsembleMaker
  /** Makes paths when no thread does. */
  readonly lastResort: EnsembleMaker
  /** Whether the first path of every answer never moves; undefined: as its model has it. */
  readonly flatFirstPath?: boolean | undefined
  /** The scored intervals of such a prompt's answer; none: it belongs to no competition. */
  readonly scoredIntervals: (prompt: Prompt) => readonly ScoredInterval[]
}

export interface LadderTask {
  readonly prompt: Prompt
  readonly startPriceUsd: number
  readonly seed: bigint
  /** The champion of the hotkey that was asked, where it has one of its own. */
  readonly champion?: string | undefined
}

export interface ServedModel {
  readonly name: string
  readonly version: string
  readonly parameters: AssetParameters
}

export interface LadderAnswer {
  readonly ok: true
  readonly ensemble: Ensemble
  readonly recipe: PathRecipe
  readonly rung: Rung
  readonly model: ServedModel
  readonly isDegraded: boolean
  /** The cap of a day was reached. */
  readonly isCapped: boolean
  readonly falls: readonly Fall[]
}

/** Why a rung did not answer. */
export interface Fall {
  readonly rung: Rung
  readonly model: string
  readonly kind: 'noAnswer' | 'missing' | 'threw' | EnsembleFailure['kind']
  readonly detail: string
}

interface PlannedForecast {
  readonly step: LadderStep
  readonly forecast: Forecast
  readonly isDegraded: boolean
  readonly isCapped: boolean
}

/** When the queue is longer than this, answers use independent paths, which take a quarter of the time. */
const structuredPatienceMs = 1_500
const timeUp = Symbol('time up')

/**
 * Tries the champion first, then the other rungs, until one has become an answer. Each rung has its share of the time.
 * A rung that throws, takes too long or gives something that cannot be sent costs its share, and not the answer.
 */
export class ForecastLadder {
  readonly #deps: LadderDeps

  constructor(deps: LadderDeps) {
    this.#deps = deps
  }

  async answer(
    task: LadderTask,
    budget: AnswerBudget,
  ): Promise<LadderAnswer | { readonly ok: false; readonly falls: readonly Fall[] }> {
    const { shelf, parameters: source, ensembles, lastResort } = this.#deps
    const question = questionOf(task.prompt)
    const { parameters, steps } = planRungs(
      shelf,
      source.inForce(),
      task.prompt.asset,
      horizonOf(task.prompt.lengthSeconds),
      task.champion,
    )
    const falls: Fall[] = []
    const finish = (planned: PlannedForecast, recipe: PathRecipe, ensemble: Ensemble): LadderAnswer => ({
      ok: true,
      ensemble,
      recipe,
      rung: planned.step.rung,
      model: {
        name: planned.step.name,
        version: planned.step.shelved?.versionOf(task.prompt.asset, horizonOf(task.prompt.lengthSeconds)) ?? 'missing',
        parameters,
      },
      isDegraded: planned.isDegraded,
      isCapped: planned.isCapped,
      falls,
    })
    let last: PlannedForecast | undefined
    for (const step of steps) {
      const planned = await this.#ask(step, question, budget)
      if ('kind' in planned) {
        falls.push(this.#note(planned, task.prompt))
        continue
      }
      // What failed once with an arrangement is tried again without it.
      const mayArrange = last === undefined && !budget.beganLate
      last = planned
      const recipe = this.#recipe(planned, task, mayArrange ? budget : undefined)
      const made = await this.#make(ensembles, { prompt: task.prompt, recipe }, budget)
      if (made.ok) return finish(planned, recipe, made)
      falls.push(this.#note({ rung: step.rung, model: step.name, kind: made.kind, detail: made.detail }, task.prompt))
    }
    if (last === undefined) return { ok: false, falls }
    const recipe = this.#recipe(last, task, undefined)
    const made = await this.#make(lastResort, { prompt: task.prompt, recipe }, budget)
    if (made.ok) return finish(last, recipe, made)
    falls.push(
      this.#note({ rung: last.step.rung, model: last.step.name, kind: made.kind, detail: made.detail }, task.prompt),
    )
    return { ok: false, falls }
  }

  /** What would be served now except for its price, for paths that are drawn ahead. */
  async foresee(prompt: Prompt, seed: bigint, deadlineMs: number, champion?: string): Promise<PathRecipe | undefined> {
    const question = questionOf(prompt)
    const { shelf, parameters, scoredIntervals } = this.#deps
    const intervals = scoredIntervals(prompt)
    if (intervals.length === 0) return undefined
    const horizon = horizonOf(prompt.lengthSeconds)
    for (const step of planRungs(shelf, parameters.inForce(), prompt.asset, horizon, champion).steps) {
      const planned = await this.#askWithin(step, question, deadlineMs)
      if ('kind' in planned) continue
      return this.#recipeOf(planned, { prompt, seed, startPriceUsd: 1 }, { kind: 'structured', intervals })
    }
    return undefined
  }

  async #ask(step: LadderStep, question: ForecastQuestion, budget: AnswerBudget): Promise<PlannedForecast | Fall> {
    const stageMs = budget.stageMs('forecast')
    const beganAtMs = this.#deps.clock.monotonicMs()
    const planned = await this.#askWithin(step, question, stageMs)
    budget.spend('forecast', this.#deps.clock.monotonicMs() - beganAtMs, stageMs)
    return planned
  }

  async #askWithin(step: LadderStep, question: ForecastQuestion, deadlineMs: number): Promise<PlannedForecast | Fall> {
    const { rung, name, shelved } = step
    const fall = (kind: Fall['kind'], detail: string): Fall => ({ rung, model: name, kind, detail })
    const late = (): typeof timeUp => timeUp
    if (shelved === undefined) return fall('missing', `there is no model ${name}`)
    let answer: ModelAnswer | typeof timeUp
    try {
      const given = shelved.model.forecast(question)
      answer = given instanceof Promise ? await withinMs(this.#deps.clock, deadlineMs, () => given, late) : given
    } catch (error) {
      return fall('threw', String(error))
    }
    if (answer === timeUp) return fall('overran', `no forecast within ${Math.round(deadlineMs)} ms`)
    try {
      if (!answer.ok) return fall('noAnswer', answer.reason)
      const problem = findForecastProblem(answer.forecast, question)
      if (problem !== undefined) return fall('badOutput', problem)
    } catch (error) {
      // An answer of a completely wrong form makes the check throw.
      return fall('badOutput', String(error))
    }
    const { forecast, isDegraded, isCapped = false } = answer
    return { step, forecast, isDegraded, isCapped }
  }

  #recipe(planned: PlannedForecast, task: LadderTask, budget: AnswerBudget | undefined): PathRecipe {
    const independent = this.#recipeOf(planned, task, { kind: 'independent' })
    const intervals = this.#deps.scoredIntervals(task.prompt)
    if (budget === undefined || intervals.length === 0) return independent
    const structured = this.#recipeOf(planned, task, { kind: 'structured', intervals })
    const expectedMs = this.#deps.ensembles.expectMs({ prompt: task.prompt, recipe: structured })
    return expectedMs <= Math.min(structuredPatienceMs, budget.stageMs('ensemble') / 2) ? structured : independent
  }

  #recipeOf({ step, forecast }: PlannedForecast, task: LadderTask, arrangement: Arrangement): PathRecipe {
    const { startPriceUsd, seed } = task
    const flatFirstPath = this.#deps.flatFirstPath ?? step.shelved?.hasFlatFirstPath ?? false
    return { samplerVersion, forecast, startPriceUsd, seed, arrangement, flatFirstPath }
  }

  async #make(maker: EnsembleMaker, job: EnsembleJob, budget: AnswerBudget): Promise<EnsembleAnswer> {
    const { clock } = this.#deps
    const stageMs = budget.stageMs('ensemble')
    const beganAtMs = clock.monotonicMs()
    const late = (): EnsembleFailure => {
      return { ok: false, kind: 'overran', detail: `no paths within ${Math.round(stageMs)} ms` }
    }
    try {
      const made = await withinMs(clock, stageMs, (overran) => maker.make(job, overran), late)
      const tookMs = clock.monotonicMs() - beganAtMs
      if (made.ok) {
        const { sample, write, check } = made.tookMs
        budget.spend('sample', sample)
        budget.spend('write', write)
        budget.spend('check', check)
        budget.spend('wait', Math.max(0, tookMs - sample - write - check))
      } else {
        budget.spend('sample', tookMs, stageMs)
      }
      return made
    } catch (error) {
      return { ok: false, kind: 'died', detail: String(error) }
    }
  }

  /** A model that does not know an asset yet is normal; a model that misbehaves deserves a log line. */
  #note(fall: Fall, { asset, startAtSeconds }: Prompt): Fall {
    const fields = { event: 'forecast.fell', asset, startAtMs: startAtSeconds * 1_000, ...fall }
    const sentence = 'A rung gave no forecast; the next one is tried'
    if (fall.kind === 'noAnswer') this.#deps.log.debug(fields, sentence)
    else this.#deps.log.warn(fields, sentence)
    return fall
  }
}

export function questionOf({ asset, startAtSeconds, stepSeconds, lengthSeconds }: Prompt): ForecastQuestion {
  return { asset, startAtMs: startAtSeconds * 1_000, stepSeconds, stepCount: lengthSeconds / stepSeconds }
}
