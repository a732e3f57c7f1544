import { describe, expect, it } from 'vitest'
import { UsageError } from '#core/base/errors/app-error'
import { statusOf } from '#core/tuning/governance/governance-state'
import { observeChanges } from '#core/tuning/governance/observe-changes'
import { aGovernanceLab, MadeScores } from '#tests/support/governance-lab'
import { LiveParameters } from './live-parameters.ts'

/** A change of BTC's lambda that the miner has taken; `look` is the daily job. */
async function anObservation(options: { autoRevert?: boolean } = {}) {
  const lab = aGovernanceLab()
  const scores = new MadeScores()
  await lab.days(20)
  lab.propose('BTC', 'lambda', 0.93)
  const parameters = new LiveParameters(lab)
  await lab.clock.advance(60_000)
  parameters.refresh(lab.clock.nowMs())
  const look = async () => {
    await observeChanges({ ...lab, scores, runs: lab.store }, { autoRevert: options.autoRevert ?? false })
    parameters.refresh(lab.clock.nowMs())
  }
  const lookDaily = async (count: number) => {
    for (let day = 0; day < count; day += 1) {
      await lab.days(1)
      await look()
    }
  }
  const minute = async () => {
    await lab.clock.advance(60_000)
    parameters.refresh(lab.clock.nowMs())
  }
  const change = () => lab.state().changes[0]!
  const alerts = () => lab.log.entries.filter(({ level }) => level === 'warn').map(({ event }) => event)
  return { ...lab, scores, parameters, look, lookDaily, minute, change, alerts }
}

describe('an observation', () => {
  it('asks for the prompts since the miner took the change, with the previous value against the current one', async () => {
    const { scores, look, change, days } = await anObservation()
    await days(1)
    await look()
    expect(scores.questions).toMatchObject([
      {
        asset: 'BTC',
        horizons: ['low', 'high'],
        fromMs: change().appliedAtMs,
        oldParameters: { lambda: 0.94 },
        newParameters: { lambda: 0.93 },
      },
    ])
  })
  it('continues without a measure while a model file is missing, and reports it; it still ends in time', async () => {
    const { scores, lookDaily, change, alerts } = await anObservation()
    scores.readPairs = async () => {
      throw new UsageError('MODEL_UNKNOWN', 'There is no model onnx:hour in models.')
    }
    await lookDaily(27)
    expect(statusOf(change())).toBe('observed')
    expect(alerts()[0]).toBe('change.not_measured')
    await lookDaily(2)
    expect(change().verdicts[0]).toMatchObject({ decision: 'kept', assessment: 'unknown' })
  })
  it('ends after fourteen days with a verdict and the scores before and after the change', async () => {
    const { scores, lookDaily, change, state, parameters } = await anObservation()
    scores.factor = 0.98
    await lookDaily(13)
    expect(statusOf(change())).toBe('observed')
    await lookDaily(1)
    const verdict = change().verdicts[0]!
    expect(verdict).toMatchObject({ decision: 'kept', assessment: 'better', by: 'daemon' })
    const [hour] = verdict.comparison!.horizons
    expect(hour!.newMean / hour!.oldMean).toBeCloseTo(0.98, 2)
    expect(state().changes.filter((each) => statusOf(each) === 'observed')).toEqual([])
    expect(parameters.inForce().of('BTC').lambda).toBe(0.93)
  })
  it('rolls a change back that scores worse beyond chance, says so, and shows it for a day', async () => {
    const { scores, lookDaily, change, parameters, alerts, minute } = await anObservation({ autoRevert: true })
    scores.factor = 1.05
    await lookDaily(1)
    expect(statusOf(change())).toBe('observed')
    await lookDaily(1)
    expect(change().verdicts).toMatchObject([{ decision: 'reverted', assessment: 'worse', by: 'daemon' }])
    expect(alerts()).toEqual(['change.rolled_back'])
    await minute()
    expect(parameters.inForce().of('BTC').lambda).toBe(0.94)
    expect(change().revertAppliedAtMs).toBeDefined()
    expect(parameters.health()).toMatchObject({ state: 'degraded' })
    await lookDaily(1)
    expect(parameters.health()).toMatchObject({ state: 'ok' })
    expect(alerts()).toHaveLength(1)
  })
  it('only raises the alarm, once, where the operator keeps the decision, and shows it until he took it', async () => {
    const { scores, lookDaily, change, parameters, alerts, revert, minute } = await anObservation()
    scores.factor = 1.05
    await lookDaily(10)
    expect(statusOf(change())).toBe('observed')
    expect(parameters.inForce().of('BTC').lambda).toBe(0.93)
    expect(alerts().length).toBeGreaterThan(0)
    expect(parameters.health()).toMatchObject({
      state: 'degraded',
      sentence: 'change 1 (BTC lambda 0.94 to 0.93) scores worse than the previous value.',
    })
    await lookDaily(4)
    expect(change().verdicts).toMatchObject([{ decision: 'kept', assessment: 'worse' }])
    expect(parameters.health().state).toBe('degraded')
    expect(revert(1)).toBe('ok')
    await minute()
    expect(parameters.health().state).toBe('ok')
    expect(parameters.inForce().of('BTC').lambda).toBe(0.94)
  })
  it('does not take noise for a loss: of looks at equal scores none rolls back', async () => {
    const { scores, lookDaily, change, alerts } = await anObservation({ autoRevert: true })
    scores.noise = 0.2
    await lookDaily(14)
    expect(change().verdicts).toMatchObject([{ decision: 'kept', assessment: 'unchanged' }])
    expect(alerts()).toEqual([])
  })
  it('goes on where too little was scored, at most twice as long, and then says that it does not know', async () => {
    const { scores, lookDaily, change, look, ledger } = await anObservation({ autoRevert: true })
    scores.promptsPerDay = 1
    scores.factor = 1.5
    await lookDaily(27)
    expect(statusOf(change())).toBe('observed')
    await lookDaily(1)
    expect(change().verdicts).toMatchObject([{ decision: 'kept', assessment: 'unknown' }])
    const { id } = ledger.head()
    await look()
    expect(ledger.head().id).toBe(id)
  })
  it('writes a look once, however often it is taken', async () => {
    const { scores, look, lookDaily, change, ledger, db } = await anObservation()
    scores.promptsPerDay = 24
    await lookDaily(3)
    const { id } = ledger.head()
    await look()
    await look()
    expect(ledger.head().id).toBe(id)
    expect(change().observations).toHaveLength(3)
    const runs = db.prepare(`select count(*) from governance_runs where kind = 'observe'`).pluck().get()
    expect(runs).toBe(5)
  })
  it('leaves a change alone that the operator undid while it was counting', async () => {
    const { scores, days, change, look, revert } = await anObservation({ autoRevert: true })
    await days(10)
    scores.factor = 1.2
    const read = scores.readPairs.bind(scores)
    scores.readPairs = async (question) => {
      revert(1, 'I was faster')
      return read(question)
    }
    await look()
    expect(change().verdicts).toMatchObject([{ by: 'operator', reason: 'I was faster' }])
  })
  it('looks only at hour-long prompts for a parameter of those', async () => {
    const lab = aGovernanceLab()
    const scores = new MadeScores()
    await lab.days(20)
    lab.propose('BTC', 'shrink_high', 0.8)
    await lab.days(2)
    await observeChanges({ ...lab, scores, runs: lab.store }, { autoRevert: false })
    expect(scores.questions).toMatchObject([{ horizons: ['high'] }])
  })
})
