/** An axon on a database file, in a process that the test kills. */
import { join } from 'node:path'
import { systemClock } from '#adapters/clock/system-clock'
import { startAxons } from '#daemon/axon/start-axons'
import { axonFixture } from '#tests/support/axon-fixture'
import { bob } from '#tests/support/hotkeys'
import { openRealNonces } from '#tests/support/real-nonces'

export interface ChildReady {
  readonly port: number
}

const { nonces } = await openRealNonces(join(process.argv[2]!, 'crash.sqlite'))
const fixture = axonFixture({ clock: systemClock, nonces })
const running = await startAxons(fixture.deps, [{ address: bob.address, port: 0 }], fixture.config)
process.send?.({ port: running.axons[0]!.port } satisfies ChildReady)
