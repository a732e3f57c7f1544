import { describe, expect, it } from 'vitest'
import { FakeInference, ran, tensor } from '#tests/support/fake-inference'
import { aManifest, fixedCloses, madeMinutes } from '#tests/support/onnx-models'
import { TestClock } from '#tests/support/test-clock'
import { TestLogger } from '#tests/support/test-logger'
import { ReferenceModel } from '../reference.ts'
import type { ModelAnswer } from '../volatility-model.ts'
import { dryRun } from './dry-run.ts'
import { OnnxModel } from './onnx-model.ts'

const startAtMs = Date.UTC(2026, 8, 23, 12)
const question = { asset: 'BTC', startAtMs, stepSeconds: 300, stepCount: 288 }
const closes = fixedCloses(madeMinutes(startAtMs - 60_000, 2_000))
/** About the volatility of the reference miner: 0.00541 an hour. */
const usual = () => ran(tensor('log_variance', [1, 288], (k) => -12.9 + k / 1000))

function setUp(reply = usual, manifest = aManifest()) {
  const runtime = new FakeInference(reply)
  const clock = new TestClock(startAtMs - 30_000)
  const log = new TestLogger()
  const reference = new ReferenceModel()
  const deps = { runtime, closes, clock, log, yardstick: (of: typeof question): ModelAnswer => reference.forecast(of) }
  const model = new OnnxModel(deps, manifest, { deadlineMs: 1_000, largestSdRatio: 4 })
  return { model, runtime, clock, log }
}

describe('OnnxModel', () => {
  it('is named after its manifest and its version is the hash of the file', () => {
    const { model } = setUp()
    expect(model).toMatchObject({ name: 'onnx:har', version: '0'.repeat(64), condition: { state: 'ok' } })
  })
  it('forecasts from the features that the manifest lists', async () => {
    const { model, runtime } = setUp()
    const answer = await model.forecast(question)
    expect(answer.ok && answer.forecast[0].process.stepVariances[0]).toBeCloseTo(Math.exp(-12.9), 10)
    expect(runtime.requests).toHaveLength(1)
    expect(runtime.requests[0]).toMatchObject({ outputs: ['log_variance'], deadlineMs: 1_000 })
    expect(runtime.requests[0]?.inputs.map(({ name, dims }) => [name, dims])).toEqual([['past', [1, 12, 3]]])
  })
  it('serves other steps within its length: the variance of an hour stays', async () => {
    const { model } = setUp()
    const own = await model.forecast(question)
    const coarse = await model.forecast({ ...question, stepSeconds: 3_600, stepCount: 24 })
    if (!own.ok || !coarse.ok) throw new Error('no forecast')
    const hour = own.forecast[0].process.stepVariances.subarray(0, 12).reduce((sum, variance) => sum + variance, 0)
    expect(coarse.forecast[0].process).toMatchObject({ stepSeconds: 3_600 })
    expect(coarse.forecast[0].process.stepVariances[0]! / hour).toBeCloseTo(1, 12)
  })
  it.each([
    ['another asset', { asset: 'ETH' }, 'made for BTC, not for ETH'],
    ['an hour', { stepSeconds: 60, stepCount: 60 }, 'not made for prompts of 3600 s'],
    ['a week', { stepCount: 2_016 }, 'forecasts 86400 s, not 604800 s'],
    ['a time before its minutes', { startAtMs: startAtMs - 3_600_000 }, 'no minutes of BTC known'],
    ['a time long after them', { startAtMs: startAtMs + 3_600_000 }, /^the last close of BTC is 3660 s old/],
  ])('does not run the file for %s, and that is no failure', async (_, changes, reason) => {
    const { model, runtime, log } = setUp()
    const answer = await model.forecast({ ...question, ...changes })
    expect(answer).toMatchObject({ ok: false, reason: expect.stringMatching(reason) })
    expect(runtime.requests).toEqual([])
    expect(log.entries).toEqual([])
    expect(model.condition).toEqual({ state: 'ok' })
  })
  it.each([
    ['five times the volatility', 2 * Math.log(5), /^5\.\d+ times the volatility of the calibrated forecast/],
    ['a fifth of it', -2 * Math.log(5), /^0\.2\d+ times the volatility/],
    ['a price that doubles at a step', 14, /outside 0 to 0\.5/],
  ])('does not believe %s', async (_, shift, reason) => {
    const { model, log } = setUp(() => ran(tensor('log_variance', [1, 288], (k) => -12.9 + shift + k / 1000)))
    expect(await model.forecast(question)).toMatchObject({ ok: false, reason: expect.stringMatching(reason) })
    expect(log.entries).toMatchObject([
      { event: 'model_bad_output', model: 'onnx:har', asset: 'BTC', problem: 'badOutput', level: 'warn' },
    ])
  })
  it('is skipped for a minute after three failures in a row, then asked again', async () => {
    const { model, runtime, clock } = setUp()
    runtime.reply = () => ({ ok: false, problem: 'overran', reason: 'no answer within 1000 ms' })
    for (let i = 0; i < 3; i += 1) await model.forecast(question)
    expect(model.condition).toMatchObject({ state: 'resting', failuresInARow: 3 })
    expect(await model.forecast(question)).toMatchObject({ ok: false, reason: expect.stringMatching(/^skipped after/) })
    expect(runtime.requests).toHaveLength(3)
    await clock.advance(60_000)
    await model.forecast(question)
    expect(runtime.requests).toHaveLength(4)
    expect(model.condition.state).toBe('resting')
    await clock.advance(60_000)
    runtime.reply = usual
    expect((await model.forecast(question)).ok).toBe(true)
    expect(model.condition).toEqual({ state: 'ok' })
  })
})

describe('dryRun', () => {
  it('refuses a model that says the same whatever the market did', async () => {
    const answer = await dryRun(new FakeInference(usual), aManifest(), 1_000)
    expect(answer).toMatchObject({
      ok: false,
      problem: 'badOutput',
      reason: expect.stringMatching(/ignores its input/),
    })
  })
  it('tells how a model takes a calm and a lively market', async () => {
    const inference = new FakeInference((request) => {
      const level = request.inputs[0]!.values.at(-1)!
      return ran(tensor('log_variance', [1, 288], (k) => -13 + level + k / 1000))
    })
    const answer = await dryRun(inference, aManifest(), 1_000)
    if (!answer.ok) throw new Error(answer.reason)
    expect(answer.runMs).toBe(0.5)
    // Minutes ten times as lively; the feature is half a log-variance.
    expect(answer.livelySd / answer.calmSd).toBeCloseTo(Math.sqrt(10), 3)
  })
})
