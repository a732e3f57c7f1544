import { systemClock } from '#adapters/clock/system-clock'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { openMemoryDatabase } from './test-database.ts'

/** The real store over a database in memory. */
export class MemoryMinutes extends SqliteMinuteStore {
  constructor() {
    super(openMemoryDatabase(), systemClock)
  }
}
