import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { PathAnswer } from '#core/paths/path-maker'
import { readJson } from '#core/scoring/answer-json'
import { validateAnswer } from '#core/scoring/answer-validation'
import { hourlySigmas } from '#core/synth/asset-sigmas'
import type { Prompt } from '#core/synth/prompt'
import { startTimeText } from '#core/synth/start-time'
import { DriftlessPathMaker } from '#daemon/subnets/synth/driftless-path-maker'

const day: Prompt = {
  asset: 'BTC',
  startAtSeconds: 1_779_710_460,
  lengthSeconds: 86_400,
  stepSeconds: 300,
  pathCount: 1_000,
}
const hour: Prompt = { ...day, lengthSeconds: 3_600, stepSeconds: 60 }
const never = new AbortController().signal

function start(priceUsd: number) {
  const spot = { spotPrice: () => ({ ok: true, priceUsd, publishedAtMs: 0 }) as const }
  return DriftlessPathMaker.start({ spot }, { seed: 7n, workers: 1 })
}

function textOf(answer: PathAnswer): string {
  if (!answer.ok) throw new Error(answer.detail)
  return Buffer.from(answer.outputJson).toString()
}

describe('DriftlessPathMaker', () => {
  it("makes answers that the validator's own check accepts, by the old rule and the new, at extreme prices", async () => {
    for (const priceUsd of [0.000_001_5, 0.012, 0.97, 9.99, 103_251.37, 9_999_999, 45_000_000]) {
      const maker = await start(priceUsd)
      for (const prompt of [day, hour]) {
        const reading = readJson(textOf(await maker.makePaths(prompt, never)))
        if (!reading.ok) throw new Error('not JSON')
        const request = {
          startTime: startTimeText(prompt.startAtSeconds),
          timeIncrementSeconds: prompt.stepSeconds,
          timeLengthSeconds: prompt.lengthSeconds,
          pathCount: prompt.pathCount,
        }
        for (const rule of [
          { digits: 'chars8', order: 'pathByPath' },
          { digits: 'sigDigits8', order: 'shapesFirst' },
        ] as const) {
          expect(validateAnswer(reading.tape, 0, request, rule)).toEqual({ isCorrect: true, message: 'CORRECT' })
        }
      }
      await maker.stop()
    }
  })

  it('answers for every asset, and gives the same prompt the same bytes', async () => {
    const maker = await start(100)
    const again = await start(100)
    for (const asset of hourlySigmas.keys()) {
      const prompt = { ...hour, asset, pathCount: 3 }
      expect(textOf(await maker.makePaths(prompt, never))).toBe(textOf(await again.makePaths(prompt, never)))
    }
    await Promise.all([maker.stop(), again.stop()])
  })

  it('invents no price', async () => {
    const spot = { spotPrice: () => ({ ok: false, reason: 'stale' }) as const }
    const maker = await DriftlessPathMaker.start({ spot }, { seed: 7n, workers: 1 })
    expect(await maker.makePaths(day, never)).toEqual({ ok: false, reason: 'priceUnavailable', detail: 'stale' })
    await maker.stop()
  })

  it('refuses to answer where a price cannot be written', async () => {
    const maker = await start(100_000_000)
    expect(await maker.makePaths(hour, never)).toMatchObject({ ok: false, reason: 'failed' })
    await maker.stop()
  })

  it('leaves the event loop free while it computes', async () => {
    const maker = await start(103_251.37)
    let turns = 0
    let isDone = false
    const work = maker.makePaths(day, never).then(() => {
      isDone = true
    })
    while (!isDone) {
      turns += 1
      await new Promise((resolve) => setImmediate(resolve))
    }
    await work
    // On the calling thread it would be one turn.
    expect(turns).toBeGreaterThan(20)
    await maker.stop()
  })

  it('runs its worker from the compiled files too', () => {
    const root = join(import.meta.dirname, '..', '..')
    const script = `
      const { DriftlessPathMaker } = await import('./dist/daemon/subnets/synth/driftless-path-maker.js')
      const spot = { spotPrice: () => ({ ok: true, priceUsd: 100, publishedAtMs: 0 }) }
      const maker = await DriftlessPathMaker.start({ spot }, { seed: 7n, workers: 1 })
      const answer = await maker.makePaths(${JSON.stringify({ ...hour, pathCount: 2 })}, new AbortController().signal)
      console.log(Buffer.from(answer.outputJson).toString().slice(0, 20))
      await maker.stop()`
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: root,
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    expect(stdout.trim()).toBe('[1779710460,60,[100,')
  })
})
