import { describe, expect, it } from 'vitest'
import { chainHealth } from './chain-health.ts'
import {
  advanceConnection,
  advanceRegistration,
  type ChainStatus,
  type ConnectionEvent,
  type ConnectionState,
} from './chain-status.ts'
import { FirstRound } from './first-round.ts'

const connected: ConnectionEvent = { type: 'connected', endpoint: 'ws://a', specVersion: 424 }
const lost: ConnectionEvent = { type: 'lost', reason: 'closed' }
const failed: ConnectionEvent = { type: 'attemptFailed', reason: 'refused' }
const wrong: ConnectionEvent = { type: 'foundWrongChain', reason: 'genesis' }
const stopped: ConnectionEvent = { type: 'stopped' }

const stateAfter = (...events: ConnectionEvent[]): ConnectionState =>
  events.reduce<ConnectionState>((state, event, i) => advanceConnection(state, event, i + 1), {
    state: 'connecting',
    sinceMs: 0,
  })

describe('advanceConnection', () => {
  it('dates an outage from its beginning, however many attempts follow', () => {
    expect(stateAfter(connected, lost, failed, failed)).toEqual({
      state: 'disconnected',
      sinceMs: 2,
      reason: 'refused',
    })
    expect(stateAfter(failed, failed)).toEqual({ state: 'connecting', sinceMs: 0, reason: 'refused' })
  })
  it('keeps a wrong chain in sight while other endpoints do not answer', () => {
    expect(stateAfter(wrong, failed, wrong)).toMatchObject({ state: 'wrongChain', sinceMs: 1 })
    expect(stateAfter(connected, lost, wrong)).toMatchObject({ state: 'wrongChain', sinceMs: 3 })
    expect(stateAfter(wrong, connected)).toMatchObject({ state: 'connected', sinceMs: 2 })
  })
  it('is not disturbed in a connection by what happens to other endpoints', () => {
    expect(stateAfter(connected, failed, wrong)).toMatchObject({ state: 'connected', sinceMs: 1 })
  })
  it('stays stopped', () => {
    expect(stateAfter(connected, stopped, connected, lost)).toEqual({ state: 'stopped', sinceMs: 2 })
  })
})

describe('advanceRegistration', () => {
  it('tells only what changed', () => {
    const unknown = { state: 'unknown', reason: '' } as const
    expect(advanceRegistration(unknown, 7)).toEqual({ next: { state: 'registered', uid: 7 }, change: 'registered' })
    expect(advanceRegistration({ state: 'registered', uid: 7 }, 7).change).toBeUndefined()
    expect(advanceRegistration({ state: 'registered', uid: 7 }, 8).change).toBe('moved')
    expect(advanceRegistration({ state: 'registered', uid: 7 }, undefined).change).toBe('deregistered')
    expect(advanceRegistration(unknown, undefined).change).toBe('deregistered')
    expect(advanceRegistration({ state: 'deregistered' }, undefined).change).toBeUndefined()
    expect(advanceRegistration({ state: 'deregistered' }, 0).next).toEqual({ state: 'registered', uid: 0 })
  })
})

describe('FirstRound', () => {
  it('gives up only when every endpoint serves another chain', () => {
    const both = new FirstRound(['a', 'b'])
    both.foundWrongChain('a', 'x')
    expect(both.wrongChain).toBeUndefined()
    both.foundWrongChain('b', 'y')
    expect(both.wrongChain).toBe('a serves another chain: x')
  })
  it('hopes for an endpoint that cannot be reached, and for one that has served', async () => {
    const one = new FirstRound(['a', 'b'])
    one.foundWrongChain('a', 'x')
    one.unreachable('b')
    await one.ended
    expect(one.wrongChain).toBeUndefined()
    const two = new FirstRound(['a'])
    two.succeed()
    await two.ended
    two.foundWrongChain('a', 'x')
    expect(two.wrongChain).toBeUndefined()
  })
})

describe('chainHealth', () => {
  const well: ChainStatus = {
    connection: { state: 'connected', sinceMs: 0, endpoint: 'ws://a', specVersion: 424 },
    whyNotSign: undefined,
    metagraph: { origin: 'live', block: 1_000, ageMs: 30_000, neuronCount: 256 },
    hotkeys: [
      { address: '5Alice', registration: { state: 'registered', uid: 7 }, announcement: { state: 'notWanted' } },
    ],
    clock: { state: 'ok', offsetMs: 0 },
  }
  const health = (over: Partial<ChainStatus> = {}) =>
    chainHealth({ ...well, ...over }, { staleAfterMs: 300_000, maxMetagraphAgeMs: 604_800_000 })
  const hotkey = well.hotkeys[0]!

  it('says in one line that all is well', () => {
    expect(health()).toEqual({ state: 'ok', sentence: 'Connected to ws://a, block 1000, uid 7.' })
  })
  it.each<[string, Partial<ChainStatus>, 'degraded' | 'failed', string]>([
    [
      'deregistered',
      { hotkeys: [{ ...hotkey, registration: { state: 'deregistered' } }] },
      'failed',
      'not registered on the subnet',
    ],
    [
      'the wrong chain',
      { connection: { state: 'wrongChain', sinceMs: 0, reason: 'genesis is 0xbb' } },
      'failed',
      '0xbb',
    ],
    ['without a metagraph', { metagraph: { origin: 'none' } }, 'failed', 'no metagraph'],
    ['disconnected', { connection: { state: 'disconnected', sinceMs: 0, reason: 'closed' } }, 'degraded', 'closed'],
    [
      'an old metagraph',
      {
        metagraph: {
          ...well.metagraph,
          origin: 'live',
          block: 1,
          neuronCount: 1,
          ageMs: 600_000,
          rejected: 'it is short',
        },
      },
      'degraded',
      '10 min old. The newest answer was refused: it is short.',
    ],
    [
      'a metagraph of three hours that still decides',
      { metagraph: { ...well.metagraph, origin: 'live', block: 1, neuronCount: 1, ageMs: 3 * 3_600_000 } },
      'degraded',
      'is 3 h old. It decides who may ask until it is 7 days old.',
    ],
    [
      'a metagraph beyond the limit',
      { metagraph: { ...well.metagraph, origin: 'live', block: 1, neuronCount: 1, ageMs: 8 * 86_400_000 } },
      'failed',
      'is 8 days old. No validator is admitted by it any more.',
    ],
    ['an unknown runtime', { whyNotSign: 'X is unknown' }, 'degraded', 'X is unknown'],
    ['a clock ahead', { clock: { state: 'ahead', offsetMs: 5_000 } }, 'degraded', '5.0 s ahead'],
    ['a clock behind', { clock: { state: 'behind', offsetMs: -5_000 } }, 'degraded', '5.0 s behind'],
    [
      'refused',
      { hotkeys: [{ ...hotkey, announcement: { state: 'refused', name: 'X', reason: 'InvalidPort' } }] },
      'degraded',
      'InvalidPort',
    ],
  ])('shows that it is %s', (_, over, state, words) => {
    expect(health(over)).toMatchObject({ state, sentence: expect.stringContaining(words) as string })
  })
  it('shows the gravest finding first', () => {
    const both = health({ clock: { state: 'ahead', offsetMs: 5_000 }, metagraph: { origin: 'none' } })
    expect(both.sentence).toContain('no metagraph')
  })
})
