/**
 * Uses the threads that write, as the miner does, while the test makes a system call fail or kills this process in it.
 * Prints what it was told of each write; what failed is tried again, as their callers do.
 */
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '#adapters/clock/system-clock'
import { minuteMs } from '#core/base/time/units'
import { MinuteBatch } from '#core/market/minutes/minute-batch'
import type { LedgerEntry } from '#core/tuning/governance/ledger'
import { startWorker } from '#daemon/workers/start-worker'
import type { StoreAnswer, StoreCall } from '#daemon/workers/store-calls'
import { StoreThread } from '#daemon/workers/store-thread'
import { proposed, reverted } from '#tests/support/old-governance'
import { TestLogger } from '#tests/support/test-logger'

export type FaultyStore = 'minutes' | 'ledger' | 'nonces'

export interface ThreadFaultLine {
  readonly write: number
  readonly ok: boolean
  readonly detail?: string
}

const writesInAll = 12
const triesAtMost = 5
const root = join(import.meta.dirname, '..', '..')
const [store, folder] = process.argv.slice(2) as [FaultyStore, string]
const dbPath = join(folder, 'miner.sqlite')
const worker = { minutes: 'store/store-worker', ledger: 'store/store-worker', nonces: 'nonces/nonce-worker' }[store]
const thread = new StoreThread({
  clock: systemClock,
  log: new TestLogger(),
  start: () => {
    const workerData = { dbPath, migrationsDir: join(root, 'migrations') }
    const place = { beside: `file://${join(root, 'daemon', 'compose.ts')}`, file: worker }
    return startWorker<StoreCall, StoreAnswer>(place, { workerData, name: store })
  },
})

const series = { asset: 'BTC', venue: 'binanceSpot', symbol: 'BTCUSDT' }

const writers = {
  minutes: (n: number) => {
    const batch = new MinuteBatch()
    batch.setClose(n * minuteMs, n)
    const { isEmpty, days, firstMs, lastMs } = batch
    return thread.call('writeMinutes', n, [
      { series, batch: { isEmpty, days, firstMs, lastMs }, origin: 'recorded' as const },
    ])
  },
  ledger: async (n: number) => {
    const change = Math.ceil(n / 2)
    const entry = n % 2 === 1 ? proposed(change, 'BTC') : reverted(change, 'BTC')
    const told = await thread.call<{ added: readonly LedgerEntry[] | undefined }>('appendToLedger', n, n - 1, [entry])
    return told
  },
  nonces: (n: number) =>
    thread.call('write', {
      entries: [{ receiver: 'us', scheme: 'v10', sender: `them ${n}`, lane: 'a', nonceNs: BigInt(n) }],
      floors: [],
      floorNs: undefined,
    }),
}

for (let write = 1; write <= writesInAll; write += 1) {
  for (let tries = 0; tries < triesAtMost; tries += 1) {
    const told = await writers[store](write)
    const line: ThreadFaultLine = told.ok ? { write, ok: true } : { write, ok: false, detail: told.failure.detail }
    writeSync(1, `${JSON.stringify(line)}\n`)
    if (told.ok) break
  }
}
await thread.stop()
writeSync(1, 'done\n')
