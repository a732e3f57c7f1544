import { createHash } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import { minuteMs } from '#core/base/time/units'
import type { AnswerText } from '#core/forecast/ladder/answer-text-maker'
import { PathKernel } from '#core/forecast/paths/kernel/path-kernel'
import { PathSampler } from '#core/forecast/paths/path-sampler'
import { priceTextCapacity } from '#core/forecast/paths/write-prices'
import { type Prompt, pointCount } from '#core/synth/prompts/prompt'
import { startTimeText } from '#core/synth/prompts/start-time'
import { readJson } from '#core/synth/scoring/answer-json'
import { validateAnswer } from '#core/synth/scoring/answer-validation'
import { admittedAssets } from '#tests/support/built-in-assets'
import { startForecasts } from '#tests/support/forecasting'
import { runsLong } from '#tests/support/long-tests'
import { MemoryJournal } from '#tests/support/memory-journal'

const nextStartSeconds = () => Math.ceil(Date.now() / minuteMs) * 60 + 60

const day: Prompt = {
  asset: 'BTC',
  startAtSeconds: nextStartSeconds(),
  lengthSeconds: 86_400,
  stepSeconds: 300,
  pathCount: 1_000,
}
const hour: Prompt = { ...day, lengthSeconds: 3_600, stepSeconds: 60 }

async function start(options: Parameters<typeof startForecasts>[0] = {}) {
  const forecasts = await startForecasts(options)
  onTestFinished(() => forecasts.stop())
  return forecasts
}

function textOf(answer: AnswerText): string {
  if (!answer.ok) throw new Error(answer.detail)
  return Buffer.from(answer.outputJson).toString()
}

function verdicts(text: string, prompt: Prompt): string[] {
  const reading = readJson(text)
  if (!reading.ok) return ['not JSON']
  const request = {
    startTime: startTimeText(prompt.startAtSeconds),
    stepSeconds: prompt.stepSeconds,
    timeLengthSeconds: prompt.lengthSeconds,
    pathCount: prompt.pathCount,
  }
  const rules = [
    { digits: 'chars8', order: 'pathByPath' },
    { digits: 'sigDigits8', order: 'shapesFirst' },
  ] as const
  return rules.map((rule) => validateAnswer(reading.tape, 0, request, rule).message)
}

const lowAssets = admittedAssets.filter((asset) => asset !== 'SPYX' && asset !== 'SPCX')
const pairs: Prompt[] = [
  ...lowAssets.map((asset) => ({ ...day, asset })),
  ...['BTC', 'ETH', 'SOL', 'XRP', 'HYPE'].map((asset) => ({ ...hour, asset })),
]
const prices = [1e-6, 0.000_001_5, 0.012, 0.97, 9.99, 103_251.37, 9_999_999, 1e7]
/** Numbers of paths small enough that many seeds can be tried in the form for every day. */
const seedCount = runsLong ? 1_000 : prices.length
const pathCount = runsLong ? 1_000 : 40

describe('answers', () => {
  it.each(pairs.map((prompt) => [`${prompt.asset} ${prompt.lengthSeconds}s`, prompt] as const))(
    "of %s pass the validator's own check by the old rule and the new, at extreme prices",
    async (_name, prompt) => {
      let priceUsd = 1
      const spot = { spotPrice: () => ({ ok: true, priceUsd, publishedAtMs: 0, venue: 'binance' }) as const }
      const { texts, log } = await start({ spot })
      // Of now: the long form runs for half an hour, and prompts that began are late.
      const firstSeconds = nextStartSeconds()
      for (let i = 0; i < seedCount; i += 1) {
        priceUsd = prices[i % prices.length]!
        // The seed follows from the prompt, so another start is another seed.
        const asked = { ...prompt, pathCount, startAtSeconds: firstSeconds + 60 * i }
        expect(verdicts(textOf(await texts.makeAnswerText(asked)), asked)).toEqual(['CORRECT', 'CORRECT'])
      }
      // Else it would have been the last resort that was tried.
      expect(log.entries.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([])
    },
    runsLong ? 3_600_000 : 60_000,
  )
})

describe('the same again', () => {
  it('gives the same prompt the same bytes from one worker and from two, and from the record alone', async () => {
    const journal = new MemoryJournal()
    const one = await start({ journal, synth: { workers: 1 } })
    const two = await start({ synth: { workers: 2 } })
    const prompts = ['BTC', 'ETH', 'SOL', 'XRP'].flatMap((asset) => [
      { ...day, asset, pathCount: 100 },
      { ...hour, asset },
    ])
    for (const prompt of prompts) await one.texts.makeAnswerText(prompt)
    expect(journal.records).toHaveLength(prompts.length)
    const together = await Promise.all(prompts.map((prompt) => two.texts.makeAnswerText(prompt)))
    expect(together.map(textOf)).toEqual(journal.outputs)
    const kernel = new PathKernel()
    const sampler = new PathSampler(kernel)
    for (const [i, { recipe, prompt, outputHash }] of journal.records.entries()) {
      const sampled = sampler.sample({ ...recipe, startPrice: recipe.startPriceUsd, pathCount: prompt.pathCount })
      const text = { startAtSeconds: prompt.startAtSeconds, stepSeconds: prompt.stepSeconds, ...sampled }
      const target = new Uint8Array(priceTextCapacity(text))
      const written = kernel.writePrices(target, 0, text)
      if (!written.ok) throw new Error('not written')
      const again = Buffer.from(target.subarray(0, written.end))
      expect(again.toString()).toBe(journal.outputs[i])
      expect(createHash('sha256').update(again).digest('hex')).toBe(outputHash)
    }
  })
})

describe('the answer text maker', () => {
  it('invents no price', async () => {
    const { texts } = await start({ spot: { spotPrice: () => ({ ok: false, reason: 'stale' }) } })
    expect(await texts.makeAnswerText(day)).toEqual({ ok: false, reason: 'priceUnavailable', detail: 'stale' })
  })

  it.each([1e-7, 2e7, 0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    'does not start paths from %s',
    async (priceUsd) => {
      const { texts } = await start({ priceUsd })
      expect(await texts.makeAnswerText(hour)).toMatchObject({ ok: false, reason: 'failed' })
    },
  )

  it('has as many points as were asked for, all paths from the price', async () => {
    const { texts } = await start()
    const [startAtSeconds, step, ...rows] = JSON.parse(textOf(await texts.makeAnswerText(day)))
    expect([startAtSeconds, step, rows.length]).toEqual([day.startAtSeconds, 300, 1_000])
    expect(new Set(rows.map((row: number[]) => row.length))).toEqual(new Set([pointCount(day)]))
    expect(new Set(rows.map((row: number[]) => row[0]))).toEqual(new Set([103_251.37]))
  })
})
