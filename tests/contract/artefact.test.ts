/** Trained recipes as files: written, checked and served by the miner's own parts, with the real inference process. */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { systemClock } from '#adapters/clock/system-clock'
import { DiskModelFolder } from '#adapters/onnx/disk-model-folder'
import { ProcessRuntime } from '#adapters/onnx/process-runtime'
import { OnnxShelf } from '#core/forecast/models/onnx/onnx-shelf'
import type { ForecastQuestion, ModelAnswer } from '#core/forecast/models/volatility-model'
import { singlePart } from '#core/forecast/paths/process-parameters'
import { loadModel } from '#models/artefact/load-model'
import { type ArtefactParts, writeArtefact } from '#models/artefact/write-artefact'
import { modelParameters } from '#models/compile/compile-model'
import { parseRecipe } from '#models/compile/parse-recipe'
import type { Recipe } from '#models/compile/recipe'
import { startWeights } from '#models/compile/start-weights'
import { add, plus, softplus, times } from '#models/graph/arithmetic'
import { linear } from '#models/graph/composites'
import { reduceMean, softmax } from '#models/graph/reduce'
import { expand, reshape } from '#models/graph/shape-operators'
import { compileRecipe, listPresets, loadModel as openModel } from '#models/index'
import { defineHead, defineLoss, type HeadDefinition } from '#models/registry/component'
import { toyComponents, toyRecipe } from '#tests/support/models/toy-components'
import { features, fixedCloses, madeMinutes } from '#tests/support/onnx-models'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { WatchedLogger } from '#tests/support/watched-logger'

const steps = 288
const grid = { stepSeconds: 300, steps }
const startAtMs = Date.UTC(2026, 8, 23, 12)
const question = { asset: 'BTC', startAtMs, stepSeconds: 300, stepCount: steps }
const runtime = new ProcessRuntime({ clock: systemClock, log: new WatchedLogger() })
afterAll(() => runtime.stop())
const openFolder = (path: string) => new DiskModelFolder(path)
const deps = { runtime, openFolder }

/** The calibrated forecast with a small correction. */
const corrected = {
  description: 'The calibrated forecast, corrected.',
  needsBaseline: true,
  settings: z.strictObject({ scale: z.number().default(0.01) }),
}
const plain = { weights: undefined, drift: undefined, tails: { kind: 'normal' as const }, levelLogSd: undefined }
const heads: readonly HeadDefinition[] = [
  defineHead({
    ...corrected,
    name: 'corrected',
    build: (scope, { pooled, baseline, stepSeconds }, { scale }) => ({
      ...plain,
      stepSeconds,
      logVariance: add(baseline!, times(linear(scope, pooled, steps), scale)),
    }),
  }),
  defineHead({
    ...corrected,
    name: 'rich',
    build: (scope, { pooled, baseline, stepSeconds }) => ({
      ...plain,
      stepSeconds,
      logVariance: expand(reshape(baseline!, [pooled.shape[0]!, 1, steps]), [pooled.shape[0]!, 2, steps]),
      weights: softmax(
        scope.within('weights', (own) => linear(own, pooled, 2)),
        1,
      ),
      tails: {
        kind: 'student',
        degreesOfFreedom: plus(softplus(scope.within('tails', (own) => linear(own, pooled, 1))), 3),
      },
      levelLogSd: softplus(scope.within('level', (own) => linear(own, pooled, 1))),
    }),
  }),
  defineHead({
    ...corrected,
    name: 'drifting',
    build: (scope, { pooled, baseline, stepSeconds }) => ({
      ...plain,
      stepSeconds,
      logVariance: baseline!,
      drift: linear(scope, pooled, steps),
    }),
  }),
]

/** Of any process: what is written here is not trained. */
const anyLoss = defineLoss({
  name: 'any_loss',
  description: 'The mean log-variance.',
  settings: z.strictObject({}),
  build: (_scope, { logVariance }) => reduceMean(logVariance, { axes: logVariance.shape.map((_, axis) => axis) }),
})

function partsOf(head: string, changes: object = {}): ArtefactParts {
  const inputs = {
    rows: 12,
    stepSeconds: 300,
    past: [
      { kind: 'logRealizedVariance', minutes: 30 },
      { kind: 'logSemivariance', side: 'down', minutes: 60 },
    ],
    ahead: [{ kind: 'daySin' }],
    baseline: true,
  }
  const read = parseRecipe(
    toyRecipe({ head: { use: head } }, { name: 'mine', horizon: 'low', grid, inputs, loss: { use: 'any_loss' } }),
    toyComponents(...heads, anyLoss),
  )
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  const { recipe } = read
  return {
    recipe,
    weights: startWeights(modelParameters(recipe), 1),
    past: [
      { mean: -14, sd: 2 },
      { mean: -15, sd: 2 },
    ],
    ahead: [{ mean: 0, sd: 1 }],
    training: {
      data: { hash: 'abc', fromMs: 1, toMs: 2 },
      scores: { crps: { value: 1, low: 0.9, high: 1.1, windows: 100 } },
    },
    ...changes,
  }
}

async function written(head: string): Promise<string> {
  const folder = temporaryFolder()
  const answer = await writeArtefact(deps, partsOf(head), folder)
  if (!answer.ok) throw new Error(JSON.stringify(answer.problems))
  expect(answer.path).toBe(join(folder, 'mine'))
  return answer.path
}

/** What the calibrated model says: twice as lively at the end as at the start. */
const variances = Float64Array.from({ length: steps }, (_, k) => 2e-6 * (1 + k / steps))
const calibrated = (asked: ForecastQuestion): ModelAnswer => {
  expect(asked).toEqual(question)
  const process = {
    stepSeconds: 300,
    stepVariances: variances,
    tails: { kind: 'normal' as const },
    volatilityFactors: [],
  }
  return { ok: true, forecast: singlePart(process), isDegraded: false }
}

function shelfOver(folder: string, yardstick: (asked: ForecastQuestion) => ModelAnswer) {
  const log = new WatchedLogger()
  const closes = fixedCloses(madeMinutes(startAtMs - 60_000, 500))
  const shelf = new OnnxShelf(
    { runtime, features, closes, clock: systemClock, log, folder: openFolder(folder), yardstick },
    { deadlineMs: 10_000, largestSdRatio: 4 },
  )
  return { shelf, log }
}

describe('an artefact', () => {
  it('is a folder that the miner serves, from the calibrated forecast that it has at hand', async () => {
    const path = await written('corrected')
    expect(readdirSync(path).sort()).toEqual(['golden.json', 'manifest.json', 'model.onnx'])
    expect(readdirSync(dirname(path))).toEqual(['mine'])
    const manifest = JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8'))
    expect(manifest).toMatchObject({
      training: {
        recipe: expect.stringMatching(/^[0-9a-f]{12}$/),
        data: { hash: 'abc' },
        scores: { crps: { low: 0.9 } },
      },
    })
    const { shelf } = shelfOver(dirname(path), calibrated)
    await shelf.load()
    const answer = await shelf.find('onnx:mine')?.forecast(question)
    if (answer?.ok !== true) throw new Error(answer?.reason ?? shelf.whyNot('onnx:mine'))
    const served = answer.forecast[0].process.stepVariances
    const corrections = Array.from(served, (variance, k) => Math.log(variance / variances[k]!))
    expect(Math.max(...corrections.map(Math.abs))).toBeLessThan(0.2)
    expect(new Set(corrections).size).toBeGreaterThan(200)

    // The same through the library.
    const loaded = await loadModel(path, { ...deps, features })
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    const window = madeMinutes(startAtMs - 60_000, 500)
    const own = await loaded.model.forecast({ asset: 'BTC', startAtMs, baseline: variances }, window)
    expect(own.ok && own.forecast[0].process.stepVariances).toEqual(served)
    expect(await loaded.model.forecast({ asset: 'BTC', startAtMs }, window)).toEqual({
      ok: false,
      problems: [{ path: 'window', sentence: 'no calibrated forecast of BTC to start from.' }],
    })
    await loaded.model.close()

    // And through the door of the package, which brings its own runtime.
    const opened = await openModel(path)
    if (!opened.ok) throw new Error(JSON.stringify(opened.problems))
    const again = await opened.model.forecast({ asset: 'BTC', startAtMs, baseline: variances }, window)
    expect(again).toEqual(own)
    await opened.model.close()
    expect(await openModel(join(path, 'none'))).toMatchObject({ ok: false })
  })

  it('starts from the calibrated forecast on its own steps, whatever those of the prompt are', async () => {
    const { shelf } = shelfOver(dirname(await written('corrected')), (asked) =>
      asked.stepSeconds === 300 ? calibrated(asked) : { ok: false, reason: 'only the size is asked here' },
    )
    await shelf.load()
    const hourly = await shelf.find('onnx:mine')?.forecast({ ...question, stepSeconds: 3_600, stepCount: 24 })
    if (hourly?.ok !== true) throw new Error(hourly?.reason)
    const { stepVariances } = hourly.forecast[0].process
    expect(stepVariances[23]! / stepVariances[0]!).toBeCloseTo(1.9, 0)
  })

  it('is not served without a calibrated forecast, nor from defaults', async () => {
    const path = await written('corrected')
    for (const [answer, reason] of [
      [{ ok: false, reason: 'no calibrated parameters for BTC' }, 'no calibrated parameters for BTC'],
      [
        { ...calibrated(question), isDegraded: true } as ModelAnswer,
        'the calibrated forecast of BTC is made from defaults',
      ],
    ] as [ModelAnswer, string][]) {
      const { shelf } = shelfOver(dirname(path), () => answer)
      await shelf.load()
      expect(await shelf.find('onnx:mine')?.forecast(question)).toEqual({ ok: false, reason })
      // That is not the model's failure.
      expect(shelf.find('onnx:mine')?.condition.state).toBe('ok')
    }
  })

  it('keeps parts, tails and level of its head', async () => {
    const path = await written('rich')
    const { shelf } = shelfOver(dirname(path), calibrated)
    await shelf.load()
    const answer = await shelf.find('onnx:mine')?.forecast(question)
    if (answer?.ok !== true) throw new Error(answer?.reason ?? shelf.whyNot('onnx:mine'))
    expect(answer.forecast).toHaveLength(2)
    const { process } = answer.forecast[0]
    expect(process.tails).toMatchObject({ kind: 'student', degreesOfFreedom: expect.any(Number) })
    expect(process.volatilityFactors).toMatchObject([{ halfLifeSeconds: Number.POSITIVE_INFINITY }])
  })

  it('keeps the forecast that it was given as its golden one, unknown minutes too', async () => {
    const folder = temporaryFolder()
    // The hour of the longer feature before the first of twelve rows, and the close before it.
    const needed = 11 * 5 + 60 + 1
    const window = madeMinutes(startAtMs, needed)
    window.closes[20] = Number.NaN
    const golden = { asset: 'BTC', startAtMs, window, baseline: variances }
    expect(await writeArtefact(deps, partsOf('corrected', { golden }), folder)).toMatchObject({ ok: true })
    const kept = JSON.parse(readFileSync(join(folder, 'mine', 'golden.json'), 'utf8'))
    expect(kept).toMatchObject({ asset: 'BTC', startAtMs })
    expect(kept.closes).toHaveLength(needed)
    expect(kept.closes[20]).toBeNull()
  })
})

describe('a fresh model of every preset', () => {
  /** As a market has them: what is a logarithm of a variance is far below 0. */
  const fitted = (list: Recipe['inputs']['past']) =>
    list.map(({ kind }) => (/Variance$|Semivariance$/.test(kind) ? { mean: -15, sd: 2 } : { mean: 0, sd: 1 }))
  it.each(listPresets().map(({ name }) => name))('%s passes the checks of the miner', async (name) => {
    const answer = await compileRecipe(name)
    if (!answer.ok) throw new Error(JSON.stringify(answer.problems))
    const { recipe } = answer.compiled
    const { training } = partsOf('corrected')
    const parts = { recipe, training, past: fitted(recipe.inputs.past), ahead: fitted(recipe.inputs.ahead) }
    const weights = answer.compiled.startWeights()
    expect(await writeArtefact(deps, { ...parts, weights }, temporaryFolder())).toMatchObject({ ok: true })
  })
})

describe('what is not written', () => {
  it.each([
    [
      'a drift',
      'drifting',
      {},
      'model.head',
      'head drifting gives a drift, and the miner serves none: train it without drift.',
    ],
    ['weights that are no numbers', 'corrected', { spoil: true }, 'artefact', 'output log_variance is NaN at 0.'],
  ])(
    '%s is refused, and the model that was there stays',
    async (_, head, { spoil }: { spoil?: boolean }, path, sentence) => {
      const place = await written('corrected')
      const before = readFileSync(join(place, 'manifest.json'), 'utf8')
      const parts = partsOf(head)
      if (spoil === true) parts.weights.fill(Number.NaN)
      expect(await writeArtefact(deps, parts, dirname(place))).toEqual({ ok: false, problems: [{ path, sentence }] })
      expect(readFileSync(join(place, 'manifest.json'), 'utf8')).toBe(before)
      expect(readdirSync(dirname(place))).toEqual(['mine'])
    },
  )

  it('a place that is no folder is named', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'file'), '')
    expect(await writeArtefact(deps, partsOf('corrected'), join(folder, 'file'))).toMatchObject({
      ok: false,
      problems: [{ path: 'artefact', sentence: expect.stringMatching(/^it cannot be written: (EEXIST|ENOTDIR)/) }],
    })
  })
})

describe('what is not loaded', () => {
  const edit = (path: string, changes: object) => {
    const file = join(path, 'manifest.json')
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...changes }))
  }
  const cut = (path: string, bytes: number) => truncateSync(join(path, 'model.onnx'), bytes)
  const rehash = (path: string) =>
    edit(path, {
      sha256: createHash('sha256')
        .update(readFileSync(join(path, 'model.onnx')))
        .digest('hex'),
    })
  it.each<[string, (path: string) => void, RegExp]>([
    ['a cut file', (path) => cut(path, 1_000), /has the hash/],
    [
      'a cut file with its new hash',
      (path) => {
        cut(path, 1_000)
        rehash(path)
      },
      /is not an ONNX file, or it is cut/,
    ],
    ['another contract', (path) => edit(path, { contract: 9 }), /is for contract 9, this release reads 1/],
    ['no manifest', (path) => truncateSync(join(path, 'manifest.json'), 0), /manifest.json is not JSON/],
    [
      'another answer than its golden one',
      (path) => {
        const file = join(path, 'golden.json')
        const golden = JSON.parse(readFileSync(file, 'utf8'))
        golden.outputs.log_variance[7] += 0.01
        writeFileSync(file, JSON.stringify(golden))
      },
      /log_variance is .* at 7, golden.json says/,
    ],
  ])('%s is a sentence', async (_, damage, sentence) => {
    const path = await written('corrected')
    damage(path)
    const loaded = await loadModel(path, { ...deps, features })
    expect(loaded).toMatchObject({ ok: false, problems: [{ path, sentence: expect.stringMatching(sentence) }] })
  })
  it('nothing at all is one too', async () => {
    const path = join(temporaryFolder(), 'none')
    mkdirSync(path)
    expect(await loadModel(path, { ...deps, features })).toEqual({
      ok: false,
      problems: [{ path, sentence: 'manifest.json is missing or cannot be read.' }],
    })
  })
})
