import { expect, it, onTestFinished } from 'vitest'
import { dayMs, hourMs } from '#core/base/time/units'
import { defaultParameters } from '#core/forecast/parameters/default-parameters'
import { scoreOf } from '#core/tuning/governance/fit-blend'
import { labNowMs, labStartAtMs, makeLabJournal, openLab } from '#tests/support/replay-lab'
import { folderForAll } from '#tests/support/temporary-folder'

it('the score of a real blend is that of the fitted form: from its models alone and from halves', {
  timeout: 120_000,
}, async () => {
  const journal = `${folderForAll()}/journal.sqlite`
  const ofHours = { dayEveryMs: 7 * dayMs, hourEveryMs: 2 * hourMs }
  makeLabJournal(journal, { assets: ['BTC'], pathCount: 300, ensembles: 2, ...ofHours })
  const { context } = openLab(journal)
  onTestFinished(() => context.close())
  const shares = [0, 0.3, 0.5, 1]
  const totals = await context.pairs.scoreBlends({
    ...{ asset: 'BTC', horizon: 'high', fromMs: labStartAtMs, toMs: labNowMs, parameters: defaultParameters('BTC') },
    blends: shares.map((share) => ({ reference: share, ewma: 1 - share })),
  })
  expect(totals.map((each) => each.length)).toEqual(shares.map(() => 24))
  const means = totals.map((each) => each.reduce((sum, { total }) => sum + total, 0) / each.length)
  const [none, third, half, all] = means as [number, number, number, number]
  // Between models that agree every form would fit: a straight line misses by more than is allowed below.
  expect(none + 0.3 * (all - none) - third).toBeGreaterThan(0.01 * third)
  const form = {
    alone: [all, none],
    halves: [
      [all, half],
      [half, none],
    ],
  }
  // The rest is the luck of which paths each model draws.
  expect(Math.abs(scoreOf(form, [0.3, 0.7]) / third - 1)).toBeLessThan(0.001)
})
