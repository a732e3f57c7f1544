import { describe, expect, it } from 'vitest'
import { dayMs } from '#core/base/time/units'
import { proposeAutomatically } from '#core/tuning/governance/propose-automatically'
import type { DiagnosisFacts } from '#core/tuning/governance/suggestion'
import { aGovernanceLab, MadeScores } from '#tests/support/governance-lab'

const slow = (asset: string): DiagnosisFacts => ({
  ...{
    asset,
    horizon: 'low',
    promptCount: 200,
    against: 'field',
    baseline: 'reference',
    totalRatio: 1.1,
    shortRatio: 1.1,
    longRatio: 1,
  },
  ...{ coverage95: undefined, longCoverage95: undefined, varianceRatio: 1, alternatives: [] },
})

async function aMiner() {
  const lab = aGovernanceLab()
  const scores = new MadeScores()
  scores.factor = 0.97
  const ranges: { asset: string; fromMs: number; toMs: number }[] = []
  const diagnoses = {
    readFacts: async (range: { asset: string; fromMs: number; toMs: number }) => {
      ranges.push(range)
      return [slow(range.asset)]
    },
  }
  await lab.days(50)
  const run = () =>
    proposeAutomatically(
      { ...lab, evidence: lab.store, facts: lab.store, runs: lab.store, scores, diagnoses },
      ['BTC', 'ETH', 'SOL', 'XAU'],
      lab.settings,
    )
  return { ...lab, scores, ranges, run }
}

describe('automatic proposals', () => {
  it('change one asset, and no other while it is observed', async () => {
    const { run, state } = await aMiner()
    await run()
    await run()
    expect(state().changes.map(({ asset, by, isForced }) => [asset, by, isForced])).toEqual([['BTC', 'daemon', false]])
  })
  it('carry evidence from days that the suggestion has not seen', async () => {
    const { run, state, ranges, scores, clock } = await aMiner()
    await run()
    expect(ranges[0]!.toMs).toBe(clock.nowMs() - 14 * dayMs)
    expect(scores.questions[0]!.fromMs).toBe(ranges[0]!.toMs)
    expect(state().changes[0]!.evidence!.comparison.interval[1]).toBeLessThan(0)
  })
  it('propose nothing without a significant gain, and nothing without enough prompts', async () => {
    const { run, state, scores } = await aMiner()
    scores.factor = 1
    await run()
    scores.factor = 0.9
    scores.promptsPerDay = 2
    await run()
    expect(state().changes).toEqual([])
  })
  it('go on to the next asset when one may not be changed yet', async () => {
    const { run, state, propose, revert, days } = await aMiner()
    propose('BTC', 'df', 6)
    revert(1)
    await days(1)
    await run()
    expect(state().changes.map(({ asset }) => asset)).toEqual(['BTC', 'ETH'])
  })
})
