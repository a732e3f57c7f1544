import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { chainConfigFields, resolveChain } from './config.ts'

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
    expect(resolveChain(schema.parse(own))).toEqual({
      endpoints: ['ws://10.0.0.1:9944'],
      netuid: 3,
      expected: { genesisHash, specName: 'node-subtensor' },
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
