import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { synthNetuids } from '../subnets/synth/config.ts'
import {
  announcedEndpoint,
  type ChainConfig,
  chainConfigFields,
  resolveNetuid,
  resolveChain as resolveOn,
} from './config.ts'

const resolveChain = (config: ChainConfig) => resolveOn(config, resolveNetuid(config, synthNetuids))

const schema = z.strictObject(chainConfigFields)
const genesisHash = `0x${'45'.repeat(32)}`
const problemOf = (config: object): string => schema.safeParse(config).error?.issues[0]?.message ?? 'accepted'

describe('the section chain', () => {
  it('knows the public networks', () => {
    const finney = resolveChain(schema.parse({}))
    expect(finney.netuid).toBe(50)
    expect(finney.endpoints[0]).toMatch(/^wss:/)
    expect(resolveChain(schema.parse({ network: 'test' })).netuid).toBe(247)
    expect(resolveChain(schema.parse({ network: 'test' })).expected).not.toEqual(finney.expected)
  })
  it('takes what the operator wrote before the preset', () => {
    const own = { network: 'local', endpoints: ['ws://10.0.0.1:9944'], netuid: 3, genesisHash }
    expect(resolveChain(schema.parse(own))).toMatchObject({
      endpoints: ['ws://10.0.0.1:9944'],
      netuid: 3,
      expected: { genesisHash, specName: 'node-subtensor' },
      clock: { toleranceMs: 3_000, usualBlockDelayMs: 1_500 },
    })
  })
  it('asks for the genesis hash of a local chain, since nothing else tells it from another', () => {
    expect(() => resolveChain(schema.parse({ network: 'local' }))).toThrow(/no genesis hash of its own/)
  })
  it.each([
    [{ endpoints: ['http://x'] }, 'An endpoint begins with ws:// or wss://'],
    [{ externalIp: '::1' }, 'It must be an IPv4 address such as 203.0.113.9'],
    [{ externalIp: '203.0.113' }, 'It must be an IPv4 address such as 203.0.113.9'],
    [{ refreshCron: 'often' }, 'It is not a cron expression'],
    [{ genesisHash: '0x12' }, 'A genesis hash is 0x and 64 hex digits'],
  ])('refuses %j in one sentence', (config, sentence) => {
    expect(problemOf(config)).toBe(sentence)
  })
})

describe('announcedEndpoint', () => {
  const ip = { family: 4, value: 3405803785n }
  const announced = (config: object, index = 0) =>
    announcedEndpoint(resolveChain(schema.parse(config)), { index, port: 8091 + index })

  it('announces nothing without an address', () => {
    expect(announced({})).toBeUndefined()
  })
  it('announces the port of the axon, or the one that the router maps, counting up', () => {
    const externalIp = '203.0.113.9'
    expect(announced({ externalIp }, 1)).toEqual({ ip, port: 8092 })
    expect(announced({ externalIp, externalPort: 40_000 })).toEqual({ ip, port: 40_000 })
    expect(announced({ externalIp, externalPort: 40_000 }, 2)).toEqual({ ip, port: 40_002 })
  })
})
