import { appendFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { DiskModelFolder } from '#adapters/onnx/disk-model-folder'
import { ProcessRuntime } from '#adapters/onnx/process-runtime'
import { inspectModel } from '#core/forecast/models/onnx/inspect-model'
import { OnnxShelf } from '#core/forecast/models/onnx/onnx-shelf'
import type { ModelAnswer } from '#core/forecast/models/volatility-model'
import { checkForecast } from '#core/forecast/paths/check-forecast'
import { features, fileHash, fixedCloses, harManifest, madeMinutes, placeModel } from '#tests/support/onnx-models'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { WatchedLogger } from '#tests/support/watched-logger'

const startAtMs = Date.UTC(2026, 8, 23, 12)
const question = { asset: 'BTC', startAtMs, stepSeconds: 300, stepCount: 288 }
const hour = { asset: 'ETH', startAtMs, stepSeconds: 60, stepCount: 60 }
const closes = fixedCloses(madeMinutes(startAtMs - 60_000, 3_000))
const deadlineMs = 10_000
const shortDeadlineMs = 1_000

const runtimeLog = new WatchedLogger()
// One process for the file: whatever the models of one test did to it, the next test gets a working one.
const runtime = new ProcessRuntime({ clock: systemClock, log: runtimeLog }, { maxRssBytes: 500_000_000 })
afterAll(() => runtime.stop())

function shelfOf(folder: string, runDeadlineMs: number) {
  const log = new WatchedLogger()
  const deps = { runtime, features, closes, clock: systemClock, log, folder: new DiskModelFolder(folder) }
  return { shelf: new OnnxShelf(deps, { deadlineMs: runDeadlineMs, largestSdRatio: 4 }), log }
}

async function loaded(folder: string, runDeadlineMs = deadlineMs) {
  const made = shelfOf(folder, runDeadlineMs)
  await made.shelf.load()
  return made
}

function sound(answer: ModelAnswer | undefined) {
  if (answer?.ok !== true) throw new Error(answer?.reason ?? 'no model')
  expect(checkForecast(answer.forecast)).toEqual({ ok: true })
  return answer.forecast
}

describe('a folder of good models', () => {
  it('serves what passed its checks', async () => {
    const folder = temporaryFolder()
    placeModel(folder, 'har', 'har')
    placeModel(folder, 'student-mixture', 'student-mixture')
    const { shelf, log } = await loaded(folder)
    expect(log.events()).toEqual(['model.loaded', 'model.loaded'])
    expect(shelf.health().state).toBe('ok')
    const model = shelf.find('onnx:har')
    expect(model?.version).toBe(fileHash(join(folder, 'har', 'model.onnx')))
    expect(sound(await model?.forecast(question))[0].process.stepVariances).toHaveLength(288)
    const parts = sound(await shelf.find('onnx:student-mixture')?.forecast(hour))
    expect(parts.map(({ process }) => process.tails.kind)).toEqual(['student', 'student'])
    expect(parts.reduce((sum, part) => sum + part.weight, 0)).toBeCloseTo(1, 12)
  })

  it('answers what its maker computed, where golden.json says so', async () => {
    const folder = temporaryFolder()
    placeModel(folder, 'har', 'har')
    const first = sound(await (await loaded(folder)).shelf.find('onnx:har')?.forecast(question))
    const logVariance = Array.from(first[0].process.stepVariances, (variance) => Math.log(variance))
    const { closes: minutes, endsAtMs } = madeMinutes(startAtMs - 60_000, 3_000)
    const golden = { asset: 'BTC', startAtMs, endsAtMs, closes: [...minutes], outputs: { log_variance: logVariance } }
    writeFileSync(join(folder, 'har', 'golden.json'), JSON.stringify(golden))
    const { goldenDifference } = await inspectModel(
      { runtime, features, folder: new DiskModelFolder(folder) },
      'har',
      deadlineMs,
    )
    expect(goldenDifference).toBeLessThan(1e-6)
  })

  it('gives the same forecast bit for bit, in the next process too', async () => {
    const folder = temporaryFolder()
    placeModel(folder, 'har', 'har')
    const { shelf } = await loaded(folder)
    const model = shelf.find('onnx:har')
    const first = sound(await model?.forecast(question))
    expect(sound(await model?.forecast(question))).toEqual(first)
    const ended = runtimeLog.next('inference.ended')
    const { pid } = runtime
    process.kill(pid!, 'SIGKILL')
    await ended
    expect(sound(await model?.forecast(question))).toEqual(first)
    expect(runtime.pid).not.toBe(pid)
  })
})

it.skipIf(process.platform !== 'linux')('has the library in the inference process and not in the miner', async () => {
  const folder = temporaryFolder()
  placeModel(folder, 'har', 'har')
  await loaded(folder)
  const libraryOf = (pid: number | string) => /onnxruntime_binding/.test(readFileSync(`/proc/${pid}/maps`, 'utf8'))
  expect(libraryOf(runtime.pid!)).toBe(true)
  expect(libraryOf('self')).toBe(false)
})

describe('a model file that cannot be served (M1)', () => {
  const damages: [string, string, (own: string) => void][] = [
    ['missing', 'missing', (own) => rmSync(join(own, 'model.onnx'))],
    ['a folder', 'missing', replaceByFolder],
    ['empty', 'empty', (own) => truncateSync(join(own, 'model.onnx'), 0)],
    ['cut', 'wrongHash', (own) => truncateSync(join(own, 'model.onnx'), 5_000)],
    ['cut before it was hashed', 'unreadable', cutAndRehash],
    ['text', 'unreadable', replaceByText],
    ['longer than it was', 'wrongHash', (own) => appendFileSync(join(own, 'model.onnx'), 'x')],
    ['of another opset', 'otherVersion', (own) => edit(own, { format: { ir: 8, opset: 18 } })],
    ['of a later contract', 'otherVersion', (own) => edit(own, { contract: 2 })],
    ['without a manifest', 'manifestMissing', (own) => rmSync(join(own, 'manifest.json'))],
    ['with half a manifest', 'manifestInvalid', (own) => truncateSync(join(own, 'manifest.json'), 100)],
    ['with an unknown key', 'manifestInvalid', (own) => edit(own, { horizon: 288 })],
    ['with another name', 'manifestInvalid', (own) => edit(own, { name: 'other' })],
    ['outside its folder', 'manifestInvalid', (own) => edit(own, { file: '../model.onnx' })],
    ['with other inputs', 'otherTensors', (own) => edit(own, { inputs: [{ ...harManifest.inputs[0], rows: 13 }] })],
    ['of other outputs', 'otherTensors', (own) => edit(own, { grid: { stepSeconds: 60, steps: 60 } })],
    ['that was trained to answer otherwise', 'otherAnswer', (own) => writeGolden(own)],
  ]
  it.each(damages)('is left out with its reason when it is %s', async (_, reason, damage) => {
    const folder = temporaryFolder()
    placeModel(folder, 'har', 'har')
    placeModel(folder, 'student-mixture', 'student-mixture')
    damage(join(folder, 'har'))
    const { shelf, log } = await loaded(folder)
    expect(log.entries.filter(({ event }) => event === 'model_fallback')).toMatchObject([
      { model: 'onnx:har', reason, level: 'warn' },
    ])
    expect(shelf.find('onnx:har')).toBeUndefined()
    expect(shelf.whyNot('onnx:har')).not.toBe('')
    expect(shelf.health()).toMatchObject({ state: 'degraded', hint: `Run "miner models check ${folder}".` })
    // The others are not touched by it.
    sound(await shelf.find('onnx:student-mixture')?.forecast(hour))
  })

  it('says when the whole folder is missing', async () => {
    const { shelf, log } = await loaded(join(temporaryFolder(), 'none'))
    expect(log.entries).toMatchObject([{ event: 'model_fallback', reason: 'missing' }])
    expect(shelf.health().state).toBe('degraded')
  })

  it('replaces a changed model only by a good one', async () => {
    const folder = temporaryFolder()
    placeModel(folder, 'har', 'har')
    const { shelf, log } = await loaded(folder)
    const before = shelf.find('onnx:har')
    placeModel(folder, 'har', 'not-a-number')
    await shelf.load()
    expect(shelf.find('onnx:har')).toBe(before)
    expect(shelf.health().state).toBe('degraded')
    sound(await before?.forecast(question))
    placeModel(folder, 'har', 'har', { description: 'mended' })
    await shelf.load()
    expect(shelf.find('onnx:har')?.manifest.description).toBe('mended')
    expect(shelf.health().state).toBe('ok')
    sound(await shelf.find('onnx:har')?.forecast(question))
    expect(log.events()).toEqual(['model.loaded', 'model_fallback', 'model.loaded'])
  })
})

describe('a model that misbehaves (M2)', () => {
  it.each([
    ['not-a-number', 'badOutput', /^output log_variance is NaN at 0$/],
    ['other-shape', 'badOutput', /has the shape \[1,287\], not \[1,288\]/],
    ['endless', 'overran', /no answer within 1000 ms/],
    ['greedy', 'died', /took more than 500000000 bytes of memory/],
  ])('%s does not pass its dry run', async (fixture, reason, sentence) => {
    const folder = temporaryFolder()
    placeModel(folder, 'bad', fixture)
    placeModel(folder, 'har', 'har')
    const { shelf, log } = await loaded(folder, fixture === 'endless' ? shortDeadlineMs : deadlineMs)
    expect(log.entries).toMatchObject([
      { event: 'model_fallback', model: 'onnx:bad', reason, detail: expect.stringMatching(sentence) },
      { event: 'model.loaded', model: 'onnx:har' },
    ])
    sound(await shelf.find('onnx:har')?.forecast(question))
  })

  it('is killed at its deadline while the event loop goes on, and the next forecast comes from a new process', async () => {
    const folder = temporaryFolder()
    placeModel(folder, 'har', 'har')
    const { shelf } = await loaded(folder)
    placeModel(folder, 'endless', 'endless')
    const path = join(folder, 'endless', 'model.onnx')
    const sha256 = fileHash(path)
    expect(await runtime.open({ path, sha256 })).toMatchObject({ ok: true })
    const dims = [1, 12, 3]
    const inputs = [{ name: 'past', dims, values: new Float32Array(36) }]
    const { pid } = runtime
    const startedMs = performance.now()
    let turns = 0
    const counting = setInterval(() => {
      turns += 1
    }, 10)
    const looping = runtime.run({ sha256, inputs, outputs: ['log_variance'], deadlineMs: shortDeadlineMs })
    const waiting = shelf.find('onnx:har')?.forecast(question)
    expect(await looping).toMatchObject({ ok: false, problem: 'overran' })
    clearInterval(counting)
    expect(performance.now() - startedMs).toBeGreaterThan(0.9 * shortDeadlineMs)
    expect(turns).toBeGreaterThan(20)
    sound(await waiting)
    expect(() => process.kill(pid!, 0)).toThrow('ESRCH')
    await runtime.release(sha256)
  })
})

function edit(own: string, changes: object): void {
  const path = join(own, 'manifest.json')
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...changes }))
}

function replaceByFolder(own: string): void {
  rmSync(join(own, 'model.onnx'))
  mkdirSync(join(own, 'model.onnx'))
}

function cutAndRehash(own: string): void {
  truncateSync(join(own, 'model.onnx'), 5_000)
  rehash(own)
}

function replaceByText(own: string): void {
  writeFileSync(join(own, 'model.onnx'), 'no model')
  rehash(own)
}

function rehash(own: string): void {
  edit(own, { sha256: fileHash(join(own, 'model.onnx')) })
}

function writeGolden(own: string): void {
  const { closes, endsAtMs } = madeMinutes(startAtMs, 1_496)
  const outputs = { log_variance: Array.from({ length: 288 }, () => -13) }
  writeFileSync(
    join(own, 'golden.json'),
    JSON.stringify({ asset: 'BTC', startAtMs, endsAtMs, closes: [...closes], outputs }),
  )
}
