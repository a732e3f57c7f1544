/**
 * `npx tsx scripts/publish-parameters.ts FOLDER`: fits the parameter sets of a release, models/published/calibrated, to
 * a folder of recorded prices. It works like `tuner calibrate`, with the network's asset names: shares, the index and
 * oil are scored from perpetuals, which never close, so their week is learned from perpetuals.
 */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { sha256Hex, writeOutputFile } from '#adapters/files/output-file'
import { PriceSeriesFolder } from '#adapters/market-files/price-series-folder'
import { calibrateMarket } from '#core/forecast/models/calibrate-market'
import {
  type CalibratedGrid,
  type CalibratedParameters,
  calibratedGrids,
} from '#core/forecast/models/calibrated-parameters'
import { writeParameterFile } from '#core/forecast/models/parameter-file'
import { pooledAsset, poolParameters } from '#core/forecast/models/pool-parameters'

const out = join(import.meta.dirname, '..', 'models', 'published', 'calibrated')
const alwaysOpen = ['BTC', 'ETH', 'SOL', 'XRP', 'HYPE', 'XAU']
const sharePerpetuals = { NVDAX: 'NVDAX_perp', TSLAX: 'TSLAX_perp' } as const
/** Assets without a perpetual in the folder: what the two shares have in common. */
const otherShares = ['AAPLX', 'GOOGLX', 'SPYX', 'SP500', 'SPCX']
const sessionsOnly = ['WTIOIL']

function publish(folder: PriceSeriesFolder, grid: CalibratedGrid): CalibratedParameters[] {
  const known = folder.listAssets()
  const present = (names: readonly string[]): string[] => names.filter((name) => known.includes(name))
  const noPrior = { priorOf: () => undefined }
  const perpetuals = Object.values(sharePerpetuals)
  const open = calibrateMarket(folder, grid, { assets: present([...alwaysOpen, ...perpetuals]), ...noPrior })
  const own = open.sets.filter(({ asset }) => alwaysOpen.includes(asset))
  const pooled = open.pooled === undefined ? [] : [open.pooled]
  if (grid.horizon === 'high') return [...own, ...pooled]
  const shares = open.sets.filter(({ asset }) => perpetuals.some((name) => name === asset))
  const named = Object.entries(sharePerpetuals).flatMap(([asset, file]) => {
    const set = shares.find((one) => one.asset === file)
    return set === undefined ? [] : [{ ...set, asset }]
  })
  const alike = otherShares.flatMap((asset) => poolParameters(asset, shares) ?? [])
  const gold = own.filter(({ asset }) => asset === 'XAU')
  const quietWeekends = poolParameters(pooledAsset, [...shares, ...gold])
  const oil = calibrateMarket(folder, grid, { assets: present(sessionsOnly), priorOf: () => quietWeekends })
  return [...own, ...named, ...alike, ...oil.sets, ...pooled]
}

const [market] = process.argv.slice(2)
if (market === undefined) throw new Error('Name the folder of recorded prices.')
for (const file of readdirSync(out)) if (file.endsWith('.json')) rmSync(join(out, file))
for (const grid of Object.values(calibratedGrids)) {
  for (const set of publish(new PriceSeriesFolder(market), grid)) {
    const text = writeParameterFile(set, sha256Hex)
    writeOutputFile(join(out, `${set.asset}.${grid.horizon}.json`), text)
    const to = new Date(set.window.toMs).toISOString().slice(0, 10)
    console.log(`${set.asset}.${grid.horizon}: ${set.window.observedSteps} prices until ${to}, ${text.slice(9, 21)}`)
  }
}
