/** From process parameters to the finished text of an answer on one core, and from a signed prompt to its answer. */
import type { ScoredInterval } from '#core/forecast/paths/block-plan'
import { PathKernel } from '#core/forecast/paths/kernel/path-kernel'
import { type Arrangement, PathSampler } from '#core/forecast/paths/path-sampler'
import { type Forecast, singlePart, type Tails } from '#core/forecast/paths/process-parameters'
import { priceTextCapacity } from '#core/forecast/paths/write-prices'
import { type BenchOptions, type BenchResult, rounded, timeRuns } from '#tests/support/bench'
import { calibratedForecast } from '#tests/support/calibrated-forecast'
import { dayIntervals, hourIntervals } from '#tests/support/scoring-rules'
import { dayHorizon } from '#tests/support/stand-in-forecast'
import { percentile } from './axon/load.ts'
import { measurePrepared, measureUnprepared } from './daemon/end-to-end.ts'

export const description =
  'ms from parameters to response bytes: 24h (low; low_t with Student-t) and 1h (high), independent and structured; ' +
  'e2e: 24h prompts through the axon of the compiled miner'

const pathCount = 1000
const leastRuns = 30
const warmUp = 10
const student = { kind: 'student', degreesOfFreedom: 5 } as const

function withTails([{ process }]: Forecast, tails: Tails): Forecast {
  return singlePart({ ...process, tails })
}

export async function run(options: BenchOptions): Promise<BenchResult> {
  const runs = Math.max(options.runs, leastRuns)
  const kernel = new PathKernel()
  const sampler = new PathSampler(kernel)
  const target = new Uint8Array(priceTextCapacity({ pathCount, pointCount: dayHorizon.stepCount + 1 }))
  const time = (forecast: Forecast, arrangement: Arrangement): number =>
    rounded(
      timeRuns(runs, warmUp, (i) => {
        const paths = sampler.sample({ forecast, startPrice: 103_251.37, pathCount, seed: BigInt(i), arrangement })
        const stepSeconds = forecast[0].process.stepSeconds
        const written = kernel.writePrices(target, 0, { startAtSeconds: 1_790_000_000, stepSeconds, ...paths })
        if (!written.ok) throw new Error(`Path ${written.path} reached ${written.price}.`)
      }).medianMs,
    )
  const low = calibratedForecast('BTC', 'low')
  const high = calibratedForecast('BTC', 'high')
  const independent: Arrangement = { kind: 'independent' }
  const structured = (intervals: readonly ScoredInterval[]): Arrangement => ({ kind: 'structured', intervals })
  const direct = {
    low_ms: time(low, independent),
    low_t_ms: time(withTails(low, student), independent),
    low_ensemble_ms: time(low, structured(dayIntervals)),
    high_ms: time(high, independent),
    high_ensemble_ms: time(high, structured(hourIntervals)),
  }
  return { ...direct, ...(await measureEndToEnd()) }
}

const unpreparedPrompts = 204
const preparedRounds = 6
const mixedPrompts = 1_000

async function measureEndToEnd(): Promise<BenchResult> {
  const unprepared = await measureUnprepared(unpreparedPrompts)
  const prepared = await measurePrepared(preparedRounds, mixedPrompts)
  const at = (durations: readonly number[], share: number): number | null =>
    durations.length === 0 ? null : rounded(percentile(durations, share), 1)
  return {
    e2e_p50_ms: at(unprepared, 0.5),
    e2e_p10_ms: at(unprepared, 0.1),
    e2e_p90_ms: at(unprepared, 0.9),
    e2e_prepared_p50_ms: at(prepared.dayMs, 0.5),
    e2e_prepared_p10_ms: at(prepared.dayMs, 0.1),
    e2e_prepared_p90_ms: at(prepared.dayMs, 0.9),
    e2e_prepared_count: prepared.dayMs.length,
    rss_mb: rounded(prepared.rssMb, 1),
    rss_peak_mb: rounded(prepared.peakMb, 1),
  }
}
