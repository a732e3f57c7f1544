import { hourSeconds } from '#core/base/time/units'
import type { AnswerScore } from '#core/synth/scoring/answer-score'
import type { TermMeasures } from '#core/synth/scoring/term-measures'
import { type FactCell, outerShare, type PredictionFacts, pitBins } from './prediction-facts.ts'

export interface MeasuredPrediction {
  readonly pathCount: number
  /** That of every path, as it was scored. */
  readonly startPrice: number
  readonly stepSeconds: number
  /** With the rows of every increment. */
  readonly price: AnswerScore
  readonly measures: TermMeasures
}

interface OpenCell {
  interval: string
  hour: number
  count: number
  crpsSum: number
  realSquares: number
  forecastVariance: number
  pit: number[]
  outer: [below: number, above: number]
}

const basisPoints = 10_000

/** Sums over the scored increments of one prediction; those without a finite measure are left out. */
export function measureFacts({
  pathCount,
  startPrice,
  stepSeconds,
  price,
  measures,
}: MeasuredPrediction): PredictionFacts {
  const { plan, terms, blocks } = measures
  if (plan === null) return { cells: [], volatilityBlocks: [] }
  // One row for each term, in the order of the plan, with the totals of the intervals in between.
  const crps = price.details.flatMap(([, increment, value]) => (increment === 'Total' ? [] : [value]))
  const cells: OpenCell[] = []
  for (const interval of plan.intervals) {
    const ofHour = new Map<number, OpenCell>()
    for (const block of interval.blocks) {
      for (let i = block.start; i < block.end; i += 1) {
        const { rank, variance } = terms[i]!
        if (!Number.isFinite(variance) || !Number.isFinite(crps[i])) continue
        const hour = Math.floor(((plan.to[i]! - interval.steps) * stepSeconds) / hourSeconds)
        const cell = cellOf(ofHour, cells, interval.name, hour)
        // A price that is compared itself moves from the start of the paths.
        const toBps = interval.isAbsolute ? basisPoints / startPrice : 1
        const real = (plan.observed[i]! - (interval.isAbsolute ? startPrice : 0)) * toBps
        cell.count += 1
        cell.crpsSum += crps[i]!
        cell.realSquares += real ** 2
        cell.forecastVariance += variance * toBps ** 2
        cell.pit[pitBin(rank, pathCount)]! += 1
        cell.outer[0] += shareOutside(rank, pathCount)
        cell.outer[1] += shareOutside(pathCount - rank, pathCount)
      }
    }
  }
  return {
    cells: cells.map(toFactCell),
    volatilityBlocks: blocks
      .filter(({ variance }) => Number.isFinite(variance))
      .map(({ name, observed, rank, mean }) => ({
        block: name,
        pit: shorten((rank + 0.5) / (pathCount + 1)),
        real: shorten(observed),
        forecastMean: shorten(mean),
      })),
  }
}

/** A rank from 0 to the number of paths is one of that number plus one equally likely positions. */
export function pitBin(rank: number, pathCount: number): number {
  return Math.floor((rank * pitBins) / (pathCount + 1))
}

/**
 * Whether this many paths on one side put a value outside the middle 95 %: 1 or 0, and a value in between for the one
 * rank at the border. So the ranks of a right forecast are outside in exactly 2.5 % of cases on average.
 */
export function shareOutside(rank: number, pathCount: number): number {
  return Math.min(1, Math.max(0, outerShare * (pathCount + 1) - rank))
}

function cellOf(ofHour: Map<number, OpenCell>, cells: OpenCell[], interval: string, hour: number): OpenCell {
  const known = ofHour.get(hour)
  if (known !== undefined) return known
  const pit = new Array<number>(pitBins).fill(0)
  const cell: OpenCell = {
    interval,
    hour,
    count: 0,
    crpsSum: 0,
    realSquares: 0,
    forecastVariance: 0,
    pit,
    outer: [0, 0],
  }
  ofHour.set(hour, cell)
  cells.push(cell)
  return cell
}

function toFactCell(cell: OpenCell): FactCell {
  return {
    ...cell,
    crpsSum: shorten(cell.crpsSum),
    realSquares: shorten(cell.realSquares),
    forecastVariance: shorten(cell.forecastVariance),
    outer: [shorten(cell.outer[0]), shorten(cell.outer[1])],
  }
}

/** These are for statistics and stored in large numbers: nine digits are more than their precision. */
function shorten(value: number): number {
  return Number(value.toPrecision(9))
}
