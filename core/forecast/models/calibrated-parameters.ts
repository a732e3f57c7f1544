import { z } from 'zod'
import type { EventKind } from '#core/base/time/american-calendar'
import type { Horizon } from '#core/synth/prompts/horizon'
import type { EventWindow } from '../volatility/event-curve.ts'
import { fitHorizonModel, type HorizonFitOptions } from '../volatility/fit-horizon-model.ts'
import { fitShape, type UncertaintyShape } from '../volatility/fit-shape.ts'
import type { PriceSeries } from '../volatility/price-series.ts'
import { blockCount } from '../volatility/week-curve.ts'

const finite = z.number()
const positive = z.number().positive()

/** One asset on one grid: what `tuner calibrate` writes and the calibrated model reads. */
export const CalibratedParametersSchema = z.strictObject({
  version: z.literal(2),
  asset: z.string().min(1),
  model: z.strictObject({
    stepSeconds: z.int().positive(),
    halfLivesSteps: z.array(positive).min(1),
    trendScales: z.array(z.int().min(0)),
    curve: z.strictObject({
      scales: z.array(positive).length(96),
      marks: z.array(positive).min(1),
      blocks: z.array(positive).length(blockCount),
      events: z
        .array(
          z.strictObject({
            kind: z.enum(['release', 'decision', 'holiday']),
            fromMinutes: finite,
            toMinutes: finite,
            scale: positive,
          }),
        )
        .optional(),
    }),
    moveBound: positive,
    stretches: z
      .array(
        z.strictObject({ fromStep: z.int().min(0), toStep: z.int().positive(), coefficients: z.array(finite).min(2) }),
      )
      .min(1),
  }),
  shape: z.strictObject({
    rmsFactor: positive,
    pathLogSd: z.number().min(0).max(2),
    driftingLogSd: z.number().min(0).max(2),
    driftingHalfLifeSeconds: positive,
    stepLogSd: z.number().min(0).max(2),
  }),
  /** The prices behind it: none from `toMs` on was used. */
  window: z.strictObject({ fromMs: z.int(), toMs: z.int(), observedSteps: z.int().min(0) }),
})

export type CalibratedParameters = z.infer<typeof CalibratedParametersSchema>

export interface CalibratedGrid {
  readonly horizon: Horizon
  readonly stepSeconds: number
  readonly fit: HorizonFitOptions
  readonly uncertainty: UncertaintyShape
  readonly leastObservedSteps: number
}

/** The two horizons of the network. The weights are where the fit starts and, with little data, nearly stays. */
export const calibratedGrids: Readonly<Record<Horizon, CalibratedGrid>> = {
  low: {
    horizon: 'low',
    stepSeconds: 300,
    fit: {
      halfLivesSteps: [3, 12, 48, 144, 288, 864, 2016, 8640],
      stretchEnds: [1, 3, 6, 12, 24, 48, 96, 192, 288],
      priorWeights: [0.05, 0.15, 0.1, 0.15, 0.25, 0.15, 0.1, 0.05],
      pull: { alone: 0.1, withPrior: 0.4 },
      trendScales: [2, 3, 5, 6],
      curve: {
        eventWindows: [
          ...windowsOf('release', [0, 5, 15, 30, 60]),
          ...windowsOf('decision', [-15, 0, 5, 15, 30, 60, 120]),
          ...windowsOf('holiday', [480, 960]),
        ],
        alone: { scales: 20, marks: 100, blocks: 1000, events: 3 },
        withPrior: { scales: 200, marks: 600, blocks: 2000, events: 10 },
      },
      rowSpacing: 7,
      warmUpSteps: 288 * 7,
    },
    uncertainty: { pathLogSd: 0.27, driftingLogSd: 0.25, driftingHalfLifeSeconds: 3600 },
    leastObservedSteps: 288 * 10,
  },
  high: {
    horizon: 'high',
    stepSeconds: 60,
    fit: {
      halfLivesSteps: [3, 8, 20, 60, 180, 720, 1440, 4320, 14_400],
      stretchEnds: [1, 3, 6, 12, 24, 40, 60],
      priorWeights: [0.05, 0.12, 0.18, 0.2, 0.15, 0.1, 0.1, 0.06, 0.04],
      pull: { alone: 0.1, withPrior: 0.5 },
      trendScales: [2, 3, 4, 6],
      curve: {
        // The price of an instant is the close of the minute that opens there: the first minute's move ends at the
        // event.
        eventWindows: [
          ...windowsOf('release', [-1, 0, 1, 5, 15, 30, 60]),
          ...windowsOf('decision', [-15, -1, 0, 5, 15, 30, 60, 120]),
          ...windowsOf('holiday', [480, 960]),
        ],
        alone: { scales: 20, marks: 100, blocks: 3000, events: 3 },
        withPrior: { scales: 400, marks: 1000, blocks: 3000, events: 10 },
      },
      rowSpacing: 7,
      warmUpSteps: 1440 * 3,
    },
    uncertainty: { pathLogSd: 0.3, driftingLogSd: 0.22, driftingHalfLifeSeconds: 1200 },
    leastObservedSteps: 1440 * 5,
  },
}

function windowsOf(kind: EventKind, borders: readonly number[]): EventWindow[] {
  return borders.slice(1).map((toMinutes, i) => ({ kind, fromMinutes: borders[i]!, toMinutes }))
}

/** Two days, one day: enough to adjust a level that is known from elsewhere. */
const shareNeededWithPrior = 0.2

export type CalibrationAnswer =
  | { readonly ok: true; readonly parameters: CalibratedParameters }
  | { readonly ok: false; readonly reason: string }

/**
 * Fits on the prices before step `until`; nothing after that is read. With a prior, from earlier prices or other
 * markets, the data change it as far as they can be trusted.
 */
export function calibrate(
  asset: string,
  series: PriceSeries,
  until: number,
  grid: CalibratedGrid,
  prior?: CalibratedParameters,
): CalibrationAnswer {
  let observedSteps = 0
  for (let i = 0; i < until; i += 1) if (!Number.isNaN(series.closes[i]!)) observedSteps += 1
  const usable = prior !== undefined && isSameModel(prior, grid) ? prior : undefined
  const least = grid.leastObservedSteps * (usable === undefined ? 1 : shareNeededWithPrior)
  if (observedSteps < least) {
    const reason = `${asset}: ${observedSteps} prices of ${grid.stepSeconds} s, but ${least} are needed`
    return { ok: false, reason }
  }
  const fitted = fitHorizonModel(series, until, grid.fit, usable?.model)
  if (fitted === null) return { ok: false, reason: `${asset}: no stretch without holes that is as long as the horizon` }
  const toMs = series.startAtMs + until * series.stepSeconds * 1000
  const window = { fromMs: series.startAtMs, toMs, observedSteps }
  const shape = fitShape(series, until, fitted, grid.uncertainty, usable?.shape)
  return { ok: true, parameters: CalibratedParametersSchema.parse({ version: 2, asset, model: fitted, shape, window }) }
}

/** Coefficients have a meaning only for the half-lives and stretches that they were fitted with. */
function isSameModel({ model }: CalibratedParameters, { stepSeconds, fit }: CalibratedGrid): boolean {
  return (
    model.stepSeconds === stepSeconds &&
    model.halfLivesSteps.join() === fit.halfLivesSteps.join() &&
    model.trendScales.join() === fit.trendScales.join() &&
    model.stretches.map(({ toStep }) => toStep).join() === fit.stretchEnds.join()
  )
}
