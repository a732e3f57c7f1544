/**
 * Forecasts prompts of the journal again with another model, from the minutes that were known when each came. State is
 * walked forward from a fixed distance before the prompt's own day, so that a forecast depends on the prompt, the
 * minutes and the model, and not on which other prompts are replayed with it.
 */

import type { Logger } from '#core/base/log/logger'
import { SplitMix64 } from '#core/base/random/rng'
import type { Clock } from '#core/base/time/clock'
import { dayMs, minuteMs } from '#core/base/time/units'
import type { PredictionRecord } from '#core/forecast/journal/prediction-record'
import { blendAnswers } from '#core/forecast/models/blend'
import { isOnnxName, type OnnxName } from '#core/forecast/models/model-names'
import type { InferenceRuntime } from '#core/forecast/models/onnx/inference-runtime'
import type { ModelManifest } from '#core/forecast/models/onnx/manifest'
import { OnnxModel, type OnnxModelOptions } from '#core/forecast/models/onnx/onnx-model'
import type { RecentCloses } from '#core/forecast/models/onnx/recent-closes'
import { createReplayModels } from '#core/forecast/models/replay-models'
import { seedHasFlatFirstPath } from '#core/forecast/models/seed'
import type { CalibratedSets } from '#core/forecast/models/states/calibrated-sets'
import { EwmaTrack } from '#core/forecast/models/states/ewma-track'
import { MemoryTrack } from '#core/forecast/models/states/memory-track'
import type { ForecastQuestion, ModelAnswer, VolatilityModel } from '#core/forecast/models/volatility-model'
import { seedDefaults } from '#core/forecast/parameters/seed-defaults'
import { checkForecast } from '#core/forecast/paths/check-forecast'
import type { PathSampler } from '#core/forecast/paths/path-sampler'
import type { MinuteReader } from '#core/market/minutes/minute-store'
import type { VenueSymbol } from '#core/market/venues/venue'
import { type Horizon, horizonOf, horizons } from '#core/synth/prompts/horizon'
import type { PredictionRule } from '#core/synth/scoring/score-prediction'
import { championModel, type ReplayModelSpec } from './model-spec.ts'
import type { PathsAnswer, PathsOf, PromptToScore } from './score-day.ts'

export interface ReforecastDeps {
  readonly journal: { find(id: string): PredictionRecord | undefined }
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

/** As far as a miner looks back that makes its state anew: of the slowest memory 2 % lie further back. */
export const warmUpDays = 180

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
  const walk = new StateWalk(deps, spec, asset, day * dayMs - warmUpDays * dayMs)
  // Prompts are asked for in the order of their start, but it is the order of their coming that state walks along.
  const inOrder = [...records].sort(([, a], [, b]) => a.receivedAtMs - b.receivedAtMs)
  const forecasts = new Map<string, ReplayForecast>()
  // One after the other: each is asked while state stands where the prompt came.
  for (const [id, record] of inOrder) forecasts.set(id, await walk.forecast(record))
  return ({ id }, rule) => {
    const record = records.get(id)
    const answer = forecasts.get(id)
    if (record === undefined || answer === undefined) return refused('the record is not in the journal any more')
    return answer.ok ? samplePaths(deps.sampler, record, answer, rule) : refused(answer.reason)
  }
}

type AskModel = (question: ForecastQuestion) => ModelAnswer | Promise<ModelAnswer>

type ReplayForecast =
  | { readonly ok: true; readonly model: string; readonly forecast: Forecast }
  | { readonly ok: false; readonly reason: string }
type Forecast = Parameters<typeof checkForecast>[0]

/** The state of one asset, minute by minute. */
class StateWalk {
  readonly #deps: ReforecastDeps
  readonly #asset: string
  readonly #fromMs: number
  readonly #spec: ReplayModelSpec
  #series = ''
  #slots: Float64Array = new Float64Array(0)
  #next = 0
  #ewma: EwmaTrack
  #memories = new Map<Horizon, MemoryTrack>()
  /** Built in, by name. */
  readonly #models: ReadonlyMap<string, VolatilityModel>
  /** When the prompt came that is asked for now. */
  #knownMs = 0

  constructor(deps: ReforecastDeps, spec: ReplayModelSpec, asset: string, fromMs: number) {
    this.#deps = deps
    this.#spec = spec
    this.#asset = asset
    this.#fromMs = fromMs
    this.#ewma = this.#newEwma()
    this.#models = this.#makeModels()
  }

  async forecast({ prompt, receivedAtMs }: PredictionRecord): Promise<ReplayForecast> {
    const { asset, startAtSeconds, lengthSeconds, stepSeconds } = prompt
    const horizon = horizonOf(lengthSeconds)
    const { model: named, parameters } = this.#spec
    const model = named === championModel ? parameters.champion[horizon] : named
    this.#walkTo(receivedAtMs)
    const question = {
      asset,
      startAtMs: startAtSeconds * 1000,
      stepSeconds,
      stepCount: lengthSeconds / stepSeconds,
    }
    const ask = model === 'blend' ? this.#blend(parameters.blend[horizon]) : this.#find(model)
    const answer = await ask(question)
    if (!answer.ok) return { ok: false, reason: answer.reason }
    // A forecast from defaults would compare the defaults.
    if (answer.isDegraded) return { ok: false, reason: `too few minutes of ${asset} before the prompt (${horizon})` }
    const check = checkForecast(answer.forecast)
    return check.ok ? { ok: true, model, forecast: answer.forecast } : { ok: false, reason: check.reason }
  }

  #find(name: string): AskModel {
    const builtIn = this.#models.get(name)
    if (builtIn !== undefined) return (question) => builtIn.forecast(question)
    const files = this.#deps.files
    const manifest = isOnnxName(name) ? files?.find(name) : undefined
    if (files === undefined || manifest === undefined) {
      return () => ({ ok: false, reason: `${name} cannot be forecast again` })
    }
    const { closes, options, ...rest } = files
    const known: RecentCloses = {
      // Not up to the start of the forecast, which lies ahead of the prompt: what had ended when it came.
      recentCloses: (asset, _, minutes) => closes.recentCloses(asset, this.#knownMs, minutes),
    }
    const yardstick = (question: ForecastQuestion) => this.#models.get('calibrated')!.forecast(question)
    // A new one each time: one that failed would rest, and a forecast would depend on those before it.
    return (question) => new OnnxModel({ ...rest, closes: known, yardstick }, manifest, options).forecast(question)
  }

  #blend(shares: Readonly<Record<string, number>>): AskModel {
    // In one order: the same shares are the same model, however they were written.
    const members = Object.entries(shares)
      .filter(([name, share]) => share > 0 && name !== 'blend')
      .sort(([a], [b]) => (a < b ? -1 : 1))
    return async (question) => {
      const parts = []
      for (const [name, share] of members) parts.push({ name, share, answer: await this.#find(name)(question) })
      return blendAnswers(parts)
    }
  }

  /** Takes every minute that had ended by then, and none that had not. */
  #walkTo(knownMs: number): void {
    this.#knownMs = knownMs
    this.#readMinutes(knownMs)
    const end = Math.floor((knownMs - this.#fromMs) / minuteMs)
    for (; this.#next < Math.min(end, this.#slots.length); this.#next += 1) {
      const openAtMs = this.#fromMs + this.#next * minuteMs
      const close = this.#slots[this.#next]!
      this.#ewma.take(openAtMs, close)
      for (const track of this.#memories.values()) track.take(openAtMs, close)
    }
  }

  /** From the series of that moment; where the venue of an asset changes within a day, state begins anew on the other. */
  #readMinutes(knownMs: number): void {
    const series = this.#deps.seriesOf(this.#asset, knownMs)
    const name = series === undefined ? '' : `${series.venue} ${series.symbol}`
    const isLong = this.#fromMs + this.#slots.length * minuteMs >= knownMs - minuteMs
    if (name === this.#series && isLong) return
    if (name !== this.#series) {
      this.#series = name
      this.#next = 0
      this.#ewma = this.#newEwma()
      this.#memories = this.#newMemories()
    }
    const toMs = Math.floor(knownMs / dayMs) * dayMs + dayMs - minuteMs
    this.#slots =
      series === undefined
        ? new Float64Array(0)
        : this.#deps.minutes.readSlots({ asset: this.#asset, ...series }, this.#fromMs, toMs)
  }

  #newEwma(): EwmaTrack {
    const lambda = this.#spec.model === 'seed' ? seedDefaults(this.#asset).lambda : this.#spec.parameters.lambda
    return new EwmaTrack(this.#asset, lambda)
  }

  #newMemories(): Map<Horizon, MemoryTrack> {
    const { model, sets } = this.#spec
    const isUsed = sets !== '' && model !== 'reference' && model !== 'seed' && model !== 'ewma'
    const used = isUsed ? horizons : []
    return new Map(
      used.flatMap((horizon) => {
        const set = this.#deps.sets.find(this.#asset, horizon)
        return set === undefined ? [] : [[horizon, new MemoryTrack(set)] as const]
      }),
    )
  }

  #makeModels(): ReadonlyMap<string, VolatilityModel> {
    const { parameters } = this.#spec
    const models = createReplayModels({
      readEwma: () => this.#ewma.state,
      readMemory: (_, horizon) => this.#memories.get(horizon)?.memory,
      parametersOf: () => parameters,
    })
    return new Map(Object.entries(models))
  }
}

/** The older miner's paths were independent and its first one flat; all others are arranged as they would be served. */
function samplePaths(
  sampler: PathSampler,
  { id, prompt, recipe }: PredictionRecord,
  { model, forecast }: ReplayForecast & { readonly ok: true },
  rule: PredictionRule,
): PathsAnswer {
  const isSeed = model === 'seed'
  const { intervals } = rule
  const paths = sampler.sample({
    forecast,
    startPrice: recipe.startPriceUsd,
    pathCount: prompt.pathCount,
    // Of the prompt alone: what two models differ in is then their forecast and not their luck.
    seed: new SplitMix64(0n).fork(id).nextUint64(),
    arrangement: isSeed ? { kind: 'independent' } : { kind: 'structured', intervals },
    flatFirstPath: isSeed && seedHasFlatFirstPath,
  })
  return { ok: true, paths }
}

function refused(detail: string): PathsAnswer {
  return { ok: false, problem: 'noForecast', detail }
}
