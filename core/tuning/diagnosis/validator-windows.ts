import { dayMs } from '#core/base/time/units'
import type { RegimeBook } from '#core/synth/regimes/book'
import { coefficientOf } from '#core/synth/regimes/prediction'
import { type AverageRules, resolveAverageRules } from '#core/synth/regimes/resolve'
import { isInWindow } from '#core/synth/scoring/average-window'
import { smoothScores } from '#core/synth/scoring/smoothed-scores'
import type { FieldPrompt } from '../shadow/field.ts'
import { createRuleLookup } from '../shadow/report.ts'
import { type SimulatedWeight, simulateWeights } from '../shadow/simulate-weights.ts'
import type { ReadField } from './field-comparison.ts'
import type { ScoredPrediction } from './scored-prediction.ts'

/** One competition as the validator sees it: its own window of days, assets weighted by their coefficients. */
export interface CompetitionWindows {
  readonly key: string
  readonly label: string
  readonly windowDays: number
  readonly coefficients: readonly { readonly asset: string; readonly coefficient: number | 'unknown' }[]
  /** A day each, ascending; the last is the end of the period. */
  readonly windows: readonly ValidatorWindow[]
}

export interface ValidatorWindow {
  readonly updateAtMs: number
  readonly prompts: number
  /** Mean CRPS, weighted as the validator weights. */
  readonly smoothedCrps: number
  /** In averaged prompt scores, among all miners; null without public scores, or on other days than these. */
  readonly field: FieldWindowScore | null
}

/** Smoothed as the validator does it, on the prompts with a known score of ours. */
export type FieldWindowScore = Pick<
  SimulatedWeight,
  'prompts' | 'smoothedScore' | 'rank' | 'miners' | 'bestSmoothed' | 'medianSmoothed'
>

/** All scores of a window are a million numbers: they are not averaged for each day. */
const fieldEveryDays = 7

export function validatorWindows(
  rows: readonly ScoredPrediction[],
  model: string,
  {
    book,
    fromMs,
    toMs,
    readField,
  }: { readonly book: RegimeBook; readonly fromMs: number; readonly toMs: number; readonly readField?: ReadField },
): CompetitionWindows[] {
  const own = rows.filter((row) => row.model === model && row.total !== null)
  const today = resolveAverageRules(book, { updateAtMs: toMs })
  const ruleOf = createRuleLookup(book)
  return today.competitions.flatMap(({ key, label, windowDays, assets }): CompetitionWindows[] => {
    const windows: ValidatorWindow[] = []
    for (let day = 0; toMs - day * dayMs > fromMs; day += 1) {
      const updateAtMs = toMs - day * dayMs
      const rules = resolveAverageRules(book, { updateAtMs })
      const counted = countedRows(own, rules, key, updateAtMs)
      if (counted === undefined || counted.length === 0) continue
      const field =
        readField === undefined || day % fieldEveryDays !== 0
          ? null
          : windowOfField(counted, rules, key, updateAtMs, { readField, ruleOf })
      windows.unshift({ updateAtMs, prompts: counted.length, smoothedCrps: smoothedOf(counted, rules), field })
    }
    if (windows.length === 0) return []
    const coefficients = assets.map((asset) => ({ asset, coefficient: coefficientOf(today, asset) }))
    return [{ key, label, windowDays, coefficients, windows }]
  })
}

function countedRows(
  own: readonly ScoredPrediction[],
  rules: AverageRules,
  key: string,
  updateAtMs: number,
): ScoredPrediction[] | undefined {
  const competition = rules.competitions.find((one) => one.key === key)
  if (competition === undefined) return undefined
  const { assets, timeLengthSeconds, windowDays } = competition
  const window = { updateAtMs, windowDays, newestRowLagSeconds: rules.average.newestRowLagSeconds }
  return own
    .filter((row) => row.timeLengthSeconds === timeLengthSeconds && assets.includes(row.asset))
    .filter((row) => isInWindow(endOf(row), window))
}

/** An asset with an unknown coefficient is left out; no coefficient is invented. */
function weightOf(rules: AverageRules, asset: string): number {
  const coefficient = coefficientOf(rules, asset)
  return coefficient === 'unknown' ? 0 : coefficient
}

function smoothedOf(rows: readonly ScoredPrediction[], rules: AverageRules): number {
  const frame = rows
    .map((row) => ({ minerId: 0, promptScore: row.total!, scoredAtMs: endOf(row), asset: row.asset }))
    .sort((a, b) => a.scoredAtMs - b.scoredAtMs)
  return smoothScores(frame, (asset) => weightOf(rules, asset))[0]!.score
}

function windowOfField(
  counted: readonly ScoredPrediction[],
  rules: AverageRules,
  key: string,
  updateAtMs: number,
  { readField, ruleOf }: { readField: ReadField; ruleOf: ReturnType<typeof createRuleLookup> },
): FieldWindowScore | null {
  const { assets, timeLengthSeconds, windowDays, beta, label } = rules.competitions.find((one) => one.key === key)!
  const ours = new Map(counted.map((row) => [`${row.asset} ${endOf(row)}`, row.total!]))
  const oursOf = ({ asset, scoredAtMs }: FieldPrompt): number | undefined => ours.get(`${asset} ${scoredAtMs}`)
  const window = { fromMs: updateAtMs - windowDays * dayMs, toMs: updateAtMs }
  const prompts = assets
    .flatMap((asset) => readField({ asset, timeLengthSeconds }, window))
    .sort((a, b) => a.scoredAtMs - b.scoredAtMs)
  const weighed = simulateWeights(
    prompts,
    // A prompt that is not in the journal is unknown: it may have been answered as well as any other.
    { joinedAtMs: Number.NEGATIVE_INFINITY, find: oursOf, unrecorded: 'skip' },
    {
      label,
      windowDays,
      newestRowLagSeconds: rules.average.newestRowLagSeconds,
      beta,
      coefficient: 1,
      coefficientOf: (asset) => weightOf(rules, asset),
      promptScoreRule: ruleOf,
    },
    updateAtMs,
  )
  if (weighed === null) return null
  const { smoothedScore, rank, miners, bestSmoothed, medianSmoothed } = weighed
  return { prompts: weighed.prompts, smoothedScore, rank, miners, bestSmoothed, medianSmoothed }
}

function endOf({ startAtMs, timeLengthSeconds }: ScoredPrediction): number {
  return startAtMs + timeLengthSeconds * 1000
}
