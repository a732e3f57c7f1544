import { referenceHourlySd } from '#core/synth/regimes/table/reference-sds'

/** Below this share of an asset's typical variance a minute is a market at rest, not an estimate. */
const shareOfTypical = 1 / 50
/** Of an asset that the subnet's example miner does not know: below that of every asset it knows. */
const floorOfUnknown = 5e-10

/**
 * The least variance of a minute. One floor for all assets is too high for an index: 1 bp a minute is half of what it
 * moves in a typical minute, and more than it moves at night.
 */
export function varianceFloor(asset: string): number {
  const hourlySd = referenceHourlySd[asset]
  return hourlySd === undefined ? floorOfUnknown : (hourlySd ** 2 / 60) * shareOfTypical
}
