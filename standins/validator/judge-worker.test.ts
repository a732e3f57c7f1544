import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { resolvePrediction } from '#core/synth/regimes/prediction'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { predictionRuleOf } from '#core/synth/scoring/prediction-rule'
import { makePaths } from '#tests/support/made-paths'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { judge } from './judge-worker.ts'

const startAtMs = Date.UTC(2026, 9, 20, 13)
const startAtSeconds = startAtMs / 1000
const rules = resolvePrediction(buildRegimeBook(builtInRegimes, undefined), {
  asset: 'BTC',
  timeLengthSeconds: 3600,
  startAtMs,
})
const request = {
  startTime: '2026-10-20T13:00:00+00:00',
  stepSeconds: 60,
  timeLengthSeconds: 3600,
  pathCount: 100,
}
const rule = { digits: rules.answer.answerRule, order: rules.answer.answerOrder }

function anAnswer(pointCount: number): Uint8Array {
  const { values } = makePaths({
    pathCount: 100,
    pointCount,
    seed: 1,
    startPrice: 100_000,
    stepSigma: 0.005 / Math.sqrt(60),
  })
  const prices = Array.from({ length: 100 }, (_, i) =>
    Array.from(values.subarray(i * pointCount, (i + 1) * pointCount), (price) => Number(price.toFixed(2))),
  )
  const paths = JSON.stringify([startAtSeconds, 60, ...prices])
  return new TextEncoder().encode(`{"name":"Simulation","simulation_output":${paths}}`)
}

describe('the judge', () => {
  it('keeps a right answer, scores it beside the others by the same rules, and keeps it no longer', () => {
    const keepAt = join(temporaryFolder(), 'answer')
    expect(judge({ kind: 'examine', body: anAnswer(61), request, rule, keepAt })).toEqual({
      isCorrect: true,
      message: 'CORRECT',
    })
    const real = Float64Array.from({ length: 61 }, (_, i) => 100_000 * (1 + 0.0005 * Math.sin(i)))
    const settled = judge({
      kind: 'settle',
      keptAt: keepAt,
      asset: 'BTC',
      startAtMs,
      stepSeconds: 60,
      pathCount: 100,
      real,
      rule: predictionRuleOf(rules, 'none'),
      knownCloses: [],
      knownPriceUsd: 100_000,
    })
    if (!('ours' in settled)) throw new Error('no scores')
    const { ours, rivals } = settled
    // Both draw normal steps of nearly the same size.
    expect(rivals.reference! / ours).toBeGreaterThan(0.8)
    expect(rivals.reference! / ours).toBeLessThan(1.25)
    expect(rivals.seed).toBeGreaterThan(0)
    expect(existsSync(keepAt)).toBe(false)
  })

  it.each([
    ['is too short', anAnswer(60), /time points/],
    ['is no JSON', new TextEncoder().encode('{'), /not JSON/],
    ['holds nothing', new TextEncoder().encode('{"name":"Simulation"}'), /simulation_output/],
  ])('says in the words of the validator why an answer that %s is not taken', (_, body, words) => {
    const keepAt = join(temporaryFolder(), 'answer')
    const verdict = judge({ kind: 'examine', body, request, rule, keepAt })
    expect(verdict).toMatchObject({ isCorrect: false, message: expect.stringMatching(words) as string })
    expect(existsSync(keepAt)).toBe(false)
  })
})
