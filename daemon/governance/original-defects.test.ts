import { describe, expect, it } from 'vitest'
import { SqliteLedgerStore } from '#adapters/sqlite/ledger-store'
import { defaultParameters } from '#core/forecast/parameters/default-parameters'
import { parametersOf } from '#core/tuning/governance/governance-state'
import { observeChanges } from '#core/tuning/governance/observe-changes'
import { proposeAutomatically } from '#core/tuning/governance/propose-automatically'
import type { DiagnosisFacts } from '#core/tuning/governance/suggestion'
import { aGovernanceLab, codeOf, MadeScores } from '#tests/support/governance-lab'
import { servedBy } from '#tests/support/served-by'
import { LiveParameters } from './live-parameters.ts'

/** What the governance of the older EWMA miner did wrong, one by one. */
describe('unlike the older miner', () => {
  it('lambda reaches what forecasts read, and is still there after a restart', async () => {
    const lab = aGovernanceLab()
    await lab.days(20)
    const live = new LiveParameters(lab)
    lab.propose('BTC', 'lambda', 0.93)
    await lab.clock.advance(60_000)
    live.refresh(lab.clock.nowMs())
    expect(live.inForce().of('BTC').lambda).toBe(0.93)
    const restarted = new LiveParameters({ ...lab, ledger: new SqliteLedgerStore(lab.db) })
    expect(restarted.inForce().of('BTC').lambda).toBe(0.93)
    expect(restarted.inForce().revision).toBe(1)
  })
  it.each([
    ['ETH', 'lambda', 0.93, 0.92],
    ['SOL', 'lambda', 0.9, 0.91],
    ['SOL', 'lambda', 0.9, 0.89],
    ['XAU', 'lambda', 0.97, 0.96],
    ['BTC', 'lambda', 0.94, 0.93],
    ['BTC', 'sigma_cap_daily', 0.1, 0.11],
    ['BTC', 'sigma_cap_daily', 0.1, 0.09],
  ])(
    'the legal step of %s %s from %d to %d is not refused for the rounding of binary numbers',
    async (asset, name, from, to) => {
      const lab = aGovernanceLab()
      await lab.days(20)
      expect(codeOf(lab.propose(asset, name, to))).toBe('ok')
      expect(lab.state().changes[0]).toMatchObject({ oldValue: from, newValue: to })
    },
  )
  it('no automatic change hits four assets at once', async () => {
    const lab = aGovernanceLab()
    await lab.days(50)
    const scores = new MadeScores()
    scores.factor = 0.95
    const lagging = (asset: string): DiagnosisFacts => ({
      ...{
        asset,
        horizon: 'low',
        promptCount: 99,
        against: 'baseline',
        baseline: 'reference',
        totalRatio: 1.2,
        shortRatio: 1.2,
      },
      ...{ longRatio: 1, coverage95: undefined, longCoverage95: undefined, varianceRatio: 1, alternatives: [] },
    })
    const deps = { ...lab, served: servedBy('ewma'), evidence: lab.store, facts: lab.store, runs: lab.store, scores }
    const diagnoses = { readFacts: async ({ asset }: { asset: string }) => [lagging(asset)] }
    await proposeAutomatically({ ...deps, diagnoses }, ['BTC', 'ETH', 'SOL', 'XAU'], lab.settings)
    expect(
      ['BTC', 'ETH', 'SOL', 'XAU'].filter(
        (asset) => parametersOf(lab.state(), asset).lambda !== defaultParameters(asset).lambda,
      ),
    ).toEqual(['BTC'])
  })
  it('a second change of a parameter does not overwrite the record of the first', async () => {
    const lab = aGovernanceLab()
    await lab.days(20)
    lab.propose('BTC', 'lambda', 0.93, { reason: 'the first' })
    lab.revert(1)
    await lab.days(31)
    lab.propose('BTC', 'lambda', 0.95, { reason: 'the second' })
    expect(lab.state().changes.map(({ reason, newValue }) => [reason, newValue])).toEqual([
      ['the first', 0.93],
      ['the second', 0.95],
    ])
  })
  it('an observation stops every parameter of the asset, not only the one that was changed', async () => {
    const lab = aGovernanceLab({ mode: 'perParameter' })
    await lab.days(20)
    lab.propose('BTC', 'lambda', 0.93)
    const others = [
      ['df', 6],
      ['sigma_cap_daily', 0.11],
      ['shrink_high', 0.8],
      ['champion_low', 'ewma'],
      ['blend_high.ewma', 0.1],
    ] as const
    for (const [name, value] of others)
      expect(codeOf(lab.propose('BTC', name, value)), name).toBe('CHANGE_IN_OBSERVATION')
  })
  it('an observation is no mere timer: it ends in a verdict with the scores before and after the change', async () => {
    const lab = aGovernanceLab()
    await lab.days(20)
    lab.propose('BTC', 'lambda', 0.93)
    await lab.days(15)
    await observeChanges({ ...lab, scores: new MadeScores(), runs: lab.store }, { autoRevert: false })
    const [verdict] = lab.state().changes[0]!.verdicts
    expect(verdict).toMatchObject({ decision: 'kept', assessment: 'unchanged' })
    expect(verdict!.comparison!.horizons[0]).toMatchObject({ oldMean: expect.any(Number), newMean: expect.any(Number) })
  })
  it('the cap may change once a quarter by rule, and not only in a comment', async () => {
    const lab = aGovernanceLab()
    await lab.days(20)
    lab.propose('BTC', 'sigma_cap_daily', 0.11)
    lab.revert(1)
    await lab.days(89)
    expect(codeOf(lab.propose('BTC', 'sigma_cap_daily', 0.11))).toBe('CHANGE_TOO_EARLY')
    await lab.days(1)
    expect(codeOf(lab.propose('BTC', 'sigma_cap_daily', 0.11))).toBe('ok')
  })
  it('the hour-long factor and the champion go through the same gate', async () => {
    const lab = aGovernanceLab()
    await lab.days(13)
    expect(codeOf(lab.propose('BTC', 'shrink_high', 0.8))).toBe('CHANGE_TOO_EARLY')
    expect(codeOf(lab.propose('BTC', 'champion_high', 'ewma'))).toBe('CHANGE_TOO_EARLY')
    await lab.days(1)
    expect(codeOf(lab.propose('BTC', 'shrink_high', 0.8))).toBe('ok')
    expect(codeOf(lab.propose('ETH', 'champion_high', 'ewma', { isForced: false }))).toBe('EVIDENCE_MISSING')
  })
})
