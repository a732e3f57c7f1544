import type { Command } from 'commander'
import type { z } from 'zod'
import { examples } from '#core/base/cli/examples'
import { writeJson } from '#core/base/cli/write-json'
import { UsageError } from '#core/base/errors/app-error'
import type { HashText } from '#core/base/text/hash-text'
import { calibrateMarket } from '#core/forecast/models/calibrate-market'
import {
  type CalibratedGrid,
  type CalibratedParameters,
  calibratedGrids,
} from '#core/forecast/models/calibrated-parameters'
import { readParameterFile, writeParameterFile } from '#core/forecast/models/parameter-file'
import { pooledAsset } from '#core/forecast/models/pool-parameters'
import type { PriceSeriesSource } from '#core/forecast/models/price-series-source'
import { formatInstant } from '#core/synth/regimes/instant'
import { CalibrateShape } from './calibrate-shape.ts'

export interface CalibrateCommandDeps {
  readonly openFolder: (folder: string) => PriceSeriesSource
  /** The minutes of the daemon, while `use` runs. */
  readonly withMinutes: <T>(use: (source: PriceSeriesSource) => T) => T
  /** Undefined when there is no such file. */
  readonly readText: (path: string) => string | undefined
  /** Creates missing folders. */
  readonly writeText: (path: string, text: string) => void
  readonly hashText: HashText
  /** Of the published sets. */
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
  readonly json?: boolean
}

export function addCalibrateCommand(program: Command, deps: CalibrateCommandDeps): void {
  program
    .command('calibrate')
    .description('fit the calibrated model to recorded prices, one parameter file for each asset and horizon')
    .option('--market <folder>', 'NAME.csv.gz (one minute) and NAME_5m.csv.gz files')
    .option('--from-minutes', 'the minutes that the daemon has recorded, starting from the published sets')
    .requiredOption('--out <folder>', 'folder for the parameter files')
    .option('--assets <names>', 'only these, separated by commas')
    .option('--prior <folder>', 'parameter files to start from; few prices then change them little')
    .option('--pool', `also write ${pooledAsset}, for assets that have no set of their own`)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples(
        'tuner calibrate --from-minutes --assets BTC --out parameters',
        'tuner calibrate --market prices --assets BTC,ETH --pool --out parameters',
      ),
    )
    .action((options: CalibrateOptions) => {
      calibrateAssets(deps, options)
    })
}

/** What was written, in the order of writing. */
export function calibrateAssets(deps: CalibrateCommandDeps, options: CalibrateOptions): Calibrated {
  const { market, fromMinutes = false } = options
  if ((market === undefined) !== fromMinutes) {
    throw new UsageError('USAGE', 'Prices come from one source: --market FOLDER or --from-minutes.')
  }
  const work: Work = { deps, options, made: { files: [], leftOut: [], refusedPriors: [] } }
  if (market === undefined) {
    const prior = options.prior ?? deps.publishedFolder
    deps.withMinutes((source) => calibrateSource(work, source, 'The store of minutes', prior))
  } else calibrateSource(work, deps.openFolder(market), market, options.prior)
  if (options.json === true) writeJson(deps, CalibrateShape, work.made)
  return work.made
}

type Calibrated = z.input<typeof CalibrateShape>

/** One run: its text is written on the way, its JSON at the end. */
interface Work {
  readonly deps: CalibrateCommandDeps
  readonly options: CalibrateOptions
  readonly made: Calibrated
}

function say({ deps, options }: Work, line: string): void {
  if (options.json !== true) deps.write(line)
}

function calibrateSource(work: Work, source: PriceSeriesSource, name: string, prior: string | undefined): void {
  const { options, made } = work
  const known = source.listAssets()
  const wanted = options.assets?.split(',') ?? known
  const missing = wanted.filter((asset) => !known.includes(asset))
  if (missing.length > 0 || wanted.length === 0) {
    throw new UsageError('ASSET_UNKNOWN', `${name} has no prices of ${missing.join(', ') || 'any asset'}.`, {
      hint: `There are: ${known.join(', ') || 'none'}.`,
    })
  }
  for (const grid of Object.values(calibratedGrids)) {
    const priorOf = (asset: string) => readPrior(work, prior, asset, grid)
    const { sets, pooled, leftOut } = calibrateMarket(source, grid, { assets: wanted, priorOf })
    for (const { asset, reason } of leftOut) {
      made.leftOut.push({ asset, grid: grid.horizon, reason })
      say(work, `${asset} ${grid.horizon}: left out, ${reason}`)
    }
    const pool = options.pool === true && pooled !== undefined ? [pooled] : []
    for (const parameters of [...sets, ...pool]) writeSet(work, grid, parameters)
  }
}

/** The asset's own earlier set, otherwise the one for all. */
function readPrior(
  work: Work,
  folder: string | undefined,
  asset: string,
  grid: CalibratedGrid,
): CalibratedParameters | undefined {
  if (folder === undefined) return undefined
  const { deps, made } = work
  for (const name of [asset, pooledAsset]) {
    const file = `${folder}/${name}.${grid.horizon}.json`
    const text = deps.readText(file)
    if (text === undefined) continue
    const reading = readParameterFile(text, deps.hashText)
    if (reading.ok) return reading.file.parameters
    made.refusedPriors.push({ file, reason: reading.reason })
    say(work, `${file} is not used as a start: ${reading.reason}`)
  }
  return undefined
}

function writeSet(work: Work, grid: CalibratedGrid, parameters: CalibratedParameters): void {
  const { deps, options, made } = work
  const { asset, shape, window } = parameters
  const { rmsFactor, stepLogSd } = shape
  const file = `${options.out.replace(/\/$/, '')}/${asset}.${grid.horizon}.json`
  deps.writeText(file, writeParameterFile(parameters, deps.hashText))
  const until = formatInstant(window.toMs)
  made.files.push({ file, asset, grid: grid.horizon, prices: window.observedSteps, until, rmsFactor, stepLogSd })
  say(work, `${asset} ${grid.horizon}: ${window.observedSteps} prices until ${until}`)
  say(work, `  rms factor ${rmsFactor}, step log-sd ${stepLogSd} -> ${file}`)
}
