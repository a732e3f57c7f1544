import { calibratedGrids } from '#core/forecast/models/calibrated-parameters'
import type { BoundFeature } from '#core/forecast/models/onnx/feature'
import type { FeatureBook } from '#core/forecast/models/onnx/feature-book'
import {
  extrasNeeded,
  type InputFacts,
  type ModelInput,
  minutesNeeded,
  needsBaseline,
} from '#core/forecast/models/onnx/manifest'
import type { Problem, Recipe } from '#models/compile/recipe'
import type { BarSeries } from './bar-series.ts'
import { hasBaseline } from './baseline.ts'
import type { WindowShape } from './windows.ts'

/** Largest age of the last close, as a manifest has it by default. */
const largestAgeSeconds = 900

/** What a recipe's model reads, its features not normalised yet. */
export function inputFactsOf(
  { assets, horizon, grid, inputs }: Pick<Recipe, 'assets' | 'horizon' | 'grid' | 'inputs'>,
  features: FeatureBook,
  largestUnknownShare: number,
): InputFacts {
  const { rows, stepSeconds, past, ahead, baseline } = inputs
  const list: ModelInput[] = [
    { tensor: 'past', kind: 'past', stepSeconds, rows, features: past.map((feature) => features.past.parse(feature)) },
  ]
  if (ahead.length > 0) {
    list.push({ tensor: 'ahead', kind: 'ahead', features: ahead.map((feature) => features.ahead.parse(feature)) })
  }
  if (baseline) list.push({ tensor: 'baseline', kind: 'baseline' })
  return {
    serves: { assets, horizons: [horizon] },
    grid,
    window: { largestUnknownShare, largestAgeSeconds },
    inputs: list,
  }
}

export function shapeOf(facts: InputFacts): WindowShape {
  const fit = calibratedGrids[facts.serves.horizons[0]!]
  return {
    inputMinutes: minutesNeeded(facts),
    warmUpMinutes: needsBaseline(facts) ? (fit.fit.warmUpSteps * fit.stepSeconds) / 60 : 0,
    ...facts.grid,
    largestUnknownShare: facts.window.largestUnknownShare,
  }
}

/** The assets that a model forecasts, and those that it only reads. */
export function assetsRead(facts: InputFacts): string[] {
  return [...new Set([...facts.serves.assets, ...extrasNeeded(facts).others])]
}

/** They read closes at the ends of steps only: the same numbers from longer bars as from minutes. */
const endOfStepFeatures = new Set(['logReturn', 'absLogReturn', 'logPriceToLast'])

/**
 * The miner computes features from one-minute closes. Longer bars serve where every number is the same from them; a
 * variance of five-minute moves under the name of one of minutes would be another number when it is served.
 */
export function coarseProblems(facts: InputFacts, series: readonly BarSeries[]): Problem[] {
  return series
    .filter(({ stepSeconds }) => stepSeconds !== 60)
    .flatMap((one): Problem[] => {
      const bars = `${one.asset}'s bars are of ${one.stepSeconds} s`
      return facts.inputs.flatMap((input): Problem[] => {
        if (input.kind === 'baseline') {
          if (hasBaseline(one, facts.serves.horizons[0]!)) return []
          const own = calibratedGrids[facts.serves.horizons[0]!].stepSeconds
          const needed = own === 60 ? 'minutes' : `minutes or bars of ${own} s`
          return [{ path: 'inputs.baseline', sentence: `the calibrated forecast needs ${needed}, but ${bars}` }]
        }
        if (input.kind === 'asset') return []
        const steps: Problem[] =
          input.kind === 'past' && input.stepSeconds % one.stepSeconds !== 0
            ? [{ path: 'inputs.stepSeconds', sentence: `rows of ${input.stepSeconds} s do not end with bars: ${bars}` }]
            : []
        const features = input.features.flatMap((feature, i): Problem[] => {
          if (isSameFromLongerBars(feature)) return []
          const sentence = `${feature.kind} needs one-minute data, but ${bars}; ${[...endOfStepFeatures].join(', ')} and features of the clock do not`
          return [{ path: `inputs.${input.kind}.${i}`, sentence }]
        })
        return [...steps, ...features]
      })
    })
}

function isSameFromLongerBars({ kind, definition }: BoundFeature): boolean {
  return definition.source === 'time' ? definition.minutes === undefined : endOfStepFeatures.has(kind)
}
