import { describe, expect, it } from 'vitest'
import { dayMs, hourMs } from '#core/base/time/units'
import type { ServedAnswers } from '#core/tuning/governance/reach'
import { BlendShape } from '#core/tuning/views/blend-view'
import { HistoryShape } from '#core/tuning/views/change-view'
import { governanceCommands } from '#tests/support/governance-commands'
import { aGovernanceLab, MadeScores } from '#tests/support/governance-lab'
import { servedBy } from '#tests/support/served-by'

/** A miner that serves the calibrated model, and 80 % of it beside 20 % of ewma would be better. */
async function aBlendTuner(served: ServedAnswers = servedBy('calibrated'), typed?: string[]) {
  const lab = aGovernanceLab({ served })
  const scores = new MadeScores()
  scores.blends = { alone: { calibrated: 100, ewma: 106, seed: 200 }, gain: 10 }
  scores.factor = 0.97
  const questions: string[] = []
  const ask = async (question: string) => {
    questions.push(question)
    return typed?.shift()
  }
  const commands = governanceCommands({
    ...{ db: lab.db, clock: lab.clock, scores, assets: ['BTC', 'ETH'], served },
    ...(typed === undefined ? {} : { ask }),
  })
  await lab.days(60)
  return { ...lab, ...commands, scores, questions }
}

const joined = (lines: readonly string[]) => lines.join(' ').replace(/\s+/g, ' ')

describe('tuner blend', () => {
  it('fits before the held-out days, measures on them, and proposes the shares and the blend together', async () => {
    const { run, json, scores, clock } = await aBlendTuner()
    const { lines, exitCode, error } = await run('blend', 'btc', '24h', '--reason', 'a test')
    expect([error, exitCode]).toEqual(['', 0])
    const heldFromMs = clock.nowMs() - 14 * dayMs
    expect(scores.blendQuestions).toMatchObject([
      { asset: 'BTC', horizon: 'low', fromMs: heldFromMs - 30 * dayMs, toMs: heldFromMs - 24 * hourMs },
    ])
    expect(scores.questions).toMatchObject([
      {
        ...{ asset: 'BTC', horizons: ['low'], fromMs: heldFromMs, toMs: clock.nowMs() },
        oldParameters: { champion: { low: 'calibrated' } },
        newParameters: { champion: { low: 'blend' }, blend: { low: { calibrated: 0.8, ewma: 0.2 } } },
      },
    ])
    const text = joined(lines)
    expect(text).toContain('calibrated 100.00 0.80 ewma 106.00 0.20 seed 200.00 0.00 together 99.60')
    expect(text).toContain('Change 1: blend_low of BTC from calibrated=1 to calibrated=0.8,ewma=0.2.')
    expect(text).toContain('Change 2: champion_low of BTC from calibrated to blend.')
    const { changes, verification } = await json(HistoryShape, 'history', '--verify')
    expect(verification?.isSound).toBe(true)
    expect(changes).toMatchObject([
      { parameter: 'blend_low', status: 'kept', evidence: null, isForced: false },
      { parameter: 'champion_low', status: 'observed', evidence: { id: 1 }, isForced: false },
    ])
  })

  it('undoes the champion and brings back what was served', async () => {
    const { run, state } = await aBlendTuner()
    await run('blend', 'BTC', '24h', '--yes')
    expect(state().changes[0]).toMatchObject({ reason: 'Manual tuning', isDefaultReason: true })
    expect((await run('revert', '2', '--reason', 'x')).exitCode).toBe(0)
    expect(state().changes[1]?.verdicts.at(-1)).toMatchObject({ decision: 'reverted' })
  })

  it('writes nothing of it where the held-out days do not support it', async () => {
    const { run, scores, ledger, store } = await aBlendTuner()
    scores.factor = 1
    const { error, hint, exitCode } = await run('blend', 'BTC', '1h', '--yes')
    expect([exitCode, ledger.read()]).toEqual([1, []])
    expect(hint).toContain(
      '"tuner propose BTC blend_high calibrated=0.8,ewma=0.2 --force", then "tuner propose BTC champion_high blend --force"',
    )
    expect(error).toContain('EVIDENCE_NOT_CONVINCING')
    expect(store.findEvidence(1)).toMatchObject({ parameter: 'champion_high', newValue: 'blend' })
  })

  it('asks a person, and prints the line in a pipe', async () => {
    const asked = await aBlendTuner(servedBy('calibrated'), ['they differ', 'y'])
    expect((await asked.run('blend', 'BTC', '24h')).exitCode).toBe(0)
    expect(asked.questions.at(-1)).toBe(
      'Change blend_low of BTC to calibrated=0.8,ewma=0.2 and champion_low of BTC to blend? (y/N) ',
    )
    expect(asked.state().changes.map(({ reason }) => reason)).toEqual(['they differ', 'they differ'])
    const declined = await aBlendTuner(servedBy('calibrated'), ['', 'n'])
    expect((await declined.run('blend', 'BTC', '24h')).exitCode).toBe(1)
    const piped = await aBlendTuner()
    const { hint, exitCode } = await piped.run('blend', 'BTC', '24h', '--models', 'calibrated', 'ewma')
    expect(hint).toContain('"tuner blend BTC 24h --models calibrated ewma --yes"')
    expect([exitCode, piped.ledger.read(), declined.ledger.read()]).toEqual([64, [], []])
  })

  it('gives no evidence for other shares than it was measured with', async () => {
    const { run, days } = await aBlendTuner()
    await run('propose', 'BTC', 'blend_low', 'calibrated=0.5,ewma=0.5', '--yes')
    await run('propose', 'BTC', 'champion_low', 'blend', '--measure')
    await days(1)
    await run('propose', 'BTC', 'blend_low', 'calibrated=0.4,ewma=0.6', '--yes')
    const { error } = await run('propose', 'BTC', 'champion_low', 'blend', '--evidence', '1', '--yes')
    expect(error).toBe(
      'EVIDENCE_UNKNOWN: Evidence 1 is about other shares of the blend: change 2 moved blend_low of BTC after it.',
    )
  })

  it('only measures with --measure, at any time', async () => {
    const { json, run, ledger, days } = await aBlendTuner()
    await days(-55)
    const measured = await json(BlendShape, 'blend', 'BTC', 'high', '--measure', '--held-out', '21')
    expect(measured).toMatchObject({
      prompt: 'high',
      fitted: { members: [{ model: 'calibrated', alone: 100, share: 0.8 }, { share: 0.2 }, { share: 0 }] },
      proposals: [
        { parameter: 'blend_high', value: 'calibrated=0.8,ewma=0.2' },
        { parameter: 'champion_high', value: 'blend' },
      ],
      ...{ isImprovement: true, changes: [] },
    })
    expect((await run('blend', 'BTC', '1h', '--yes')).error).toContain('CHANGE_TOO_EARLY')
    expect(ledger.read()).toEqual([])
  })

  it('moves shares that serve by one step, as one change', async () => {
    const { run, json, state, scores } = await aBlendTuner(servedBy('blend'))
    const { lines, exitCode } = await run('blend', 'BTC', '24h', '--reason', 'a test')
    expect(exitCode).toBe(0)
    expect(joined(lines)).toContain('a share moves by one step at a time')
    expect(state().changes).toMatchObject([{ slot: 'blend_low', after: { calibrated: 0.9, ewma: 0.1 } }])
    expect(scores.questions[0]).toMatchObject({ newParameters: { blend: { low: { calibrated: 0.9, ewma: 0.1 } } } })
    expect((await json(HistoryShape, 'history')).changes[0]?.status).toBe('observed')
  })

  it('proposes nothing where the model that serves is best alone', async () => {
    const { json, run, scores, ledger } = await aBlendTuner()
    scores.blends = { alone: { calibrated: 100, ewma: 120, seed: 130 }, gain: 0 }
    expect(joined((await run('blend', 'BTC', '24h')).lines)).toContain('Nothing to propose')
    expect(await json(BlendShape, 'blend', 'BTC', '24h')).toMatchObject({ proposals: [], evidence: null })
    expect([scores.questions, ledger.read()]).toEqual([[], []])
    scores.blends = { alone: { calibrated: 100, ewma: 90, seed: 130 }, gain: 0 }
    expect((await json(BlendShape, 'blend', 'BTC', '24h', '--measure')).proposals).toEqual([
      { parameter: 'champion_low', value: 'ewma' },
    ])
  })

  it.each([
    [['BTX', '24h'], 'ASSET_UNKNOWN'],
    [['BTC', '2h'], 'It must be one of 24h, 1h, low, high.'],
    [['BTC', '24h', '--models', 'calibrated', 'evma'], 'MODEL_UNKNOWN: There is no model evma'],
    [['BTC', '24h', '--models', 'calibrated', 'blend'], 'MODEL_UNKNOWN: There is no model blend'],
    [['BTC', '24h', '--models', 'ewma'], 'USAGE: A blend needs two models or more.'],
    [['BTC', '24h', '--held-out', '3'], 'It must be a whole number of days from 7 to 90.'],
  ])('refuses %j before anything is measured', async (words, sentence) => {
    const { run, scores, ledger } = await aBlendTuner()
    const { error, exitCode } = await run('blend', ...words)
    expect(error).toContain(sentence)
    expect([exitCode, scores.blendQuestions, ledger.read()]).toEqual([64, [], []])
  })

  it('says how little there is to fit', async () => {
    const { run, scores } = await aBlendTuner()
    scores.promptsPerDay = 0.1
    expect(await run('blend', 'BTC', '24h', '--yes')).toMatchObject({
      exitCode: 1,
      error: expect.stringContaining('EVIDENCE_MISSING: BTC has 3 settled prompts') as string,
    })
  })
})
