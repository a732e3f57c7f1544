import { describe, expect, it } from 'vitest'
import { answerWith, labPrompt } from '#tests/support/ladder-lab'
import type { EnsembleJob } from './ensemble-maker.ts'
import { questionOf } from './ladder.ts'
import { PreparedGrowth } from './prepared-growth.ts'

function aJob(change: Partial<EnsembleJob['recipe']> = {}, startAtSeconds = labPrompt.startAtSeconds): EnsembleJob {
  const prompt = { ...labPrompt, startAtSeconds }
  const answer = answerWith()(questionOf(prompt))
  if (answer instanceof Promise || !answer.ok) throw new Error('no forecast')
  const { forecast } = answer
  const recipe = {
    samplerVersion: 1,
    forecast,
    startPriceUsd: 1,
    seed: 7n,
    arrangement: { kind: 'structured', intervals: [{ name: '5min', seconds: 300 }] },
    flatFirstPath: false,
    ...change,
  } as const
  return { prompt, recipe }
}

const growth = () => new Float64Array(100)

describe('PreparedGrowth', () => {
  it('hands over what was drawn for this very recipe, at any price, once', () => {
    const prepared = new PreparedGrowth(1_000)
    const drawn = growth()
    prepared.put(aJob(), drawn)
    expect(prepared.take(aJob({ startPriceUsd: 103 }))).toBe(drawn)
    expect(prepared.take(aJob())).toBeUndefined()
    expect(prepared.keptBytes).toBe(0)
  })

  it.each<[string, EnsembleJob]>([
    ['another seed', aJob({ seed: 8n })],
    ['another sampler', aJob({ samplerVersion: 2 })],
    ['another arrangement', aJob({ arrangement: { kind: 'independent' } })],
    ['a flat first path', aJob({ flatFirstPath: true })],
    ['another start', aJob({}, labPrompt.startAtSeconds + 60)],
    [
      'a forecast that differs in one step by the last bit',
      aJob({
        forecast: [
          {
            weight: 1,
            process: {
              ...aJob().recipe.forecast[0].process,
              stepVariances: Float64Array.from({ length: 60 }, (_, k) => (k === 59 ? 1e-7 * (1 + 2 ** -52) : 1e-7)),
            },
          },
        ],
      }),
    ],
  ])('has nothing for %s', (_name, other) => {
    const prepared = new PreparedGrowth(1_000)
    prepared.put(aJob(), growth())
    expect(prepared.has(aJob())).toBe(true)
    expect(prepared.take(other)).toBeUndefined()
  })

  it('stays within its memory, the newest kept', () => {
    const prepared = new PreparedGrowth(1_700)
    const starts = [0, 60, 120].map((ahead) => labPrompt.startAtSeconds + ahead)
    for (const start of starts) prepared.put(aJob({}, start), growth())
    expect(prepared.keptBytes).toBe(1_600)
    expect(starts.map((start) => prepared.has(aJob({}, start)))).toEqual([false, true, true])
    expect([prepared.hasRoom(13), prepared.hasRoom(12)]).toEqual([false, true])
  })

  it('drops what is not expected any more', () => {
    const prepared = new PreparedGrowth(10_000)
    prepared.put(aJob(), growth())
    prepared.put(aJob({}, labPrompt.startAtSeconds + 60), growth())
    prepared.keepOnly([labPrompt])
    expect(prepared.size).toBe(1)
    expect(prepared.has(aJob())).toBe(true)
  })
})
