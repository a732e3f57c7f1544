import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import type { EnsembleAnswer, EnsembleJob } from '#core/forecast/ladder/ensemble-maker'
import { EnsembleWorkshop } from '#core/forecast/ladder/ensemble-workshop'
import { scoredIntervals } from '#core/forecast/ladder/scored-intervals'
import { samplerVersion } from '#core/forecast/paths/path-sampler'
import type { Prompt } from '#core/synth/prompts/prompt'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { WorkerEnsembles } from '#daemon/forecasting/worker-ensembles'
import { calibratedForecast } from '#tests/support/calibrated-forecast'
import { deathSeed, loopSeed } from '#tests/support/misbehaving-path-worker'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { TestLogger } from '#tests/support/test-logger'

const book = buildRegimeBook(builtInRegimes)
const never = new AbortController().signal
const day: Prompt = {
  asset: 'BTC',
  startAtSeconds: Date.UTC(2026, 8, 23, 12) / 1_000,
  lengthSeconds: 86_400,
  stepSeconds: 300,
  pathCount: 1_000,
}
const hour: Prompt = { ...day, lengthSeconds: 3_600, stepSeconds: 60 }

function aJob(prompt: Prompt, change: Partial<EnsembleJob['recipe']> = {}): EnsembleJob {
  const forecast = calibratedForecast('BTC', prompt.stepSeconds === 60 ? 'high' : 'low')
  const arrangement = { kind: 'structured', intervals: scoredIntervals(book, prompt) } as const
  const recipe = { samplerVersion, forecast, startPriceUsd: 103_251.37, seed: 5n, arrangement, flatFirstPath: false }
  return { prompt, recipe: { ...recipe, ...change } }
}

async function start(options: { misbehaving?: boolean; workers?: number } = {}) {
  const log = new TestLogger()
  const ensembles = await WorkerEnsembles.start(
    { clock: systemClock, log },
    {
      workers: options.workers ?? 1,
      prepareAheadBytes: 32_000_000,
      ...(options.misbehaving === true
        ? {
            worker: {
              filename: new URL('../support/misbehaving-path-worker.ts', import.meta.url).href,
              execArgv: ['--import', 'tsx'],
            },
          }
        : {}),
    },
  )
  onTestFinished(() => ensembles.stop())
  return { ensembles, log }
}

function bytesOf(answer: EnsembleAnswer): string {
  if (!answer.ok) throw new Error(`${answer.kind}: ${answer.detail}`)
  expect(createHash('sha256').update(answer.outputJson).digest('hex')).toBe(answer.outputHash)
  return Buffer.from(answer.outputJson).toString()
}

describe('paths drawn ahead', () => {
  it.each([
    ['a day', day],
    ['an hour', hour],
  ])(
    'are those of %s that would have been drawn on the spot, to the last byte, at whatever price',
    async (_n, prompt) => {
      const { ensembles } = await start()
      for (const startPriceUsd of [103_251.37, 0.000_123_45, 9_999_999]) {
        const job = aJob(prompt, { startPriceUsd })
        expect(await ensembles.prepare(aJob(prompt, { startPriceUsd: 1 }))).toBe(true)
        const prepared = await ensembles.make(job, never)
        const onTheSpot = await ensembles.make(job, never)
        expect([prepared, onTheSpot].map((answer) => answer.ok && answer.isPrepared)).toEqual([true, false])
        expect(bytesOf(prepared)).toBe(bytesOf(onTheSpot))
      }
    },
  )

  it('are dropped when the forecast has changed since', async () => {
    const { ensembles } = await start()
    await ensembles.prepare(aJob(hour))
    const changed = aJob(hour, { seed: 6n })
    const answer = await ensembles.make(changed, never)
    expect(answer).toMatchObject({ ok: true, isPrepared: false })
    expect(await ensembles.prepare(changed)).toBe(true)
    expect(ensembles.preparedBytes).toBe(8 * 61 * 1_000)
  })

  it('wait while something else is at work', async () => {
    const { ensembles } = await start()
    const work = ensembles.make(aJob(day), never)
    expect(await ensembles.prepare(aJob(hour))).toBe(false)
    await work
    expect(await ensembles.prepare(aJob(hour))).toBe(true)
  })
})

describe('memory of texts', () => {
  it('is used again once it was given back, and never before', async () => {
    const { ensembles } = await start()
    const first = await ensembles.make(aJob(hour), never)
    const kept = bytesOf(first)
    const second = await ensembles.make(aJob(hour, { seed: 6n }), never)
    expect(bytesOf(first)).toBe(kept)
    if (!first.ok || !second.ok) throw new Error('no answer')
    second.release?.()
    const third = await ensembles.make(aJob(hour, { seed: 6n }), never)
    // Its buffer went over to the thread.
    expect(second.outputJson.length).toBe(0)
    expect(bytesOf(first)).toBe(kept)
    bytesOf(third)
  })
})

describe('threads', () => {
  it('one that dies costs its own job and is replaced within a second', async () => {
    const { ensembles, log } = await start({ misbehaving: true })
    const died = await ensembles.make(aJob(hour, { seed: deathSeed }), never)
    expect(died).toMatchObject({ ok: false, kind: 'died' })
    const beganAtMs = performance.now()
    bytesOf(await ensembles.make(aJob(hour), never))
    // From the sources a thread first loads a compiler; compiled it takes a tenth of that.
    expect(performance.now() - beganAtMs).toBeLessThan(10_000)
    expect(log.events()).toContain('worker.died')
  })

  it('compiled, it is replaced within a second', () => {
    const root = join(import.meta.dirname, '..', '..')
    const folder = temporaryFolder()
    const real = new URL('dist/daemon/forecasting/path-worker.js', pathToFileURL(`${root}/`)).href
    const worker = join(folder, 'worker.mjs')
    writeFileSync(
      worker,
      `import { makeEnsemble as make } from ${JSON.stringify(real)}
      export const makeEnsemble = (task) => (task.job.recipe.seed === ${deathSeed}n ? process.exit(9) : make(task))`,
    )
    const script = `
      const { WorkerEnsembles } = await import('./dist/daemon/forecasting/worker-ensembles.js')
      const { systemClock } = await import('./dist/adapters/clock/system-clock.js')
      const log = { error() {}, debug() {} }
      const options = { workers: 1, prepareAheadBytes: 1, worker: { filename: ${JSON.stringify(pathToFileURL(worker).href)}, execArgv: [] } }
      const ensembles = await WorkerEnsembles.start({ clock: systemClock, log }, options)
      const process = { stepSeconds: 60, stepVariances: new Float64Array(60).fill(1e-7), volatilityFactors: [], tails: { kind: 'normal' } }
      const prompt = { asset: 'BTC', startAtSeconds: 60, lengthSeconds: 3600, stepSeconds: 60, pathCount: 100 }
      const recipe = (seed) => ({ samplerVersion: 1, forecast: [{ weight: 1, process }], startPriceUsd: 100, seed, arrangement: { kind: 'independent' }, flatFirstPath: false })
      const never = new AbortController().signal
      const died = await ensembles.make({ prompt, recipe: recipe(${deathSeed}n) }, never)
      const beganAtMs = performance.now()
      const made = await ensembles.make({ prompt, recipe: recipe(1n) }, never)
      console.log(JSON.stringify({ died: died.kind, ok: made.ok, tookMs: performance.now() - beganAtMs }))
      await ensembles.stop()`
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: root,
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    const report = JSON.parse(stdout) as { tookMs: number }
    expect(report).toMatchObject({ died: 'died', ok: true })
    expect(report.tookMs).toBeLessThan(1_000)
  })

  it('one that loops is stopped at the deadline, and those that waited for it get their turn', async () => {
    const { ensembles } = await start({ misbehaving: true })
    const deadline = new AbortController()
    const looping = ensembles.make(aJob(hour, { seed: loopSeed }), deadline.signal)
    const waiting = ensembles.make(aJob(hour), never)
    deadline.abort()
    expect(await looping).toMatchObject({ ok: false, kind: 'overran' })
    bytesOf(await waiting)
  })

  it('that cannot be started at all are told of at once, not waited for', async () => {
    const log = new TestLogger()
    const ensembles = await WorkerEnsembles.start(
      { clock: systemClock, log },
      { workers: 1, prepareAheadBytes: 1, worker: { filename: 'file:///nowhere/worker.js', execArgv: [] } },
    )
    onTestFinished(() => ensembles.stop())
    for (let turn = 0; turn < 5; turn += 1) {
      expect(await ensembles.make(aJob(hour), never)).toMatchObject({ ok: false, kind: 'died' })
    }
    expect(log.events()).toContain('worker.died')
  })

  it('give the same bytes whichever of them is asked', async () => {
    const one = await start({ workers: 1 })
    const two = await start({ workers: 2 })
    const jobs = [1n, 2n, 3n, 4n].map((seed) => aJob(hour, { seed }))
    const fromOne: string[] = []
    for (const job of jobs) fromOne.push(bytesOf(await one.ensembles.make(job, never)))
    const fromTwo = (await Promise.all(jobs.map((job) => two.ensembles.make(job, never)))).map(bytesOf)
    expect(fromTwo).toEqual(fromOne)
    const own = new EnsembleWorkshop({ hashBytes: () => '', monotonicMs: () => 0 })
    const here = own.make(jobs[0]!)
    expect(here.ok && Buffer.from(here.outputJson).toString()).toBe(fromOne[0])
  })

  it('leave the event loop free: an answer keeps it for less than 20 ms', async () => {
    const { ensembles } = await start()
    await ensembles.make(aJob(day), never)
    const jobs = Array.from({ length: 10 }, (_, i) => aJob(day, { seed: BigInt(i) }))
    const activeMs: number[] = []
    for (const job of jobs) {
      const before = performance.eventLoopUtilization()
      const answer = await ensembles.make(job, never)
      if (answer.ok) answer.release?.()
      activeMs.push(performance.eventLoopUtilization(before).active)
    }
    // On the thread that serves it would be the whole time of an ensemble. The median: where the processor is shared,
    // some turns are counted that were only waited for.
    expect(activeMs.sort((a, b) => a - b)[5]).toBeLessThan(20)
  })
})
