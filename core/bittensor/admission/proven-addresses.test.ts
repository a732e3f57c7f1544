import { describe, expect, it } from 'vitest'
import { TestClock } from '#tests/support/test-clock'
import { ProvenAddresses } from './proven-addresses.ts'

describe('ProvenAddresses', () => {
  it('keeps room for each hotkey: one with ever new addresses pushes out its own only', async () => {
    const clock = new TestClock()
    const proven = new ProvenAddresses(clock)
    proven.add('203.0.113.1', 'honest')
    proven.add('203.0.113.2', 'hostile')
    for (let i = 0; i < 5_000; i += 1) {
      await clock.advance(1)
      proven.add(`2001:db8:${i.toString(16)}::1`, 'hostile')
    }
    expect(proven.has('203.0.113.1')).toBe(true)
    expect(proven.has('203.0.113.2')).toBe(false)
    expect(proven.has(`2001:db8:${(4_999).toString(16)}::7`)).toBe(true)
    expect(proven.size).toBe(33)
  })

  it('knows an address of two hotkeys until both have let go of it', () => {
    const proven = new ProvenAddresses(new TestClock())
    proven.add('203.0.113.1', 'one')
    proven.add('203.0.113.1', 'two')
    for (let i = 0; i < 32; i += 1) proven.add(`10.0.0.${i}`, 'two')
    expect(proven.has('203.0.113.1')).toBe(true)
    for (let i = 0; i < 32; i += 1) proven.add(`10.0.0.${i}`, 'one')
    expect(proven.has('203.0.113.1')).toBe(false)
  })

  it('forgets the hotkey that asked longest ago when there are more than the subnet has places', () => {
    const proven = new ProvenAddresses(new TestClock())
    for (let i = 0; i < 256; i += 1) proven.add(`10.0.${i}.1`, `hotkey ${i}`)
    proven.add('10.0.0.1', 'hotkey 0')
    proven.add('10.1.0.1', 'hotkey 256')
    expect(['10.0.0.1', '10.0.1.1', '10.1.0.1'].map((ip) => proven.has(ip))).toEqual([true, false, true])
  })

  it('keeps the newest of what is restored, whatever its order', () => {
    const clock = new TestClock()
    const proven = new ProvenAddresses(clock)
    const stored = Array.from({ length: 40 }, (_, i) => ({
      network: `10.0.0.${i}`,
      hotkey: 'one',
      provenAtMs: clock.nowMs() - i,
    }))
    proven.restore(stored)
    expect(proven.all().map(({ network }) => network)).toEqual(
      stored
        .slice(0, 32)
        .map(({ network }) => network)
        .reverse(),
    )
  })
})
