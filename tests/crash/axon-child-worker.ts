/** An axon on a database file, in a process that the test kills. */
import { join } from 'node:path'
import { systemClock } from '#adapters/clock/system-clock'
import { openDatabase } from '#adapters/sqlite/database'
import { SqliteNonceStore } from '#adapters/sqlite/nonce-store'
import { startAxons } from '#daemon/axon/start-axons'
import { axonFixture } from '#tests/support/axon-fixture'
import { bob } from '#tests/support/hotkeys'

export interface ChildReady {
  readonly port: number
}

const db = openDatabase({
  path: join(process.argv[2]!, 'crash.sqlite'),
  migrationsDir: join(import.meta.dirname, '..', '..', 'migrations'),
  clock: systemClock,
})
const fixture = axonFixture({ clock: systemClock, nonces: new SqliteNonceStore(db) })
const running = await startAxons(fixture.deps, [{ address: bob.address, port: 0 }], fixture.config)
process.send?.({ port: running.axons[0]!.port } satisfies ChildReady)
