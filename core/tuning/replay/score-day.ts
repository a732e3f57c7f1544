import { z } from 'zod'
import { AppError } from '#core/base/errors/app-error'
import type { JsonValue } from '#core/base/json/strict-json'
import type { PathsReading } from '#core/forecast/journal/journal'
import { type VenueSymbol, venueIds } from '#core/market/venues/venue'
import type { AnswerScorer, MeasuredTotal } from '#core/synth/scoring/answer-scorer'
import type { PathMatrix } from '#core/synth/scoring/crps'
import { type PredictionRule, type ScoredAnswer, scorePrediction } from '#core/synth/scoring/score-prediction'
import { throughStorage } from '#core/synth/scoring/stored-score'
import { measureFacts } from './measure-facts.ts'
import { ReplayModelSpec } from './model-spec.ts'
import type { PredictionScore, ScoreOutcome, ScoreProblem, ScoreRows } from './prediction-score.ts'
import type { ReplayRules } from './replay-rules.ts'

/** One asset's predictions of one UTC day under one regime and model: the unit of replay. */
export const scoreDayKind = 'replay.scoreDay'
/** Raised with every change of the meaning of a score or its facts. */
export const scoreDayVersion = 2

const inputSchema = z.strictObject({
  version: z.literal(scoreDayVersion),
  asset: z.string(),
  /** Days since 1970-01-01. */
  day: z.int(),
  regime: z.string().min(1),
  /** The operator named the regime; it is used for any date. */
  isOverride: z.boolean(),
  model: z.string().min(1),
  /** Null: what was served. */
  spec: ReplayModelSpec.nullable(),
  /** The source of the real prices. */
  series: z.strictObject({ venue: z.enum(venueIds), symbol: z.string() }),
  predictions: z.array(z.tuple([z.string(), z.int(), z.int().positive(), z.int().positive()]).readonly()),
})

export type ScoreDayInput = z.infer<typeof inputSchema>

const resultSchema = z.strictObject({ scored: z.int(), problems: z.array(z.tuple([z.string(), z.string()])) })
export type ScoreDayResult = z.infer<typeof resultSchema>

export class ReplayError extends AppError {}

export interface PromptToScore {
  readonly id: string
  readonly asset: string
  readonly startAtMs: number
  readonly timeLengthSeconds: number
  readonly stepSeconds: number
}

/** The paths of a prediction: the served ones, or those of another model for the same prompt. */
export type PathsOf = (prompt: PromptToScore, rule: PredictionRule) => PathsAnswer

export type PathsAnswer =
  /** The next call may overwrite the values. */
  | { readonly ok: true; readonly paths: PathMatrix }
  | { readonly ok: false; readonly problem: ScoreProblem; readonly detail: string }

export interface ScoreDayDeps {
  /** Made once for the whole job, so that a model can read its minutes in order. */
  readonly openPaths: (input: ScoreDayInput, prompts: readonly PromptToScore[]) => PathsOf | Promise<PathsOf>
  readonly realisedPath: (prompt: PromptToScore, series: VenueSymbol) => Float64Array | undefined
  readonly rulesOf: (prompt: PromptToScore, regime: string | undefined) => ReplayRules
  readonly scorer: AnswerScorer
  /** All or nothing. */
  readonly save: (scores: readonly PredictionScore[]) => void
  readonly nowMs: () => number
}

/**
 * Scores the predictions in the input and stores the rows. The same input gives the same rows, wherever and however
 * often it runs.
 */
export async function scoreDay(deps: ScoreDayDeps, input: JsonValue): Promise<ScoreDayResult> {
  const job = inputSchema.parse(input)
  const prompts = job.predictions.map(([id, startAtMs, timeLengthSeconds, stepSeconds]) => ({
    id,
    asset: job.asset,
    startAtMs,
    timeLengthSeconds,
    stepSeconds,
  }))
  const pathsOf = await deps.openPaths(job, prompts)
  const scores = prompts.map((prompt): PredictionScore => {
    const rules = deps.rulesOf(prompt, job.isOverride ? job.regime : undefined)
    if (!rules.ok || rules.regimeId !== job.regime) {
      throw new ReplayError(
        'RULES_CHANGED',
        `${job.regime} is no longer effective for ${prompt.asset} at ${prompt.startAtMs}.`,
      )
    }
    const { asset, startAtMs, timeLengthSeconds } = prompt
    return {
      predictionId: prompt.id,
      regime: job.regime,
      model: job.model,
      asset,
      startAtMs,
      timeLengthSeconds,
      competition: rules.competition,
      outcome: scorePrompt(deps, pathsOf, prompt, { rule: rules.rule, series: job.series }),
      scoredAtMs: deps.nowMs(),
    }
  })
  deps.save(scores)
  const problems = scores.flatMap(({ predictionId, outcome }) =>
    outcome.kind === 'problem' ? [[predictionId, outcome.problem] as [string, string]] : [],
  )
  return { scored: scores.length - problems.length, problems }
}

export function readScoreDayResult(result: JsonValue): ScoreDayResult {
  return resultSchema.parse(result)
}

function scorePrompt(
  deps: ScoreDayDeps,
  pathsOf: PathsOf,
  prompt: PromptToScore,
  { rule, series }: { rule: PredictionRule; series: VenueSymbol },
): ScoreOutcome {
  const real = deps.realisedPath(prompt, series)
  // The plan saw it; a store that was restored from a backup since then may not have it.
  if (real === undefined) return problem('forgotten', 'the realised path is no longer in the store')
  const answer = pathsOf(prompt, rule)
  if (!answer.ok) return problem(answer.problem, answer.detail)
  return scorePaths(deps.scorer, answer.paths, real, rule)
}

export function scorePaths(
  scorer: AnswerScorer,
  paths: PathMatrix,
  real: Float64Array,
  rule: PredictionRule,
): ScoreOutcome {
  let measured: MeasuredTotal | undefined
  // The scorer does what the validator's storage does, while it loads the paths.
  const scored = scorePrediction(paths, real, { ...rule, rounding: 'float64' }, (given, realPath, options) => {
    measured = scorer.measureTotal(given, realPath, options, rule.rounding)
    return measured.total
  })
  return toOutcome(scored, measured, paths, rule)
}

function toOutcome(
  scored: ScoredAnswer,
  measured: MeasuredTotal | undefined,
  paths: PathMatrix,
  rule: PredictionRule,
): ScoreOutcome {
  if (scored.problem === 'zeroPrice') return problem('zeroPrice', '')
  if (scored.problem === 'noRealPath') return problem('lastMissing', 'the real path is empty')
  if (scored.problem !== null) return problem('notScorable', scored.problem.message)
  if (scored.stored.isFailed || scored.price === null || measured === undefined) {
    return problem('notFinite', `the total is ${scored.total}`)
  }
  const { price, volatility } = scored
  return {
    kind: 'scored',
    total: scored.total,
    pricePart: price.score,
    volatilityPart: volatility?.total ?? null,
    rows: toRows(scored),
    facts: measureFacts({
      pathCount: paths.pathCount,
      startPrice: throughStorage(paths.values.subarray(0, 1), rule.rounding)[0]!,
      stepSeconds: rule.stepSeconds,
      price,
      measures: measured,
    }),
  }
}

function toRows({ price, volatility }: ScoredAnswer): ScoreRows {
  const totals = (price?.details ?? []).flatMap(([interval, increment, crps]) =>
    increment === 'Total' && interval !== 'Overall' ? [[interval, crps] as const] : [],
  )
  return { price: totals, volatility: volatility?.rows ?? [] }
}

function problem(name: ScoreProblem, detail: string): ScoreOutcome {
  return { kind: 'problem', problem: name, detail }
}

const problemOfReading = {
  missing: 'pathsMissing',
  hashDiffers: 'hashDiffers',
  otherSampler: 'otherSampler',
  unreadable: 'unreadable',
} as const satisfies Record<(PathsReading & { ok: false })['reason'], ScoreProblem>

/** What was served, from the journal. */
export function servedPaths(journal: { readPaths(id: string): PathsReading }): PathsOf {
  return ({ id }) => {
    const reading = journal.readPaths(id)
    if (reading.ok) return { ok: true, paths: reading.paths }
    return { ok: false, problem: problemOfReading[reading.reason], detail: reading.detail }
  }
}
