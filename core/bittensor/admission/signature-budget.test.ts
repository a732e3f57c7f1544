import { describe, expect, it } from 'vitest'
import { TestClock } from '#tests/support/test-clock'
import { SignatureBudget } from './signature-budget.ts'

const nowhere = '0.0.0.0'

describe('SignatureBudget', () => {
  it('gives strangers a budget that refills, and known addresses as much as they want', async () => {
    const clock = new TestClock()
    const budget = new SignatureBudget(clock, { maxFailuresPerIp: 3, strangerChecksPerSecond: 10 })
    budget.succeeded('10.0.0.1')
    const granted = () => Array.from({ length: 30 }, (_, i) => budget.mayVerify(`10.1.0.${i}`, nowhere).ok)
    expect(granted().filter(Boolean)).toHaveLength(10)
    expect(budget.mayVerify('10.1.0.1', nowhere)).toMatchObject({ refusal: { code: 'verifier_busy' } })
    for (let i = 0; i < 100; i += 1) expect(budget.mayVerify('10.0.0.1', nowhere).ok).toBe(true)
    expect(budget.mayVerify('10.2.0.1', '10.2.0.1').ok).toBe(true)
    await clock.advance(500)
    expect(granted().filter(Boolean)).toHaveLength(5)
    await clock.advance(3_600_000)
    expect(granted().filter(Boolean)).toHaveLength(10)
    expect(budget.mayVerify('10.0.0.1', nowhere).ok).toBe(false)
  })

  it('shuts out an address that keeps failing, for ten seconds, known or not', async () => {
    const clock = new TestClock()
    const budget = new SignatureBudget(clock, { maxFailuresPerIp: 3, strangerChecksPerSecond: 1_000 })
    budget.succeeded('10.0.0.1')
    for (let i = 0; i < 3; i += 1) {
      expect(budget.mayVerify('10.0.0.1', nowhere).ok).toBe(true)
      budget.failed('10.0.0.1')
    }
    expect(budget.mayVerify('10.0.0.1', nowhere)).toMatchObject({ refusal: { code: 'too_many_failures' } })
    expect(budget.mayVerify('10.0.0.2', nowhere).ok).toBe(true)
    await clock.advance(10_000)
    expect(budget.mayVerify('10.0.0.1', nowhere).ok).toBe(true)
  })
})
