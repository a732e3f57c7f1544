import { type Command, InvalidArgumentError, Option } from 'commander'
import { examples } from '#core/base/cli/examples'
import { type BackfillOptions, backfill } from './minutes/backfill.ts'
import type { MinutesCommandDeps } from './minutes/context.ts'
import { exportFiles, type MinutesExportOptions } from './minutes/export.ts'
import { type ImportOptions, importFiles } from './minutes/import.ts'
import { type MinutesStatusOptions, showStatus } from './minutes/status.ts'

export function addMinutesCommand(program: Command, deps: MinutesCommandDeps): void {
  const minutes = program.command('minutes').description('the one-minute closes behind volatility and scores')

  minutes
    .command('status')
    .description('show what is recorded of each asset, and what is missing')
    .option('--days <count>', 'how far back to look', wholeDays, 30)
    .option('--asset <names...>', 'only these assets')
    .option('--gaps', 'list the longest holes, also those without a trade')
    .option('--all', 'with --gaps: every hole')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner minutes status', 'tuner minutes status --days 3 --asset XAU --gaps'))
    .action((options: MinutesStatusOptions) => showStatus(deps, options))

  minutes
    .command('backfill')
    .description('fetch missing minutes from the scored venue, as far back as it has them')
    .option('--days <count>', 'how far back to fill', wholeDays, 30)
    .option('--asset <names...>', 'only these assets')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner minutes backfill --days 3', 'tuner minutes backfill --asset BTC ETH'))
    .action((options: BackfillOptions) => backfill(deps, options))

  minutes
    .command('import')
    .description('store the minutes of files: .csv, .csv.gz or .parquet with ts or timestamp (Unix seconds) and close')
    .argument('<files...>', 'each file is stored completely or not at all')
    .option('--asset <name>', 'the asset; default: the name of the file')
    .option('--venue <name>', 'the venue; default: the scored one')
    .option('--symbol <name>', "the venue's name of the series")
    .option(
      '--columns <time,close>',
      'names of the two columns of Parquet files; default: ts or timestamp, close',
      readColumns,
    )
    .option('--complete', 'the files have every candle there was: a missing minute had no trade')
    .option('--replace', 'use the closes of the file where others are stored')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples(
        'tuner minutes import BTC.csv.gz ETH.csv.gz',
        'tuner minutes import gold.parquet --asset XAU --complete',
      ),
    )
    .action((files: string[], options: ImportOptions) => importFiles(deps, files, options))

  minutes
    .command('export')
    .description('write the stored minutes to files, one per asset')
    .option('--asset <names...>', 'only these assets')
    .option('--venue <name>', 'the venue; default: the scored one')
    .option('--from <instant>', 'UTC, such as 2026-09-21 or 2026-09-21T12:00Z')
    .option('--to <instant>', 'the last minute to write')
    .addOption(new Option('--format <name>', 'kind of file').choices(['csv', 'csv.gz', 'parquet']).default('csv.gz'))
    .option('--out <folder>', 'where to write', '.')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples(
        'tuner minutes export --out backup',
        'tuner minutes export --asset BTC --from 2026-09-25 --format parquet',
      ),
    )
    .action((options: MinutesExportOptions) => exportFiles(deps, options))
}

function readColumns(text: string): { time: string; close: string } {
  const [time, close, ...more] = text.split(',')
  if (!time || !close || more.length > 0)
    throw new InvalidArgumentError('Two names are needed: the time, then the close.')
  return { time, close }
}

function wholeDays(text: string): number {
  const days = Number(text)
  if (!Number.isInteger(days) || days < 1 || days > 3_650) {
    throw new InvalidArgumentError('It must be a whole number of days, 1 to 3650.')
  }
  return days
}
