import fc from 'fast-check'
import { expect, it } from 'vitest'
import { minuteMs } from '#core/base/time/units'
import { bitsOf, btcAt, madeCloses, VolatilityLab } from '#tests/support/volatility-lab'

const startMs = Date.UTC(2026, 8, 20, 12, 2)
const btc = btcAt()

/** What may happen between two ticks. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('minutes' as const), count: fc.integer({ min: 1, max: 7 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('minutes' as const), count: fc.integer({ min: 60, max: 900 }) }),
  },
  // Not asked for in time: unknown, until it is filled.
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('hole' as const), count: fc.integer({ min: 1, max: 200 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('fill' as const), count: fc.constant(0) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restart' as const), count: fc.constant(0) }) },
  // The tick is lost: killed after the minutes were committed, before the state was.
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill' as const), count: fc.integer({ min: 1, max: 30 }) }) },
)

it('is, after any gaps, late minutes, restarts and kills, to the bit what a replay of the stored minutes gives', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 3, maxLength: 25 }),
      fc.integer({ min: 0, max: 500 }),
      fc.bigInt({ min: 1n, max: 1n << 40n }),
      async (steps, head, seed) => {
        const lab = new VolatilityLab(startMs, { path: ':memory:' })
        const total = head + steps.reduce((sum, { count }) => sum + count, 0)
        const closes = madeCloses(seed, total, 0.15)
        const holes: [from: number, to: number][] = []
        let at = 0
        const write = (from: number, to: number) => lab.write(btc, startMs + from * minuteMs, closes.subarray(from, to))
        const pass = async (count: number) => {
          await lab.clock.advance(count * minuteMs)
          at += count
        }
        const tick = async () => {
          states.minutesStored(btc)
          states.roundDone()
          await states.settled()
        }
        await pass(head)
        write(0, head)
        let states = await lab.start()
        for (const { kind, count } of steps) {
          const from = at
          await pass(count)
          if (kind === 'hole') holes.push([from, at])
          else if (kind === 'fill') for (const hole of holes.splice(0, 1)) write(...hole)
          else if (kind === 'restart') {
            await states.stop()
            states = await lab.start()
          } else write(from, at)
          if (kind === 'kill') states = await lab.start()
          await tick()
        }
        expect(lab.bugs).toEqual([])
        const bits = bitsOf(states)
        expect(bits).not.toMatch(/null|NaN/)
        expect(bits).toBe(await lab.replayed())
        lab.db.close()
      },
    ),
    { numRuns: 60 },
  )
}, 60_000)
