import { dayBootstrap } from '#core/base/statistics/day-bootstrap'
import { dayMs } from '#core/base/time/units'
import type { GraphRuntime } from '#core/forecast/models/onnx/graph-runtime'
import { type ModelManifest, readManifest } from '#core/forecast/models/onnx/manifest'
import { readOutputs } from '#core/forecast/models/onnx/read-outputs'
import { checkForecast } from '#core/forecast/paths/check-forecast'
import { PathKernel } from '#core/forecast/paths/kernel/path-kernel'
import { PathSampler } from '#core/forecast/paths/path-sampler'
import type { Forecast } from '#core/forecast/paths/process-parameters'
import { AnswerScorer } from '#core/synth/scoring/answer-scorer'
import { type PredictionRule, scorePrediction } from '#core/synth/scoring/score-prediction'
import type { MeanScore, ModelComparison } from '#core/tuning/training/training-runs'
import { type Normalisation, writeManifest } from '#models/artefact/artefact-manifest'
import { servingModel } from '#models/compile/compile-model'
import type { Recipe } from '#models/compile/recipe'
import type { BarSeries } from '#models/data/bar-series'
import { calibratedForecasts, fitBaseline, hasBaseline } from '#models/data/baseline'
import { type DataWindow, evenWindows, targetBars } from '#models/data/windows'
import type { OpenedTraining } from './open-training.ts'

export type ComparisonAnswer =
  | { readonly ok: true; readonly comparison: ModelComparison }
  | { readonly ok: false; readonly reason: string }

/** The rules that the validator scores this asset by, or why there are none. */
export type RuleOf = (
  asset: string,
) => { readonly ok: true; readonly rule: PredictionRule } | { readonly ok: false; readonly reason: string }

const pathCount = 1_000
/** Evenly over the part: 24 hours of one window take some 20 ms. */
const mostWindows = 400

interface Scored {
  readonly startAtMs: number
  readonly model: number
  readonly calibrated: number
}

/**
 * A trained model beside the calibrated one, as the miner would have served them: 1,000 paths each from the miner's
 * sampler, scored by the validator's rules on the same windows. The calibrated model is fitted on the training part. The
 * windows are those of the test part, which nothing was chosen by; without one, those of the validation part.
 */
export async function compareModels(
  runtime: GraphRuntime,
  { data, fold, job }: OpenedTraining,
  weights: Float32Array,
  ruleOf: RuleOf,
): Promise<ComparisonAnswer> {
  const { recipe } = job
  const part = fold.test.length > 0 ? 'test' : 'validation'
  const windows = evenWindows(fold[part], mostWindows)
  const trainEndMs = fold.train.at(-1)!.startAtMs + recipe.grid.steps * recipe.grid.stepSeconds * 1000
  const scored: Scored[] = []
  const session = await runtime.load(servingModel(recipe, weights).bytes)
  try {
    const manifest = draftManifest(recipe, weights, fold.dataset)
    const scorer = new ForecastScorer()
    for (const series of data.series.filter(({ asset }) => recipe.assets.includes(asset))) {
      const { asset } = series
      const found = ruleOf(asset)
      if (!found.ok) return found
      const rule = { ...found.rule, stepSeconds: recipe.grid.stepSeconds }
      if (!hasBaseline(series, recipe.horizon)) {
        return {
          ok: false,
          reason: `the calibrated model cannot be fitted on ${asset}'s bars of ${series.stepSeconds} s`,
        }
      }
      const fitted = fold.baselines.get(asset) ?? fitBaseline(series, recipe.horizon, trainEndMs)
      const parameters = 'ok' in fitted ? (fitted.ok ? fitted.parameters : undefined) : fitted
      if (parameters === undefined) {
        return { ok: false, reason: `the calibrated model cannot be fitted on the training part of ${asset}` }
      }
      const own = windows.filter((window) => window.asset === asset)
      const calibrated = calibratedForecasts(series, own, parameters, recipe.horizon, recipe.grid)
      for (const [i, window] of own.entries()) {
        const inputs = fold.dataset.inputs(window)
        const theirs = calibrated[i]
        if (!inputs.ok || theirs === undefined) continue
        const feeds = Object.fromEntries(
          manifest.inputs.map(({ tensor }) => [
            tensor,
            { dims: dimsOf(tensor, recipe), values: inputs.tensors.get(tensor)! },
          ]),
        )
        const results = await session.run(feeds)
        const outputs = Object.entries(results).map(([name, { dims, values }]) => ({
          ...{ name, dims },
          values: values as Float32Array,
        }))
        const reading = readOutputs(manifest, outputs)
        if (!reading.ok) return reading
        const check = checkForecast(reading.forecast)
        if (!check.ok) return { ok: false, reason: check.reason }
        const real = realPrices(series, window, fold.dataset.shape)
        const model = scorer.score(reading.forecast, window, real, rule)
        const baseline = scorer.score(theirs, window, real, rule)
        if (Number.isFinite(model) && Number.isFinite(baseline)) {
          scored.push({ startAtMs: window.startAtMs, model, calibrated: baseline })
        }
      }
    }
  } finally {
    await session.release()
  }
  if (scored.length === 0) return { ok: false, reason: `no window of the ${part} part could be scored` }
  return { ok: true, comparison: { part, windows: scored.length, ...summarise(scored, recipe) } }
}

/** The outputs are read as the miner reads them, so they need a manifest. */
function draftManifest(
  recipe: Recipe,
  weights: Float32Array,
  dataset: OpenedTraining['fold']['dataset'],
): ModelManifest {
  const written = writeManifest({
    ...{ recipe, model: servingModel(recipe, weights), ...normalisationOf(dataset), sha256: '0'.repeat(64) },
    training: { data: { hash: '', fromMs: 0, toMs: 0 }, scores: {} },
  })
  if (!written.ok) throw new Error(written.problems.map(({ sentence }) => sentence).join(' '))
  const reading = readManifest(written.text, recipe.components.features)
  if (!reading.ok) throw new Error(reading.reason)
  return reading.manifest
}

/** Means and deviations of the features, in the order of the recipe. */
export function normalisationOf({
  facts,
}: OpenedTraining['fold']['dataset']): Record<'past' | 'ahead', Normalisation[]> {
  const of = (kind: 'past' | 'ahead'): Normalisation[] =>
    facts.inputs.flatMap((input) =>
      input.kind === kind ? input.features.map(({ mean, sd }): Normalisation => ({ mean, sd })) : [],
    )
  return { past: of('past'), ahead: of('ahead') }
}

function dimsOf(tensor: string, { inputs, grid }: Recipe): number[] {
  if (tensor === 'past') return [1, inputs.rows, inputs.past.length]
  return tensor === 'ahead' ? [1, grid.steps, inputs.ahead.length] : [1, grid.steps]
}

/** Real prices at the start and after each step; NaN where unknown. */
function realPrices(
  series: BarSeries,
  window: DataWindow,
  shape: OpenedTraining['fold']['dataset']['shape'],
): Float64Array {
  const [first] = targetBars(series, window, shape)
  const barsPerStep = shape.stepSeconds / series.stepSeconds
  return Float64Array.from({ length: shape.steps + 1 }, (_, k) => series.close[first + k * barsPerStep]!)
}

class ForecastScorer {
  readonly #sampler = new PathSampler(new PathKernel())
  readonly #scorer = new AnswerScorer()

  /** NaN if it has no score. */
  score(forecast: Forecast, { startAtMs }: DataWindow, real: Float64Array, rule: PredictionRule): number {
    const startPrice = real[0]!
    if (!(startPrice > 0)) return Number.NaN
    const paths = this.#sampler.sample({
      ...{ forecast, startPrice, pathCount, seed: BigInt(startAtMs) },
      arrangement: { kind: 'structured', intervals: rule.intervals },
    })
    return scorePrediction(paths, real, rule, this.#scorer.scoreTotal.bind(this.#scorer)).total
  }
}

/** Windows of one day are drawn together, and so are days that a forecast reaches into. */
function summarise(
  scored: readonly Scored[],
  { grid }: Recipe,
): Pick<ModelComparison, 'model' | 'calibrated' | 'difference'> {
  const byDay = new Map<number, Scored[]>()
  for (const one of scored.toSorted((a, b) => a.startAtMs - b.startAtMs)) {
    const day = Math.floor(one.startAtMs / dayMs)
    byDay.set(day, [...(byDay.get(day) ?? []), one])
  }
  const days = [...byDay.values()]
  const means = (drawn: readonly (readonly Scored[])[]): number[] => {
    const all = drawn.flat()
    const mean = (of: (one: Scored) => number) => all.reduce((sum, one) => sum + of(one), 0) / all.length
    return [mean((one) => one.model), mean((one) => one.calibrated), mean((one) => one.model - one.calibrated)]
  }
  const blockDays = 1 + Math.ceil((grid.steps * grid.stepSeconds * 1000) / dayMs)
  const intervals = dayBootstrap(days, means, { blockDays, level: 0.95 })
  const [model, calibrated, difference] = means(days).map((mean, i): MeanScore => {
    const interval = intervals[i]
    return { mean, low: interval?.low ?? null, high: interval?.high ?? null }
  })
  return { model: model!, calibrated: calibrated!, difference: difference! }
}
