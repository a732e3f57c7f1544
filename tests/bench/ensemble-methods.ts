/** The table of docs/ensemble-experiments.md: excess by method and interval, with its spread over seeds. */
import type { ScoredInterval } from '#core/forecast/paths/block-plan'
import type { Forecast } from '#core/forecast/paths/process-parameters'
import { type BenchOptions, type BenchResult, rounded } from '#tests/support/bench'
import { calibratedForecast } from '#tests/support/calibrated-forecast'
import { TrueDistributions } from '#tests/support/ensemble-noise'
import { ensembleMethods } from '#tests/support/ensembles'
import { dayIntervals, hourIntervals } from '#tests/support/scoring-rules'

export const description = 'excess relative to independent paths, with its deviation from seed to seed, by method'

const leastRuns = 8
const trueSeeds = 1n << 40n

function compare(
  forecast: Forecast,
  intervals: readonly ScoredInterval[],
  trueCount: number,
  runs: number,
): BenchResult {
  const methods = ensembleMethods(forecast, intervals)
  const truth = new TrueDistributions(intervals, forecast, (i) => methods.independent(trueSeeds + i), trueCount)
  const columns = Object.entries(methods).map(([name, make]) => [name, truth.measure(make, runs)] as const)
  return Object.fromEntries(
    intervals.map(({ name }) => [
      name,
      Object.fromEntries(
        columns.map(([method, noise]) => {
          const { excess, excessSd } = noise[name]!
          return [method, `${rounded(excess, 4)} ± ${rounded(excessSd, 4)}`]
        }),
      ),
    ]),
  )
}

export async function run({ runs }: BenchOptions): Promise<BenchResult> {
  const low = compare(calibratedForecast('BTC', 'low'), dayIntervals, 500, Math.max(Math.ceil(runs / 5), leastRuns))
  const high = compare(calibratedForecast('BTC', 'high'), hourIntervals, 1000, Math.max(runs, leastRuns))
  return { low, high }
}
