import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { AppendOutcome } from '#core/forecast/journal/journal'
import { answerWith, labPrompt, labRules, ladderLab } from '#tests/support/ladder-lab'
import { MemoryJournal } from '#tests/support/memory-journal'
import { LadderTextMaker, type LadderTextMakerDeps } from './ladder-text-maker.ts'
import { PromptSeeds } from './prompt-seeds.ts'

const hashText = (text: string) => createHash('sha256').update(text).digest('hex')

function aMaker(change: Partial<LadderTextMakerDeps> = {}) {
  const lab = ladderLab({ models: { calibrated: answerWith() } })
  const journal = new MemoryJournal()
  const maker = new LadderTextMaker(
    {
      clock: lab.clock,
      log: lab.log,
      ladder: lab.ladder,
      spot: { spotPrice: () => ({ ok: true, priceUsd: 103.5, publishedAtMs: 5, venue: 'binance' }) },
      seeds: new PromptSeeds(9n),
      hashText,
      journal,
      ...change,
    },
    { ...labRules, journalWaitMs: 2_000 },
  )
  return { ...lab, journal, maker }
}

describe('LadderTextMaker', () => {
  it('records what it served before it gives the answer out', async () => {
    const { maker, journal, clock } = aMaker()
    let commit: (outcome: AppendOutcome) => void = () => {}
    journal.answer = () =>
      new Promise((resolve) => {
        commit = resolve
      })
    let isOut = false
    const answering = maker.makeAnswerText(labPrompt).then((answer) => {
      isOut = true
      return answer
    })
    await clock.advance(0)
    await clock.advance(500)
    expect([journal.records.length, isOut]).toEqual([1, false])
    commit({ kind: 'committed' })
    expect(await answering).toMatchObject({ ok: true, facts: { rung: 'champion', model: 'calibrated', recordMs: 500 } })
    expect(journal.records[0]).toMatchObject({
      id: 'BTC-3600s-20260922T120100Z-aaaaaaaaaaaa',
      prompt: labPrompt,
      rung: 'champion',
      model: { name: 'calibrated', version: 'calibrated 1', parametersHash: expect.stringMatching(/^[0-9a-f]{16}$/) },
      price: { usd: 103.5, publishedAtMs: 5, venue: 'binance' },
      recipe: { startPriceUsd: 103.5, seed: new PromptSeeds(9n).seedOf(labPrompt), flatFirstPath: false },
      outputHash: 'a'.repeat(64),
    })
  })

  it.each<[string, () => Promise<AppendOutcome>, string]>([
    ['is refused', async () => ({ kind: 'unpersisted', reason: 'disk full' }), 'disk full'],
    ['never comes', () => new Promise(() => {}), 'not on disk within 2000 ms'],
    ['throws', () => Promise.reject(new Error('broken')), 'Error: broken'],
  ])('answers and says so when the record %s', async (_name, append, reason) => {
    const { maker, journal, clock, log } = aMaker()
    journal.answer = append
    const answering = maker.makeAnswerText(labPrompt)
    await clock.advance(0)
    await clock.advance(2_000)
    expect(await answering).toMatchObject({ ok: true })
    expect(log.entries.filter(({ event }) => event === 'prediction_unpersisted')).toMatchObject([
      { level: 'error', reason, outputHash: 'a'.repeat(64), asset: 'BTC' },
    ])
  })

  it('does not let the record make an answer late', async () => {
    const { maker, journal, clock } = aMaker()
    journal.answer = () => new Promise(() => {})
    // 500 ms before the safe time.
    await clock.advance(56_500)
    let isOut = false
    const answering = maker.makeAnswerText(labPrompt).then(() => {
      isOut = true
    })
    await clock.advance(0)
    await clock.advance(499)
    expect(isOut).toBe(false)
    await clock.advance(1)
    await answering
  })

  it('says which stage made an answer late', async () => {
    const { maker, clock, ensembles, log } = aMaker()
    await clock.advance(56_000)
    const make = ensembles.answer
    ensembles.answer = async (job) => {
      await clock.sleep(900)
      return make(job)
    }
    const answering = maker.makeAnswerText(labPrompt)
    await clock.advance(0)
    await clock.advance(900)
    expect(await answering).toMatchObject({ ok: true })
    expect(log.events()).not.toContain('forecast.late')

    await clock.advance(200)
    const second = maker.makeAnswerText(labPrompt)
    await clock.advance(0)
    await clock.advance(900)
    expect(await second).toMatchObject({ ok: true })
    expect(log.entries.at(-1)).toMatchObject({ event: 'forecast.late', overranStage: 'wait', level: 'warn' })
  })

  it('gives the memory of the text back only when the journal is done with it', async () => {
    const { maker, journal, clock, ensembles } = aMaker()
    const released: string[] = []
    const make = ensembles.answer
    ensembles.answer = async (job) => ({ ...(await make(job)), release: () => void released.push('text') }) as never
    const answer = await maker.makeAnswerText(labPrompt)
    if (answer.ok) answer.release?.()
    expect(released).toEqual(['text'])
    journal.answer = () => new Promise(() => {})
    const answering = maker.makeAnswerText(labPrompt)
    await clock.advance(0)
    await clock.advance(2_000)
    expect((await answering) as object).not.toHaveProperty('release')
  })

  it('has no forecast when no rung has one', async () => {
    const { maker, ensembles, lastResort } = aMaker()
    const bad = () => ({ ok: false, kind: 'badOutput', detail: 'path 0 reaches 0' }) as const
    ensembles.answer = bad
    lastResort.answer = bad
    expect(await maker.makeAnswerText(labPrompt)).toMatchObject({
      ok: false,
      reason: 'failed',
      detail: expect.stringContaining('calibrated badOutput: path 0 reaches 0') as string,
    })
  })

  it('gives equal prompts equal seeds, and others others', () => {
    const seeds = new PromptSeeds(9n)
    const asked = [labPrompt, { ...labPrompt, asset: 'ETH' }, { ...labPrompt, startAtSeconds: 1 }]
    expect(new Set(asked.map((prompt) => seeds.seedOf(prompt))).size).toBe(3)
    expect(seeds.seedOf({ ...labPrompt })).toBe(seeds.seedOf(labPrompt))
    // Two hotkeys of one process must not look like copies of each other.
    const perHotkey = ['5One', '5Two'].map((hotkey) => seeds.seedOf(labPrompt, hotkey))
    expect(new Set([...perHotkey, seeds.seedOf(labPrompt)]).size).toBe(3)
    expect(new PromptSeeds(10n).seedOf(labPrompt)).not.toBe(seeds.seedOf(labPrompt))
  })
})
