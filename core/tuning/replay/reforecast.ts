/**
 * Forecasts prompts of the journal, or of the public scores, again with another model, from the minutes that were known when each came. State is
 * walked forward from a fixed distance before the prompt's own day, so that a forecast depends on the prompt, the
 * minutes and the model, and not on which other prompts are replayed with it.
 */

import type { Logger } from '#core/base/log/logger'
import { SplitMix64 } from '#core/base/random/rng'
import type { Clock } from '#core/base/time/clock'
import { dayMs, minuteMs } from '#core/base/time/units'
import type { PathRecipe, PredictionRecord } from '#core/forecast/journal/prediction-record'
import { type BuiltInModel, createBuiltInModels } from '#core/forecast/ladder/built-in-models'
import type { ShelvedModel } from '#core/forecast/ladder/forecast-model'
import { ModelShelf } from '#core/forecast/ladder/model-shelf'
import { isOnnxName, type OnnxName } from '#core/forecast/models/model-names'
import type { InferenceRuntime } from '#core/forecast/models/onnx/inference-runtime'
import type { ModelManifest } from '#core/forecast/models/onnx/manifest'
import { OnnxModel, type OnnxModelOptions } from '#core/forecast/models/onnx/onnx-model'
import type { RecentCloses } from '#core/forecast/models/onnx/recent-closes'
import type { AssetState } from '#core/forecast/models/states/asset-state'
import type { CalibratedSets } from '#core/forecast/models/states/calibrated-sets'
import { emptyState, stateReachMs } from '#core/forecast/models/states/empty-state'
import type { ForecastQuestion, ModelAnswer } from '#core/forecast/models/volatility-model'
import type { AssetParameters } from '#core/forecast/parameters/asset-parameters'
import { checkForecast } from '#core/forecast/paths/check-forecast'
import type { PathSampler } from '#core/forecast/paths/path-sampler'
import type { Forecast } from '#core/forecast/paths/process-parameters'
import type { MinuteReader } from '#core/market/minutes/minute-store'
import type { VenueSymbol } from '#core/market/venues/venue'
import { horizonOf } from '#core/synth/prompts/horizon'
import type { PredictionRule } from '#core/synth/scoring/score-prediction'
import { championModel, isReplayable, type ReplayModelSpec } from './model-spec.ts'
import type { PathsAnswer, PathsOf, PromptToScore } from './score-day.ts'

/** What a forecast is made from again; a record of the journal is one. */
export type PromptToForecast = Pick<PredictionRecord, 'id' | 'prompt' | 'receivedAtMs'> & {
  readonly recipe: Pick<PathRecipe, 'startPriceUsd'>
}

export interface ReforecastDeps {
  readonly journal: { find(id: string): PromptToForecast | undefined }
  readonly minutes: Pick<MinuteReader, 'readSlots'>
  /** What the asset's state is fed with: the series that it was scored from when the prompt came. */
  readonly seriesOf: (asset: string, atMs: number) => VenueSymbol | undefined
  readonly sets: CalibratedSets
  readonly sampler: PathSampler
  /** The model files that the spec names, lying open. */
  readonly files?: ReplayFiles
}

export interface ReplayFiles {
  readonly find: (name: OnnxName) => ModelManifest | undefined
  readonly runtime: InferenceRuntime
  readonly closes: RecentCloses
  readonly clock: Clock
  readonly log: Logger
  readonly options: OnnxModelOptions
}

export async function openReforecast(
  deps: ReforecastDeps,
  spec: ReplayModelSpec,
  { asset, day }: { readonly asset: string; readonly day: number },
  prompts: readonly PromptToScore[],
): Promise<PathsOf> {
  const records = new Map(
    prompts.flatMap(({ id }) => {
      const record = deps.journal.find(id)
      return record === undefined ? [] : [[id, record] as const]
    }),
  )
  const walk = new StateWalk(deps, spec, asset, day * dayMs - stateReachMs)
  // Prompts are asked for in the order of their start, but it is the order of their coming that state walks along.
  const inOrder = [...records].sort(([, a], [, b]) => a.receivedAtMs - b.receivedAtMs)
  const forecasts = new Map<string, ReplayForecast>()
  // One after the other: each forecast needs the state of the time at which its prompt came.
  for (const [id, record] of inOrder) forecasts.set(id, await walk.forecast(record))
  return ({ id }, rule) => {
    const record = records.get(id)
    const answer = forecasts.get(id)
    if (record === undefined || answer === undefined)
      return refused('not in the journal any more, or no price is recorded before it')
    return answer.ok ? samplePaths(deps.sampler, record, answer, rule) : refused(answer.reason)
  }
}

type ReplayForecast =
  | { readonly ok: true; readonly model: string; readonly hasFlatFirstPath: boolean; readonly forecast: Forecast }
  | { readonly ok: false; readonly reason: string }

/** Models that a miner would have asked, on the state that it would have had when each prompt came. */
class StateWalk {
  readonly #deps: ReforecastDeps
  readonly #asset: string
  readonly #fromMs: number
  readonly #spec: ReplayModelSpec
  readonly #parameters: AssetParameters
  readonly #builtIn: ReadonlyMap<string, BuiltInModel>
  readonly #shelf: ModelShelf
  #series = ''
  #slots: Float64Array = new Float64Array(0)
  #next = 0
  #state: AssetState
  /** When the prompt came that is asked for now. */
  #knownMs = 0

  constructor(deps: ReforecastDeps, spec: ReplayModelSpec, asset: string, fromMs: number) {
    this.#deps = deps
    this.#spec = spec
    this.#asset = asset
    this.#fromMs = fromMs
    const { low, high } = spec.parameters.blend
    this.#parameters = { ...spec.parameters, blend: { low: inOneOrder(low), high: inOneOrder(high) } }
    this.#state = this.#emptyState()
    this.#builtIn = createBuiltInModels({
      readEwma: () => this.#state.ewma.state,
      readMemory: (_, horizon) => this.#state.memories.get(horizon)?.memory,
      parametersOf: () => this.#parameters,
      // Of an asset without minutes nothing is forecast again.
      hourlySdOf: () => undefined,
    })
    this.#shelf = new ModelShelf((name) => this.#find(name) ?? unknownModel(name))
  }

  async forecast({ prompt, receivedAtMs }: PromptToForecast): Promise<ReplayForecast> {
    const { asset, startAtSeconds, lengthSeconds, stepSeconds } = prompt
    const horizon = horizonOf(lengthSeconds)
    const named = this.#spec.model
    const name = named === championModel ? this.#parameters.champion[horizon] : named
    this.#walkTo(receivedAtMs)
    const question = {
      asset,
      startAtMs: startAtSeconds * 1000,
      stepSeconds,
      stepCount: lengthSeconds / stepSeconds,
    }
    const { model, hasFlatFirstPath = false } = this.#shelf.take(name, this.#parameters, horizon) ?? unknownModel(name)
    const answer = await model.forecast(question)
    if (!answer.ok) return { ok: false, reason: answer.reason }
    // A forecast from defaults would compare the defaults.
    if (answer.isDegraded) return { ok: false, reason: `too few minutes of ${asset} before the prompt (${horizon})` }
    const { forecast } = answer
    const check = checkForecast(forecast)
    return check.ok ? { ok: true, model: name, hasFlatFirstPath, forecast } : { ok: false, reason: check.reason }
  }

  #find(name: string): ShelvedModel | undefined {
    if (!isReplayable(name)) return undefined
    const builtIn = this.#builtIn.get(name)
    if (builtIn !== undefined) return builtIn
    const { files } = this.#deps
    const manifest = isOnnxName(name) ? files?.find(name) : undefined
    if (files === undefined || manifest === undefined) return undefined
    const { closes, options, ...rest } = files
    const known: RecentCloses = {
      // Up to the arrival of the prompt, not to the start of the forecast: that is later, and its minutes were not known.
      recentCloses: (asset, _, minutes, extras) => closes.recentCloses(asset, this.#knownMs, minutes, extras),
    }
    const yardstick = (question: ForecastQuestion) => this.#builtIn.get('calibrated')!.model.forecast(question)
    // A new one each time: one that failed would rest, and a forecast would depend on those before it.
    const model = new OnnxModel({ ...rest, closes: known, yardstick }, manifest, options)
    return { model, versionOf: () => model.version }
  }

  /** Adds every minute that had ended at that time, and no later one. */
  #walkTo(knownMs: number): void {
    this.#knownMs = knownMs
    this.#readMinutes(knownMs)
    const end = Math.min(Math.floor((knownMs - this.#fromMs) / minuteMs), this.#slots.length)
    if (end <= this.#next) return
    this.#state.take(this.#fromMs + this.#next * minuteMs, this.#slots.subarray(this.#next, end))
    this.#next = end
  }

  /** From the series of that moment; if the venue of an asset changes within a day, the state begins again on the new one. */
  #readMinutes(knownMs: number): void {
    const series = this.#deps.seriesOf(this.#asset, knownMs)
    const name = series === undefined ? '' : `${series.venue} ${series.symbol}`
    const isLong = this.#fromMs + this.#slots.length * minuteMs >= knownMs - minuteMs
    if (name === this.#series && isLong) return
    if (name !== this.#series) {
      this.#series = name
      this.#next = 0
      this.#state = this.#emptyState()
    }
    const toMs = Math.floor(knownMs / dayMs) * dayMs + dayMs - minuteMs
    this.#slots =
      series === undefined
        ? new Float64Array(0)
        : this.#deps.minutes.readSlots({ asset: this.#asset, ...series }, this.#fromMs, toMs)
  }

  #emptyState(): AssetState {
    const { model, sets, parameters } = this.#spec
    // A model that reads no memories is not kept waiting for them.
    const hasMemories = sets !== '' && model !== 'reference' && model !== 'seed' && model !== 'ewma'
    return emptyState(this.#asset, { lambda: parameters.lambda, sets: hasMemories ? this.#deps.sets : noSets })
  }
}

const noSets = { find: () => undefined }

/** The same shares are the same model, however they were written. */
function inOneOrder(shares: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(shares).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function unknownModel(name: string): ShelvedModel {
  const forecast = (): ModelAnswer => ({ ok: false, reason: `${name} cannot be forecast again` })
  return { model: { name, forecast }, versionOf: () => 'none' }
}

/** The older miner's paths were independent and its first one flat; all others are arranged as they would be served. */
function samplePaths(
  sampler: PathSampler,
  { id, prompt, recipe }: PromptToForecast,
  { model, hasFlatFirstPath, forecast }: ReplayForecast & { readonly ok: true },
  rule: PredictionRule,
): PathsAnswer {
  const { intervals } = rule
  const paths = sampler.sample({
    forecast,
    startPrice: recipe.startPriceUsd,
    pathCount: prompt.pathCount,
    // Of the prompt alone: what two models differ in is then their forecast and not their luck.
    seed: new SplitMix64(0n).fork(id).nextUint64(),
    arrangement: model === 'seed' ? { kind: 'independent' } : { kind: 'structured', intervals },
    flatFirstPath: hasFlatFirstPath,
  })
  return { ok: true, paths }
}

function refused(detail: string): PathsAnswer {
  return { ok: false, problem: 'noForecast', detail }
}
