import { describe, expect, it } from 'vitest'
import { checkForecast } from './check-forecast.ts'
import { type Forecast, type ProcessParameters, singlePart } from './process-parameters.ts'

const sound: ProcessParameters = {
  stepSeconds: 300,
  stepVariances: Float64Array.of(1e-6, 0, 2e-6),
  volatilityFactors: [{ logSd: 0.3, halfLifeSeconds: Number.POSITIVE_INFINITY }],
  tails: { kind: 'student', degreesOfFreedom: 4 },
}
const check = (change: Partial<ProcessParameters>) => checkForecast(singlePart({ ...sound, ...change }))

it('accepts what can be sampled, steps without variance included', () => {
  expect(checkForecast(singlePart(sound))).toEqual({ ok: true })
  expect(
    checkForecast([
      { weight: 0.3, process: sound },
      { weight: 7, process: { ...sound, tails: { kind: 'normal' } } },
    ]),
  ).toEqual({ ok: true })
})

describe('refuses', () => {
  it.each<[string, Partial<ProcessParameters>, RegExp]>([
    ['no steps', { stepVariances: new Float64Array(0) }, /no steps/],
    ['a NaN', { stepVariances: Float64Array.of(1e-6, Number.NaN) }, /variance NaN at step 1/],
    ['a negative variance', { stepVariances: Float64Array.of(-1e-9) }, /variance -1e-9 at step 0/],
    ['variances in another unit', { stepVariances: Float64Array.of(225) }, /variance 225/],
    ['a step of no time', { stepSeconds: 0 }, /step of 0 s/],
    ['a half-life of no time', { volatilityFactors: [{ logSd: 0.1, halfLifeSeconds: 0 }] }, /half-life of 0 s/],
    ['a half-life of NaN', { volatilityFactors: [{ logSd: 0.1, halfLifeSeconds: Number.NaN }] }, /half-life of NaN/],
    ['a huge log-sd', { volatilityFactors: [{ logSd: 9, halfLifeSeconds: 60 }] }, /log-sd of 9/],
    [
      'a start that is NaN',
      { volatilityFactors: [{ logSd: 0.1, halfLifeSeconds: 60, startLogSd: Number.NaN }] },
      /NaN/,
    ],
    ['tails without variance', { tails: { kind: 'student', degreesOfFreedom: 2 } }, /2 degrees of freedom/],
    ['an empty mixture', { tails: { kind: 'mixture', components: [] } }, /0 components/],
    ['a scale of 0', { tails: { kind: 'mixture', components: [{ weight: 1, scale: 0 }] } }, /not positive/],
  ])('%s', (_, change, reason) => {
    const result = check(change)
    expect(result.ok ? '' : result.reason).toMatch(reason)
  })

  it.each<[string, Forecast, RegExp]>([
    ['a weight of NaN', [{ weight: Number.NaN, process: sound }], /weight of NaN/],
    [
      'parts of different lengths',
      [
        { weight: 1, process: sound },
        { weight: 1, process: { ...sound, stepVariances: Float64Array.of(1e-6) } },
      ],
      /part 1 has 1 steps/,
    ],
  ])('%s', (_, forecast, reason) => {
    const result = checkForecast(forecast)
    expect(result.ok ? '' : result.reason).toMatch(reason)
  })
})
