import { isOpenAtWeekends } from '../volatility/price-series.ts'
import { type CalibratedGrid, type CalibratedParameters, calibrate } from './calibrated-parameters.ts'
import { poolParameters } from './pool-parameters.ts'
import type { MarketSeries, PriceSeriesSource } from './price-series-source.ts'

/** Name of the set for assets that have none of their own. */
export const pooledAsset = 'POOL'

export interface MarketCalibration {
  readonly sets: readonly CalibratedParameters[]
  /** What the always open markets have in common; undefined when there is none. */
  readonly pooled: CalibratedParameters | undefined
  readonly leftOut: readonly { readonly asset: string; readonly reason: string }[]
}

export interface MarketCalibrationOptions {
  readonly assets: readonly string[]
  /** Earlier sets to begin with; without one an asset begins with what the others have in common. */
  readonly priorOf: (asset: string) => CalibratedParameters | undefined
}

interface Alone {
  readonly asset: string
  readonly market: MarketSeries
  readonly isOpen: boolean
  readonly parameters: CalibratedParameters | undefined
}

/** All assets of a source on one grid: each alone, then again from what the others of its kind have in common. */
export function calibrateMarket(
  source: PriceSeriesSource,
  grid: CalibratedGrid,
  { assets, priorOf }: MarketCalibrationOptions,
): MarketCalibration {
  const leftOut: { asset: string; reason: string }[] = []
  const alone = assets.flatMap((asset): Alone[] => {
    const market = grid.name === 'low' ? source.readLow(asset) : source.readHigh(asset)
    if (market === undefined) return []
    const answer = calibrate(asset, market.series, market.series.closes.length, grid)
    const parameters = answer.ok ? answer.parameters : undefined
    return [{ asset, market, isOpen: isOpenAtWeekends(market.series), parameters }]
  })
  const poolOf = (isMember: (one: Alone) => boolean): CalibratedParameters | undefined =>
    poolParameters(
      pooledAsset,
      alone.flatMap((one) => (one.parameters !== undefined && isMember(one) ? [one.parameters] : [])),
    )
  const sets = alone.flatMap(({ asset, market, isOpen }) => {
    const prior = priorOf(asset) ?? poolOf((other) => other.asset !== asset && other.isOpen === isOpen)
    const answer = calibrate(asset, market.series, market.series.closes.length, grid, prior)
    if (answer.ok) return [answer.parameters]
    leftOut.push({ asset, reason: answer.reason })
    return []
  })
  return { sets, pooled: poolOf(({ isOpen }) => isOpen), leftOut }
}
