import { describe, expect, it } from 'vitest'
import { TestClock } from '#tests/support/test-clock'
import { TestLogger } from '#tests/support/test-logger'
import { parseIp } from '../addresses/ip-address.ts'
import { type AnnounceChain, AxonAnnouncer, type ServeOutcome } from './axon-announcer.ts'
import { type AxonRecord, announcementOf } from './axon-record.ts'
import { nameRefusal } from './pool-error.ts'

const endpoint = { ip: parseIp('203.0.113.9')!, port: 8091 }
const refusedWith = (text: string): ServeOutcome => ({ ok: false, refusal: nameRefusal(text) })

/** A chain that answers what the test tells it, and counts what it was sent. */
class FakeChain {
  block = 1_000
  record: AxonRecord | undefined
  rateLimitBlocks = 50
  sent = 0
  readonly answers: ServeOutcome[] = []

  at(): AnnounceChain {
    return {
      block: this.block,
      record: this.record,
      rateLimitBlocks: this.rateLimitBlocks,
      submit: async (announcement) => {
        this.sent += 1
        const answer = this.answers.shift()
        if (answer !== undefined) return answer
        this.record = { ...announcement, block: this.block + 1 }
        return { ok: true, record: this.record }
      },
    }
  }
}

function anAnnouncer(options: { allowPrivateIp?: boolean } = {}) {
  const clock = new TestClock()
  const log = new TestLogger()
  const announcer = new AxonAnnouncer(
    { clock, log },
    { address: '5Alice', allowPrivateIp: options.allowPrivateIp ?? false },
  )
  return { announcer, clock, log, chain: new FakeChain() }
}

describe('AxonAnnouncer', () => {
  it('announces nothing before it is asked to', async () => {
    const { announcer, chain } = anAnnouncer()
    expect(await announcer.step(chain.at())).toEqual({ state: 'notWanted' })
    expect(chain.sent).toBe(0)
  })
  it('announces once and then looks on', async () => {
    const { announcer, chain, log } = anAnnouncer()
    announcer.want(endpoint)
    for (let i = 0; i < 100; i += 1) {
      chain.block += 1
      await announcer.step(chain.at())
    }
    expect(chain.sent).toBe(1)
    expect(announcer.status).toEqual({ state: 'current', axon: '203.0.113.9:8091', block: 1_002 })
    expect(log.events()).toEqual(['axon.announcing', 'axon.announced'])
  })
  it('announces again what a reorganisation dropped, once the rate limit allows', async () => {
    const { announcer, chain, log } = anAnnouncer()
    announcer.want(endpoint)
    await announcer.step(chain.at())
    chain.record = { ...announcementOf({ ...endpoint, port: 1 }), block: 990 }
    expect(await announcer.step(chain.at())).toMatchObject({ state: 'waiting' })
    chain.block = 1_040
    expect(await announcer.step(chain.at())).toMatchObject({ state: 'current' })
    expect(chain.sent).toBe(2)
    expect(log.events()).toEqual([
      ...['axon.announcing', 'axon.announced'],
      ...['axon.announcement_lost', 'axon.announce_delayed', 'axon.announcing', 'axon.announced'],
    ])
  })
  it('waits out the rate limit that the chain insists on, and says so once', async () => {
    const { announcer, chain, log } = anAnnouncer()
    announcer.want(endpoint)
    chain.answers.push(refusedWith('1010: Invalid Transaction: Custom error: 12'))
    for (let i = 0; i < 60; i += 1) {
      await announcer.step(chain.at())
      chain.block += 1
    }
    expect(chain.sent).toBe(2)
    expect(log.events().filter((event) => event === 'axon.announce_delayed')).toHaveLength(1)
    expect(announcer.status).toMatchObject({ state: 'current', block: 1_051 })
  })
  it('tries a stale transaction once more, with a fresh nonce, and no oftener', async () => {
    const stale = refusedWith('1010: Invalid Transaction: Transaction is outdated')
    const { announcer, chain } = anAnnouncer()
    announcer.want(endpoint)
    chain.answers.push(stale)
    expect(await announcer.step(chain.at())).toMatchObject({ state: 'current' })
    expect(chain.sent).toBe(2)
    const second = anAnnouncer()
    second.announcer.want(endpoint)
    second.chain.answers.push(stale, stale, stale)
    expect(await second.announcer.step(second.chain.at())).toMatchObject({ state: 'refused', name: 'Stale' })
    expect(second.chain.sent).toBe(2)
  })
  it.each(['Custom error: 255', 'Transaction has a bad signature', 'Transaction is outdated'])(
    'makes no storm of "%s": three tries in any ten minutes',
    async (words) => {
      const { announcer, chain, clock } = anAnnouncer()
      announcer.want(endpoint)
      const sentAtMs: number[] = []
      for (let minute = 0; minute < 60; minute += 1) {
        chain.answers.splice(
          0,
          chain.answers.length,
          ...Array(5).fill(refusedWith(`1010: Invalid Transaction: ${words}`)),
        )
        const before = chain.sent
        await announcer.step(chain.at())
        for (let i = before; i < chain.sent; i += 1) sentAtMs.push(clock.monotonicMs())
        chain.block += 5
        await clock.advance(60_000)
      }
      expect(sentAtMs.length).toBeGreaterThan(9)
      for (const from of sentAtMs) {
        expect(sentAtMs.filter((atMs) => atMs >= from && atMs < from + 600_000).length).toBeLessThanOrEqual(3)
      }
    },
  )
  it.each([
    ['11', 'InvalidIpAddress', 'chain.externalIp'],
    ['13', 'InvalidPort', 'chain.externalPort'],
  ])('takes code %s for a mistake of the configuration and asks no more', async (code, name, setting) => {
    const { announcer, chain, clock } = anAnnouncer()
    announcer.want(endpoint)
    chain.answers.push(refusedWith(`1010: Invalid Transaction: Custom error: ${code}`))
    for (let i = 0; i < 5; i += 1) {
      await announcer.step(chain.at())
      await clock.advance(700_000)
    }
    expect(chain.sent).toBe(1)
    expect(announcer.status).toMatchObject({ state: 'refused', name })
    expect(announcer.status).toMatchObject({ reason: expect.stringContaining(setting) as string })
    announcer.want({ ...endpoint, port: 8092 })
    expect(await announcer.step(chain.at())).toMatchObject({ state: 'current', axon: '203.0.113.9:8092' })
  })
  it('counts a try whose end nobody saw', async () => {
    const { announcer, chain } = anAnnouncer()
    announcer.want(endpoint)
    const breaking: AnnounceChain = {
      ...chain.at(),
      submit: async () => {
        chain.sent += 1
        throw new Error('the connection ended')
      },
    }
    for (let i = 0; i < 5; i += 1) await announcer.step(breaking).catch(() => {})
    expect(chain.sent).toBe(3)
  })
  it.each(['10.0.0.1', '127.0.0.1', '0.0.0.0', '100.64.0.1', '169.254.1.1', '2001:db8::1'])(
    'refuses %s before anything is signed',
    async (ip) => {
      const { announcer, chain } = anAnnouncer()
      expect(() => announcer.want({ ip: parseIp(ip)!, port: 8091 })).toThrow(/cannot be announced/)
      expect(await announcer.step(chain.at())).toEqual({ state: 'notWanted' })
      expect(chain.sent).toBe(0)
    },
  )
  it('announces a private address when the settings confirm it', async () => {
    const { announcer, chain } = anAnnouncer({ allowPrivateIp: true })
    announcer.want({ ip: parseIp('10.0.0.1')!, port: 8091 })
    expect(await announcer.step(chain.at())).toMatchObject({ state: 'current', axon: '10.0.0.1:8091' })
  })
  it('refuses port 0', () => {
    expect(() => anAnnouncer().announcer.want({ ...endpoint, port: 0 })).toThrow(/Port 0/)
  })
})
