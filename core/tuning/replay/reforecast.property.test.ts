import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import { dayMs, minuteMs } from '#core/base/time/units'
import type { PredictionRecord } from '#core/forecast/journal/prediction-record'
import { StoredCloses } from '#core/forecast/models/onnx/stored-closes'
import { CalibratedSets } from '#core/forecast/models/states/calibrated-sets'
import { defaultParameters } from '#core/forecast/parameters/default-parameters'
import { PathKernel } from '#core/forecast/paths/kernel/path-kernel'
import { PathSampler } from '#core/forecast/paths/path-sampler'
import { singlePart } from '#core/forecast/paths/process-parameters'
import type { MinuteReader } from '#core/market/minutes/minute-store'
import type { PredictionRule } from '#core/synth/scoring/score-prediction'
import { FakeInference, ran, tensor } from '#tests/support/fake-inference'
import { aManifest } from '#tests/support/onnx-models'
import { hourIntervals } from '#tests/support/scoring-rules'
import { TestClock } from '#tests/support/test-clock'
import { TestLogger } from '#tests/support/test-logger'
import { parseModel, specFor } from './model-spec.ts'
import { openReforecast, type ReplayFiles } from './reforecast.ts'
import type { PromptToScore } from './score-day.ts'

const published = join(import.meta.dirname, '..', '..', '..', 'models', 'published', 'calibrated')
const sets = new CalibratedSets(
  [
    {
      origin: 'published',
      problems: [],
      files: readdirSync(published)
        .filter((name) => name.startsWith('BTC.') && name.endsWith('.json'))
        .map((path) => ({ path, text: readFileSync(join(published, path), 'utf8') })),
    },
  ],
  (text) => createHash('sha256').update(text).digest('hex'),
)
const day = Math.floor(Date.UTC(2026, 9, 7) / dayMs)
const historyDays = 20
const firstMs = (day - historyDays) * dayMs
const totalMinutes = (historyDays + 1) * 1_440
const models = [
  ...[
    'reference',
    'seed',
    'ewma:lambda=0.93',
    'calibrated:memory_low=0.2,level_high=1.1',
    'blend:calibrated=0.6,ewma=0.4',
    'champion',
  ],
  ...['onnx:har', 'blend:onnx:har=0.5,ewma=0.5'],
]

function makeMinutes(): Float64Array {
  const rng = new SplitMix64(3n)
  let price = 97_000
  return Float64Array.from({ length: totalMinutes }, (_, i) => {
    price *= 1 + 0.0012 * (rng.next() - 0.5) * (Math.floor(i / 200) % 3 === 0 ? 3 : 1)
    return i % 97 === 0 ? Number.NaN : price
  })
}

const minutes = makeMinutes()

function readerOf(closes: Float64Array) {
  return {
    readSlots: (_: unknown, fromMs: number, toMs: number) =>
      Float64Array.from({ length: Math.floor((toMs - fromMs) / minuteMs) + 1 }, (_, i) => {
        const at = (fromMs - firstMs) / minuteMs + i
        return at >= 0 && at < closes.length ? closes[at]! : 0
      }),
  }
}

function recordAt(minuteOfDay: number, lengthSeconds: 3_600 | 86_400): PredictionRecord {
  const startAtSeconds = (day * dayMs) / 1000 + minuteOfDay * 60
  const stepSeconds = lengthSeconds === 3_600 ? 60 : 300
  return {
    id: `BTC-${lengthSeconds}s-${startAtSeconds}`,
    prompt: { asset: 'BTC', startAtSeconds, lengthSeconds, stepSeconds, pathCount: 24 },
    receivedAtMs: startAtSeconds * 1000 - 41_000,
    madeAtMs: startAtSeconds * 1000 - 40_000,
    reason: 'interval',
    rung: 'champion',
    model: { name: 'x', version: '1', parametersHash: '', parameters: defaultParameters('BTC') },
    isDegraded: false,
    price: { usd: 97_123.5, publishedAtMs: startAtSeconds * 1000 - 42_000, venue: 'binanceSpot' },
    recipe: {
      samplerVersion: 1,
      forecast: singlePart({
        stepSeconds,
        stepVariances: new Float64Array(lengthSeconds / stepSeconds),
        volatilityFactors: [],
        tails: { kind: 'normal' },
      }),
      startPriceUsd: 97_123.5,
      seed: 1n,
      arrangement: { kind: 'independent' },
      flatFirstPath: false,
    },
    outputHash: '',
    stageMs: {},
  }
}

const rule = { stepSeconds: 60, intervals: hourIntervals } as unknown as PredictionRule
const sampler = new PathSampler(new PathKernel())

/** Paths of each record, by id, as texts that are equal only if every bit is. */
async function forecastAll(
  model: string,
  records: readonly PredictionRecord[],
  closes = minutes,
): Promise<Map<string, string>> {
  const prompts = records.map(
    ({ id, prompt }): PromptToScore => ({
      id,
      asset: 'BTC',
      startAtMs: prompt.startAtSeconds * 1000,
      timeLengthSeconds: prompt.lengthSeconds,
      stepSeconds: prompt.stepSeconds,
    }),
  )
  const deps = {
    journal: { find: (id: string) => records.find((record) => record.id === id) },
    minutes: readerOf(closes),
    seriesOf: () => ({ venue: 'binanceSpot', symbol: 'BTCUSDT' }) as const,
    sets,
    sampler,
    files: harFiles(closes),
  }
  const pathsOf = await openReforecast(
    deps,
    specFor(parseModel(model), 'BTC', { setsHash: 'a'.repeat(64), files: { 'onnx:har': 'b'.repeat(64) } }),
    { asset: 'BTC', day },
    prompts,
  )
  return new Map(
    prompts.map((prompt) => {
      const answer = pathsOf(prompt, rule)
      return [prompt.id, answer.ok ? Buffer.from(answer.paths.values.slice().buffer).toString('hex') : answer.detail]
    }),
  )
}

/** A model whose variance follows its newest input, so that every minute it is shown shows. */
function harFiles(closes: Float64Array): ReplayFiles {
  const grid = { stepSeconds: 60, steps: 1440 }
  const window = { largestUnknownShare: 0.5, largestAgeSeconds: 3600 }
  const manifest = aManifest({ serves: { assets: ['BTC'], horizons: ['low', 'high'] }, grid, window })
  const runtime = new FakeInference(({ inputs }) => {
    const [past] = inputs
    const sum = Array.from(past!.values).reduce((total, value) => total + value, 0)
    return ran(tensor('log_variance', [1, 1440], (i) => -15 + 0.01 * sum + 1e-4 * i))
  })
  const reader = readerOf(closes)
  const store = {
    lastClose: (_: unknown, fromMs: number, toMs: number) => {
      const slots = reader.readSlots(_, fromMs, toMs)
      const at = slots.findLastIndex((close) => close > 0)
      return at < 0 ? undefined : { openAtMs: fromMs + at * minuteMs, close: slots[at]! }
    },
    readCloses: (_: unknown, fromMs: number, toMs: number) =>
      reader.readSlots(_, fromMs, toMs).map((close) => (close > 0 ? close : Number.NaN)),
  }
  return {
    find: (name) => (name === 'onnx:har' ? manifest : undefined),
    runtime,
    closes: new StoredCloses({
      store: store as unknown as MinuteReader,
      sources: () => ({ venue: 'binanceSpot', symbol: 'BTCUSDT' }),
    }),
    clock: new TestClock(0),
    log: new TestLogger(),
    // Wide: the calibrated forecast of these made-up minutes is no yardstick for made-up outputs.
    options: { deadlineMs: 1000, largestSdRatio: 1e6 },
  }
}

const promptTime = fc.integer({ min: 0, max: 1_439 })
const lengths = fc.constantFrom(3_600 as const, 86_400 as const)

describe.each(models)('%s, asked again', (model) => {
  it('does not change a bit when any minute that had not ended changes', async () => {
    await fc.assert(
      fc.asyncProperty(
        promptTime,
        lengths,
        fc.double({ min: 0.5, max: 2, noNaN: true }),
        async (minute, length, factor) => {
          const record = recordAt(minute, length)
          const known = Math.floor((record.receivedAtMs - firstMs) / minuteMs)
          const later = minutes.map((close, i) => (i < known ? close : close * factor))
          expect(await forecastAll(model, [record], later)).toEqual(await forecastAll(model, [record]))
        },
      ),
      { numRuns: 6 },
    )
  })

  it('gives each prompt the same paths whichever others are asked with it, in any order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(promptTime, { minLength: 2, maxLength: 4 }), lengths, async (times, length) => {
        const records = times.map((minute) => recordAt(minute, length))
        const together = await forecastAll(model, records)
        for (const record of records) {
          expect((await forecastAll(model, [record])).get(record.id)).toBe(together.get(record.id))
        }
        expect(await forecastAll(model, records.toReversed())).toEqual(together)
      }),
      { numRuns: 4 },
    )
  })
})

describe('asking a model file again', () => {
  it('shows it nothing that had not ended, whatever ends before the forecast begins', async () => {
    const record = {
      ...recordAt(600, 3_600),
      receivedAtMs: (recordAt(600, 3_600).receivedAtMs as number) - 5 * minuteMs,
    }
    const known = Math.floor((record.receivedAtMs - firstMs) / minuteMs)
    const changed = (from: number) => minutes.map((close, i) => (i >= from && i < known + 6 ? close * 1.2 : close))
    const before = await forecastAll('onnx:har', [record])
    expect(await forecastAll('onnx:har', [record], changed(known))).toEqual(before)
    expect(await forecastAll('onnx:har', [record], changed(known - 1))).not.toEqual(before)
  })

  it('says which file is missing', async () => {
    const answer = (await forecastAll('onnx:other', [recordAt(600, 3_600)])).get(recordAt(600, 3_600).id)
    expect(answer).toBe('onnx:other cannot be forecast again')
  })
})

describe('asking again', () => {
  it.each(['ewma', 'calibrated', 'seed', 'onnx:har'])('lets %s see the last minute that had ended', async (model) => {
    const record = recordAt(600, 3_600)
    const known = Math.floor((record.receivedAtMs - firstMs) / minuteMs)
    const changed = minutes.map((close, i) => (i === known - 1 ? close * 1.01 : close))
    expect(await forecastAll(model, [record], changed)).not.toEqual(await forecastAll(model, [record]))
  })

  it('starts from the price that was served, on as many paths', async () => {
    const record = recordAt(600, 3_600)
    const hex = (await forecastAll('ewma', [record])).get(record.id)!
    const values = new Float64Array(new Uint8Array(Buffer.from(hex, 'hex')).buffer)
    expect(values).toHaveLength(24 * 61)
    expect(values[61]).toBe(97_123.5)
  })

  it('refuses to forecast from defaults where too few minutes are stored', async () => {
    const record = recordAt(600, 3_600)
    expect((await forecastAll('ewma', [record], new Float64Array(totalMinutes))).get(record.id)).toMatch(
      /too few minutes of BTC/,
    )
  })

  it('follows lambda: another one is another forecast', async () => {
    const record = recordAt(600, 3_600)
    expect(await forecastAll('ewma:lambda=0.9', [record])).not.toEqual(await forecastAll('ewma:lambda=0.93', [record]))
  })

  it.each([
    ['seed', 'df=5', ['df=6', 'lambda=0.9', 'shrink_high=0.8', 'sigma_cap_daily=0.01']],
    ['calibrated', 'level_high=1', ['level_high=1.05', 'level_sd_high=0.9', 'tail_high=1.1', 'memory_high=0.1']],
  ])('follows every number of %s, and those of the other horizon not at all', async (model, own, others) => {
    const record = recordAt(600, 3_600)
    const before = await forecastAll(model, [record])
    expect(await forecastAll(`${model}:${own}`, [record])).toEqual(before)
    for (const other of others) expect(await forecastAll(`${model}:${other}`, [record]), other).not.toEqual(before)
    if (model === 'calibrated') expect(await forecastAll('calibrated:level_low=2', [record])).toEqual(before)
  })
})
