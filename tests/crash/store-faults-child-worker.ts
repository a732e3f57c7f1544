/** Writes predictions one after the other while the test makes a system call fail; prints what it was told of each. */
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '#adapters/clock/system-clock'
import { openPredictionStore } from '#adapters/sqlite/prediction-store'
import { preparePrices } from '#adapters/sqlite/prices-blob'
import { predictionId } from '#core/forecast/journal/prediction-id'
import { JournalWriter } from '#daemon/journal/journal-writer'
import { ReopeningStore } from '#daemon/journal/reopening-store'
import { aServed } from '#tests/support/served-prediction'

export interface FaultLine {
  readonly id: string
  readonly kind: string
  readonly reason: string | undefined
}

const clock = systemClock
const store = new ReopeningStore(() => openPredictionStore({ path: join(process.argv[2]!, 'miner.sqlite') }, clock))
const options = { retainDays: 10, retainBytes: 1e9, minFreeBytes: 0, waitMs: 2_000 }
const writer = new JournalWriter({ store, clock, preparePrices }, options)
for (let ticket = 1; ticket <= 6; ticket += 1) {
  const { served, outputJson } = aServed({ seed: BigInt(ticket) })
  const record = { ...served, id: predictionId(served.prompt, served.outputHash), reason: 'all' as const }
  const [result] = writer.append([{ ticket, record, outputJson, giveUpAtMs: clock.nowMs() + 2_000 }])
  const { kind } = result!.outcome
  const reason = result!.outcome.kind === 'unpersisted' ? result!.outcome.reason : undefined
  writeSync(1, `${JSON.stringify({ id: record.id, kind, reason } satisfies FaultLine)}\n`)
}
for (let i = 0; i < 3; i += 1) writer.retry()
store.close()
writeSync(1, 'done\n')
