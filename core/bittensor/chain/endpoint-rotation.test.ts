import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import { type ConnectFailure, EndpointRotation } from './endpoint-rotation.ts'

const aRotation = (urls = ['a', 'b', 'c'], seed = 1n) => new EndpointRotation(urls, new SplitMix64(seed))

describe('EndpointRotation', () => {
  it('takes the first one first and the next one after a failure', () => {
    const rotation = aRotation()
    expect(rotation.choose(0)).toEqual({ url: 'a', waitMs: 0 })
    rotation.failed('a', 'unreachable', 0)
    expect(rotation.choose(0)).toEqual({ url: 'b', waitMs: 0 })
    rotation.failed('b', 'unreachable', 0)
    expect(rotation.choose(0)).toEqual({ url: 'c', waitMs: 0 })
  })
  it('tries each endpoint at most once a second, and a dead one at least every three', () => {
    const failures = fc.constantFrom<ConnectFailure>('unreachable')
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 1_000n }),
        fc.array(failures, { minLength: 5, maxLength: 60 }),
        (seed, outcomes) => {
          const rotation = aRotation(['a', 'b'], seed)
          const last = new Map<string, number>()
          let nowMs = 0
          for (const outcome of outcomes) {
            const { url, waitMs } = rotation.choose(nowMs)
            nowMs += waitMs
            const before = last.get(url)
            if (before !== undefined) expect(nowMs - before).toBeGreaterThanOrEqual(1_000)
            expect(waitMs).toBeLessThanOrEqual(3_000)
            last.set(url, nowMs)
            rotation.failed(url, outcome, nowMs)
          }
        },
      ),
    )
  })
  it.each<ConnectFailure>(['rateLimited', 'shortLived', 'wrongChain'])(
    'backs off up to a minute, with jitter, when a node is %s',
    (failure) => {
      const rotation = aRotation(['a'])
      const waits = Array.from({ length: 40 }, () => {
        rotation.failed('a', failure, 0)
        return rotation.choose(0).waitMs
      })
      expect(Math.min(...waits)).toBeGreaterThanOrEqual(1_000)
      expect(Math.max(...waits)).toBeGreaterThan(30_000)
      expect(Math.max(...waits)).toBeLessThanOrEqual(60_000)
      expect(new Set(waits).size).toBe(40)
    },
  )
  it('begins gently: the first wait is two seconds at the most', () => {
    for (let seed = 0n; seed < 50n; seed += 1n) {
      const rotation = aRotation(['a'], seed)
      rotation.failed('a', 'rateLimited', 0)
      expect(rotation.choose(0).waitMs).toBeLessThanOrEqual(2_000)
    }
  })
  it('forgets old failures of an endpoint that has served well', () => {
    const rotation = aRotation(['a'])
    for (let i = 0; i < 20; i += 1) rotation.failed('a', 'rateLimited', 0)
    rotation.proved('a')
    rotation.failed('a', 'rateLimited', 0)
    expect(rotation.choose(0).waitMs).toBeLessThanOrEqual(2_000)
  })
  it('returns to the same endpoint at once after an upgrade', () => {
    const rotation = aRotation()
    rotation.failed('a', 'unreachable', 0)
    rotation.upgraded('b', 100)
    expect(rotation.choose(100)).toEqual({ url: 'b', waitMs: 0 })
  })
})
