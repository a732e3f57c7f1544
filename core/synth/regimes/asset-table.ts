import type { RegimeBook } from './book.ts'
import type { Regime } from './regime.ts'
import { referenceHourlySd } from './table/reference-sds.ts'

export interface AssetFacts {
  /** Prompts for it come now or will come: its minutes are recorded unless the operator names other assets. */
  readonly isAsked: boolean
  /** Typical standard deviation of the log price over an hour; undefined when nothing is known to tell it from. */
  readonly hourlySd: number | undefined
}

/**
 * Every asset that a prompt names under any of the rules, those that are still asked for first. What is admitted,
 * recorded and answered at all follows from here, so that an asset of the operator's own regimes needs no release.
 */
export function assetTable(book: RegimeBook): ReadonlyMap<string, AssetFacts> {
  const asked = new Set(regimesToCome(book).flatMap(assetsOf))
  const all = new Set([...asked, ...book.regimes.flatMap(assetsOf)])
  const newest = book.timelines.average.at(-1)?.regime
  return new Map([...all].map((asset) => [asset, { isAsked: asked.has(asset), hourlySd: hourlySdOf(asset, newest) }]))
}

export function askedAssets(book: RegimeBook): string[] {
  return [...assetTable(book)].flatMap(([asset, { isAsked }]) => (isAsked ? [asset] : []))
}

/** The newest regime of the release, which holds today, and those that the operator has follow it. */
function regimesToCome({ timelines }: RegimeBook): Regime[] {
  const regimes = timelines.prompt.map(({ regime }) => regime)
  return regimes.slice(regimes.findLastIndex(({ origin }) => origin !== 'operator'))
}

function assetsOf({ promptProfiles }: Regime): string[] {
  return promptProfiles.flatMap(({ assets }) => assets)
}

/**
 * As the example miner says. For others from the coefficients, which make standard deviation times coefficient nearly
 * equal for all assets, with BTC's coefficient at 1; to as many digits as the example miner writes.
 */
function hourlySdOf(asset: string, newest: Regime | undefined): number | undefined {
  if (Object.hasOwn(referenceHourlySd, asset)) return referenceHourlySd[asset]
  const coefficients = newest?.assetCoefficients.byAsset ?? {}
  const coefficient = Object.hasOwn(coefficients, asset) ? coefficients[asset] : undefined
  if (typeof coefficient !== 'number' || !(coefficient > 0)) return undefined
  return Number((bitcoinHourlySd / coefficient).toPrecision(3))
}

const bitcoinHourlySd = referenceHourlySd.BTC
