/** A ladder whose models, threads and time are the test's. */
import { AnswerBudget } from '#core/forecast/ladder/answer-budget'
import type { Ensemble, EnsembleAnswer, EnsembleJob, EnsembleMaker } from '#core/forecast/ladder/ensemble-maker'
import type { ForecastModel } from '#core/forecast/ladder/forecast-model'
import { ForecastLadder, type LadderDeps } from '#core/forecast/ladder/ladder'
import { ModelShelf } from '#core/forecast/ladder/model-shelf'
import type { ForecastQuestion, ModelAnswer } from '#core/forecast/models/volatility-model'
import type { AssetParameters } from '#core/forecast/parameters/asset-parameters'
import { defaultParameters } from '#core/forecast/parameters/default-parameters'
import { type ProcessParameters, singlePart } from '#core/forecast/paths/process-parameters'
import type { Prompt } from '#core/synth/prompts/prompt'
import { TestClock } from './test-clock.ts'
import { TestLogger } from './test-logger.ts'

export const labStartMs = Date.UTC(2026, 8, 22, 12)
export const labPrompt: Prompt = {
  asset: 'BTC',
  startAtSeconds: labStartMs / 1_000 + 60,
  lengthSeconds: 3_600,
  stepSeconds: 60,
  pathCount: 20,
}
export const labRules = { safetyMarginMs: 3_000, computeTimeoutMs: 10_000 }

type Ask = (question: ForecastQuestion) => ModelAnswer | Promise<ModelAnswer>

/** A sound forecast for the question, changed as the test wants. */
export function answerWith(change: Partial<ProcessParameters> = {}): Ask {
  return ({ stepSeconds, stepCount }) => ({
    ok: true,
    isDegraded: false,
    forecast: singlePart({
      stepSeconds,
      stepVariances: new Float64Array(stepCount).fill(1e-7),
      volatilityFactors: [],
      tails: { kind: 'normal' },
      ...change,
    }),
  })
}

const ensemble: Ensemble = {
  outputJson: new Uint8Array(),
  deflated: new Uint8Array(),
  outputHash: 'a'.repeat(64),
  tookMs: { sample: 0, write: 0, check: 0 },
  isPrepared: false,
}

/** Answers at once, or as the test wants; keeps what it was asked for. */
export class FakeEnsembles implements EnsembleMaker {
  readonly jobs: EnsembleJob[] = []
  readonly stopped: EnsembleJob[] = []
  expectedMs: (job: EnsembleJob) => number = () => 20
  answer: (job: EnsembleJob) => EnsembleAnswer | Promise<EnsembleAnswer> = () => ({ ok: true, ...ensemble })

  expectMs(job: EnsembleJob): number {
    return this.expectedMs(job)
  }

  async make(job: EnsembleJob, signal: AbortSignal): Promise<EnsembleAnswer> {
    this.jobs.push(job)
    signal.addEventListener('abort', () => this.stopped.push(job))
    return this.answer(job)
  }
}

export interface LadderLab {
  readonly ladder: ForecastLadder
  readonly clock: TestClock
  readonly log: TestLogger
  readonly ensembles: FakeEnsembles
  readonly lastResort: FakeEnsembles
  answer(prompt?: Prompt, champion?: string): ReturnType<ForecastLadder['answer']>
  budget(prompt?: Prompt): AnswerBudget
}

export interface LadderLabOptions {
  /** By name; what is not named here is not on the shelf. */
  readonly models: Readonly<Record<string, Ask>>
  readonly parameters?: Partial<AssetParameters>
  readonly previousChampion?: string
  readonly scoredIntervals?: LadderDeps['scoredIntervals']
  readonly flatFirstPath?: boolean
}

export function ladderLab(options: LadderLabOptions): LadderLab {
  const clock = new TestClock(labStartMs)
  const log = new TestLogger()
  const ensembles = new FakeEnsembles()
  const lastResort = new FakeEnsembles()
  const shelf = new ModelShelf((name) => {
    const forecast = options.models[name]
    if (forecast === undefined) return undefined
    const model: ForecastModel = { name, forecast }
    return { model, versionOf: () => `${name} 1` }
  })
  const parameters = { ...defaultParameters('BTC'), ...options.parameters }
  const ladder = new ForecastLadder({
    clock,
    log,
    shelf,
    parameters: {
      inForce: () => ({ revision: 1, of: () => parameters, previousChampion: () => options.previousChampion }),
    },
    ensembles,
    lastResort,
    flatFirstPath: options.flatFirstPath,
    scoredIntervals: options.scoredIntervals ?? (() => [{ name: '5min', seconds: 300 }]),
  })
  const budget = (prompt = labPrompt) => new AnswerBudget(clock, labRules, prompt.startAtSeconds * 1_000)
  return {
    ladder,
    clock,
    log,
    ensembles,
    lastResort,
    budget,
    answer: (prompt = labPrompt, champion) =>
      ladder.answer({ prompt, startPriceUsd: 100, seed: 1n, champion }, budget(prompt)),
  }
}
