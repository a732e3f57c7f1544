import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { acquireProcessLock } from './process-lock.ts'

it('refuses a second holder by name, and lets the next one in after the first has gone', async () => {
  const path = join(temporaryFolder(), 'data', 'miner.sqlite')
  const first = acquireProcessLock(path, 4242)
  expect(() => acquireProcessLock(path, 4243)).toThrow(/process 4242/)
  await first.stop()
  await acquireProcessLock(path, 4243).stop()
})
it('says who ended without giving it back', async () => {
  const path = join(temporaryFolder(), 'miner.sqlite')
  const first = acquireProcessLock(path, 4242)
  expect(first.abandonedBy).toBeUndefined()
  await first.stop()
  const second = acquireProcessLock(path, 4243)
  expect(second.abandonedBy).toBeUndefined()
  await second.stop()
  // What a process leaves that was killed.
  writeFileSync(`${path}.lock.pid`, '4243')
  const third = acquireProcessLock(path, 4244)
  expect(third.abandonedBy).toBe('4243')
  await third.stop()
})
it('says that the folder cannot be made where a file stands in its place', () => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  expect(() => acquireProcessLock(join(file, 'miner.sqlite'), 1)).toThrow(
    expect.objectContaining({ code: 'STORE_OPEN_FAILED' }),
  )
})
it('does not take a lock file that cannot be used for another miner', () => {
  const path = join(temporaryFolder(), 'miner.sqlite')
  mkdirSync(`${path}.lock`)
  expect(() => acquireProcessLock(path, 1)).toThrow(expect.objectContaining({ code: 'STORE_OPEN_FAILED' }))
  const other = join(temporaryFolder(), 'miner.sqlite')
  writeFileSync(`${other}.lock`, 'this is not a database'.repeat(100))
  expect(() => acquireProcessLock(other, 1)).toThrow(expect.objectContaining({ code: 'STORE_OPEN_FAILED' }))
})
