import { expect, it } from 'vitest'
import { hourMs } from '#core/base/time/units'
import { describeVolatility, type VolatilityFacts } from './volatility-health.ts'

const nowMs = Date.UTC(2026, 8, 20, 12, 1)
const good = { asset: 'BTC', seenToMs: nowMs - 60_000, isDegraded: false, missingSets: [] } as const
const facts = (over: Partial<VolatilityFacts>): VolatilityFacts => ({
  nowMs,
  assets: [good],
  rebuilding: [],
  setProblems: [],
  failure: undefined,
  ...over,
})

it('is ok when every asset has a state, and says who has no parameters of its own', () => {
  const share = { ...good, asset: 'SP500', missingSets: ['low', 'high'] as const }
  expect(describeVolatility(facts({ assets: [good, share] }))).toEqual({
    state: 'ok',
    sentence: 'State of 2 assets up to 2026-09-20T12:00:00Z. No calibrated parameters of SP500 (24h, 1h).',
  })
})

it('takes a market that is closed over a long weekend for healthy', () => {
  const closed = { ...good, asset: 'WTIOIL', seenToMs: nowMs - 90 * hourMs }
  expect(describeVolatility(facts({ assets: [good, closed] })).state).toBe('ok')
})

it.each([
  [
    'nothing was seen',
    { assets: [{ ...good, seenToMs: Number.NEGATIVE_INFINITY, isDegraded: true }] },
    'No minutes of BTC yet: defaults are used.',
  ],
  [
    'too little was seen',
    { assets: [{ ...good, isDegraded: true }] },
    'Too few minutes of BTC: defaults are used in part.',
  ],
  [
    'no minutes come in',
    { assets: [{ ...good, seenToMs: nowMs - 2 * hourMs }] },
    'The newest minute is from 2026-09-20T10:01:00Z.',
  ],
  [
    'one asset has stopped',
    { assets: [good, { ...good, asset: 'XAU', seenToMs: nowMs - 100 * hourMs }] },
    'No minutes of XAU for days.',
  ],
  ['a state is being made', { rebuilding: ['BTC'] }, 'Being rebuilt: BTC.'],
  [
    'files are not used',
    {
      setProblems: [
        { path: 'own/BTC.low.json', reason: 'no JSON' },
        { path: 'own/x.json', reason: 'no JSON' },
      ],
    },
    'own/BTC.low.json is not used: no JSON. 1 more parameter files are not used.',
  ],
  ['the database fails', { failure: 'The disk is full.' }, 'The state is kept in memory only: The disk is full.'],
] as const)('is degraded when %s', (_what, over, sentence) => {
  expect(describeVolatility(facts(over))).toMatchObject({ state: 'degraded', sentence })
})

it('has nothing to say without assets', () => {
  expect(describeVolatility(facts({ assets: [] })).state).toBe('notConfigured')
})
