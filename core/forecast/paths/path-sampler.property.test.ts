import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ReferencePathMath } from '#tests/support/reference-path-math'
import { dayIntervals, hourIntervals } from '#tests/support/scoring-rules'
import { checkForecast } from './check-forecast.ts'
import { PathKernel } from './kernel/path-kernel.ts'
import { PathSampler } from './path-sampler.ts'
import type { Forecast, ForecastPart, Tails, VolatilityFactor } from './process-parameters.ts'

const kernel = new PathKernel()
const sampler = new PathSampler(kernel)
const readable = new PathSampler(new ReferencePathMath())

const positive = (min: number, max: number) => fc.double({ min, max, noNaN: true })

const tails: fc.Arbitrary<Tails> = fc.oneof(
  fc.constant<Tails>({ kind: 'normal' }),
  positive(2.1, 60).map<Tails>((degreesOfFreedom) => ({ kind: 'student', degreesOfFreedom })),
  fc
    .array(fc.record({ weight: positive(1e-6, 10), scale: positive(0.01, 10) }), { minLength: 1, maxLength: 4 })
    .map<Tails>((components) => ({ kind: 'mixture', components })),
)

const factor: fc.Arbitrary<VolatilityFactor> = fc.record(
  {
    logSd: positive(0, 0.8),
    halfLifeSeconds: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), positive(1, 1e6)),
    startLogSd: positive(0, 0.8),
  },
  { requiredKeys: ['logSd', 'halfLifeSeconds'] },
)

const part = (steps: number): fc.Arbitrary<ForecastPart> =>
  fc.record({
    weight: positive(0.01, 5),
    process: fc.record({
      stepSeconds: fc.constant(300),
      stepVariances: fc
        .array(
          fc.oneof(
            fc.constant(0),
            positive(-16, -4).map((x) => 10 ** x),
          ),
          { minLength: steps, maxLength: steps },
        )
        .map((variances) => Float64Array.from(variances)),
      volatilityFactors: fc.array(factor, { maxLength: 3 }),
      tails,
    }),
  })

const forecasts: fc.Arbitrary<Forecast> = fc
  .integer({ min: 1, max: 40 })
  .chain((steps) => fc.tuple(fc.array(part(steps), { minLength: 1, maxLength: 3 })))
  .map(([parts]) => parts as unknown as Forecast)

it('turns every forecast that passes the check into finite prices, the same with both arithmetics', () => {
  fc.assert(
    fc.property(
      forecasts,
      fc.integer({ min: 1, max: 60 }),
      positive(1e-6, 1e7),
      fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      fc.constantFrom(undefined, dayIntervals, hourIntervals),
      (forecast, pathCount, startPrice, seed, intervals) => {
        expect(checkForecast(forecast)).toEqual({ ok: true })
        const arrangement =
          intervals === undefined ? ({ kind: 'independent' } as const) : ({ kind: 'structured', intervals } as const)
        const request = { forecast, pathCount, startPrice, seed, arrangement }
        const { values, pointCount } = sampler.sample(request)
        expect(values.every((price) => price > 0 && Number.isFinite(price))).toBe(true)
        for (let path = 1; path < pathCount; path += 1) expect(values[path * pointCount]).toBe(values[0])
        expect(values).toEqual(readable.sample(request).values)
      },
    ),
    { numRuns: 60 },
  )
})
