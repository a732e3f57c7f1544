import type { Command } from 'commander'
import { UsageError } from '#core/errors/app-error'
import { calibrateMarket, pooledAsset } from '#core/models/calibrate-market'
import { type CalibratedGrid, type CalibratedParameters, calibratedGrids } from '#core/models/calibrated-parameters'
import { type HashText, readParameterFile, writeParameterFile } from '#core/models/parameter-file'
import type { PriceSeriesSource } from '#core/models/price-series-source'
import { formatInstant } from '#core/regimes/instant'

export interface CalibrateCommandDeps {
  readonly openFolder: (folder: string) => PriceSeriesSource
  /** The minutes of the daemon, for as long as `use` runs. */
  readonly withMinutes: <T>(use: (source: PriceSeriesSource) => T) => T
  /** Undefined when there is no such file. */
  readonly readText: (path: string) => string | undefined
  /** Makes the folders on the way. */
  readonly writeText: (path: string, text: string) => void
  readonly hashText: HashText
  /** Of the sets that came with the release. */
  readonly publishedFolder: string
  readonly write: (line: string) => void
}

export interface CalibrateOptions {
  readonly market?: string
  readonly fromMinutes?: boolean
  readonly out: string
  readonly assets?: string
  readonly prior?: string
  readonly pool?: boolean
}

export function addCalibrateCommand(program: Command, deps: CalibrateCommandDeps): void {
  program
    .command('calibrate')
    .description('fit the calibrated model to recorded prices, one parameter file for each asset and horizon')
    .option('--market <folder>', 'NAME.csv.gz (one minute) and NAME_5m.csv.gz files')
    .option('--from-minutes', 'the minutes that the daemon has recorded, beginning with the published sets')
    .requiredOption('--out <folder>', 'where the parameter files go')
    .option('--assets <names>', 'only these, with commas between')
    .option('--prior <folder>', 'parameter files to begin with; few prices then move them little')
    .option('--pool', `also write ${pooledAsset}, for assets that have no set of their own`)
    .action((options: CalibrateOptions) => {
      calibrateAssets(deps, options)
    })
}

/** Returns how many files were written. */
export function calibrateAssets(deps: CalibrateCommandDeps, options: CalibrateOptions): number {
  const { market, fromMinutes = false } = options
  if ((market === undefined) !== fromMinutes) {
    throw new UsageError('USAGE', 'Prices come from one place: --market FOLDER or --from-minutes.')
  }
  if (market === undefined) {
    const withPrior = { ...options, prior: options.prior ?? deps.publishedFolder }
    return deps.withMinutes((source) => calibrateSource(deps, source, 'The store of minutes', withPrior))
  }
  return calibrateSource(deps, deps.openFolder(market), market, options)
}

function calibrateSource(
  deps: CalibrateCommandDeps,
  source: PriceSeriesSource,
  name: string,
  options: CalibrateOptions,
): number {
  const known = source.listAssets()
  const wanted = options.assets?.split(',') ?? known
  const missing = wanted.filter((asset) => !known.includes(asset))
  if (missing.length > 0 || wanted.length === 0) {
    throw new UsageError('USAGE', `${name} has no prices of ${missing.join(', ') || 'any asset'}.`, {
      hint: `There are: ${known.join(', ') || 'none'}.`,
    })
  }
  let written = 0
  for (const grid of Object.values(calibratedGrids)) {
    const priorOf = (asset: string) => readPrior(deps, options.prior, asset, grid)
    const { sets, pooled, leftOut } = calibrateMarket(source, grid, { assets: wanted, priorOf })
    for (const { asset, reason } of leftOut) deps.write(`${asset} ${grid.name}: left out, ${reason}`)
    const pool = options.pool === true && pooled !== undefined ? [pooled] : []
    for (const parameters of [...sets, ...pool]) {
      writeSet(deps, options.out, grid, parameters)
      written += 1
    }
  }
  return written
}

/** The asset's own earlier set, else the one for all. */
function readPrior(
  deps: CalibrateCommandDeps,
  folder: string | undefined,
  asset: string,
  grid: CalibratedGrid,
): CalibratedParameters | undefined {
  if (folder === undefined) return undefined
  for (const name of [asset, pooledAsset]) {
    const path = `${folder}/${name}.${grid.name}.json`
    const text = deps.readText(path)
    if (text === undefined) continue
    const reading = readParameterFile(text, deps.hashText)
    if (reading.ok) return reading.file.parameters
    deps.write(`${path} is not begun with: ${reading.reason}`)
  }
  return undefined
}

function writeSet(
  deps: CalibrateCommandDeps,
  folder: string,
  grid: CalibratedGrid,
  parameters: CalibratedParameters,
): void {
  const { asset, shape, window } = parameters
  const file = `${folder}/${asset}.${grid.name}.json`
  deps.writeText(file, writeParameterFile(parameters, deps.hashText))
  deps.write(
    `${asset} ${grid.name}: ${window.observedSteps} prices until ${formatInstant(window.toMs)}, ` +
      `rms factor ${shape.rmsFactor}, step log-sd ${shape.stepLogSd} -> ${file}`,
  )
}
