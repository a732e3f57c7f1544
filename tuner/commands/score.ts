import { type Command, InvalidArgumentError, Option } from 'commander'
import { examples } from '#core/base/cli/examples'
import type { Progress } from '#core/base/cli/progress'
import { writeJson } from '#core/base/cli/write-json'
import { InputError, UsageError } from '#core/base/errors/app-error'
import { wrapLine } from '#core/base/text/wrap-line'
import type { RegimeBook } from '#core/synth/regimes/book'
import { expectedScoringAtMs, type PredictionRules, resolvePrediction } from '#core/synth/regimes/prediction'
import type { StorageRounding } from '#core/synth/regimes/regime'
import { resolveScoringRules } from '#core/synth/regimes/resolve'
import { AnswerScorer } from '#core/synth/scoring/answer-scorer'
import { predictionRuleOf } from '#core/synth/scoring/prediction-rule'
import { scorePrediction } from '#core/synth/scoring/score-prediction'
import type { FolderScores, ScoreFolderOptions } from '#core/tuning/prediction-files/score-folder'
import { parseDurationSeconds } from '../options/duration.ts'
import {
  type FileQuestion,
  findImpossiblePrice,
  readPaths,
  readPredictionFile,
} from '../score-files/prediction-file.ts'
import { readRealisedFile } from '../score-files/realised-file.ts'
import { buildReport, reportLines, type ScoreReport } from '../score-files/score-report.ts'
import { FolderShape, folderLines, throwForFolder, viewFolder } from './score-folder.ts'
import { ScoreShape } from './score-shape.ts'

export interface ScoreCommandDeps {
  /** Throws an InputError when the file cannot be read. */
  readonly readText: (file: string) => string
  readonly loadBook: () => RegimeBook
  /** One line on standard output. */
  readonly write: (line: string) => void
  readonly progress: Progress
  readonly interrupted: () => AbortSignal
  readonly scoreFolder: (
    folder: string,
    options: ScoreFolderOptions & { threads: number | undefined },
  ) => Promise<FolderScores>
}

interface ScoreOptions extends Partial<ScoreCommandOptions> {
  readonly again?: boolean
  readonly threads?: number
}

export interface ScoreCommandOptions {
  readonly prediction: string
  readonly realized: string
  readonly regime?: string
  readonly asset?: string
  readonly length?: number
  readonly storage?: StorageRounding
  readonly json?: boolean
}

export function addScoreCommand(program: Command, deps: ScoreCommandDeps): void {
  program
    .command('score')
    .description('score answers from files as the validator scores them: one, or a folder of them')
    .argument(
      '[folder]',
      'predictions of any program, a JSON or Parquet file a prompt; docs/operations.md has the shapes',
    )
    .option('--prediction <file>', 'one answer: [start, increment, paths…], or the whole synapse object')
    .option('--realized <file>', 'the real prices of --prediction: a list, the public API’s realised path, or candles')
    .option('--regime <id>', 'rules to use instead of those of the date')
    .option('--asset <asset>', 'the asset of the answer, if the file does not say it')
    .option('--length <duration>', 'length of the prompt, such as 24h or 3600, if the file does not say it', readLength)
    .addOption(
      new Option('--storage <rounding>', 'precision in which this validator keeps answers').choices([
        'float64',
        'float32',
      ]),
    )
    .option('--again', 'score all files of the folder again')
    .option('--threads <count>', 'files at once; default: the cores of this computer', wholeNumber)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples(
        'tuner score --prediction answer.json --realized path.json',
        'tuner score predictions',
        'tuner score --prediction answer.json --realized path.json --regime 2026-09-22',
      ),
    )
    .action(async (folder: string | undefined, options: ScoreOptions) => {
      if (folder !== undefined) return scoreWholeFolder(deps, folder, options)
      const { prediction, realized } = options
      if (prediction === undefined || realized === undefined) {
        throw new UsageError('USAGE', 'What should be scored? A folder, or --prediction and --realized.', {
          hint: 'Run "tuner score FOLDER", or "tuner score --prediction answer.json --realized path.json".',
        })
      }
      const report = scoreFiles(deps, { ...options, prediction, realized })
      if (options.json === true) writeJson(deps, ScoreShape, report)
      else for (const line of reportLines(report).flatMap((text) => wrapLine(text))) deps.write(line)
    })
}

export function scoreFiles(
  deps: Pick<ScoreCommandDeps, 'readText' | 'loadBook'>,
  options: ScoreCommandOptions,
): ScoreReport {
  const prediction = readPredictionFile(options.prediction, deps.readText(options.prediction))
  const question: FileQuestion = {
    ...prediction.question,
    asset: options.asset ?? prediction.question.asset,
    timeLengthSeconds: options.length ?? prediction.question.timeLengthSeconds,
  }
  const rules = resolveRules(deps.loadBook(), question, options.regime)
  const { answerRule, answerOrder } = rules.answer
  const ofDate = predictionRuleOf(rules, 'totals')
  const stepSeconds = question.stepSeconds ?? ofDate.stepSeconds
  const paths = readPaths({ ...prediction, question }, stepSeconds, { digits: answerRule, order: answerOrder })
  const real = readRealisedFile(options.realized, deps.readText(options.realized), {
    startAtSeconds: question.startAtSeconds,
    timeLengthSeconds: question.timeLengthSeconds,
    stepSeconds,
  })
  checkRealPath(options.realized, real, paths.pointCount, rules.scoring.settlement.lastPrice)
  const rounding = options.storage ?? ofDate.rounding
  const scorer = new AnswerScorer()
  const rule = { ...ofDate, stepSeconds, rounding }
  const scored = scorePrediction(paths, real, rule, scorer.scoreTotal.bind(scorer))
  const { asset, startAtSeconds } = question
  const impossible = findImpossiblePrice(prediction, paths)
  const { pathCount } = paths
  return buildReport({ asset, startAtSeconds, pathCount, real, rules, storage: rounding, scored, impossible })
}

function resolveRules(book: RegimeBook, question: FileQuestion, regime: string | undefined): PredictionRules {
  const { timeLengthSeconds } = question
  const when = { timeLengthSeconds, startAtMs: question.startAtSeconds * 1000, regime }
  return resolvePrediction(book, { ...when, asset: question.asset ?? anyAsset(book, when) })
}

/** Any asset will do if all competitions of this length are scored alike; otherwise the asset must be named. */
function anyAsset(
  book: RegimeBook,
  when: { readonly timeLengthSeconds: number; readonly startAtMs: number; readonly regime: string | undefined },
): string {
  const { regime, timeLengthSeconds } = when
  const scoring = resolveScoringRules(book, { regime, scoringAtMs: expectedScoringAtMs(book, { ...when, regime }) })
  const fitting = scoring.competitions.filter((competition) => competition.timeLengthSeconds === timeLengthSeconds)
  const ways = new Set(
    fitting.map(({ timeIncrementSeconds, intervals, volatilityBlocks }) =>
      JSON.stringify({ timeIncrementSeconds, intervals, volatilityBlocks }),
    ),
  )
  const assets = fitting.flatMap((competition) => competition.assets)
  if (ways.size > 1) {
    throw new UsageError('ASSET_UNKNOWN', `The file does not name the asset. Known: ${assets.join(', ')}.`, {
      hint: 'Name the asset with --asset.',
    })
  }
  // Without a competition of this length the look-up below lists the existing ones.
  return assets[0] ?? ''
}

function checkRealPath(
  file: string,
  real: Float64Array,
  pointCount: number,
  lastPrice: PredictionRules['scoring']['settlement']['lastPrice'],
): void {
  if (real.length !== pointCount) {
    throw new InputError(
      'INPUT_INVALID',
      `${file}: ${real.length} real prices do not match paths of ${pointCount} points.`,
    )
  }
  if (lastPrice === 'required' && Number.isNaN(real[real.length - 1])) {
    const at = `$[${real.length - 1}]`
    throw new InputError(
      'INPUT_INVALID',
      `${file} (${at}): the last price is missing, and without it no miner is scored.`,
    )
  }
}

function readLength(text: string): number {
  const seconds = parseDurationSeconds(text)
  if (seconds === undefined) throw new InvalidArgumentError('It must be seconds, or with a unit: 3600, 1h, 24h.')
  return seconds
}

async function scoreWholeFolder(deps: ScoreCommandDeps, folder: string, options: ScoreOptions): Promise<void> {
  for (const name of ['prediction', 'realized', 'asset', 'length'] as const) {
    if (options[name] === undefined) continue
    throw new UsageError('USAGE', `--${name} is for one answer; the files of a folder say it themselves.`, {
      hint: `Leave out --${name}, or leave out the folder.`,
    })
  }
  const { regime, storage, again = false, threads } = options
  const { progress } = deps
  try {
    const scores = await deps.scoreFolder(folder, {
      ...{ regime, storage, again, threads, signal: deps.interrupted() },
      onProgress: (done, total) => progress.update('Scores', done, total),
    })
    progress.stop()
    if (options.json === true) writeJson(deps, FolderShape, viewFolder(scores))
    else for (const line of folderLines(scores)) deps.write(line)
    throwForFolder(scores)
  } finally {
    progress.stop()
  }
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('A whole number from 1 to 999 is needed.')
  return Number(text)
}
