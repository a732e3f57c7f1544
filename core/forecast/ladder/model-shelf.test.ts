import { describe, expect, it } from 'vitest'
import { answerWith, labStartMs } from '#tests/support/ladder-lab'
import type { ModelAnswer } from '../models/volatility-model.ts'
import { defaultParameters } from '../parameters/default-parameters.ts'
import { ModelShelf } from './model-shelf.ts'

const question = { asset: 'BTC', startAtMs: labStartMs, stepSeconds: 300, stepCount: 288 }

function shelfOf(models: Readonly<Record<string, () => ModelAnswer | Promise<ModelAnswer>>>) {
  return new ModelShelf((name) => {
    const forecast = models[name]
    return forecast && { model: { name, forecast }, versionOf: (asset, horizon) => `${asset}-${horizon}` }
  })
}

function parametersWith(weights: Readonly<Record<string, number>>) {
  return { ...defaultParameters('BTC'), blend: { low: weights, high: {} } }
}

describe('ModelShelf', () => {
  const sound = () => answerWith()(question)

  it('finds a model by name', () => {
    expect(shelfOf({ seed: sound }).take('seed', defaultParameters('BTC'), 'low')?.model.name).toBe('seed')
    expect(shelfOf({}).take('seed', defaultParameters('BTC'), 'low')).toBeUndefined()
  })

  it('blends by the weights of the asset and the horizon, models that answer later among them', async () => {
    const shelf = shelfOf({ seed: sound, 'onnx:a': async () => sound(), unused: sound })
    const blend = shelf.take('blend', parametersWith({ seed: 1, 'onnx:a': 3, unused: 0 }), 'low')!
    const answer = await blend.model.forecast(question)
    expect(answer).toMatchObject({ ok: true, isDegraded: false, forecast: [{ weight: 1 }, { weight: 3 }] })
    expect(blend.versionOf('BTC', 'low')).toBe('seed@BTC-low+onnx:a@BTC-low')
  })

  it('leaves the share of a member that is gone, throws or does not answer to the others', async () => {
    const boom = () => {
      throw new Error('boom')
    }
    const silent = () => ({ ok: false, reason: 'no minutes' }) as const
    const shelf = shelfOf({ seed: sound, boom, silent })
    const blend = shelf.take('blend', parametersWith({ seed: 1, boom: 1, silent: 1, gone: 1 }), 'low')!
    expect(await blend.model.forecast(question)).toMatchObject({
      ok: true,
      isDegraded: true,
      forecast: [{ weight: 1 }],
    })
    const none = shelf.take('blend', parametersWith({ boom: 1, gone: 1 }), 'low')!
    expect(await none.model.forecast(question)).toEqual({
      ok: false,
      reason: 'boom: threw Error: boom; gone: there is no model gone',
    })
  })

  it('does not blend itself', async () => {
    const blend = shelfOf({}).take('blend', parametersWith({ blend: 1 }), 'low')!
    expect(await blend.model.forecast(question)).toMatchObject({ ok: false })
  })
})
