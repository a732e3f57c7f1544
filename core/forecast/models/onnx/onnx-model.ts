import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import { horizonOf } from '#core/synth/prompts/horizon'
import { checkForecast } from '../../paths/check-forecast.ts'
import { type Forecast, meanStepVariances } from '../../paths/process-parameters.ts'
import { regridVariances } from '../calibrated.ts'
import { type ForecastQuestion, horizonSd, type ModelAnswer } from '../volatility-model.ts'
import { buildInputs } from './build-inputs.ts'
import type { InferenceRuntime } from './inference-runtime.ts'
import { extrasNeeded, type ModelManifest, manifestLengthSeconds, minutesNeeded, needsBaseline } from './manifest.ts'
import { outputTensors, readOutputs } from './read-outputs.ts'
import type { RecentCloses, WindowExtras } from './recent-closes.ts'

export interface OnnxModelDeps {
  readonly runtime: InferenceRuntime
  readonly closes: RecentCloses
  readonly clock: Clock
  readonly log: Logger
  /** The calibrated model: the reference for a forecast's size, and what a model with an input `baseline` starts from. */
  readonly yardstick?: (question: ForecastQuestion) => ModelAnswer
}

export interface OnnxModelOptions {
  /** A model that runs longer is killed, and this forecast is dropped. */
  readonly deadlineMs: number
  /** How many times more or less volatility than the reference is accepted. */
  readonly largestSdRatio: number
}

export type ModelCondition =
  | { readonly state: 'ok' }
  | { readonly state: 'failing' | 'resting'; readonly failuresInARow: number; readonly reason: string }

type BaselineAnswer =
  | { readonly ok: true; readonly variances: ArrayLike<number> }
  | { readonly ok: false; readonly reason: string }

/** After this many failures a model is skipped for a while: each run that is too long costs a process. */
const failuresBeforeRest = 3
const restMs = 60_000
/** Without a reference, only moves that no price ever makes are refused. */
const absoluteSdBounds = { least: 1e-6, largest: 1 }

/** A forecast from an ONNX file, made from recorded minutes. It may fail: the caller has another model ready. */
export class OnnxModel {
  readonly name: string
  /** The hash in the manifest. */
  readonly version: string
  readonly manifest: ModelManifest
  readonly #deps: OnnxModelDeps
  readonly #options: OnnxModelOptions
  readonly #minutes: number
  readonly #extras: WindowExtras
  readonly #needsBaseline: boolean
  readonly #outputs: readonly string[]
  #failuresInARow = 0
  #lastReason = ''
  #restsUntilMs = Number.NEGATIVE_INFINITY

  constructor(deps: OnnxModelDeps, manifest: ModelManifest, options: OnnxModelOptions) {
    this.name = `onnx:${manifest.name}`
    this.version = manifest.sha256
    this.manifest = manifest
    this.#deps = deps
    this.#options = options
    this.#minutes = minutesNeeded(manifest)
    this.#extras = extrasNeeded(manifest)
    this.#needsBaseline = needsBaseline(manifest)
    this.#outputs = outputTensors(manifest)
  }

  get condition(): ModelCondition {
    if (this.#failuresInARow === 0) return { state: 'ok' }
    const state = this.#isResting() ? 'resting' : 'failing'
    return { state, failuresInARow: this.#failuresInARow, reason: this.#lastReason }
  }

  async forecast(question: ForecastQuestion): Promise<ModelAnswer> {
    const outside = this.#findOutside(question)
    if (outside !== undefined) return { ok: false, reason: outside }
    if (this.#isResting()) {
      return { ok: false, reason: `skipped after ${this.#failuresInARow} failures in a row: ${this.#lastReason}` }
    }
    const { asset, startAtMs } = question
    const window = this.#deps.closes.recentCloses(asset, startAtMs, this.#minutes, this.#extras)
    if (window === undefined) return { ok: false, reason: `no minutes of ${asset} known` }
    const baseline = this.#needsBaseline ? this.#baselineOf(question) : undefined
    if (baseline?.ok === false) return baseline
    const inputs = buildInputs(this.manifest, { asset, startAtMs, baseline: baseline?.variances }, window)
    if (!inputs.ok) return inputs
    const ran = await this.#deps.runtime.run({
      sha256: this.version,
      url: this.manifest.url,
      inputs: inputs.tensors,
      outputs: this.#outputs,
      deadlineMs: this.#options.deadlineMs,
    })
    if (!ran.ok) return this.#fail(question, ran.problem, ran.reason)
    const reading = readOutputs(this.manifest, ran.outputs)
    if (!reading.ok) return this.#fail(question, 'badOutput', reading.reason)
    const forecast = this.#regrid(reading.forecast, question)
    const implausible = this.#findImplausible(forecast, question)
    if (implausible !== undefined) return this.#fail(question, 'badOutput', implausible)
    this.#failuresInARow = 0
    return { ok: true, forecast, isDegraded: false }
  }

  /** On the model's own grid, whatever the prompt's is. */
  #baselineOf({ asset, startAtMs }: ForecastQuestion): BaselineAnswer {
    const { stepSeconds, steps } = this.manifest.grid
    const answer = this.#deps.yardstick?.({ asset, startAtMs, stepSeconds, stepCount: steps })
    if (answer === undefined) return { ok: false, reason: 'no calibrated model to start from' }
    if (!answer.ok) return answer
    // A correction was learned on fitted forecasts.
    if (answer.isDegraded) return { ok: false, reason: `the calibrated forecast of ${asset} is made from defaults` }
    return { ok: true, variances: meanStepVariances(answer.forecast) }
  }

  /** A question that this model was not made for; this is not its failure. */
  #findOutside(question: ForecastQuestion): string | undefined {
    const { assets, horizons } = this.manifest.serves
    if (!assets.includes(question.asset)) return `made for ${assets.join(', ')}, not for ${question.asset}`
    const askedSeconds = question.stepSeconds * question.stepCount
    if (!horizons.includes(horizonOf(askedSeconds))) return `not made for prompts of ${askedSeconds} s`
    const lengthSeconds = manifestLengthSeconds(this.manifest)
    return askedSeconds > lengthSeconds ? `forecasts ${lengthSeconds} s, not ${askedSeconds} s` : undefined
  }

  #regrid(forecast: Forecast, { stepSeconds, stepCount }: ForecastQuestion): Forecast {
    return forecast.map(({ weight, process }) => {
      const stepVariances = regridVariances(process.stepVariances, process.stepSeconds, stepSeconds, stepCount)
      return { weight, process: { ...process, stepSeconds, stepVariances } }
    }) as unknown as Forecast
  }

  #findImplausible(forecast: Forecast, question: ForecastQuestion): string | undefined {
    const check = checkForecast(forecast)
    if (!check.ok) return check.reason
    const sd = horizonSd(forecast)
    const yardstick = this.#deps.yardstick?.(question)
    if (yardstick?.ok === true) {
      const ratio = sd / horizonSd(yardstick.forecast)
      const { largestSdRatio } = this.#options
      return ratio <= largestSdRatio && ratio >= 1 / largestSdRatio
        ? undefined
        : `${ratio.toPrecision(3)} times the volatility of the calibrated forecast, outside 1/${largestSdRatio} to ${largestSdRatio}`
    }
    const { least, largest } = absoluteSdBounds
    return sd >= least && sd <= largest
      ? undefined
      : `a deviation of ${sd} over the horizon, outside ${least} to ${largest}`
  }

  #fail({ asset }: ForecastQuestion, problem: string, reason: string): ModelAnswer {
    this.#failuresInARow += 1
    this.#lastReason = reason
    if (this.#failuresInARow >= failuresBeforeRest) {
      this.#restsUntilMs = this.#deps.clock.monotonicMs() + restMs
    }
    this.#deps.log.warn(
      { event: 'model_bad_output', model: this.name, modelHash: this.version, asset, problem, reason },
      'A model gave no usable forecast',
    )
    return { ok: false, reason }
  }

  #isResting(): boolean {
    return this.#failuresInARow >= failuresBeforeRest && this.#deps.clock.monotonicMs() < this.#restsUntilMs
  }
}
