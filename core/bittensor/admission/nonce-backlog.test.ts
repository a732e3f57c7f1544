import { expect, it } from 'vitest'
import { NonceBacklog } from './nonce-backlog.ts'

const owner = { receiver: 'us', scheme: 'v10' as const, sender: 'them' }
const entry = (lane: string, nonceNs: bigint) => ({ ...owner, lane, nonceNs })
const floor = (floorNs: bigint) => ({ ...owner, floorNs })

it('holds the greatest nonce of a lane only, however many were taken', () => {
  const backlog = new NonceBacklog()
  for (let i = 1n; i <= 1_000n; i += 1n) backlog.save(entry('lane', i))
  expect(backlog.size).toBe(1)
  expect(backlog.take().entries).toEqual([entry('lane', 1_000n)])
  expect(backlog.size).toBe(0)
})

it('needs no write for a lane that fell out of the window', () => {
  const backlog = new NonceBacklog()
  for (let i = 1n; i <= 1_000n; i += 1n) {
    backlog.save(entry(`lane ${i}`, i))
    if (i > 10n) backlog.raise([floor(i - 10n)])
  }
  expect(backlog.size).toBe(11)
  expect(backlog.take()).toMatchObject({ floors: [floor(990n)], floorNs: undefined })
})

it('takes back what could not be written, without undoing what came meanwhile', () => {
  const backlog = new NonceBacklog()
  backlog.save(entry('a', 1n))
  backlog.save(entry('b', 5n))
  backlog.raiseAll(3n)
  const batch = backlog.take()
  backlog.save(entry('b', 6n))
  backlog.raise([floor(2n)])
  backlog.putBack(batch)
  expect(backlog.take()).toEqual({ entries: [entry('b', 6n)], floors: [floor(2n)], floorNs: 3n })
})
