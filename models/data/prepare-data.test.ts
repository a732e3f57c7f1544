import { describe, expect, it } from 'vitest'
import { hourMs, minuteMs } from '#core/base/time/units'
import { buildInputs } from '#core/forecast/models/onnx/build-inputs'
import { dataConfigSchema } from '#models/compile/data-config'
import { readRecipe } from '#models/compile/read-recipe'
import { recipeSource } from '#models/compile/recipe-files'
import { splitConfigSchema } from '#models/compile/split-config'
import { discoverComponents } from '#models/registry/discover'
import { dataDeps } from '#tests/support/models/data-ports'
import { hasShared, sharedPath, skippedWithoutShared } from '#tests/support/shared-files'
import type { BarSeries } from './bar-series.ts'
import { Dataset } from './dataset.ts'
import { fitNormalisation } from './normalisation.ts'
import { type FoldData, type PreparedData, prepareData } from './prepare-data.ts'

const low = { stepSeconds: 300, steps: 288 }
const high = { stepSeconds: 60, steps: 60 }
const inputs = {
  rows: 12,
  stepSeconds: 300,
  past: [
    { kind: 'logRealizedVariance', minutes: 30 },
    { kind: 'logReturn', clip: 4 },
  ],
  ahead: [{ kind: 'daySin' }],
  baseline: false,
}
const recipe = {
  assets: ['BTC'],
  horizon: 'high' as const,
  grid: high,
  inputs,
  data: { use: 'mock', days: 12 } as object,
  split: { strideMinutes: 61 } as object,
}

/** With the defaults that reading a recipe fills in. */
function filled(change: Partial<typeof recipe> | object) {
  const made = { ...recipe, ...change }
  return { ...made, data: dataConfigSchema.parse(made.data), split: splitConfigSchema.parse(made.split) }
}

async function prepare(change: Partial<typeof recipe> | object = {}): Promise<PreparedData> {
  const answer = await prepareData(filled(change), dataDeps)
  if (!answer.ok) throw new Error(answer.problems.map(({ path, sentence }) => `${path}: ${sentence}`).join('\n'))
  return answer.data
}

function foldOf(data: PreparedData, index = 0): FoldData {
  const answer = data.openFold(index)
  if (!answer.ok) throw new Error(answer.problems.map(({ sentence }) => sentence).join('\n'))
  return answer.fold
}

describe('batches', () => {
  it('hold what the miner computes, window by window', async () => {
    const data = await prepare()
    const { dataset, train } = foldOf(data)
    const windows = [train[3]!, train[0]!]
    const batch = dataset.batch(windows)
    expect(batch.past).toHaveLength(2 * 12 * 2)
    expect(batch.ahead).toHaveLength(2 * 60)
    const { close, firstOpenMs } = data.series[0]!
    const { startAtMs } = windows[0]!
    const end = (startAtMs - minuteMs - firstOpenMs) / minuteMs
    const answer = buildInputs(dataset.facts, windows[0]!, {
      closes: close.subarray(0, end),
      endsAtMs: startAtMs - minuteMs,
    })
    expect(answer.ok && answer.tensors.map(({ values }) => values)).toEqual([
      batch.past.slice(0, 24),
      batch.ahead!.slice(0, 60),
    ])
  })

  it('hold the log-returns from the price of the start on, and where they are known', async () => {
    const data = await prepare()
    const [window] = foldOf(data).train
    const [series] = data.series as [BarSeries]
    const first = (window!.startAtMs - series.firstOpenMs) / minuteMs
    const holed = { ...series, close: series.close.map((close, i) => (i === first + 10 ? Number.NaN : close)) }
    const { logReturns, known } = new Dataset([holed], foldOf(data).dataset.facts).batch([window!])
    expect(logReturns[0]).toBeCloseTo(Math.log(series.close[first + 1]! / series.close[first]!), 7)
    expect(logReturns[59]).toBeCloseTo(Math.log(series.close[first + 60]! / series.close[first + 59]!), 7)
    expect([...known.slice(8, 13)]).toEqual([1, 0, 0, 1, 1])
    expect([...logReturns.slice(9, 11)]).toEqual([0, 0])
    expect(known.reduce((sum, value) => sum + value, 0)).toBe(58)
  })

  it('are the same again, in any order', async () => {
    const { dataset, train } = foldOf(await prepare())
    const once = dataset.batch(train.slice(0, 4))
    dataset.batch(train.slice(4, 20))
    expect(dataset.batch(train.slice(0, 4))).toEqual(once)
  })

  it('of a made market come with the true variance of each step', async () => {
    const { dataset, train } = foldOf(
      await prepare({ horizon: 'low', grid: low, data: { use: 'mock', days: 40 }, split: {} }),
    )
    let [made, told] = [0, 0]
    for (const window of train) {
      const { logReturns } = dataset.batch([window])
      dataset.trueVariances(window)!.forEach((variance, k) => {
        told += variance
        made += logReturns[k]! ** 2
      })
    }
    expect(made / told).toBeGreaterThan(0.85)
    expect(made / told).toBeLessThan(1.15)
  })
})

describe('normalisation', () => {
  it('makes the training part have mean 0 and deviation 1', async () => {
    const { dataset, train } = foldOf(
      await prepare({ inputs: { ...inputs, past: [{ kind: 'logRealizedVariance', minutes: 30 }] } }),
    )
    const { past } = dataset.batch(train)
    const mean = past.reduce((sum, value) => sum + value, 0) / past.length
    expect(mean).toBeCloseTo(0, 4)
    expect(Math.sqrt(past.reduce((sum, value) => sum + (value - mean) ** 2, 0) / past.length)).toBeCloseTo(1, 3)
  })

  it('and the calibrated model do not know the validation part, nor the test', async () => {
    const [{ close, firstOpenMs }] = (await prepare()).series as [BarSeries]
    const foldFrom = async (closes: Float64Array): Promise<FoldData> => {
      const series = { startAtMs: firstOpenMs, stepSeconds: 60, closes }
      const minutes = { readHigh: () => ({ series, unseenSteps: 1 }) as const }
      const wanted = filled({ inputs: { ...inputs, baseline: true }, data: { use: 'minutes' } })
      const answer = await prepareData(wanted, { ...dataDeps, ports: { ...dataDeps.ports, minutes } })
      if (!answer.ok) throw new Error(JSON.stringify(answer.problems))
      return foldOf(answer.data)
    }
    const { dataset, validation, train, baselines } = await foldFrom(close)
    const bar = (atMs: number) => (atMs - firstOpenMs) / minuteMs
    const editedFrom = (atMs: number) =>
      close.map((value, i) => (i >= bar(atMs) ? value * (1 + 0.1 * Math.sin(i)) : value))
    const later = await foldFrom(editedFrom(validation[0]!.startAtMs - hourMs))
    expect(later.dataset.facts).toEqual(dataset.facts)
    expect(later.baselines).toEqual(baselines)
    expect(later.dataset.batch(train)).toEqual(dataset.batch(train))
    const earlier = await foldFrom(editedFrom(train.at(-1)!.startAtMs - 10 * minuteMs))
    expect(earlier.dataset.facts).not.toEqual(dataset.facts)
    expect(earlier.baselines).not.toEqual(baselines)
  })

  it('leaves out what is not known, and keeps a clip', async () => {
    const data = await prepare()
    const { dataset, train } = foldOf(data)
    const [past] = dataset.facts.inputs
    expect(past?.kind === 'past' && past.features.map(({ clip }) => clip)).toEqual([undefined, 4])
    const [series] = data.series as [BarSeries]
    // Every second minute has no volume: its mean is that of the others.
    const volume = series.volume.map((_, i) => (i % 2 === 0 ? Number.NaN : 7 + (i % 4)))
    const facts = await prepare({ inputs: { ...inputs, stepSeconds: 60, past: [{ kind: 'logVolume', minutes: 1 }] } })
    const fitted = fitNormalisation(
      [{ ...series, volume }],
      { ...foldOf(facts).dataset.facts, window: { largestUnknownShare: 0.9, largestAgeSeconds: 900 } },
      train,
    )
    const own = fitted.inputs[0]
    expect(own?.kind === 'past' && own.features[0]!.mean).toBeCloseTo((Math.log(8) + Math.log(10)) / 2, 2)
  })

  it('has deviation 1 for what never changes', async () => {
    const { dataset } = foldOf(await prepare({ inputs: { ...inputs, past: [{ kind: 'knownShare' }] } }))
    const [past] = dataset.facts.inputs
    expect(past?.kind === 'past' && past.features[0]).toMatchObject({ sd: 1 })
    expect(past?.kind === 'past' && past.features[0]!.mean).toBeCloseTo(1, 6)
  })
})

describe('what is wrong with data', () => {
  const problemsOf = async (change: object): Promise<string[]> => {
    const answer = await prepareData(filled(change), dataDeps)
    return answer.ok ? [] : answer.problems.map(({ path, sentence }) => `${path}: ${sentence}`)
  }
  it('is too short a series, by how much', async () => {
    expect(await problemsOf({ data: { use: 'mock', days: 1 }, horizon: 'low', grid: low })).toEqual([
      'data: BTC has 1440 bars, but one window of input and forecast needs 1526',
    ])
  })
  it('is a feature of minutes on longer bars, or rows that do not end with them', async () => {
    const data = { use: 'mock', days: 40, stepSeconds: 900 }
    expect(await problemsOf({ data, horizon: 'low', grid: { stepSeconds: 900, steps: 96 } })).toEqual([
      "inputs.stepSeconds: rows of 300 s do not end with bars: BTC's bars are of 900 s",
      "inputs.past.0: logRealizedVariance needs one-minute data, but BTC's bars are of 900 s; logReturn, absLogReturn, logPriceToLast and features of the clock do not",
    ])
    expect(await problemsOf({ data })).toEqual(
      ["grid.stepSeconds: steps of 60 s cannot be read from BTC's bars of 900 s"].concat(
        await problemsOf({ data, grid: { stepSeconds: 900, steps: 96 } }),
      ),
    )
  })
  it('is more windows than the memory should hold', async () => {
    expect(await problemsOf({ data: { use: 'mock', days: 40 }, split: { strideMinutes: 1 } })).toEqual([
      'split.strideMinutes: there are 57453 windows, and at most 50000 are kept in memory: raise the stride',
    ])
  })
  it('is an embargo that is too small, or too few windows', async () => {
    expect(await problemsOf({ split: { embargoMinutes: 5 } })).toEqual([
      'split.embargoMinutes: 5 minutes are less than input and forecast together; the least is 147',
    ])
    expect((await problemsOf({ data: { use: 'mock', days: 1 }, split: { strideMinutes: 1200 } }))[0]).toMatch(
      /^split: .* has no window/,
    )
  })
})

it('longer bars give the numbers that minutes give, where that is so', async () => {
  const past = [{ kind: 'logReturn' }, { kind: 'absLogReturn' }, { kind: 'logPriceToLast' }, { kind: 'weekSin' }]
  const change = { horizon: 'low', grid: low, inputs: { ...inputs, past }, data: { use: 'mock', days: 20 }, split: {} }
  const minutes = await prepare(change)
  const [series] = minutes.series as [BarSeries]
  const every = (column: Float64Array) => column.filter((_, i) => i % 5 === 4)
  const bars: BarSeries = {
    ...series,
    stepSeconds: 300,
    close: every(series.close),
    open: every(series.open),
    high: every(series.high),
    low: every(series.low),
    volume: every(series.volume),
  }
  const { dataset } = foldOf(minutes)
  const startAtMs = series.firstOpenMs + 48 * hourMs
  const fromBars = new Dataset([bars], dataset.facts).inputs({ asset: 'BTC', startAtMs })
  // The minutes that are over when the bar is.
  const fromMinutes = dataset.inputs({ asset: 'BTC', startAtMs: startAtMs + minuteMs })
  expect(fromBars.ok && fromBars.tensors.get('past')).toEqual(fromMinutes.ok && fromMinutes.tensors.get('past'))
})

describe('hashes', () => {
  it('name the data: the same again, another one for another seed or part', async () => {
    const data = await prepare()
    expect((await prepare()).hash).toBe(data.hash)
    expect((await prepare({ data: { use: 'mock', days: 12, seed: 2 } })).hash).not.toBe(data.hash)
    expect(data.hashOf(data.split.test)).not.toBe(data.hash)
  })
})

it.each(['baseline_gbm', 'residual'])('the preset %s has data to train on', async (name) => {
  const read = readRecipe(recipeSource(name), await discoverComponents())
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  const { recipe } = read
  const answer = await prepareData(recipe, { ...dataDeps, features: recipe.components.features })
  if (!answer.ok) throw new Error(JSON.stringify(answer.problems))
  const { train, validation, test } = foldOf(answer.data)
  expect(train.length).toBeGreaterThan(20 * recipe.training.batch)
  expect(Math.min(validation.length, test.length)).toBeGreaterThan(100)
})

describe.skipIf(!hasShared)(`real minutes${skippedWithoutShared}`, () => {
  it('are read, divided and served with the calibrated forecast of the time', async () => {
    const data = await prepare({
      assets: ['SOL'],
      horizon: 'low',
      grid: low,
      inputs: { ...inputs, baseline: true },
      data: { use: 'csv', folder: sharedPath('market') },
      split: { strideMinutes: 6 * 60 },
    })
    expect(data.leftOut).toEqual([])
    const { dataset, train, validation, test, baselines } = foldOf(data)
    expect(Math.min(train.length, validation.length, test.length)).toBeGreaterThan(15)
    // It was fitted before the validation part.
    expect(baselines.get('SOL')!.window.toMs).toBeLessThan(validation[0]!.startAtMs)
    const batch = dataset.batch(validation)
    let [squares, forecast] = [0, 0]
    batch.logReturns.forEach((move, i) => {
      squares += move ** 2
      forecast += Math.exp(batch.baseline![i]!)
    })
    expect(squares / forecast).toBeGreaterThan(0.5)
    expect(squares / forecast).toBeLessThan(2)
  })
})
