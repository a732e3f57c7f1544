/**
 * An axon whose every answer is in the journal before it leaves, in a process that kills itself at the point which
 * the second argument names, after so many predictions.
 */
import { join } from 'node:path'
import { systemClock } from '#adapters/clock/system-clock'
import { openSoundDatabase } from '#adapters/sqlite/sound-database'
import { startAxons } from '#daemon/axon/start-axons'
import { defaultJournalConfig } from '#daemon/journal/config'
import { ThreadedJournal } from '#daemon/journal/threaded-journal'
import { startWriterThread } from '#daemon/journal/writer-thread'
import { axonFixture, InlineTextMaker } from '#tests/support/axon-fixture'
import { bob } from '#tests/support/hotkeys'
import { openRealNonces } from '#tests/support/real-nonces'
import { aServed } from '#tests/support/served-prediction'
import { TestLogger } from '#tests/support/test-logger'

export type KillPoint = 'handedOver' | 'committed'

export interface JournalChildReady {
  readonly port: number
}

const [folder, killPoint, killCount] = process.argv.slice(2) as [string, KillPoint, string]
const dbPath = join(folder, 'miner.sqlite')
const log = new TestLogger()
openSoundDatabase({
  path: dbPath,
  migrationsDir: join(import.meta.dirname, '..', '..', 'migrations'),
  clock: systemClock,
  log,
})
const config = { ...defaultJournalConfig(), sampling: 'all' as const, minFreeBytes: 0 }
const journal = await ThreadedJournal.start(
  {
    clock: systemClock,
    log,
    startThread: () => startWriterThread({ dbPath, options: config }),
    onDamage: () => {},
  },
  config,
)

let count = 0
function dieAt(point: KillPoint): void {
  if (point === killPoint && count >= Number(killCount)) process.kill(process.pid, 'SIGKILL')
}

const texts = new InlineTextMaker()
texts.answer = async (prompt) => {
  count += 1
  const { served, outputJson } = aServed({ prompt, seed: BigInt(process.pid) * 1_000_000n + BigInt(count) })
  const { outcome: kept } = journal.append({ ...served, receivedAtMs: systemClock.nowMs() }, outputJson)
  dieAt('handedOver')
  const outcome = await kept
  dieAt('committed')
  return outcome.kind === 'committed'
    ? { ok: true, outputJson }
    : { ok: false, reason: 'failed', detail: JSON.stringify(outcome) }
}
const fixture = axonFixture({ clock: systemClock, nonces: (await openRealNonces(dbPath)).nonces, texts })
const running = await startAxons(fixture.deps, [{ address: bob.address, port: 0 }], fixture.config)
process.send?.({ port: running.axons[0]!.port } satisfies JournalChildReady)
