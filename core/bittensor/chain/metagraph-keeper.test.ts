import { describe, expect, it } from 'vitest'
import { hourMs } from '#core/base/time/units'
import { TestClock } from '#tests/support/test-clock'
import { TestLogger } from '#tests/support/test-logger'
import type { MetagraphSnapshot, MetagraphStore, Neuron } from './metagraph.ts'
import { MetagraphIndex } from './metagraph-index.ts'
import { MetagraphKeeper } from './metagraph-keeper.ts'
import type { Registration } from './registration.ts'

const aNeuron = (uid: number, hotkey = `5Hot${uid}`) => ({ uid, hotkey, stakeTao: 1 }) as Neuron

function aKeeper(stored?: Partial<MetagraphSnapshot>, store: Partial<MetagraphStore> = {}) {
  const clock = new TestClock()
  const log = new TestLogger()
  const saved: MetagraphSnapshot[] = []
  const snapshot = (over: Partial<MetagraphSnapshot> = {}): MetagraphSnapshot => ({
    netuid: 50,
    genesisHash: '0xaa',
    specVersion: 424,
    block: 1_000,
    takenAtMs: clock.nowMs(),
    neurons: [aNeuron(0), aNeuron(1)],
    ...over,
  })
  const keeper = new MetagraphKeeper(
    {
      clock,
      log,
      store: {
        save: (one) => void saved.push(one),
        latest: () => (stored === undefined ? undefined : snapshot(stored)),
        ...store,
      },
    },
    { netuid: 50, genesisHash: '0xaa', storedGraceMs: hourMs },
  )
  return { keeper, clock, log, saved, snapshot }
}

describe('MetagraphKeeper', () => {
  it('starts with a stored metagraph that is under an hour old', () => {
    const start = new TestClock().nowMs()
    const { keeper, log } = aKeeper({ takenAtMs: start - hourMs })
    keeper.restore()
    expect(keeper.status()).toMatchObject({ origin: 'stored', ageMs: hourMs, neuronCount: 2 })
    expect(log.events()).toEqual(['metagraph.restored'])
  })
  it.each([-hourMs - 1, hourMs + 1])('leaves one alone that was taken %d ms from now', (fromNowMs) => {
    const { keeper, log } = aKeeper({ takenAtMs: new TestClock().nowMs() + fromNowMs })
    keeper.restore()
    expect(keeper.current()).toBeUndefined()
    expect(log.events()).toEqual(['metagraph.expired'])
  })
  it('keeps the last good one through an outage and shows its age', async () => {
    const { keeper, clock, snapshot } = aKeeper()
    keeper.offer({ ok: true, snapshot: snapshot(), absent: [] }, 'ws://a')
    await clock.advance(10 * hourMs)
    expect(keeper.current()?.block).toBe(1_000)
    expect(keeper.status()).toMatchObject({ origin: 'live', ageMs: 10 * hourMs })
  })
  it('keeps the previous one when the answer is bad, says why, and takes the next good one', () => {
    const { keeper, log, snapshot, saved } = aKeeper()
    keeper.offer({ ok: true, snapshot: snapshot(), absent: [] }, 'ws://a')
    expect(keeper.offer({ ok: false, reason: 'it is short' }, 'ws://a')).toBe('it is short')
    expect(keeper.offer({ ok: true, snapshot: snapshot({ block: 3 }), absent: [] }, 'ws://a')).toContain('far behind')
    expect(keeper.status()).toMatchObject({ block: 1_000, rejected: expect.stringContaining('far behind') as string })
    expect(keeper.offer({ ok: true, snapshot: snapshot({ block: 1_001 }), absent: [] }, 'ws://a')).toBeUndefined()
    expect(keeper.status()).toMatchObject({ block: 1_001, rejected: undefined })
    expect(log.events()).toEqual([
      'metagraph.refreshed',
      'metagraph.rejected',
      'metagraph.rejected',
      'metagraph.refreshed',
    ])
    expect(saved.map(({ block }) => block)).toEqual([1_000, 1_001])
  })
  it('names fields that the runtime does not tell once, not each minute', () => {
    const { keeper, log, snapshot } = aKeeper()
    const offer = (absent: readonly string[]) => keeper.offer({ ok: true, snapshot: snapshot(), absent }, 'ws://a')
    for (const absent of [['coldkeys'], ['coldkeys'], ['coldkeys', 'incentives'], [], []]) offer(absent)
    const named = log.entries.filter(({ event }) => event === 'metagraph.fields_absent')
    expect(named.map(({ absent }) => absent)).toEqual(['coldkeys', 'coldkeys, incentives'])
  })
  it('goes on when the store fails', () => {
    const { keeper, log, snapshot } = aKeeper(undefined, {
      save: () => {
        throw new Error('disk full')
      },
    })
    expect(keeper.offer({ ok: true, snapshot: snapshot(), absent: [] }, 'ws://a')).toBeUndefined()
    expect(keeper.current()?.block).toBe(1_000)
    expect(log.events()).toContain('metagraph.not_stored')
  })
})

describe('MetagraphIndex', () => {
  function anIndex(registration: Registration = { state: 'registered', uid: 5 }) {
    const { keeper, clock, snapshot } = aKeeper()
    const chain = { current: () => keeper.current(), registration: () => registration }
    return { index: new MetagraphIndex({ clock, chain }), keeper, clock, snapshot }
  }
  it('answers nothing before the first snapshot', () => {
    const { index } = anIndex()
    expect([index.ageMs(), index.neuron('5Hot0'), [...index.neurons()]]).toEqual([undefined, undefined, []])
  })
  it('changes its version with the snapshot and not otherwise', async () => {
    const { index, keeper, clock, snapshot } = anIndex()
    keeper.offer({ ok: true, snapshot: snapshot(), absent: [] }, 'ws://a')
    const version = index.version()
    await clock.advance(5_000)
    expect([index.version(), index.ageMs(), index.neuron('5Hot1')?.uid]).toEqual([version, 5_000, 1])
    keeper.offer({ ok: true, snapshot: snapshot({ neurons: [aNeuron(0)] }), absent: [] }, 'ws://a')
    expect(index.version()).not.toBe(version)
    expect(index.neuron('5Hot1')).toBeUndefined()
  })
  it.each<[Registration, number | undefined]>([
    [{ state: 'registered', uid: 5 }, 5],
    [{ state: 'deregistered' }, undefined],
    [{ state: 'unknown', reason: '' }, 1],
  ])('knows our own place: %j is %s', (registration, uid) => {
    const { index, keeper, snapshot } = anIndex(registration)
    keeper.offer({ ok: true, snapshot: snapshot(), absent: [] }, 'ws://a')
    expect(index.ownUid('5Hot1')).toBe(uid)
  })
})
