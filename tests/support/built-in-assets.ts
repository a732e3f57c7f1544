import { assetTable } from '#core/synth/regimes/asset-table'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'

const table = assetTable(buildRegimeBook(builtInRegimes))

/** What a miner of this release admits prompts for. */
export const admittedAssets: readonly string[] = [...table.keys()]

/** What it records unless the operator names other assets. */
export const recordedAssets: readonly string[] = admittedAssets.filter((asset) => table.get(asset)?.isAsked)

export function typicalHourlySd(asset: string): number | undefined {
  return table.get(asset)?.hourlySd
}
