import { describe, expect, it } from 'vitest'
import { TrueDistributions } from '#tests/support/ensemble-noise'
import { ensembleMethods } from '#tests/support/ensembles'
import { dayIntervals, hourIntervals } from '#tests/support/scoring-rules'
import { dayHorizon, hourHorizon, standInForecast } from '#tests/support/stand-in-forecast'
import type { Forecast } from './process-parameters.ts'

const hour = standInForecast(hourHorizon, { kind: 'student', degreesOfFreedom: 5 })
const blend: Forecast = [
  { weight: 0.6, process: hour[0].process },
  {
    weight: 0.4,
    process: {
      ...hour[0].process,
      stepVariances: hour[0].process.stepVariances.map((variance, k) => variance * (k < 20 ? 3 : 0.5)),
      tails: { kind: 'normal' },
    },
  },
]

describe.each([
  ['a day', standInForecast(dayHorizon), dayIntervals, 40, 2],
  ['an hour with Student-t steps', hour, hourIntervals, 120, 5],
  ['an hour blended of two models', blend, hourIntervals, 120, 5],
] as const)('%s', (_, forecast, intervals, trueCount, count) => {
  const { independent, structured } = ensembleMethods(forecast, intervals)
  const truth = new TrueDistributions(intervals, forecast, (i) => independent((1n << 40n) + i), trueCount)
  const arranged = truth.measure(structured, count)

  it.each(intervals.map(({ name }) => name))('has at most a twentieth of the noise of chance in %s', (name) => {
    expect(arranged[name]!.excess).toBeLessThan(0.05)
  })

  it('measures chance itself as 1', () => {
    const drawn = truth.measure(independent, 4)
    const first = drawn[intervals[0]!.name]!
    expect(Math.abs(first.excess - 1)).toBeLessThan(0.15)
  })
})
