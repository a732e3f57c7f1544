/**
 * For the calibrated model of BTC: what 1,000 arranged paths add to the expected CRPS, relative to 1,000 independent ones. The aim is at most
 * 0.05.
 */
import type { ScoredInterval } from '#core/forecast/paths/block-plan'
import type { Forecast } from '#core/forecast/paths/process-parameters'
import { type BenchOptions, type BenchResult, rounded } from '#tests/support/bench'
import { calibratedForecast } from '#tests/support/calibrated-forecast'
import { type IntervalNoise, TrueDistributions } from '#tests/support/ensemble-noise'
import { ensembleMethods } from '#tests/support/ensembles'
import { dayIntervals, hourIntervals } from '#tests/support/scoring-rules'

export const description =
  'excess of 1,000 structured paths over the forecast they stand for, relative to that of independent ones; their spread'

const leastRuns = 8
/** Measuring a day takes about four times as long as measuring an hour, and it has five times as many columns. */
const runsPerDayRun = 5
const trueEnsembles = { low: 500, high: 1000 } as const
/** Seeds of the true distributions, far from those of the ensembles measured against them. */
const trueSeeds = 1n << 40n

function measure(forecast: Forecast, intervals: readonly ScoredInterval[], trueCount: number, runs: number) {
  const { independent, structured } = ensembleMethods(forecast, intervals)
  const truth = new TrueDistributions(intervals, forecast, (i) => independent(trueSeeds + i), trueCount)
  return truth.measure(structured, runs)
}

function pick(noise: Record<string, IntervalNoise>, read: (noise: IntervalNoise) => number): Record<string, number> {
  return Object.fromEntries(Object.entries(noise).map(([name, interval]) => [name, read(interval)]))
}

export async function run({ runs }: BenchOptions): Promise<BenchResult> {
  const dayRuns = Math.max(Math.ceil(runs / runsPerDayRun), leastRuns)
  const low = measure(calibratedForecast('BTC', 'low'), dayIntervals, trueEnsembles.low, dayRuns)
  const high = measure(calibratedForecast('BTC', 'high'), hourIntervals, trueEnsembles.high, Math.max(runs, leastRuns))
  const excess = ({ excess }: IntervalNoise) => rounded(excess, 4)
  const spread = ({ spread }: IntervalNoise) => rounded(spread, 5)
  return {
    low: pick(low, excess),
    high: pick(high, excess),
    spread: { low: pick(low, spread), high: pick(high, spread) },
  }
}
