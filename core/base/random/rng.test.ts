import { describe, expect, it } from 'vitest'
import { SplitMix64 } from './rng.ts'

describe('SplitMix64', () => {
  it('gives the published first outputs of seed 1234567', () => {
    const rng = new SplitMix64(1234567n)
    expect([rng.nextUint64(), rng.nextUint64(), rng.nextUint64()]).toEqual([
      6457827717110365317n,
      3203168211198807973n,
      9817491932198370423n,
    ])
  })
  it('repeats itself from the same seed and stays inside [0, 1)', () => {
    const [a, b] = [new SplitMix64(7n), new SplitMix64(7n)]
    for (let i = 0; i < 1000; i += 1) {
      const x = a.next()
      expect(x).toBe(b.next())
      expect(x).toBeGreaterThanOrEqual(0)
      expect(x).toBeLessThan(1)
    }
  })
  it('forks the same stream whatever was drawn before, and another for another label', () => {
    const [fresh, used] = [new SplitMix64(7n), new SplitMix64(7n)]
    used.next()
    expect(used.fork('BTC').next()).toBe(fresh.fork('BTC').next())
    expect(fresh.fork('ETH').next()).not.toBe(fresh.fork('BTC').next())
  })
})
