/** A folder in which every command of the tuner has something to work on, and the tuner itself run in this process. */

import { copyFileSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { runProgram } from '#adapters/cli/run-program'
import { systemClock } from '#adapters/clock/system-clock'
import { SqliteGovernanceStore } from '#adapters/sqlite/governance-store'
import { SqliteScoreStore } from '#adapters/sqlite/score-store'
import { SqliteTrainingRunStore } from '#adapters/sqlite/training-run-store'
import type { Clock } from '#core/base/time/clock'
import { dayMs, hourMs } from '#core/base/time/units'
import type { PublishedScore } from '#core/market/venues/synth-api'
import { resolvePrediction } from '#core/synth/regimes/prediction'
import { missedScore, scorePrompt } from '#core/synth/scoring/prompt-scores'
import { comparePairs } from '#core/tuning/governance/paired-comparison'
import type { RunningMiner } from '#core/tuning/settings/find-database'
import { emptyScoreBook } from '#standins/market/routes/synth-api'
import { standInSettings, startMarketStandIn } from '#standins/market/server'
import { SyntheticMarket } from '#standins/market/synthetic/synthetic-market'
import { composeTuner } from '#tuner/compose-program'
import { madePairs } from './governance-lab.ts'
import { madeBook, writeMadeJournal } from './made-journal.ts'
import { openLabDatabase } from './replay-lab.ts'
import { openGovernanceOf } from './test-database.ts'

const packageRoot = join(import.meta.dirname, '..', '..')
const startAtMs = Date.UTC(2026, 8, 21)
const days = 8
const minuteDaysBefore = 11
/** Everything is settled. */
export const tunerNowMs = startAtMs + (days + 1) * dayMs + 12 * hourMs
const seed = 1n

export interface CommandRun {
  readonly exitCode: number
  readonly lines: readonly string[]
  readonly warnings: readonly string[]
}

export interface RunOptions {
  readonly cwd: string
  readonly columns?: number
  readonly hasColor?: boolean
  readonly clock?: Clock
  readonly env?: Readonly<Record<string, string>>
  readonly runningMiners?: readonly RunningMiner[]
}

const labClock: Clock = { ...systemClock, nowMs: () => tunerNowMs }

/** As `bin/tuner.mjs` does it, except for the clock, the terminal and the settings of the person who runs the tests. */
export async function runTuner(words: readonly string[], options: RunOptions): Promise<CommandRun> {
  const { cwd, columns, hasColor = false, clock = labClock, env = {}, runningMiners = [] } = options
  const lines: string[] = []
  const warnings: string[] = []
  const before = process.cwd()
  process.chdir(cwd)
  try {
    const exitCode = await runProgram(
      composeTuner({
        packageRoot,
        argv: words,
        env,
        threads: 1,
        terminal: {
          write: (text) => void lines.push(...text.split('\n')),
          warn: (text) => void warnings.push(...text.split('\n')),
          columns,
          hasColor,
        },
        progress: { update: () => {}, stop: () => {} },
        clock,
        interrupted: () => new AbortController().signal,
        // Other tests, and the person who runs them, may have some.
        runningMiners: () => runningMiners,
      }),
    )
    return { exitCode, lines, warnings }
  } finally {
    process.chdir(before)
  }
}

/** Words of a line as a shell would split it. */
export function splitLine(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!)
}

export interface TunerLab {
  readonly folder: string
  /** A folder of its own with the same in it. */
  readonly copyTo: (folder: string) => string
  readonly stop: () => Promise<void>
}

/**
 * Eight days of a made-up miner: served, scored beside a baseline, one change observed, one evidence measured, the
 * public scores of a made-up field in which it is uid 42; venues and public API on a local port.
 */
export async function openTunerLab(folder: string): Promise<TunerLab> {
  const published: PublishedScore[] = []
  const market = new SyntheticMarket({ seed, originMs: startAtMs - (minuteDaysBefore + 1) * dayMs })
  const standIn = await startMarketStandIn({
    feed: market,
    clock: labClock,
    realClock: systemClock,
    scores: {
      ...emptyScoreBook,
      scores: () => published,
      dailyPools: () =>
        Array.from({ length: days }, (_, day) => ({ day: dayText(startAtMs + day * dayMs), usd: 9_000 })),
    },
  })
  const settings = standInSettings(standIn.url)
  const synthApi = { ...settings.synthApi, requestsPerSecond: 100 }
  writeFileSync(join(folder, 'volcast.yaml'), stringify({ market: { ...settings, synthApi } }))
  // Workers that run from the sources find their loader from the working folder.
  symlinkSync(join(packageRoot, 'node_modules'), join(folder, 'node_modules'))
  makeDatabase(join(folder, 'data', 'miner.sqlite'))
  const run = async (...words: string[]): Promise<void> => {
    const { exitCode, warnings } = await runTuner(words, { cwd: folder })
    if (exitCode !== 0) throw new Error(`tuner ${words.join(' ')} ended with ${exitCode}: ${warnings.join(' ')}`)
  }
  await run('propose', 'SOL', 'tail_low', '1.1', '--force', '--reason', 'a change under observation')
  await run('replay', '--threads', '1')
  await run('replay', '--threads', '1', '--model', 'seed')
  publishField(join(folder, 'data', 'miner.sqlite'), published)
  await run('shadow', 'fetch', '--asset', 'BTC')
  await run('minutes', 'export', '--asset', 'BTC', 'ETH')
  await run('minutes', 'export', '--asset', 'XAU', '--format', 'parquet')
  copyFileSync(join(folder, 'XAU.parquet'), join(folder, 'gold.parquet'))
  mkdirSync(join(folder, 'prices'))
  for (const asset of ['BTC', 'ETH']) {
    copyFileSync(join(folder, `${asset}.csv.gz`), join(folder, 'prices', `${asset}.csv.gz`))
  }
  await run('journal', 'export', '--asset', 'BTC', '--prompt', 'high', '--from', '2026-09-25', '--out', 'served.jsonl')
  writeAnswer(folder, market)
  writeOlderMiner(join(folder, 'synth-subnet', 'data'), join(folder, 'served.jsonl'))
  writePredictions(folder, published)
  recordTrainings(join(folder, 'data', 'miner.sqlite'))
  return {
    folder,
    copyTo: (target) => {
      cpSync(folder, target, { recursive: true })
      return target
    },
    stop: () => standIn.stop(),
  }
}

/** Two that differ in one setting, and their losses. */
function recordTrainings(path: string): void {
  const db = openLabDatabase(path)
  const store = new SqliteTrainingRunStore(db, labClock)
  for (const width of [16, 64]) {
    const id = store.start({
      ...{ recipeName: 'mine', recipeHash: `0123456789${width}`, recipe: `model: { width: ${width} }\n`, seed: 1 },
      ...{ fold: undefined, codeVersion: '0.1.0', dataHash: '0123456789ab', dataFromMs: startAtMs - dayMs },
      ...{ dataToMs: startAtMs, steps: 200, owner: 'another-computer/1/1', startedAtMs: startAtMs },
    })
    for (const step of [100, 200]) {
      const losses = { trainingLoss: 20 - step / width, validationLoss: 21 - step / width }
      store.addMetric(id, { step, ...losses, learningRate: 0.001, gradientLength: 0.5 })
    }
    store.end(id, {
      ...{ state: 'done', step: 200, bestStep: 200, bestLoss: 21 - 200 / width, reason: undefined },
      artefact: 'data/trained/mine',
      comparison: {
        ...{ part: 'test', windows: 40, model: { mean: 2_010.5, low: 1_800, high: 2_200 } },
        calibrated: { mean: 2_006.75, low: 1_790.25, high: 2_190 },
        difference: { mean: 3.75, low: -6.5, high: 14 },
      },
    })
  }
  db.close()
}

/** What an older miner leaves behind. */
function writeOlderMiner(folder: string, log: string): void {
  mkdirSync(join(folder, 'miner_state'), { recursive: true })
  mkdirSync(join(folder, 'predictions', '2026-09'), { recursive: true })
  copyFileSync(log, join(folder, 'predictions', '2026-09', 'predictions_2026-09-25.jsonl'))
  const state = {
    sigma2_1m: 4e-7,
    last_close_1m: 150,
    last_update_ts: isoOf(tunerNowMs),
    lambda_val: 0.9,
    state_version: 1,
  }
  writeFileSync(
    join(folder, 'miner_state', 'volatility_state.json'),
    JSON.stringify({ SOL: { asset: 'SOL', ...state } }),
  )
}

function isoOf(atMs: number): string {
  return new Date(atMs).toISOString().replace('Z', '+00:00')
}

/** The predictions of another program for two scored prompts. */
function writePredictions(folder: string, published: readonly PublishedScore[]): void {
  mkdirSync(join(folder, 'predictions'))
  const hours = published.filter(({ asset, timeLengthSeconds }) => asset === 'BTC' && timeLengthSeconds === 3600)
  for (const scoredAtMs of new Set(hours.slice(-60).map((score) => score.scoredAtMs))) {
    const start = new Date(scoredAtMs - hourMs).toISOString().slice(0, 19).replace('T', '_')
    const paths = Array.from({ length: 3 }, (_, path) =>
      Array.from({ length: 61 }, (__, i) => 64_000 + ((path * i) % 7)),
    )
    writeFileSync(join(folder, 'predictions', `${start}Z_BTC_3600.json`), JSON.stringify({ paths }))
  }
}

function makeDatabase(path: string): void {
  const db = openLabDatabase(path)
  db.pragma('synchronous = off')
  writeMadeJournal(db, systemClock, {
    ...{ seed, startAtMs, days, minuteDaysBefore, assets: ['BTC', 'ETH', 'XAU'], pathCount: 24 },
    ...{ dayEveryMs: 6 * hourMs, hourEveryMs: 2 * hourMs, isGapless: true },
  })
  const governance = openGovernanceOf(path)
  const store = new SqliteGovernanceStore(governance)
  store.recordStart(startAtMs - 20 * dayMs)
  const [fromMs, toMs] = [tunerNowMs - 20 * dayMs, tunerNowMs - dayMs]
  store.saveEvidence({
    ...{
      asset: 'BTC',
      parameter: 'memory_high',
      oldValue: 0,
      newValue: 0.1,
      before: 0,
      after: 0.1,
      fromMs,
      toMs,
      madeAtMs: toMs,
    },
    comparison: comparePairs(madePairs({ fromMs, toMs, factor: 0.97 }), 0.95)!,
  })
  governance.close()
  db.pragma('wal_checkpoint(truncate)')
  db.close()
}

/** Our own scores as uid 42, four better or worse ones, and one that never answers. */
function publishField(path: string, published: PublishedScore[]): void {
  const db = openLabDatabase(path)
  const totals = new SqliteScoreStore(db).listTotals({ assets: ['BTC'], fromMs: 0, model: 'served' })
  db.close()
  for (const { asset, timeLengthSeconds, startAtMs: fromMs, total } of totals) {
    if (total === null) continue
    const scoredAtMs = fromMs + timeLengthSeconds * 1000
    const { promptScore } = resolvePrediction(madeBook, { asset, timeLengthSeconds, startAtMs: fromMs }).scoring
    const uids = [3, 7, 11, 42, 90, 200]
    const crps = [0.9, 0.97, 1.05, 1, 1.3].map((factor) => factor * total).concat(missedScore)
    const { promptScores } = scorePrompt(crps, promptScore)!
    for (const [at, minerUid] of uids.entries()) {
      published.push({
        asset,
        timeLengthSeconds,
        scoredAtMs,
        minerUid,
        crps: crps[at]!,
        promptScore: promptScores[at]!,
      })
    }
  }
}

/** One answer as a validator got it, and what really happened. */
function writeAnswer(folder: string, market: SyntheticMarket): void {
  const [line] = readFileSync(join(folder, 'served.jsonl'), 'utf8').split('\n', 1)
  const { t0, increment, length, paths } = JSON.parse(line!) as {
    t0: string
    increment: number
    length: number
    paths: number[][]
  }
  const fromMs = Date.parse(t0)
  writeFileSync(join(folder, 'answer.json'), JSON.stringify([fromMs / 1000, increment, ...paths]))
  const real = Array.from({ length: length / increment + 1 }, (_, step) =>
    market.priceAt('BTC', fromMs + step * increment * 1000),
  )
  writeFileSync(join(folder, 'path.json'), JSON.stringify(real))
}

function dayText(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10)
}
