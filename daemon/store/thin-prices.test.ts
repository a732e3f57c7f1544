import { expect, it } from 'vitest'
import type { StoreFailure } from '#core/base/store/stored'
import { dayMs } from '#core/base/time/units'
import { TestClock } from '#tests/support/test-clock'
import { TestLogger } from '#tests/support/test-logger'
import { type StoredPrices, thinPrices } from './thin-prices.ts'

const nowMs = Date.UTC(2026, 10, 30)
const settings = { pricesDays: 2, pricesBytes: 700 }

function aJob() {
  const clock = Object.assign(new TestClock(nowMs), { doubt: (): string | undefined => undefined })
  const state = { left: 5, releasable: 3, canShrink: true, failure: undefined as StoreFailure | undefined }
  const asked: unknown[] = []
  const prices: StoredPrices = {
    drop: async (limits) => {
      asked.push(limits)
      if (state.failure !== undefined) return { ok: false, failure: state.failure }
      const done = Math.min(2, state.left)
      state.left -= done
      return { ok: true, value: { done, unrepeatable: state.left === 1 ? 1 : 0 } }
    },
    release: async () => ({ ok: true, value: state.releasable-- > 0 ? 1_000_000 : 0 }),
    unused: async () => ({ ok: true, value: { bytes: 3e9, canShrink: state.canShrink } }),
  }
  const log = new TestLogger()
  const run = async () => {
    const running = thinPrices({ prices, clock, log }, settings, new AbortController().signal)
    let isDone = false
    void running.finally(() => {
      isDone = true
    })
    while (!isDone) await clock.advance(20)
    return running
  }
  return { clock, state, asked, run, events: () => log.events() }
}

it('drops until nothing is left, then makes the file smaller, and says what stays', async () => {
  const { state, asked, run, events } = aJob()
  expect(await run()).toBe(true)
  expect([state.left, state.releasable]).toEqual([0, -1])
  expect(asked[0]).toEqual({ scoredBeforeMs: nowMs - 2 * dayMs, mostBytes: 700 })
  expect(events()).toEqual(['retention.prices_stay', 'retention.prices_dropped'])
})

it('drops nothing while the clock is in doubt, also in the middle', async () => {
  const { clock, state, run, events } = aJob()
  let looks = 0
  clock.doubt = () => (++looks > 1 ? 'it is a year ahead' : undefined)
  expect(await run()).toBe(false)
  expect(state.left).toBe(3)
  expect(events()).toEqual(['retention.waits'])
})

it('says that it failed, and leaves the rest to the next tick', async () => {
  const { state, run, events } = aJob()
  state.failure = { kind: 'full', detail: 'disk is full' }
  expect(await run()).toBe(false)
  expect(events()).toEqual(['retention.failed'])
})

it('names the command for a file of an older release', async () => {
  const { state, run, events } = aJob()
  state.canShrink = false
  await run()
  expect(events()).toContain('retention.cannot_shrink')
})
