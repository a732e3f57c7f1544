import { expect, it } from 'vitest'
import { type AskedPrompt, commonSpans, type Excuse, explain } from './verdict.ts'

const prompt: AskedPrompt = {
  asset: 'BTC',
  sender: 'one',
  askedAtMs: 100,
  endedAtMs: 110,
  outcome: 'price_unavailable',
}
const outage: Excuse = { reason: 'every venue of the asset was out', fromMs: 105, toMs: 200, asset: 'BTC' }

it('explains a miss by a declared fault of its time, its asset and its kind, and by nothing else', () => {
  expect(explain(prompt, [outage])).toBe('every venue of the asset was out')
  expect(explain({ ...prompt, askedAtMs: 201, endedAtMs: 300 }, [outage])).toBeUndefined()
  expect(explain({ ...prompt, asset: 'ETH' }, [outage])).toBeUndefined()
  expect(explain({ ...prompt, outcome: 'answer_failed' }, [outage])).toBeUndefined()
  expect(explain(prompt, [{ ...outage, reason: 'the miner was down' }])).toBeUndefined()
  expect(explain(prompt, [])).toBeUndefined()
})

it('finds when several are out at once', () => {
  const one = [
    { fromMs: 0, toMs: 10 },
    { fromMs: 20, toMs: 30 },
  ]
  expect(commonSpans([one, [{ fromMs: 5, toMs: 25 }]])).toEqual([
    { fromMs: 5, toMs: 10 },
    { fromMs: 20, toMs: 25 },
  ])
  expect(commonSpans([one, [{ fromMs: 10, toMs: 20 }]])).toEqual([])
  expect(commonSpans([])).toEqual([])
})
