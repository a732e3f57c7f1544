import { counted } from '#core/base/text/counted'
import type { CalibratedParameters } from '#core/forecast/models/calibrated-parameters'
import type { FeatureBook } from '#core/forecast/models/onnx/feature-book'
import { extrasNeeded, type InputFacts, needsBaseline } from '#core/forecast/models/onnx/manifest'
import type { Problem, Recipe } from '#models/compile/recipe'
import type { BarSeries } from './bar-series.ts'
import { baselineVariances, fitBaseline } from './baseline.ts'
import { Dataset } from './dataset.ts'
import { assetsRead, coarseProblems, inputFactsOf, shapeOf } from './input-facts.ts'
import { loadSeries } from './load-series.ts'
import { fitNormalisation } from './normalisation.ts'
import type { DataPorts } from './sources/source.ts'
import { type Split, splitWindows } from './split.ts'
import { type HashBytes, windowSetHash } from './window-hash.ts'
import { type DataWindow, listWindows, shapeProblems } from './windows.ts'

export interface DataDeps {
  readonly ports: DataPorts
  readonly features: FeatureBook
  readonly hashBytes: HashBytes
}

/** The data of a training, checked, cut and named. */
export interface PreparedData {
  readonly series: readonly BarSeries[]
  /** Of those that the split divides: every window that the miner could have answered. */
  readonly windows: readonly DataWindow[]
  /** Why windows were left out, each reason once with its number. */
  readonly leftOut: readonly string[]
  readonly split: Split
  /** Of all windows with everything in them: two equal hashes are the same data. */
  readonly hash: string
  hashOf(windows: readonly DataWindow[]): string
  openFold(index: number): FoldAnswer
}

export interface FoldData {
  /** Its normalisation and its calibrated model know the training part and nothing later. */
  readonly dataset: Dataset
  readonly train: readonly DataWindow[]
  readonly validation: readonly DataWindow[]
  readonly test: readonly DataWindow[]
  /** The calibrated sets that made the input `baseline`, by asset. */
  readonly baselines: ReadonlyMap<string, CalibratedParameters>
}

export type PreparedAnswer =
  | { readonly ok: true; readonly data: PreparedData }
  | { readonly ok: false; readonly problems: readonly Problem[] }

export type FoldAnswer =
  | { readonly ok: true; readonly fold: FoldData }
  | { readonly ok: false; readonly problems: readonly Problem[] }

type DataRecipe = Pick<Recipe, 'assets' | 'horizon' | 'grid' | 'inputs' | 'data' | 'split'>

/** With the calibrated forecast of each that is some 100 MB. */
const mostWindows = 50_000

/** Everything about data that can be wrong is found here, before a training starts. */
export async function prepareData(recipe: DataRecipe, deps: DataDeps): Promise<PreparedAnswer> {
  const { split: rules } = recipe
  const facts = inputFactsOf(recipe, deps.features, rules.largestUnknownShare)
  const shape = shapeOf(facts)
  const loaded = await loadSeries(recipe.data, assetsRead(facts), deps.ports)
  if (!loaded.ok) return loaded
  const { series } = loaded
  const own = series.filter(({ asset }) => recipe.assets.includes(asset))
  const problems = [...shapeProblems(own, shape), ...coarseProblems(facts, series)]
  if (problems.length > 0) return { ok: false, problems }
  const listed = listWindows(own, shape, rules)
  if (listed.length > mostWindows) {
    const sentence = `there are ${listed.length} windows, and at most ${mostWindows} are kept in memory: raise the stride`
    return { ok: false, problems: [{ path: 'split.strideMinutes', sentence }] }
  }
  const { windows, leftOut } = answerable(series, facts, listed)
  const without = recipe.assets.filter((asset) => !windows.some((window) => window.asset === asset))
  if (without.length > 0) {
    const reasons = leftOut.length === 0 ? '' : `; ${leftOut.join('; ')}`
    const limits = `split.largestUnknownShare ${rules.largestUnknownShare} and split.largestUnknownTargetShare ${rules.largestUnknownTargetShare}`
    const sentenceOf = (asset: string): string =>
      `no stretch of ${asset} as long as input and forecast has so few holes: ${limits}${reasons}`
    return { ok: false, problems: without.map((asset) => ({ path: 'data', sentence: sentenceOf(asset) })) }
  }
  const divided = splitWindows(windows, shape, rules)
  if (!divided.ok) return divided
  const { split } = divided
  const others = extrasNeeded(facts).others.flatMap((asset) => series.filter((one) => one.asset === asset))
  const hashOf = (some: readonly DataWindow[]): string => windowSetHash(series, some, shape, deps.hashBytes, others)
  const openFold = (index: number): FoldAnswer => openFoldOf(series, facts, split, index)
  return { ok: true, data: { series, windows, leftOut, split, hash: hashOf(windows), hashOf, openFold } }
}

/** The windows whose inputs the miner would have taken. The calibrated forecast comes later. */
function answerable(
  series: readonly BarSeries[],
  facts: InputFacts,
  windows: readonly DataWindow[],
): Pick<PreparedData, 'windows' | 'leftOut'> {
  const dataset = new Dataset(series, { ...facts, inputs: facts.inputs.filter(({ kind }) => kind !== 'baseline') })
  const reasons = new Map<string, number>()
  const kept = windows.filter((window) => {
    const answer = dataset.inputs(window)
    if (answer.ok) return true
    const reason = answer.reason.replace(/\d+[.]\d+ %/, 'some')
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    return false
  })
  return { windows: kept, leftOut: [...reasons].map(([reason, count]) => `${counted(count, 'window')}: ${reason}`) }
}

function openFoldOf(series: readonly BarSeries[], facts: InputFacts, split: Split, index: number): FoldAnswer {
  const fold = split.folds[index]
  if (fold === undefined) throw new RangeError(`there is no fold ${index}`)
  const baselines = new Map<string, CalibratedParameters>()
  const variances = new Map<string, Float64Array>()
  const keyOf = ({ asset, startAtMs }: DataWindow): string => `${asset} ${startAtMs}`
  if (needsBaseline(facts)) {
    const horizon = facts.serves.horizons[0]!
    const shape = shapeOf(facts)
    const lengthMs = shape.steps * shape.stepSeconds * 1000
    const untilMs = fold.train.at(-1)!.startAtMs + lengthMs
    const problems: Problem[] = []
    for (const one of series.filter(({ asset }) => facts.serves.assets.includes(asset))) {
      const fitted = fitBaseline(one, horizon, untilMs)
      if (!fitted.ok) {
        problems.push({
          path: 'inputs.baseline',
          sentence: `the calibrated model cannot be fitted on the training part: ${fitted.reason}`,
        })
        continue
      }
      baselines.set(one.asset, fitted.parameters)
      const own = [...fold.train, ...fold.validation, ...split.test].filter(({ asset }) => asset === one.asset)
      const made = baselineVariances(one, own, fitted.parameters, horizon, shape)
      own.forEach((window, i) => {
        if (made[i] !== undefined) variances.set(keyOf(window), made[i])
      })
    }
    if (problems.length > 0) return { ok: false, problems }
  }
  const baselineOf = (window: DataWindow): Float64Array | undefined => variances.get(keyOf(window))
  const fitted = fitNormalisation(series, facts, fold.train, baselineOf)
  const dataset = new Dataset(series, fitted, baselineOf)
  const has = (window: DataWindow): boolean => !needsBaseline(facts) || variances.has(keyOf(window))
  const [train, validation, test] = [fold.train, fold.validation, split.test].map((part) => part.filter(has))
  return { ok: true, fold: { dataset, train: train!, validation: validation!, test: test!, baselines } }
}
