import { join, resolve } from 'node:path'
import { ThreadJobRunner } from '#adapters/engine/thread-job-runner'
import { loadRegimeBook } from '#adapters/files/regime-file'
import { listPredictionFiles } from '#adapters/prediction-files/list-prediction-files'
import { readPrediction } from '#adapters/prediction-files/read-prediction'
import { openDatabase } from '#adapters/sqlite/database'
import { SqliteFileScoreStore } from '#adapters/sqlite/file-score-store'
import { SqliteRealisedPathStore } from '#adapters/sqlite/realised-path-store'
import { InputError } from '#core/base/errors/app-error'
import type { FileEntry, FilePrompt } from '#core/tuning/prediction-files/prediction-file'
import { type FolderScores, type ScoreFolderOptions, scoreFolder } from '#core/tuning/prediction-files/score-folder'
import { ReplayRulesLookup } from '#core/tuning/replay/replay-rules'
import { openRealised, openVenues } from './compose-prices.ts'
import type { OpenDeps } from './compose-replay.ts'

const isSource = import.meta.url.endsWith('.ts')

/** Scores a folder of predictions into the database, with the threads that the machine has. */
export async function scoreFolderOfFiles(
  { clock, config, packageRoot, log, threads }: OpenDeps,
  folder: string,
  options: ScoreFolderOptions & { readonly threads: number | undefined },
): Promise<FolderScores> {
  const place = resolve(folder)
  // Before the database is opened: a wrong folder creates nothing.
  const entries = listPredictionFiles(place)
  if (entries.length === 0) {
    throw new InputError('INPUT_INVALID', `There are no predictions in ${place}.`, {
      hint: 'Files are named like 2026-09-25_12:01:00Z_BTC_3600.json (or .parquet); docs/operations.md has the shapes.',
    })
  }
  const book = loadRegimeBook(config.regimes.file)
  const db = openDatabase({
    path: config.db.path,
    migrationsDir: join(packageRoot, 'migrations'),
    clock,
    busyTimeoutMs: 30_000,
  })
  const runner = new ThreadJobRunner({
    worker: {
      filename: new URL(`./score-files/score-files-worker${isSource ? '.ts' : '.js'}`, import.meta.url).href,
      execArgv: isSource ? ['--import', 'tsx'] : [],
    },
    workerData: { regimesFile: config.regimes.file },
    threads: options.threads ?? threads,
  })
  const rules = new ReplayRulesLookup(book, options.regime)
  const paths = new SqliteRealisedPathStore(db, clock)
  try {
    const deps = {
      list: () => entries,
      promptOf: readPrompt,
      store: new SqliteFileScoreStore(db, clock),
      rulesOf: (prompt: FilePrompt) => rules.of(prompt),
      realised: openRealised({ clock, config, log }, openVenues({ clock, config }), { book, db, paths }),
      runner,
    }
    return await scoreFolder(deps, place, options)
  } finally {
    await runner.stop()
    db.close()
  }
}

async function readPrompt(folder: string, { file, row }: FileEntry): Promise<FilePrompt | undefined> {
  const reading = await readPrediction(join(folder, file), row)
  if (reading.kind !== 'paths') return undefined
  const { asset, startAtMs, timeLengthSeconds } = reading.prompt
  if (asset === undefined || startAtMs === undefined || timeLengthSeconds === undefined) return undefined
  return { asset, startAtMs, timeLengthSeconds }
}
