import type { Rung } from '#core/forecast/journal/rung'
import { ensembleCrps, type PathMatrix } from '#core/synth/scoring/crps'
import { changeBps, noStart, planScore } from '#core/synth/scoring/score-plan'
import { describeProblem, type PredictionRule, scorePrediction } from '#core/synth/scoring/score-prediction'
import { throughStorage } from '#core/synth/scoring/stored-score'

/** A prediction and where its score came from. */
export interface ExplainedPrediction {
  readonly id: string
  readonly asset: string
  readonly startAtMs: number
  readonly timeLengthSeconds: number
  readonly model: string
  readonly rung: Rung
  readonly regime: string
  readonly explanation: Explanation
}

export interface Explanation {
  readonly total: number | null
  readonly problem: string | null
  readonly parts: readonly ExplainedPart[]
  readonly volatility: readonly { readonly name: string; readonly crps: number; readonly weight: number }[]
  /** The increments that cost most, relative to what their own forecast expected. */
  readonly dearest: readonly ExplainedMove[]
}

/** One interval: its score, and its average score if the forecast were the truth. */
export interface ExplainedPart {
  readonly name: string
  readonly crps: number
  readonly expected: number
  readonly increments: number
}

export interface ExplainedMove {
  readonly interval: string
  readonly fromMs: number
  readonly toMs: number
  /** In basis points; for absolute intervals the price. */
  readonly real: number
  /** Standard deviation of the paths at that point, in the same unit. */
  readonly forecastSd: number
  /** Share of the paths below. */
  readonly quantile: number
  readonly crps: number
  readonly expected: number
}

export interface ExplainInput {
  readonly paths: PathMatrix
  readonly real: Float64Array
  readonly rule: PredictionRule
  readonly startAtMs: number
  readonly dearestCount?: number
}

const defaultDearest = 10

export function explainPrediction({ paths: sent, real, rule, startAtMs, dearestCount }: ExplainInput): Explanation {
  const scored = scorePrediction(sent, real, { ...rule, detail: 'totals' })
  if (scored.problem !== null || scored.price === null) {
    return {
      total: null,
      problem: describeProblem(scored) ?? 'there is no real path',
      parts: [],
      volatility: [],
      dearest: [],
    }
  }
  const paths = { ...sent, values: throughStorage(sent.values, rule.rounding) }
  const plan = planScore(paths.pointCount, real, rule)
  const members = new Float64Array(paths.pathCount)
  const moves: ExplainedMove[] = []
  const atMs = (point: number) => startAtMs + point * rule.stepSeconds * 1000
  const lastPrice = real[real.length - 1]!
  const parts = plan.intervals.map((interval): ExplainedPart => {
    // Absolute terms are prices, and are scored in basis points of the last real price.
    const unit = interval.isAbsolute ? 10_000 / lastPrice : 1
    const part = { name: interval.name, crps: 0, expected: 0, increments: 0 }
    for (const { start, end } of interval.blocks) {
      for (let term = start; term < end; term += 1) {
        const [from, to, observed] = [plan.from[term]!, plan.to[term]!, plan.observed[term]!]
        gather(paths, from, to, members)
        const crps = ensembleCrps(members, observed) * unit
        const expected = halfMeanDistance(members) * unit
        part.crps += crps
        part.expected += expected
        part.increments += 1
        moves.push({
          interval: interval.name,
          fromMs: atMs(from === noStart ? 0 : from),
          toMs: atMs(to),
          real: observed,
          forecastSd: standardDeviation(members),
          quantile: shareBelow(members, observed),
          crps,
          expected,
        })
      }
    }
    return part
  })
  moves.sort((a, b) => b.crps - b.expected - (a.crps - a.expected))
  return {
    total: scored.total,
    problem: null,
    parts,
    volatility: (scored.volatility?.rows ?? []).map(([name, crps, weight]) => ({ name, crps, weight })),
    dearest: moves.slice(0, dearestCount ?? defaultDearest),
  }
}

function gather({ values, pathCount, pointCount }: PathMatrix, from: number, to: number, out: Float64Array): void {
  for (let path = 0; path < pathCount; path += 1) {
    const row = path * pointCount
    const after = values[row + to]!
    out[path] = from === noStart ? after : changeBps(values[row + from]!, after)
  }
}

/** Of sorted members: half the mean distance of two of them is the CRPS that they expect of themselves. */
function halfMeanDistance(sorted: Float64Array): number {
  const count = sorted.length
  let sum = 0
  for (let i = 0; i < count; i += 1) sum += (2 * i + 1 - count) * sorted[i]!
  return sum / count ** 2
}

function standardDeviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}

function shareBelow(sorted: Float64Array, value: number): number {
  let below = 0
  while (below < sorted.length && sorted[below]! < value) below += 1
  return below / sorted.length
}
