import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { ProvenAddressFile, provenAddressPathOf } from '#adapters/files/proven-address-file'
import { ProvenAddresses } from '#core/bittensor/admission/proven-addresses'
import { LogLimit } from '#daemon/axon/log-limit'
import { ProvenKeeper } from '#daemon/axon/proven-keeper'
import { TestClock } from '#tests/support/test-clock'
import { TestLogger } from '#tests/support/test-logger'
import { waitUntil } from '#tests/support/wait-until'

function lab() {
  const folder = mkdtempSync(join(tmpdir(), 'volcast-proven-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = provenAddressPathOf(join(folder, 'miner.sqlite'))
  const clock = new TestClock()
  const log = new TestLogger()
  const start = async () => {
    const proven = new ProvenAddresses(clock)
    const store = new ProvenAddressFile(path)
    const keeper = await ProvenKeeper.start({ clock, log, limit: new LogLimit(clock), proven, store })
    return { proven, keeper }
  }
  return { path, clock, log, start }
}

it('are known after a kill and after a stop, and forgotten after a week', async () => {
  const { path, clock, start } = lab()
  const first = await start()
  first.proven.add('203.0.113.9', 'validator')
  await clock.advance(5_000)
  await waitUntil(() => {
    try {
      return readFileSync(path, 'utf8').includes('203.0.113.9')
    } catch {
      return false
    }
  })
  // The first process is gone without a stop.
  const second = await start()
  expect(second.proven.has('203.0.113.9')).toBe(true)
  second.proven.add('2001:db8::7', 'another')
  await second.keeper.stop()
  const third = await start()
  expect([third.proven.has('203.0.113.9'), third.proven.has('2001:db8::ffff')]).toEqual([true, true])
  await clock.advance(7 * 86_400_000)
  expect((await start()).proven.size).toBe(0)
})

it('are read from the file of an older release, which named no hotkeys', async () => {
  const { path, clock, start } = lab()
  writeFileSync(path, JSON.stringify([{ network: '203.0.113.9', provenAtMs: clock.nowMs() }]))
  expect((await start()).proven.has('203.0.113.9')).toBe(true)
})

it.each(['', '[{"network":7}]', '{"a":', '\0\0\0\0'])('start anew from a damaged file: %j', async (content) => {
  const { path, log, start } = lab()
  writeFileSync(path, content)
  const { proven, keeper } = await start()
  expect(log.events()).toEqual(['proven_addresses.lost'])
  proven.add('203.0.113.9', 'validator')
  await keeper.stop()
  expect((await start()).proven.has('203.0.113.9')).toBe(true)
})
