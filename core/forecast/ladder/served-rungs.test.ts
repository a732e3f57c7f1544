import { expect, it } from 'vitest'
import type { Prompt } from '#core/synth/prompts/prompt'
import type { LadderAnswer } from './ladder.ts'
import { ServedRungs } from './served-rungs.ts'

const prompt = (asset: string, lengthSeconds: number): Prompt => ({
  asset,
  startAtSeconds: 0,
  stepSeconds: 60,
  lengthSeconds,
  pathCount: 1,
})
const answer = (isCapped: boolean, kind = 'structured') => {
  const recipe = { arrangement: { kind } }
  return { ok: true, rung: 'champion', isDegraded: false, isCapped, falls: [], recipe } as unknown as LadderAnswer
}

it('counts answers, hits of the daily cap, those without arranged paths and those after a fallback by asset and horizon, with the time of the last answer', () => {
  const served = new ServedRungs()
  served.note(answer(true), prompt('SOL', 3_600), 1_000)
  served.note(answer(false, 'independent'), prompt('SOL', 3_600), 2_000)
  served.note(answer(true), prompt('BTC', 86_400), 3_000)
  const fell = { ...answer(false), falls: [{ rung: 'champion' }] } as unknown as LadderAnswer
  served.note(fell, prompt('BTC', 86_400), 3_500)
  served.note(undefined, prompt('ETH', 86_400), 4_000)
  expect(served.health().table).toEqual({
    'BTC 24h': { lastMadeAtMs: 3_500, answers: 2, atDailyCap: 1, withIndependentPaths: 0, afterFallback: 1 },
    'SOL 1h': { lastMadeAtMs: 2_000, answers: 2, atDailyCap: 1, withIndependentPaths: 1, afterFallback: 0 },
  })
})
