import { describe, expect, it } from 'vitest'
import { TestClock } from '#tests/support/test-clock'
import { SingleFlightCache } from './single-flight-cache.ts'

const rules = { maxBytes: 100, maxAgeMs: 1_000 }

describe('SingleFlightCache', () => {
  it('makes a value once for all who ask while it is being made and shortly after', async () => {
    const clock = new TestClock()
    const cache = new SingleFlightCache<object>(clock, rules)
    let made = 0
    const make = async () => {
      made += 1
      return { value: { made }, sizeBytes: 10 }
    }
    const values = await Promise.all([cache.get('a', make), cache.get('a', make), cache.get('a', make)])
    expect(new Set(values).size).toBe(1)
    expect(await cache.get('a', make)).toBe(values[0])
    await clock.advance(1_000)
    expect(await cache.get('a', make)).not.toBe(values[0])
    expect(made).toBe(2)
  })

  it('keeps no more than its memory, dropping the oldest', async () => {
    const cache = new SingleFlightCache<string>(new TestClock(), rules)
    const makes: string[] = []
    const get = (key: string, sizeBytes = 40) =>
      cache.get(key, async () => {
        makes.push(key)
        return { value: key, sizeBytes }
      })
    for (const key of ['a', 'b', 'c']) await get(key)
    expect(cache.keptBytes).toBe(80)
    await get('c')
    await get('b')
    await get('a')
    expect(makes).toEqual(['a', 'b', 'c', 'a'])
    await get('huge', 1_000)
    expect(cache.keptBytes).toBe(0)
  })

  it('keeps neither failures nor what is not to be kept', async () => {
    const cache = new SingleFlightCache<string>(new TestClock(), rules)
    const fail = () => Promise.reject(new Error('no'))
    const failures = [cache.get('a', fail), cache.get('a', fail)]
    for (const failure of failures) await expect(failure).rejects.toThrow('no')
    const throwNow = () => {
      throw new Error('at once')
    }
    await expect(cache.get('a', throwNow)).rejects.toThrow('at once')
    expect(await cache.get('a', async () => ({ value: 'passed on', sizeBytes: undefined }))).toBe('passed on')
    expect(await cache.get('a', async () => ({ value: 'kept', sizeBytes: 1 }))).toBe('kept')
    expect(await cache.get('a', fail)).toBe('kept')
  })
})
