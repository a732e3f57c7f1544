import { describe, expect, it } from 'vitest'
import { whyNotAccept } from './accept-snapshot.ts'
import { buildSnapshot, type SnapshotResult } from './build-snapshot.ts'
import type { MetagraphSnapshot } from './metagraph.ts'
import type { ScaleValue } from './scale.ts'

type Columns = Record<string, ScaleValue>

const axon = {
  block: 9n,
  version: 1,
  ip: 3405803785n,
  port: 8091,
  ip_type: 4,
  protocol: 4,
  placeholder1: 0,
  placeholder2: 0,
}
const decoded = (over: Columns = {}): Columns => ({
  block: 1_000,
  num_uids: 2,
  hotkeys: [Uint8Array.of(1), Uint8Array.of(2)],
  coldkeys: [Uint8Array.of(3), Uint8Array.of(3)],
  axons: [axon, { ...axon, ip: 0n, ip_type: 0 }],
  validator_permit: [true, false],
  last_update: [5, 6],
  emission: [1_500_000_000, 0],
  dividends: [65_535, 0],
  incentives: [0, 65_535],
  block_at_registration: [1, 2],
  alpha_stake: [1, 2],
  tao_stake: [3, 4],
  // More than a double can count in rao, as the largest stakes are.
  total_stake: [21_000_000_000_000_001n, 65_000_000_000_000],
  ...over,
})

const origin = {
  netuid: 50,
  genesisHash: '0xaa',
  specVersion: 424,
  takenAtMs: 7,
  block: 990,
  addressOf: (key: Uint8Array) => `key${key[0]}`,
}
const reasonOf = (result: SnapshotResult): string => (result.ok ? 'accepted' : result.reason)
const build = (over: Columns = {}) => buildSnapshot(decoded(over), origin)

describe('buildSnapshot', () => {
  it('turns columns into neurons', () => {
    const result = build()
    if (!result.ok) throw new Error(result.reason)
    const { neurons, ...head } = result.snapshot
    expect(head).toEqual({ netuid: 50, genesisHash: '0xaa', specVersion: 424, block: 1_000, takenAtMs: 7 })
    expect(neurons[0]).toEqual({
      uid: 0,
      hotkey: 'key1',
      coldkey: 'key3',
      stakeTao: 21_000_000,
      alphaStakeTao: 1e-9,
      taoStakeTao: 3e-9,
      hasPermit: true,
      axonIp: '203.0.113.9',
      axonPort: 8091,
      axonBlock: 9,
      lastUpdateBlock: 5,
      registeredAtBlock: 1,
      emissionAlpha: 1.5,
      incentive: 0,
      dividends: 1,
    })
    expect(neurons[1]).toMatchObject({ uid: 1, hasPermit: false, axonIp: '0.0.0.0', stakeTao: 65_000, incentive: 1 })
  })
  // C12
  it.each<[string, Columns, string]>([
    ['short', { hotkeys: [Uint8Array.of(1)] }, 'it holds 1 of 2 hotkeys'],
    ['empty', { hotkeys: [], num_uids: 0 }, 'it holds no neurons'],
    ['without hotkeys', { hotkeys: undefined }, 'the hotkeys are missing'],
    ['with permits shorter than hotkeys', { validator_permit: [true] }, 'validator_permit has 1 rows for 2 hotkeys'],
    ['with permits longer than hotkeys', { validator_permit: [true, true, true] }, 'validator_permit has 3 rows'],
    ['without stakes', { total_stake: undefined }, 'total_stake is missing'],
    ['with a hotkey twice', { hotkeys: [Uint8Array.of(1), Uint8Array.of(1)] }, 'a hotkey appears twice'],
  ])('refuses a metagraph %s', (_, over, reason) => {
    expect(reasonOf(build(over))).toContain(reason)
  })
  it.each([
    'coldkeys',
    'axons',
    'last_update',
    'emission',
    'dividends',
    'incentives',
    'block_at_registration',
    'alpha_stake',
    'tao_stake',
  ])('does without %s, which admission does not use', (name) => {
    for (const value of [undefined, [1]]) {
      const result = build({ [name]: value })
      if (!result.ok) throw new Error(result.reason)
      expect(result.absent).toEqual([name])
      expect(result.snapshot.neurons[0]).toMatchObject({ hotkey: 'key1', stakeTao: 21_000_000, hasPermit: true })
    }
  })
  it('takes the block at which it was asked where the runtime does not tell it', () => {
    expect(build({ block: undefined })).toMatchObject({ ok: true, snapshot: { block: 990 } })
  })
  it('refuses the answer for a subnet that does not exist', () => {
    expect(reasonOf(buildSnapshot(undefined, origin))).toBe('the chain knows no subnet 50')
  })
  it('does without the count where the runtime does not tell it', () => {
    expect(build({ num_uids: undefined }).ok).toBe(true)
  })
})

describe('whyNotAccept', () => {
  const snapshot = (over: Partial<MetagraphSnapshot> = {}): MetagraphSnapshot => ({
    netuid: 50,
    genesisHash: '0xaa',
    specVersion: 424,
    block: 1_000,
    takenAtMs: 1_000_000,
    neurons: [],
    ...over,
  })
  it('takes the first one, a newer one, and one that a reorganisation set a little back', () => {
    expect(whyNotAccept(snapshot(), undefined)).toBeUndefined()
    expect(whyNotAccept(snapshot({ block: 1_001 }), snapshot())).toBeUndefined()
    expect(whyNotAccept(snapshot({ block: 950 }), snapshot())).toBeUndefined()
  })
  it('refuses one that is far behind, from a node that has not caught up', () => {
    expect(whyNotAccept(snapshot({ block: 949 }), snapshot())).toContain('far behind')
  })
  it('takes it after an hour: then the chain itself was set back', () => {
    expect(whyNotAccept(snapshot({ block: 1, takenAtMs: 4_700_000 }), snapshot())).toBeUndefined()
  })
  it('refuses another subnet and forgets another chain', () => {
    expect(whyNotAccept(snapshot({ netuid: 51 }), snapshot())).toContain('subnet 51')
    expect(whyNotAccept(snapshot({ genesisHash: '0xbb', block: 1 }), snapshot())).toBeUndefined()
  })
})
