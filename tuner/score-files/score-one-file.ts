import { AppError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'
import type { RegimeBook } from '#core/synth/regimes/book'
import { type PredictionRules, resolvePrediction } from '#core/synth/regimes/prediction'
import type { StorageRounding } from '#core/synth/regimes/regime'
import type { AnswerScorer } from '#core/synth/scoring/answer-scorer'
import type { PathMatrix } from '#core/synth/scoring/crps'
import { predictionRuleOf } from '#core/synth/scoring/prediction-rule'
import { type PredictionRule, scorePrediction } from '#core/synth/scoring/score-prediction'
import { storeInPlace } from '#core/synth/scoring/stored-score'
import type { FileContent, FileProblem, FilePrompt, FileReading } from '#core/tuning/prediction-files/prediction-file'
import { readPaths, readPredictionFile } from './prediction-file.ts'

export interface FileOutcome {
  readonly total: number | null
  readonly problem: FileProblem | null
  readonly detail: string
  readonly pathCount: number
}

export interface FileRules {
  readonly book: RegimeBook
  /** Instead of the rules of the date. */
  readonly regime: string | undefined
  /** Instead of the precision of the date. */
  readonly storage: StorageRounding | undefined
}

export interface FileToScore {
  readonly name: string
  readonly reading: FileReading
  /** The file again as text, for the reader that can say what is wrong. */
  readonly readText: () => string
  readonly prompt: FilePrompt
  readonly real: Float64Array
}

/** What a file scores as the answer to a prompt. */
export function scoreOneFile(
  { book, regime, storage }: FileRules,
  scorer: AnswerScorer,
  { name, reading, readText, prompt, real }: FileToScore,
): FileOutcome {
  if (reading.kind === 'unreadable') return without('unreadable', reading.detail)
  const rules = resolvePrediction(book, { ...prompt, regime })
  const ofDate = predictionRuleOf(rules, 'totals')
  const rule = { ...ofDate, rounding: storage ?? ofDate.rounding }
  const isPlain = reading.kind === 'paths' && !(reading.isAnswer && needsText(reading, rules))
  const checked = isPlain ? check(reading, prompt, rules) : readCarefully(name, readText(), prompt, rules)
  return 'problem' in checked ? checked : scoreInPlace(scorer, checked.paths, real, rule)
}

function scoreInPlace(scorer: AnswerScorer, paths: PathMatrix, real: Float64Array, rule: PredictionRule): FileOutcome {
  const { pathCount } = paths
  if (paths.pointCount !== real.length)
    return without('notScorable', `its paths have ${paths.pointCount} points, and the prompt ${real.length}`, pathCount)
  storeInPlace(paths.values, rule.rounding)
  const scored = scorePrediction(paths, real, { ...rule, rounding: 'float64' }, scorer.scoreTotal.bind(scorer))
  if (scored.problem === 'zeroPrice') return without('zeroPrice', 'a simulated price is 0', pathCount)
  if (scored.problem !== null && scored.problem !== 'noRealPath')
    return without('notScorable', scored.problem.message, pathCount)
  if (scored.stored.isFailed) return without('notFinite', `the total is ${scored.total}`, pathCount)
  return { total: scored.total, problem: null, detail: '', pathCount }
}

/** Only text shows what the rule of May counts, and what exactly is refused. */
function needsText({ isShort }: FileContent, { answer }: PredictionRules): boolean {
  return !(isShort && answer.answerRule === 'sigDigits8')
}

function check(
  reading: FileContent,
  prompt: FilePrompt,
  rules: PredictionRules,
): { readonly paths: PathMatrix } | FileOutcome {
  const { paths } = reading
  const other = contradiction(reading.prompt, prompt, rules)
  if (other !== undefined) return without('unreadable', other, paths.pathCount)
  const bad = firstNotFinite(paths.values)
  if (bad < 0) return { paths }
  const at = `point ${(bad % paths.pointCount) + 1} of path ${Math.floor(bad / paths.pointCount) + 1}`
  return without('refused', `${at} is ${paths.values[bad]}`, paths.pathCount)
}

/** A loop: a call for each price takes longer than reading the file from the disk. */
function firstNotFinite(values: Float64Array): number {
  for (let i = 0; i < values.length; i += 1) if (!Number.isFinite(values[i])) return i
  return -1
}

function contradiction(
  content: FileContent['prompt'],
  prompt: FilePrompt,
  { scoring }: PredictionRules,
): string | undefined {
  const { asset, startAtMs, timeLengthSeconds, stepSeconds } = content
  const step = scoring.competition.timeIncrementSeconds
  if (stepSeconds !== undefined && stepSeconds !== step)
    return `its step is ${stepSeconds} s, and the prompt's ${step} s`
  if (asset !== undefined && asset !== prompt.asset) return `its name says ${prompt.asset}, and its content ${asset}`
  if (startAtMs !== undefined && startAtMs !== prompt.startAtMs)
    return `its name says ${new Date(prompt.startAtMs).toISOString()}, and its content ${new Date(startAtMs).toISOString()}`
  if (timeLengthSeconds !== undefined && timeLengthSeconds !== prompt.timeLengthSeconds)
    return `its name says ${prompt.timeLengthSeconds} s, and its content ${timeLengthSeconds} s`
  return undefined
}

/** The readers that say what is wrong, and where. */
function readCarefully(
  name: string,
  text: string,
  prompt: FilePrompt,
  rules: PredictionRules,
): { readonly paths: PathMatrix } | FileOutcome {
  // Python writes what is not finite into JSON. The validator refuses it.
  if (/"(paths|prediction)"\s*:/.test(text) && /[[,]\s*-?(NaN|Infinity)\s*[,\]]/.test(text))
    return without('refused', 'a number is NaN or infinite')
  try {
    const file = readPredictionFile(name, text)
    const question = { ...file.question, asset: file.question.asset ?? prompt.asset }
    const { asset, startAtSeconds, timeLengthSeconds } = question
    const other = contradiction({ asset, startAtMs: startAtSeconds * 1000, timeLengthSeconds }, prompt, rules)
    if (other !== undefined) return without('unreadable', other)
    const { answerRule: digits, answerOrder: order } = rules.answer
    const step = rules.scoring.competition.timeIncrementSeconds
    const paths = readPaths({ ...file, question }, step, { digits, order })
    return { paths: { ...paths, values: Float64Array.from(paths.values) } }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const detail = messageOf(error)
    return without(detail.includes('the validator refuses this answer') ? 'refused' : 'unreadable', detail)
  }
}

function without(problem: FileProblem, detail: string, pathCount = 0): FileOutcome {
  return { total: null, problem, detail, pathCount }
}
