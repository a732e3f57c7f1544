/** From process parameters to the finished text of an answer on one core. */
import type { ScoredInterval } from '#core/paths/block-plan'
import { PathKernel } from '#core/paths/kernel/path-kernel'
import { type Arrangement, PathSampler } from '#core/paths/path-sampler'
import { type Forecast, singlePart, type Tails } from '#core/paths/process-parameters'
import { priceTextCapacity } from '#core/paths/write-prices'
import { type BenchOptions, type BenchResult, rounded, timeRuns } from '#tests/support/bench'
import { calibratedForecast } from '#tests/support/calibrated-forecast'
import { dayIntervals, hourIntervals } from '#tests/support/scoring-rules'
import { dayHorizon } from '#tests/support/stand-in-forecast'

export const description =
  'ms from parameters to response bytes: 24h (low; low_t with Student-t) and 1h (high), independent and structured'

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
        const incrementSeconds = forecast[0].process.stepSeconds
        const written = kernel.writePrices(target, 0, { startSeconds: 1_790_000_000, incrementSeconds, ...paths })
        if (!written.ok) throw new Error(`Path ${written.path} reached ${written.price}.`)
      }).medianMs,
    )
  const low = calibratedForecast('BTC', 'low')
  const high = calibratedForecast('BTC', 'high')
  const independent: Arrangement = { kind: 'independent' }
  const structured = (intervals: readonly ScoredInterval[]): Arrangement => ({ kind: 'structured', intervals })
  return {
    low_ms: time(low, independent),
    low_t_ms: time(withTails(low, student), independent),
    low_ensemble_ms: time(low, structured(dayIntervals)),
    high_ms: time(high, independent),
    high_ensemble_ms: time(high, structured(hourIntervals)),
  }
}
