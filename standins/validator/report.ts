import { horizonName, ratio } from './score-table.ts'
import type { AssetScoreRow, ValidatorTally } from './tally.ts'

/** The content of `--report FILE`; docs/demo.md describes it. */
export interface ValidatorReport {
  readonly version: 1
  /** True when `problems` is empty. */
  readonly ok: boolean
  readonly problems: readonly string[]
  /** Instants of the market, and the duration of the run in real seconds. */
  readonly market: { readonly startAt: string; readonly endAt: string; readonly realSeconds: number }
  readonly prompts: {
    readonly sent: number
    readonly answered: number
    readonly missed: number
    readonly invalid: number
    readonly scored: number
    /** The market has no price where the rules need one. */
    readonly unscored: number
    /** Their period is not over. */
    readonly pending: number
    readonly answerMs: { readonly p50: number | null; readonly p95: number | null; readonly max: number | null }
  }
  readonly badRequests: {
    readonly sent: number
    readonly refused: number
    readonly kinds: Readonly<
      Record<string, { readonly expected: string; readonly sent: number; readonly refused: number }>
    >
  }
  readonly scores: readonly ReportedRow[]
  /** All assets together that every miner has a forecast of. */
  readonly totals: readonly ReportedRow[]
  /** The first prompts that were not answered correctly. */
  readonly troubles: readonly {
    readonly asset: string
    readonly horizon: string
    readonly startAt: string
    readonly reason: string
  }[]
}

export interface ReportedRow {
  readonly asset: string
  readonly horizon: string
  readonly prompts: number
  readonly reference: number | null
  readonly seed: number | null
  readonly ours: number
  readonly oursToReference: number | null
  readonly oursToSeed: number | null
  /** Only where another model than the calibrated one answers. */
  readonly calibrated?: number
  readonly oursToCalibrated?: number | null
}

export interface RunFacts {
  readonly startAtMs: number
  readonly endAtMs: number
  readonly realMs: number
  readonly pending: number
  /** False for a run that was too short for any score. */
  readonly expectsScores: boolean
}

export function buildReport(tally: ValidatorTally, facts: RunFacts): ValidatorReport {
  const problems = problemsOf(tally, facts)
  const kinds = Object.fromEntries(tally.badCounts())
  const counts = Object.values(kinds)
  return {
    version: 1,
    ok: problems.length === 0,
    problems,
    market: {
      startAt: new Date(facts.startAtMs).toISOString(),
      endAt: new Date(facts.endAtMs).toISOString(),
      realSeconds: Math.round(facts.realMs / 100) / 10,
    },
    prompts: {
      sent: tally.sent,
      answered: tally.answered,
      missed: tally.missed,
      invalid: tally.invalid,
      scored: tally.scored,
      unscored: tally.unscored,
      pending: facts.pending,
      answerMs: { p50: wholeMs(tally, 0.5), p95: wholeMs(tally, 0.95), max: wholeMs(tally, 1) },
    },
    badRequests: {
      sent: counts.reduce((sum, { sent }) => sum + sent, 0),
      refused: counts.reduce((sum, { refused }) => sum + refused, 0),
      kinds,
    },
    scores: tally.rows().map(reported),
    totals: tally.totals().map(reported),
    troubles: tally.troubles.map(({ asset, timeLengthSeconds, startAtMs, reason }) => ({
      asset,
      horizon: horizonName(timeLengthSeconds),
      startAt: new Date(startAtMs).toISOString(),
      reason,
    })),
  }
}

function problemsOf(tally: ValidatorTally, { expectsScores }: RunFacts): string[] {
  const first = tally.troubles[0]
  const example =
    first === undefined ? '' : ` The first: ${first.asset} ${horizonName(first.timeLengthSeconds)}, ${first.reason}.`
  const problems = [...new Set(tally.badTroubles)]
  if (tally.sent === 0) problems.push('No prompt was sent.')
  if (tally.missed > 0) problems.push(`${tally.missed} of ${tally.sent} prompts were not answered.${example}`)
  if (tally.invalid > 0) problems.push(`${tally.invalid} answers are not accepted by the validator.${example}`)
  if (expectsScores && tally.sent > 0 && tally.scored === 0) problems.push('No answer could be scored.')
  const unreal = tally.rows().filter(({ ours }) => !Number.isFinite(ours))
  for (const { asset, timeLengthSeconds } of unreal) {
    problems.push(`An answer for ${asset} ${horizonName(timeLengthSeconds)} has no finite score.`)
  }
  return problems
}

function wholeMs(tally: ValidatorTally, share: number): number | null {
  const value = tally.latencyMs(share)
  return value === null ? null : Math.round(value)
}

function reported({
  asset,
  timeLengthSeconds,
  prompts,
  reference,
  seed,
  ours,
  calibrated,
}: AssetScoreRow): ReportedRow {
  return {
    asset,
    horizon: horizonName(timeLengthSeconds),
    prompts,
    reference,
    seed,
    ours,
    oursToReference: ratio(ours, reference),
    oursToSeed: ratio(ours, seed),
    ...(calibrated === undefined ? {} : { calibrated, oursToCalibrated: ratio(ours, calibrated) }),
  }
}
