/**
 * Forecasts prompts of the journal again with another model, from the minutes that were known when each came. State is
 * walked forward from a fixed distance before the prompt's own day, so that a forecast depends on the prompt, the
 * minutes and the model, and not on which other prompts are replayed with it.
 */
import type { PredictionRecord } from '../journal/prediction-record.ts'
import { minuteMs } from '../market/minute-history.ts'
import type { VenueSymbol } from '../market/venue.ts'
import { dayMs } from '../minutes/minute-day.ts'
import type { MinuteReader } from '../minutes/minute-store.ts'
import { BlendModel } from '../models/blend.ts'
import { CalibratedModel } from '../models/calibrated.ts'
import type { CalibratedGrid } from '../models/calibrated-parameters.ts'
import { EwmaModel } from '../models/ewma.ts'
import { ReferenceModel } from '../models/reference.ts'
import { SeedModel, seedHasFlatFirstPath } from '../models/seed.ts'
import { seedDefaults } from '../models/seed-defaults.ts'
import type { CalibratedSets } from '../models/states/calibrated-sets.ts'
import { EwmaTrack } from '../models/states/ewma-track.ts'
import { MemoryTrack } from '../models/states/memory-track.ts'
import type { VolatilityModel } from '../models/volatility-model.ts'
import { checkForecast } from '../paths/check-forecast.ts'
import type { PathSampler } from '../paths/path-sampler.ts'
import { SplitMix64 } from '../random/rng.ts'
import type { PredictionRule } from '../scoring/score-prediction.ts'
import { type ReplayModel, type ReplayModelSpec, replayModels } from './model-spec.ts'
import type { PathsAnswer, PathsOf, PromptToScore } from './score-day.ts'

export interface ReforecastDeps {
  readonly journal: { find(id: string): PredictionRecord | undefined }
  readonly minutes: Pick<MinuteReader, 'readSlots'>
  /** What the asset's state is fed with: the series that it was scored from when the prompt came. */
  readonly seriesOf: (asset: string, atMs: number) => VenueSymbol | undefined
  readonly sets: CalibratedSets
  readonly sampler: PathSampler
}

/** As far as a miner looks back that makes its state anew: of the slowest memory 2 % lie further back. */
export const warmUpDays = 180

export function openReforecast(
  deps: ReforecastDeps,
  spec: ReplayModelSpec,
  { asset, day }: { readonly asset: string; readonly day: number },
  prompts: readonly PromptToScore[],
): PathsOf {
  const records = new Map(
    prompts.flatMap(({ id }) => {
      const record = deps.journal.find(id)
      return record === undefined ? [] : [[id, record] as const]
    }),
  )
  const walk = new StateWalk(deps, spec, asset, day * dayMs - warmUpDays * dayMs)
  // Prompts are asked for in the order of their start, but it is the order of their coming that state walks along.
  const inOrder = [...records].sort(([, a], [, b]) => a.receivedAtMs - b.receivedAtMs)
  const forecasts = new Map(inOrder.map(([id, record]) => [id, walk.forecast(record)]))
  return ({ id }, rule) => {
    const record = records.get(id)
    const answer = forecasts.get(id)
    if (record === undefined || answer === undefined) return refused('the record is not in the journal any more')
    return answer.ok ? samplePaths(deps.sampler, record, answer, rule) : refused(answer.reason)
  }
}

type GridName = CalibratedGrid['name']

type ReplayForecast =
  | { readonly ok: true; readonly model: ReplayModel; readonly forecast: Forecast }
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
  #memories = new Map<GridName, MemoryTrack>()
  readonly #models: ReadonlyMap<ReplayModel, VolatilityModel>

  constructor(deps: ReforecastDeps, spec: ReplayModelSpec, asset: string, fromMs: number) {
    this.#deps = deps
    this.#spec = spec
    this.#asset = asset
    this.#fromMs = fromMs
    this.#ewma = this.#newEwma()
    this.#models = this.#makeModels()
  }

  forecast({ prompt, receivedAtMs }: PredictionRecord): ReplayForecast {
    const { asset, startAtSeconds, lengthSeconds, stepSeconds } = prompt
    const grid: GridName = lengthSeconds <= 3600 ? 'high' : 'low'
    const model = this.#spec.model
    this.#walkTo(receivedAtMs)
    const answer = this.#models.get(model)!.forecast({
      asset,
      startAtMs: startAtSeconds * 1000,
      stepSeconds,
      stepCount: lengthSeconds / stepSeconds,
    })
    if (!answer.ok) return { ok: false, reason: answer.reason }
    // A forecast from defaults would compare the defaults.
    if (answer.isDegraded) return { ok: false, reason: `too few minutes of ${asset} before the prompt (${grid})` }
    const check = checkForecast(answer.forecast)
    return check.ok ? { ok: true, model, forecast: answer.forecast } : { ok: false, reason: check.reason }
  }

  /** Takes every minute that had ended by then, and none that had not. */
  #walkTo(knownMs: number): void {
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

  #newMemories(): Map<GridName, MemoryTrack> {
    const { model, sets } = this.#spec
    const isUsed = sets !== '' && (model === 'calibrated' || model === 'blend')
    const grids: readonly GridName[] = isUsed ? ['low', 'high'] : []
    return new Map(
      grids.flatMap((grid) => {
        const set = this.#deps.sets.find(this.#asset, grid)
        return set === undefined ? [] : [[grid, new MemoryTrack(set)] as const]
      }),
    )
  }

  #makeModels(): ReadonlyMap<ReplayModel, VolatilityModel> {
    const { parameters } = this.#spec
    const readState = () => this.#ewma.state
    const single: Record<Exclude<ReplayModel, 'blend'>, VolatilityModel> = {
      reference: new ReferenceModel(),
      seed: new SeedModel(readState),
      ewma: new EwmaModel(readState, () => parameters),
      calibrated: new CalibratedModel((_, grid) => this.#memories.get(grid)?.memory),
    }
    const members = replayModels.flatMap((name) =>
      name === 'blend'
        ? []
        : [
            {
              model: single[name],
              weight: (_: string, horizonSeconds: number) =>
                parameters.blend[horizonSeconds <= 3600 ? 'high' : 'low'][name] ?? 0,
            },
          ],
    )
    return new Map<ReplayModel, VolatilityModel>([
      ...(Object.entries(single) as [ReplayModel, VolatilityModel][]),
      ['blend', new BlendModel('blend', members)],
    ])
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
