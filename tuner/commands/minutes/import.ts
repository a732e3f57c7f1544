import { writeJson } from '#core/base/cli/write-json'
import { UsageError } from '#core/base/errors/app-error'
import { nearestName } from '#core/base/text/nearest-name'
import { wrapLine } from '#core/base/text/wrap-line'
import { formatBareMinute } from '#core/base/time/instant-text'
import type { MinuteSeries, WriteOutcome } from '#core/market/minutes/minute-store'
import { type VenueId, venueIds } from '#core/market/venues/venue'
import { formatInstant } from '#core/synth/regimes/instant'
import {
  chooseAssets,
  countMinutes,
  formatCount,
  type MinutesCommandDeps,
  type MinutesContext,
  nameSeries,
  scoredSeries,
  withContext,
} from './context.ts'
import { ImportShape } from './shapes.ts'

export interface ImportOptions {
  readonly asset?: string
  readonly venue?: string
  readonly symbol?: string
  readonly columns?: { readonly time: string; readonly close: string }
  readonly complete?: boolean
  readonly replace?: boolean
  readonly json?: boolean
}

interface ImportReport {
  readonly file: string
  readonly series: MinuteSeries
  readonly closes: number
  readonly firstMs: number
  readonly lastMs: number
  readonly outcome: WriteOutcome
}

/** File by file, each in one transaction: a bad one stops the command, and the previous ones stay stored. */
export async function importFiles(
  deps: MinutesCommandDeps,
  files: readonly string[],
  options: ImportOptions,
): Promise<void> {
  await withContext({ ...deps, open: () => deps.open(true) }, async (context) => {
    // All names first: a wrong one in the middle should not be found after minutes of work.
    const jobs = files.map((file) => ({ file, series: chooseSeries(deps, context, file, options) }))
    const reports: ImportReport[] = []
    for (const { file, series } of jobs) {
      const batch = await deps.readMinuteFile(file, options.columns)
      const { closes, firstMs, lastMs } = batch
      if (options.complete === true) batch.declareGapsInside()
      const mode = options.replace === true ? 'replace' : 'keep'
      const [outcome] = context.store.write([{ series, batch, origin: 'imported', detail: baseName(file), mode }])
      const report = { file, series, closes, firstMs, lastMs, outcome: outcome! }
      reports.push(report)
      if (options.json !== true) for (const line of describe(report, options)) deps.terminal.write(line)
    }
    if (options.json === true) writeJson(deps.terminal, ImportShape, { files: reports.map(toJson) })
  })
}

function chooseSeries(
  deps: MinutesCommandDeps,
  context: MinutesContext,
  file: string,
  options: ImportOptions,
): MinuteSeries {
  const asset = options.asset ?? assetInName(context, file)
  if (asset === undefined) {
    throw new UsageError('USAGE', `The name of ${file} does not say which asset it holds.`, {
      hint: `Give --asset, or name the file after it, such as BTC.csv.gz. Known are ${context.assets.join(', ')}.`,
    })
  }
  chooseAssets(context, [asset])
  const venue = options.venue === undefined ? undefined : readVenue(options.venue)
  const scored = scoredSeries(context, asset, deps.clock.nowMs())
  if (scored !== undefined && (venue === undefined || venue === scored.venue)) {
    return { ...scored, symbol: options.symbol ?? scored.symbol }
  }
  return { asset, venue: venue ?? 'files', symbol: options.symbol ?? asset }
}

function readVenue(name: string): VenueId {
  const venue = venueIds.find((known) => known === name)
  if (venue !== undefined) return venue
  const near = nearestName(name, venueIds)
  throw new UsageError('USAGE', `There is no venue ${name}.`, {
    hint: `${near === undefined ? '' : `Did you mean ${near}? `}Known are ${venueIds.join(', ')}.`,
  })
}

function assetInName(context: MinutesContext, file: string): string | undefined {
  const name = baseName(file).replace(/[.](csv|csv[.]gz|parquet)$/, '')
  return context.assets.find((asset) => asset === name)
}

function baseName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1)
}

function describe({ file, series, closes, firstMs, lastMs, outcome }: ImportReport, options: ImportOptions): string[] {
  if (closes === 0) return [`${file}: no minutes in it`]
  const lines = [
    `${file}: ${countMinutes(closes)} of ${series.asset} (${nameSeries(series)})`,
    `  ${formatBareMinute(firstMs)} to ${formatBareMinute(lastMs)} UTC`,
    `  ${formatCount(outcome.added + outcome.gapsFilled)} new, ${formatCount(outcome.unchanged)} stored before`,
  ]
  if (outcome.gapsDeclared > 0) lines.push(`  ${countMinutes(outcome.gapsDeclared)} without a trade`)
  const example = outcome.examples[0]
  if (example !== undefined) {
    const where = formatBareMinute(example.openAtMs)
    lines.push(
      options.replace === true
        ? `  ${formatCount(outcome.conflicts)} replaced, such as ${where}: ${example.refused} by ${example.kept}`
        : `  ${formatCount(outcome.conflicts)} differ from the stored ones and were not used, such as ${where}: stored ${example.kept}, file ${example.refused}; --replace uses the file's`,
    )
  }
  return lines.flatMap((line) => wrapLine(line))
}

function toJson({ file, series, closes, firstMs, lastMs, outcome }: ImportReport) {
  const { examples: _, ...counts } = outcome
  const range = closes === 0 ? { from: null, to: null } : { from: formatInstant(firstMs), to: formatInstant(lastMs) }
  return { file, ...series, closes, ...range, ...counts }
}
