/** Opens all files of a miner as its start does, and closes them. */
import { join } from 'node:path'
import { systemClock } from '#adapters/clock/system-clock'
import { openSoundNonces } from '#adapters/sqlite/sound-nonces'
import { openStartFiles } from '#adapters/sqlite/start-files'
import { TestLogger } from '#tests/support/test-logger'

const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')
const options = { path: process.argv[2]!, migrationsDir, clock: systemClock, log: new TestLogger(), holdsLock: true }
const { main, governance } = openStartFiles(options)
const nonces = openSoundNonces(options)
for (const db of [main, governance.db, nonces.db]) db.close()
