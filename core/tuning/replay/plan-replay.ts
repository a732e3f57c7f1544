import { type Job, makeJob } from '#core/base/engine/job'
import type { HashText } from '#core/base/text/hash-text'
import { dayMs } from '#core/base/time/units'
import type { PredictionFilter } from '#core/forecast/journal/journal'
import { dayOf } from '#core/market/minutes/minute-day'
import type { RealisedPathAnswer, RealisedPathFailure } from '#core/market/venues/realised-paths'
import type { VenueSymbol } from '#core/market/venues/venue'
import type { ReplayModelSpec } from './model-spec.ts'
import type { PredictionScore, ScoreProblem } from './prediction-score.ts'
import type { ReplayRulesLookup } from './replay-rules.ts'
import { type PromptToScore, type ScoreDayInput, scoreDayKind, scoreDayVersion } from './score-day.ts'
import type { ReplayCandidate, ScoreReader, ScoreWriter } from './score-store.ts'

export interface ReplayRequest {
  readonly filter: PredictionFilter
  readonly competition?: string
  /** Rules to use instead of those of the date. */
  readonly regime?: string
  /** `served`, or the written form of a model. */
  readonly model: string
  /** The numbers of that model for an asset; null for what was served. */
  readonly specOf: (asset: string) => ReplayModelSpec | null
  /** Scores again what has a score or a problem already. */
  readonly again: boolean
}

export interface PlanDeps {
  readonly scores: Pick<ScoreReader, 'listCandidates'> & ScoreWriter
  readonly rules: ReplayRulesLookup
  readonly realised: { read(prompt: PromptToScore, signal?: AbortSignal): Promise<RealisedPathAnswer> }
  /** Writes what `realised` still holds back. */
  readonly flushRealised: () => void
  readonly hashText: HashText
  readonly nowMs: () => number
  /** Of another kind where the prompts are not those of the journal. */
  readonly jobKind?: string
}

export interface ReplayPlan {
  readonly jobs: readonly Job[]
  /** Regime of every final prediction of the request, scored or not. */
  readonly regimes: ReadonlyMap<string, string>
  /** Predictions of the request in the journal. */
  readonly listed: number
  /** The path is not over, or ended only just now. */
  readonly unsettled: number
  /** Had their row before. */
  readonly known: number
  /** Final, but the real prices are not available now: the next replay tries again. */
  readonly waiting: readonly WaitingPrompt[]
}

export interface WaitingPrompt {
  readonly prompt: PromptToScore
  readonly reason: RealisedPathFailure
  readonly message: string
}

/** A later candle must have opened as a witness of the last one, and a recorder needs time to store both. */
const settledAfterMs = 180_000
/** Until then a venue may still fill gaps; after that the gap is stored as the outcome. */
const finalAfterMs = dayMs

const finalFailures: Partial<Record<RealisedPathFailure, ScoreProblem>> = {
  notScored: 'notScored',
  lastMissing: 'lastMissing',
  notSettled: 'notSettled',
  forgotten: 'forgotten',
  refusedRows: 'refusedRows',
}

/** Which predictions can be scored now and have no score, as jobs of one asset and day each. */
export async function planReplay(
  deps: PlanDeps,
  request: ReplayRequest,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (done: number, total: number) => void } = {},
): Promise<ReplayPlan> {
  const nowMs = deps.nowMs()
  const candidates = deps.scores.listCandidates(request.filter, request.model)
  const regimes = new Map<string, string>()
  const pending: { candidate: ReplayCandidate; regime: string }[] = []
  const outcomes: PredictionScore[] = []
  let listed = 0
  let unsettled = 0
  let known = 0
  for (const candidate of candidates) {
    const rules = deps.rules.of(candidate)
    if (request.competition !== undefined && !(rules.ok && rules.competition === request.competition)) continue
    listed += 1
    if (endOf(candidate) + settledAfterMs > nowMs) {
      unsettled += 1
      continue
    }
    const regime = rules.ok ? rules.regimeId : (request.regime ?? unknownRegime)
    regimes.set(candidate.id, regime)
    if (!request.again && candidate.scoredUnder.includes(regime)) known += 1
    else if (rules.ok) pending.push({ candidate, regime })
    else outcomes.push(unscored(candidate, { regime, request, competition: '', nowMs }, 'notAsked', rules.reason))
  }

  const waiting: WaitingPrompt[] = []
  const units = new Map<string, ScoreDayInput>()
  for (const [i, { candidate, regime }] of pending.entries()) {
    signal?.throwIfAborted()
    onProgress?.(i, pending.length)
    const answer = await deps.realised.read(candidate, signal)
    if (answer.ok) {
      addToUnit(units, candidate, { regime, series: answer.series, request })
      continue
    }
    const problem = finalFailures[answer.reason]
    if (problem === undefined || endOf(candidate) + finalAfterMs > nowMs) {
      waiting.push({ prompt: candidate, reason: answer.reason, message: answer.message })
    } else {
      const rules = deps.rules.of(candidate)
      const competition = rules.ok ? rules.competition : ''
      outcomes.push(unscored(candidate, { regime, request, competition, nowMs }, problem, answer.message))
    }
  }
  if (pending.length > 0) onProgress?.(pending.length, pending.length)
  deps.flushRealised()
  deps.scores.saveScores(outcomes)
  const jobs = [...units.values()].map((input) => makeJob({ kind: deps.jobKind ?? scoreDayKind, input }, deps.hashText))
  return { jobs, regimes, listed, unsettled, known, waiting }
}

/** No known rules have such prompts: the row needs a name all the same. */
const unknownRegime = 'none'

function addToUnit(
  units: Map<string, ScoreDayInput>,
  { id, asset, startAtMs, timeLengthSeconds, stepSeconds }: PromptToScore,
  { regime, series, request }: { regime: string; series: VenueSymbol; request: ReplayRequest },
): void {
  const day = dayOf(startAtMs)
  const { venue, symbol } = series
  const name = [asset, day, regime, venue, symbol].join('\n')
  const { model } = request
  const unit = units.get(name) ?? {
    version: scoreDayVersion,
    asset,
    day,
    regime,
    isOverride: request.regime !== undefined,
    model,
    spec: request.specOf(asset),
    series: { venue, symbol },
    predictions: [],
  }
  unit.predictions.push([id, startAtMs, timeLengthSeconds, stepSeconds])
  units.set(name, unit)
}

function endOf({ startAtMs, timeLengthSeconds }: PromptToScore): number {
  return startAtMs + timeLengthSeconds * 1000
}

function unscored(
  { id, asset, startAtMs, timeLengthSeconds }: PromptToScore,
  at: { regime: string; request: ReplayRequest; competition: string; nowMs: number },
  problem: ScoreProblem,
  detail: string,
): PredictionScore {
  return {
    predictionId: id,
    regime: at.regime,
    model: at.request.model,
    asset,
    startAtMs,
    timeLengthSeconds,
    competition: at.competition,
    outcome: { kind: 'problem', problem, detail },
    scoredAtMs: at.nowMs,
  }
}
