import { isOpenAtWeekends } from '../volatility/price-series.ts'
import { type CalibratedGrid, type CalibratedParameters, calibrate } from './calibrated-parameters.ts'
import { pooledAsset, poolParameters } from './pool-parameters.ts'
import type { MarketSeries, PriceSeriesSource } from './price-series-source.ts'

export interface MarketCalibration {
  readonly sets: readonly CalibratedParameters[]
  /** What all markets have in common; undefined when none could be fitted alone. */
  readonly pooled: CalibratedParameters | undefined
  readonly leftOut: readonly { readonly asset: string; readonly reason: string }[]
}

export interface MarketCalibrationOptions {
  readonly assets: readonly string[]
  /** Earlier sets to start from; without one an asset starts from what the others have in common. */
  readonly priorOf: (asset: string) => CalibratedParameters | undefined
}

interface Member {
  readonly asset: string
  readonly market: MarketSeries
  readonly isOpen: boolean
}

/** All assets of a source on one grid: first each alone, then again with the common set of its kind as prior. */
export function calibrateMarket(
  source: PriceSeriesSource,
  grid: CalibratedGrid,
  { assets, priorOf }: MarketCalibrationOptions,
): MarketCalibration {
  const leftOut: { asset: string; reason: string }[] = []
  const members = assets.flatMap((asset): Member[] => {
    const market = grid.horizon === 'low' ? source.readLow(asset) : source.readHigh(asset)
    return market === undefined ? [] : [{ asset, market, isOpen: isOpenAtWeekends(market.series) }]
  })
  const fits = new Map<string, CalibratedParameters | undefined>()
  const sets = members.flatMap((member) => {
    const { asset, market, isOpen } = member
    const others = members.filter((other) => other !== member && other.isOpen === isOpen)
    const prior = priorOf(asset) ?? pool(others, endMs(member))
    const answer = calibrate(asset, market.series, market.series.closes.length, grid, prior)
    if (answer.ok) return [answer.parameters]
    leftOut.push({ asset, reason: answer.reason })
    return []
  })
  return { sets, pooled: pool(members, Number.POSITIVE_INFINITY), leftOut }

  /** From prices before `untilMs` only: a set must not know more than its window says. */
  function pool(others: readonly Member[], untilMs: number): CalibratedParameters | undefined {
    return poolParameters(
      pooledAsset,
      others.flatMap((other) => fitAlone(other, untilMs) ?? []),
    )
  }

  function fitAlone({ asset, market }: Member, untilMs: number): CalibratedParameters | undefined {
    const { startAtMs, stepSeconds, closes } = market.series
    const steps = Math.floor((untilMs - startAtMs) / (stepSeconds * 1000))
    const until = Math.max(0, Math.min(closes.length, steps))
    const key = `${asset} ${until}`
    if (!fits.has(key)) {
      const answer = calibrate(asset, market.series, until, grid)
      fits.set(key, answer.ok ? answer.parameters : undefined)
    }
    return fits.get(key)
  }
}

function endMs({ market: { series } }: Member): number {
  return series.startAtMs + series.closes.length * series.stepSeconds * 1000
}
