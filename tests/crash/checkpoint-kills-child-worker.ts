/**
 * Writes minutes by the miner's own thread until its log is large enough for a checkpoint, and goes on until that is done.
 * The test kills this process in a chosen call of the checkpoint.
 */
import { statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '#adapters/clock/system-clock'
import { dayMs, minuteMs } from '#core/base/time/units'
import { MinuteBatch } from '#core/market/minutes/minute-batch'
import { startWorker } from '#daemon/workers/start-worker'
import type { StoreAnswer, StoreCall } from '#daemon/workers/store-calls'
import { StoreThread } from '#daemon/workers/store-thread'
import { TestLogger } from '#tests/support/test-logger'

/** A line of its output: the number of a write that it was told is on disk, or the end. */
export type ToldLine = number | 'done'

/** Rows of 12 kB: fifteen writes or so are more than the 4 MB from which on a log is copied. */
const daysInAWrite = 30
const enoughLogBytes = 4_300_000
/** The thread looks each second. */
const checkpointWithinMs = 2_500
const root = join(import.meta.dirname, '..', '..')
const dbPath = process.argv[2]!
const thread = new StoreThread({
  clock: systemClock,
  log: new TestLogger(),
  start: () => {
    const workerData = { dbPath, migrationsDir: join(root, 'migrations') }
    const place = { beside: `file://${join(root, 'daemon', 'compose.ts')}`, file: 'store/store-worker' }
    return startWorker<StoreCall, StoreAnswer>(place, { workerData, name: 'store' })
  },
})
const series = { asset: 'BTC', venue: 'binanceSpot', symbol: 'BTCUSDT' }
let writes = 0

async function write(): Promise<void> {
  writes += 1
  const whole = new MinuteBatch()
  for (let day = 0; day < daysInAWrite; day += 1) whole.setClose(day * dayMs + writes * minuteMs, writes)
  const { isEmpty, days, firstMs, lastMs } = whole
  const batch = { isEmpty, days, firstMs, lastMs }
  const told = await thread.call('writeMinutes', writes, [{ series, batch, origin: 'recorded' as const }])
  if (told.ok) print(writes)
}

function print(line: ToldLine): void {
  writeSync(1, `${JSON.stringify(line)}\n`)
}

while ((statSync(`${dbPath}-wal`, { throwIfNoEntry: false })?.size ?? 0) < enoughLogBytes) await write()
const endMs = performance.now() + checkpointWithinMs
while (performance.now() < endMs) {
  await write()
  await systemClock.sleep(100)
}
await thread.stop()
print('done')
