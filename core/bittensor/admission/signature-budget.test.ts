import { describe, expect, it } from 'vitest'
import { budgetWith } from '#tests/support/admission-lab'
import { TestClock } from '#tests/support/test-clock'
import type { Checked } from './refusals.ts'

type Answer = Checked<void> | Promise<Checked<void>>

const isGranted = (answer: Answer) => !(answer instanceof Promise) && answer.ok
const busy = { refusal: { code: 'verifier_busy' } }

/** Notes the order in which promised answers come. */
function watch(answers: readonly Answer[]): { granted: number[]; refused: number[] } {
  const seen = { granted: [] as number[], refused: [] as number[] }
  for (const [i, answer] of answers.entries()) {
    void Promise.resolve(answer).then((result) => void (result.ok ? seen.granted : seen.refused).push(i))
  }
  return seen
}

describe('SignatureBudget', () => {
  it('always verifies known addresses: proven for a week, announced, or listed', async () => {
    const clock = new TestClock()
    const { budget, metagraph } = budgetWith(
      clock,
      { maxFailuresPerIp: 3, strangerChecksPerSecond: 1 },
      { listed: ['10.3.0.0/16'] },
    )
    budget.succeeded('10.0.0.1', 'validator')
    metagraph.add('validator', { axonIp: '10.2.0.1' })
    isGranted(budget.mayVerify('10.9.0.1'))
    for (const ip of ['10.0.0.1', '10.2.0.1', '10.3.7.7']) {
      for (let i = 0; i < 100; i += 1) expect(isGranted(budget.mayVerify(ip))).toBe(true)
    }
    expect(budget.mayVerify('10.9.0.2')).toBeInstanceOf(Promise)
    await clock.advance(7 * 86_400_000)
    isGranted(budget.mayVerify('10.9.0.3'))
    expect(isGranted(budget.mayVerify('10.0.0.1'))).toBe(false)
  })

  it('lets newcomers wait for their turn, four requests of one address at most', async () => {
    const clock = new TestClock()
    const { budget } = budgetWith(clock, { maxFailuresPerIp: 3, strangerChecksPerSecond: 10 })
    // Four fifths of ten checks are for newcomers.
    const answers = Array.from({ length: 30 }, (_, i) => budget.mayVerify(`10.1.0.${i}`))
    expect(answers.filter(isGranted)).toHaveLength(8)
    const seen = watch(answers)
    await clock.advance(1_010)
    expect(seen).toEqual({ granted: Array.from({ length: 16 }, (_, i) => i), refused: [] })
    const own = Array.from({ length: 5 }, () => budget.mayVerify('10.2.0.1'))
    expect(own.slice(0, 4).every((answer) => answer instanceof Promise)).toBe(true)
    expect(own[4]).toMatchObject(busy)
  })

  it('gives a new address its turn while hundreds of others forge', async () => {
    const clock = new TestClock()
    const { budget } = budgetWith(clock, { maxFailuresPerIp: 20, strangerChecksPerSecond: 60 })
    // Each forger sends again as soon as it is refused.
    const forge = async (ip: string, until: AbortSignal) => {
      while (!until.aborted) {
        const answer = await budget.mayVerify(ip)
        if (answer.ok) budget.failed(ip)
        else await clock.sleep(1_000)
      }
    }
    const over = new AbortController()
    for (let i = 0; i < 300; i += 1) void forge(`10.0.${Math.floor(i / 250)}.${i % 250}`, over.signal)
    await clock.advance(20)
    const honest = watch([budget.mayVerify('192.0.2.1')])
    // One round of 300 newcomers at 48 a second.
    await clock.advance(6_500)
    expect(honest.granted).toEqual([0])
    // After that round the forgers are no newcomers any more.
    expect(isGranted(budget.mayVerify('192.0.2.2'))).toBe(true)
    over.abort()
  })

  it('ends the wait of a caller that is gone, and one that is too long', async () => {
    const clock = new TestClock()
    const { budget } = budgetWith(clock, { maxFailuresPerIp: 3, strangerChecksPerSecond: 1 })
    void budget.mayVerify('10.1.0.0')
    const gone = new AbortController()
    const left = budget.mayVerify('10.1.0.1', gone.signal)
    gone.abort()
    expect(await left).toMatchObject(busy)
    const seen = watch(Array.from({ length: 40 }, (_, i) => budget.mayVerify(`10.2.0.${i}`)))
    await clock.advance(20_000)
    expect(seen.granted.length + seen.refused.length).toBe(40)
    expect(seen.refused.length).toBeGreaterThan(10)
  })

  it('shuts out an address that keeps failing, for ten seconds, known or not', async () => {
    const clock = new TestClock()
    const { budget } = budgetWith(clock, { maxFailuresPerIp: 3, strangerChecksPerSecond: 1_000 })
    budget.succeeded('10.0.0.1', 'validator')
    for (let i = 0; i < 3; i += 1) {
      expect(isGranted(budget.mayVerify('10.0.0.1'))).toBe(true)
      budget.failed('10.0.0.1')
    }
    expect(budget.mayVerify('10.0.0.1')).toMatchObject({ refusal: { code: 'too_many_failures' } })
    expect(isGranted(budget.mayVerify('10.0.0.2'))).toBe(true)
    await clock.advance(10_000)
    expect(isGranted(budget.mayVerify('10.0.0.1'))).toBe(true)
  })
})
