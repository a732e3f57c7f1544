import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { dayIntervals, hourIntervals } from '#tests/support/scoring-rules'
import { dayHorizon, hourHorizon, standInForecast } from '#tests/support/stand-in-forecast'
import { PathKernel } from './kernel/path-kernel.ts'
import { PathSampler, samplerVersion } from './path-sampler.ts'

/** What each version draws. A new version gets a line of its own; those of old ones are history and stay. */
const bitsOf: Readonly<Record<number, string>> = {
  1: '42bd9ef9250ba590',
}

it('has a new version number whenever it draws other bits: the journal makes paths again from their recipe', () => {
  const sampler = new PathSampler(new PathKernel())
  const hash = createHash('sha256')
  const tails = [
    { kind: 'normal' },
    { kind: 'student', degreesOfFreedom: 4.5 },
    {
      kind: 'mixture',
      components: [
        { weight: 0.8, scale: 1 },
        { weight: 0.2, scale: 2.5 },
      ],
    },
  ] as const
  for (const own of tails) {
    for (const [horizon, intervals] of [
      [dayHorizon, dayIntervals],
      [hourHorizon, hourIntervals],
    ] as const) {
      for (const arrangement of [{ kind: 'independent' }, { kind: 'structured', intervals }] as const) {
        const forecast = standInForecast(horizon, own)
        const { values } = sampler.sample({ forecast, startPrice: 63_251.37, pathCount: 64, seed: 7n, arrangement })
        hash.update(Buffer.from(values.buffer, values.byteOffset, values.byteLength))
      }
    }
  }
  expect(hash.digest('hex').slice(0, 16)).toBe(bitsOf[samplerVersion])
})
