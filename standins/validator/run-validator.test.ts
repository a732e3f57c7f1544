import { expect, it } from 'vitest'
import { minuteMs } from '#core/base/time/units'
import { TestClock } from '#tests/support/test-clock'
import { runValidator } from './run-validator.ts'

const startAtMs = Date.UTC(2026, 9, 20, 13)

/** Asks once a minute; notes when it did what. */
function aValidator(clock: TestClock) {
  const did: string[] = []
  const at = () => `${(clock.nowMs() - startAtMs) / minuteMs} min`
  return {
    did,
    nextAskAtMs: startAtMs + 60_000,
    async ask() {
      did.push(`asked at ${at()}`)
      this.nextAskAtMs += 60_000
      return [{ asset: 'BTC', timeLengthSeconds: 3600, problem: undefined, durationMs: 80 }]
    },
    async askBadly() {
      did.push(`asked badly at ${at()}`)
      return 11
    },
    async settle() {
      did.push('settled')
    },
  }
}

it('asks when it is time, badly at first and after twelve turns, and stops when its time is over', async () => {
  const clock = new TestClock(startAtMs)
  const validator = aValidator(clock)
  const said: string[] = []
  const deps = { clock, realClock: clock, validator, say: (line: string) => void said.push(line) }
  const running = runValidator(deps, { minutes: 13.5 }, new AbortController().signal)
  await clock.advance(15 * minuteMs)
  await running
  expect(validator.did.filter((text) => text.startsWith('asked badly'))).toEqual([
    'asked badly at 1 min',
    'asked badly at 13 min',
  ])
  expect(validator.did.filter((text) => text.startsWith('asked at'))).toHaveLength(13)
  expect(said[0]).toBe('  13:01:00  BTC 1h 80 ms')
})

it('ends at once on a signal, and with the error of a score that failed', async () => {
  const clock = new TestClock(startAtMs)
  const stop = new AbortController()
  const deps = { clock, realClock: clock, say: () => undefined }
  const running = runValidator({ ...deps, validator: aValidator(clock) }, { minutes: undefined }, stop.signal)
  stop.abort()
  await running

  const failing = { ...aValidator(clock), settle: async () => Promise.reject(new Error('disk full')) }
  const ended = runValidator({ ...deps, validator: failing }, { minutes: undefined }, new AbortController().signal)
  const outcome = expect(ended).rejects.toThrow('disk full')
  await clock.advance(3 * minuteMs)
  await outcome
})
