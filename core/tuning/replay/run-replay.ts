import type { JobEngine, JobOutcome } from '#core/base/engine/job-engine'
import type { RealisedPathFailure } from '#core/market/venues/realised-paths'
import { type PlanDeps, planReplay, type ReplayPlan, type ReplayRequest } from './plan-replay.ts'
import { type ScoreProblem, scoreProblems } from './prediction-score.ts'
import { readScoreDayResult, type ScoreDayInput } from './score-day.ts'
import type { ScoreReader, StoredTotal } from './score-store.ts'

export interface ReplayDeps extends PlanDeps {
  readonly scores: PlanDeps['scores'] & Pick<ScoreReader, 'listTotals'>
  readonly engine: JobEngine
}

export interface ReplayProgress {
  readonly stage: 'prices' | 'scores'
  /** Predictions. */
  readonly done: number
  readonly total: number
}

export interface ReplayReport {
  readonly model: string
  readonly regime: string | null
  /** Predictions of the request in the journal. */
  readonly listed: number
  readonly unsettled: number
  /** Had their score, or their problem, before this run. */
  readonly known: number
  readonly scored: number
  /** Settled, but the real prices could not be had now. */
  readonly waiting: readonly ReasonGroup<RealisedPathFailure>[]
  /** Settled and without a score for good, before this run or in it. */
  readonly problems: readonly (ReasonGroup<ScoreProblem> & { readonly fresh: number })[]
  readonly failures: readonly { readonly asset: string; readonly day: number; readonly reason: string }[]
  /** Predictions that this run did not reach. */
  readonly left: number
  readonly totals: readonly AssetTotal[]
}

export interface ReplayRun {
  readonly report: ReplayReport
  /** From every final prediction of the request that has a row under its rules, whenever it was scored. */
  readonly scores: readonly StoredTotal[]
}

export interface ReasonGroup<Reason> {
  readonly reason: Reason
  readonly message: string
  readonly count: number
  readonly assets: readonly string[]
  /** The first few, by id. */
  readonly examples: readonly string[]
}

export interface AssetTotal {
  readonly asset: string
  readonly competition: string
  readonly timeLengthSeconds: number
  readonly scored: number
  readonly problems: number
  /** Means over the scored ones. */
  readonly total: number | null
  readonly pricePart: number | null
  readonly volatilityPart: number | null
}

/** Scores final predictions without a score. Existing scores are not touched, so it may be run at any time. */
export async function runReplay(
  deps: ReplayDeps,
  request: ReplayRequest,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (progress: ReplayProgress) => void } = {},
): Promise<ReplayRun> {
  const cancelling = signal === undefined ? {} : { signal }
  const plan = await planReplay(deps, request, {
    ...cancelling,
    onProgress: (done, total) => onProgress?.({ stage: 'prices', done, total }),
  })
  const inputs = new Map(plan.jobs.map((job) => [job.key, job.input as unknown as ScoreDayInput]))
  const total = [...inputs.values()].reduce((sum, { predictions }) => sum + predictions.length, 0)
  let done = 0
  if (total > 0) onProgress?.({ stage: 'scores', done, total })
  const { outcomes } = await deps.engine.run(plan.jobs, {
    ...cancelling,
    // What is in the plan has no row: a job that is marked done all the same has lost its result.
    again: true,
    onProgress: ({ job }) => {
      done += inputs.get(job.key)?.predictions.length ?? 0
      onProgress?.({ stage: 'scores', done, total })
    },
  })
  const rows = ofPlan(deps.scores.listTotals({ ...request.filter, model: request.model }), plan)
  return { report: { ...summarise(plan, request, rows), ...tell(inputs, outcomes) }, scores: rows }
}

/** A prediction may have rows under other regimes too, from a run with an override. */
function ofPlan(totals: readonly StoredTotal[], { regimes }: ReplayPlan): readonly StoredTotal[] {
  return totals.filter(({ predictionId, regime }) => regimes.get(predictionId) === regime)
}

function summarise(plan: ReplayPlan, request: ReplayRequest, rows: readonly StoredTotal[]) {
  const { listed, unsettled, known, waiting } = plan
  const planned = new Set(
    plan.jobs.flatMap(({ input }) => (input as unknown as ScoreDayInput).predictions.map(([id]) => id)),
  )
  return {
    model: request.model,
    regime: request.regime ?? null,
    listed,
    unsettled,
    known,
    waiting: groupBy(
      waiting.map(({ prompt, reason, message }) => ({ reason, message, asset: prompt.asset, id: prompt.id })),
    ),
    problems: groupBy(
      rows.flatMap(({ problem, asset, predictionId }) =>
        problem === null ? [] : [{ reason: problem, message: scoreProblems[problem], asset, id: predictionId }],
      ),
    ).map((group) => ({
      ...group,
      fresh: rows.filter(({ problem, predictionId }) => problem === group.reason && planned.has(predictionId)).length,
    })),
    totals: totalsOf(rows),
  }
}

function tell(inputs: ReadonlyMap<string, ScoreDayInput>, outcomes: ReadonlyMap<string, JobOutcome>) {
  const failures: { asset: string; day: number; reason: string }[] = []
  let scored = 0
  let left = 0
  for (const [key, { asset, day, predictions }] of inputs) {
    const outcome = outcomes.get(key)
    if (outcome?.state === 'done') scored += readScoreDayResult(outcome.result).scored
    else left += predictions.length
    if (outcome?.state === 'failed') failures.push({ asset, day, reason: outcome.reason })
  }
  return { scored, failures, left }
}

const mostExamples = 5

function groupBy<Reason extends string>(
  items: readonly { readonly reason: Reason; readonly message: string; readonly asset: string; readonly id: string }[],
): ReasonGroup<Reason>[] {
  const groups = new Map<Reason, { message: string; assets: Set<string>; ids: string[] }>()
  for (const { reason, message, asset, id } of items) {
    const group = groups.get(reason) ?? { message, assets: new Set(), ids: [] }
    group.assets.add(asset)
    group.ids.push(id)
    groups.set(reason, group)
  }
  return [...groups]
    .map(([reason, { message, assets, ids }]) => ({
      reason,
      message,
      count: ids.length,
      assets: [...assets].sort(),
      examples: ids.slice(0, mostExamples),
    }))
    .sort((a, b) => b.count - a.count)
}

function totalsOf(rows: readonly StoredTotal[]): readonly AssetTotal[] {
  const groups = new Map<string, StoredTotal[]>()
  for (const row of rows) {
    const name = `${row.competition}\n${row.asset}\n${row.timeLengthSeconds}`
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [row])
    else group.push(row)
  }
  return [...groups.values()]
    .map((group) => {
      const { asset, competition, timeLengthSeconds } = group[0]!
      const scored = group.filter(({ total }) => total !== null)
      return {
        asset,
        competition,
        timeLengthSeconds,
        scored: scored.length,
        problems: group.length - scored.length,
        total: meanOf(scored.map(({ total }) => total)),
        pricePart: meanOf(scored.map(({ pricePart }) => pricePart)),
        volatilityPart: meanOf(scored.map(({ volatilityPart }) => volatilityPart)),
      }
    })
    .sort((a, b) => compareTexts(a.competition, b.competition) || compareTexts(a.asset, b.asset))
}

function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
