import { expect, it } from 'vitest'
import { TestLogger } from '#tests/support/test-logger'
import { routeClientConsole } from './client-console.ts'

it('turns the lines of the client libraries into log entries and leaves others alone', () => {
  const shown: unknown[][] = []
  const keep = (...words: unknown[]): void => void shown.push(words)
  const target = { log: keep, warn: keep, error: keep }
  const log = new TestLogger()
  const restore = routeClientConsole(log, target)
  target.error('2026-11-21 03:40:44', '       RPC-CORE:', 'getHeader():: 4003:', new Error('discarded'))
  target.warn('2026-11-21 03:40:44', '       API/INIT:', 'x'.repeat(1_000))
  target.log('2026-11-21 03:40:44', 'something of our own')
  target.log('RPC-CORE: not stamped')
  target.warn()
  expect(shown).toEqual([['2026-11-21 03:40:44', 'something of our own'], ['RPC-CORE: not stamped'], []])
  expect(log.entries).toEqual([
    { level: 'debug', event: 'chain.client_said', origin: 'RPC-CORE', text: 'getHeader():: 4003: discarded' },
    { level: 'debug', event: 'chain.client_said', origin: 'API/INIT', text: 'x'.repeat(500) },
  ])
  restore()
  target.error('2026-11-21 03:40:44', '       RPC-CORE:', 'again')
  expect(shown).toHaveLength(4)
})
