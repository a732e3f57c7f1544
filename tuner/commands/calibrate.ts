import type { Command } from 'commander'
import { UsageError } from '#core/errors/app-error'
import { calibrate, calibratedGrids } from '#core/models/calibrated-parameters'
import { type HashText, writeParameterFile } from '#core/models/parameter-file'
import type { PriceSeriesSource } from '#core/models/price-series-source'
import { formatInstant } from '#core/regimes/instant'

export interface CalibrateCommandDeps {
  readonly openFolder: (folder: string) => PriceSeriesSource
  /** Makes the folders on the way. */
  readonly writeText: (path: string, text: string) => void
  readonly hashText: HashText
  readonly write: (line: string) => void
}

export interface CalibrateOptions {
  readonly market: string
  readonly out: string
  readonly assets?: string
}

export function addCalibrateCommand(program: Command, deps: CalibrateCommandDeps): void {
  program
    .command('calibrate')
    .description('fit the calibrated model to recorded prices, one parameter file for each asset and horizon')
    .requiredOption('--market <folder>', 'NAME.csv.gz (one minute) and NAME_5m.csv.gz files')
    .requiredOption('--out <folder>', 'where the parameter files go')
    .option('--assets <names>', 'only these, with commas between')
    .action((options: CalibrateOptions) => {
      calibrateFolder(deps, options)
    })
}

/** Returns how many files were written. */
export function calibrateFolder(deps: CalibrateCommandDeps, options: CalibrateOptions): number {
  const source = deps.openFolder(options.market)
  const known = source.listAssets()
  const wanted = options.assets?.split(',') ?? known
  const missing = wanted.filter((asset) => !known.includes(asset))
  if (missing.length > 0 || wanted.length === 0) {
    throw new UsageError('USAGE', `${options.market} has no prices of ${missing.join(', ') || 'any asset'}.`, {
      hint: `There are: ${known.join(', ') || 'none'}.`,
    })
  }
  let written = 0
  for (const asset of wanted) {
    for (const grid of Object.values(calibratedGrids)) {
      const series = (grid.name === 'low' ? source.readLow(asset) : source.readHigh(asset))?.series
      if (series === undefined) continue
      const answer = calibrate(asset, series, series.closes.length, grid)
      if (!answer.ok) {
        deps.write(`${asset} ${grid.name}: left out, ${answer.reason}`)
        continue
      }
      const { shape, window } = answer.parameters
      const file = `${options.out}/${asset}.${grid.name}.json`
      deps.writeText(file, writeParameterFile(answer.parameters, deps.hashText))
      written += 1
      deps.write(
        `${asset} ${grid.name}: ${window.observedSteps} prices until ${formatInstant(window.toMs)}, ` +
          `rms factor ${shape.rmsFactor}, step log-sd ${shape.stepLogSd} -> ${file}`,
      )
    }
  }
  return written
}
