import { utcText } from '#core/base/time/python-datetime'
import type { PredictionRules } from '#core/synth/regimes/prediction'
import type { StorageRounding } from '#core/synth/regimes/regime'
import { describeProblem, type ScoredAnswer, totalRowsOf } from '#core/synth/scoring/score-prediction'

export interface ScoreReport {
  readonly asset: string | null
  readonly competition: string
  readonly startTime: string
  readonly timeLengthSeconds: number
  readonly timeIncrementSeconds: number
  readonly pathCount: number
  /** What a validator asks for by these rules. */
  readonly usualPathCount: number
  readonly pointCount: number
  readonly missingRealPrices: number
  readonly regimes: { readonly answer: string; readonly score: string }
  /** Regimes that may be effective instead; empty when the date decides. */
  readonly otherCandidates: readonly string[]
  readonly answerRule: string
  readonly storage: StorageRounding
  /** Null when it is not a number. */
  readonly total: number | null
  /** What the validator stores: -1 for a miss. */
  readonly storedScore: number
  readonly problem: string | null
  /** What is unusual about the answer, in words. */
  readonly notes: readonly string[]
  readonly rows: readonly { readonly name: string; readonly crps: number | null; readonly weight: number | null }[]
}

export interface ScoreReportInput {
  readonly asset: string | null
  readonly startAtSeconds: number
  readonly pathCount: number
  readonly real: Float64Array
  readonly rules: PredictionRules
  readonly storage: StorageRounding
  readonly scored: ScoredAnswer
  /** A sentence about a number in the answer that no price can be. */
  readonly impossible: string | undefined
}

export function buildReport({ rules, scored, real, startAtSeconds, ...rest }: ScoreReportInput): ScoreReport {
  const { competition, decision } = rules.scoring
  const candidates = [...rules.answer.decision.candidates, ...decision.candidates]
  const decided = [rules.answer.decision.regimeId, decision.regimeId]
  const isCertain = rules.answer.decision.isCertain && decision.isCertain
  return {
    asset: rest.asset,
    competition: competition.label,
    startTime: utcText(startAtSeconds),
    timeLengthSeconds: competition.timeLengthSeconds,
    timeIncrementSeconds: competition.timeIncrementSeconds,
    pathCount: rest.pathCount,
    usualPathCount: rules.prompt.profile.pathCount,
    pointCount: real.length,
    missingRealPrices: real.filter((price) => Number.isNaN(price)).length,
    regimes: { answer: rules.answer.decision.regimeId, score: decision.regimeId },
    otherCandidates: isCertain ? [] : [...new Set(candidates)].filter((id) => !decided.includes(id)),
    answerRule: rules.answer.answerRule,
    storage: rest.storage,
    total: finiteOrNull(scored.total),
    storedScore: scored.stored.score,
    problem: problemOf(scored),
    notes: [
      ...pathCountNotes(rest.pathCount, rules.prompt.profile.pathCount),
      ...(rest.impossible === undefined ? [] : [rest.impossible]),
    ],
    rows: totalRowsOf(scored).map(({ name, crps, weight }) => ({ name, crps: finiteOrNull(crps), weight })),
  }
}

function pathCountNotes(pathCount: number, usual: number): string[] {
  if (pathCount === usual) return []
  return [`a validator asks for ${usual} paths and refuses any other number; this answer has ${pathCount}`]
}

/** For people: what was compared under which rules, one line per interval, the total with all its digits. */
export function reportLines(report: ScoreReport): string[] {
  const { asset, pathCount, pointCount, timeIncrementSeconds, missingRealPrices, regimes } = report
  const missing = missingRealPrices === 0 ? '' : `, ${missingRealPrices} real prices missing`
  return [
    `${asset ?? 'any asset'} of ${report.competition} from ${report.startTime}`,
    `${pathCount} paths of ${pointCount} points, one every ${timeIncrementSeconds} s${missing}`,
    `rules: answer ${regimes.answer} (${report.answerRule}), score ${regimes.score}; storage ${report.storage}`,
    ...(report.otherCandidates.length === 0
      ? []
      : [`the date does not decide: ${report.otherCandidates.join(', ')} may be effective (choose with --regime)`]),
    ...report.notes.map((note) => `Note: ${note}.`),
    '',
    ...tableLines(report),
    '',
    ...(report.problem === null ? [] : [report.problem]),
    `total ${report.total ?? 'is not a number'}`,
    ...(report.storedScore === report.total ? [] : [`stored as ${report.storedScore}`]),
  ]
}

function tableLines({ rows, total }: ScoreReport): string[] {
  const share = (part: number | null): string =>
    part === null || total === null || total === 0 ? '' : `${((100 * part) / total).toFixed(1)} %`
  const cells = rows
    .filter(({ name }) => name !== 'Overall')
    .map(({ name, crps, weight }) => {
      const part = crps === null ? null : crps * (weight ?? 1)
      return [name, crps?.toFixed(6) ?? 'NaN', weight === null ? '' : `x ${weight.toFixed(4)}`, share(part)] as const
    })
  const all = [['interval', 'CRPS', 'weight', 'share'] as const, ...cells]
  const width = (column: 0 | 1 | 2 | 3): number => Math.max(...all.map((row) => row[column].length))
  return all.map(([name, crps, weight, part]) =>
    [name.padEnd(width(0)), crps.padStart(width(1)), weight.padStart(width(2)), part.padStart(width(3))]
      .join('  ')
      .trimEnd(),
  )
}

function problemOf(scored: ScoredAnswer): string | null {
  return describeProblem(scored) ?? (scored.stored.isFailed ? 'this total counts as a miss' : null)
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
