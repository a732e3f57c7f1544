import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { AssetParameters } from '#core/forecast/parameters/asset-parameters'
import { defaultParameters } from '#core/forecast/parameters/default-parameters'
import type { ReplayRequest } from './plan-replay.ts'
import { ReplayPairs } from './replay-pairs.ts'
import type { ReplayRun } from './run-replay.ts'

const hashText = (text: string) => createHash('sha256').update(text).digest('hex')
const defaults = defaultParameters('BTC')
const withChampion = (champion: string): AssetParameters => ({
  ...defaults,
  champion: { low: champion, high: champion },
})
const withBlend = (calibrated: number, ewma: number): AssetParameters => ({
  ...withChampion('blend'),
  blend: { low: { calibrated, ewma }, high: { calibrated, ewma } },
})

/** Notes what is asked for; every model's score is its own length of name. */
class NotingRuns {
  readonly requests: ReplayRequest[] = []

  run = async (request: ReplayRequest): Promise<ReplayRun> => {
    this.requests.push(request)
    const score = {
      predictionId: 'p',
      regime: 'r',
      asset: 'BTC',
      startAtMs: request.filter.fromMs!,
      timeLengthSeconds: request.filter.timeLengthSeconds!,
      competition: 'c',
      total: this.requests.length,
      pricePart: 1,
      volatilityPart: null,
      problem: null,
    }
    return { scores: [score] } as unknown as ReplayRun
  }
}

function pairsOn(runs: NotingRuns): ReplayPairs {
  return new ReplayPairs({
    run: runs.run,
    setsHash: 'f'.repeat(64),
    hashText,
    hashFiles: async (names) => {
      if (names.includes('onnx:gone')) throw new Error('There is no model onnx:gone')
      return Object.fromEntries(names.map((name) => [name, hashText(name)]))
    },
  })
}

async function measured(oldParameters: AssetParameters, newParameters: AssetParameters) {
  const runs = new NotingRuns()
  const pairs = pairsOn(runs)
  const question = {
    asset: 'BTC',
    horizons: ['low', 'high'] as const,
    fromMs: 1_000,
    toMs: 9_000,
    oldParameters,
    newParameters,
  }
  return { scores: await pairs.readPairs(question), specs: runs.requests.map(({ specOf }) => specOf('BTC')), runs }
}

describe('ReplayPairs', () => {
  it('forecasts the prompts of the window twice, horizon by horizon, and pairs the scores', async () => {
    const { scores, runs } = await measured(defaults, { ...defaults, lambda: 0.93 })
    expect(runs.requests.map(({ filter }) => filter)).toEqual(
      [86_400, 86_400, 3_600, 3_600].map((timeLengthSeconds) => ({
        assets: ['BTC'],
        timeLengthSeconds,
        fromMs: 1_000,
        toMs: 9_000,
      })),
    )
    expect(scores).toEqual([
      { startAtMs: 1_000, timeLengthSeconds: 86_400, oldScore: 1, newScore: 2 },
      { startAtMs: 1_000, timeLengthSeconds: 3_600, oldScore: 3, newScore: 4 },
    ])
    expect(new Set(runs.requests.map(({ model }) => model)).size).toBe(2)
  })

  it.each([
    ['lambda behind another champion', defaults, { ...defaults, lambda: 0.93 }, ['ewma', 'ewma']],
    ['lambda of what is served', withChampion('ewma'), { ...withChampion('ewma'), df: 6 }, ['ewma', 'ewma']],
    ['lambda in a blend', withBlend(0.5, 0.5), { ...withBlend(0.5, 0.5), lambda: 0.93 }, ['blend', 'blend']],
    [
      'a number of the calibrated model',
      defaults,
      { ...defaults, calibrated: { low: { level: 1.05 } } },
      ['calibrated', 'calibrated'],
    ],
    [
      'a number of the calibrated model behind another champion',
      withChampion('ewma'),
      { ...withChampion('ewma'), calibrated: { low: { level: 1.05 } } },
      ['calibrated', 'calibrated'],
    ],
    ['a number of the seed that is served', withChampion('seed'), { ...withChampion('seed'), df: 6 }, ['seed', 'seed']],
    ['shares of a blend', withBlend(0.5, 0.5), withBlend(0.6, 0.4), ['blend', 'blend']],
    ['the champion', defaults, withChampion('ewma'), ['calibrated', 'ewma']],
  ])('measures %s on the model that it is about', async (_, before, after, models) => {
    const { specs } = await measured(before, after)
    expect(specs.slice(0, 2).map((spec) => spec?.model)).toEqual(models)
  })

  it('has no pairs for a model that cannot be forecast again', async () => {
    const { scores, runs } = await measured(defaults, withChampion('lastSigma'))
    expect([scores, runs.requests]).toEqual([[], []])
  })

  it('names the file of a model that comes as one, alone and in a blend, and says when it is gone', async () => {
    const { specs } = await measured(defaults, withChampion('onnx:btc'))
    expect(specs.slice(0, 2).map((spec) => [spec?.model, spec?.files])).toEqual([
      ['calibrated', {}],
      ['onnx:btc', { 'onnx:btc': hashText('onnx:btc') }],
    ])
    const mixed = { ...withChampion('blend'), blend: { low: { 'onnx:btc': 1 }, high: { ewma: 1 } } }
    const blend = await measured(defaults, mixed)
    expect(blend.specs[1]?.files).toEqual({ 'onnx:btc': hashText('onnx:btc') })
    await expect(measured(defaults, withChampion('onnx:gone'))).rejects.toThrow('no model onnx:gone')
  })

  it('scores each blend as one that is served, on the prompts of the window', async () => {
    const runs = new NotingRuns()
    const blends = [{ ewma: 1 }, { calibrated: 0.5, 'onnx:btc': 0.5 }]
    const question = { asset: 'BTC', horizon: 'low', fromMs: 1_000, toMs: 9_000, parameters: defaults, blends } as const
    const totals = await pairsOn(runs).scoreBlends(question)
    expect(totals).toEqual([1, 2].map((total) => [{ name: 'p\nr', startAtMs: 1_000, total }]))
    const specs = runs.requests.map(({ specOf }) => specOf('BTC')!)
    expect(specs.map(({ model, parameters, files }) => [model, parameters.blend.low, Object.keys(files)])).toEqual([
      ['blend', blends[0], []],
      ['blend', blends[1], ['onnx:btc']],
    ])
    expect(specs.map(({ parameters }) => parameters.blend.high)).toEqual([defaults.blend.high, defaults.blend.high])
    expect(runs.requests[0]!.filter).toMatchObject({
      assets: ['BTC'],
      timeLengthSeconds: 86_400,
      fromMs: 1_000,
      toMs: 9_000,
    })
  })
})
