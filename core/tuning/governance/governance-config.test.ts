import { expect, it } from 'vitest'
import { z } from 'zod'
import { governanceConfigFields } from './governance-config.ts'

const problems = (limits: unknown) =>
  z
    .strictObject(governanceConfigFields)
    .safeParse({ limits })
    .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)

it('changes nothing by itself unless it is set to', () => {
  expect(z.strictObject(governanceConfigFields).parse({})).toEqual({
    ...{ mode: 'perAsset', autoRevert: false, autoPropose: false, limits: {} },
  })
})
it("takes bounds of one's own, whole or in part", () => {
  expect(problems({ XAU: { df: { min: 8, step: 2 }, 'blend_low.onnx:day': { max: 0.5 } } })).toBeUndefined()
})
it.each([
  [{ BTC: { lamda: { min: 0.9 } } }, 'limits.BTC.lamda: No parameter with bounds has the name lamda'],
  [{ BTC: { champion_low: { min: 0 } } }, 'limits.BTC.champion_low: No parameter with bounds'],
  [{ BTC: { lambda: { max: 1 } } }, 'limits.BTC.lambda: Bounds 0.8 to 1 are not valid'],
  [{ BTC: { df: { min: 2 } } }, 'limits.BTC.df: Bounds 2 to 50 are not valid'],
  [{ BTC: { sigma_cap_daily: { min: 0.3 } } }, 'limits.BTC.sigma_cap_daily: Bounds 0.3 to 0.2 are not valid'],
  [{ BTC: { lambda: { step: 0 } } }, 'limits.BTC.lambda.step'],
])('refuses %j', (limits, sentence) => {
  expect(problems(limits)?.join()).toContain(sentence)
})
