/** Writes into both databases of a miner every few milliseconds, each time two rows that belong together. */

import SqliteDatabase from 'better-sqlite3'
import { governancePathOf } from '#adapters/sqlite/governance-path'

/** Prints `busy` at its first write and, when it is asked to end, how often it wrote. */
export type BusyWriterMessage = 'busy' | number

const say = (message: BusyWriterMessage, then: () => void = () => {}) => void process.send?.(message, then)
const mainPath = process.argv[2]!
const main = new SqliteDatabase(mainPath, { timeout: 10_000 })
const governance = new SqliteDatabase(governancePathOf(mainPath), { timeout: 10_000 })
const insertRun = main.prepare(
  `insert into tuner_runs (job, scheduled_at_ms, started_at_ms, finished_at_ms, last_line) values ('busy', 0, 0, 0, ?)`,
)
const insertWindow = main.prepare(`insert into field_windows values ('BTC', 60, :from, :from + 1, 0, 0)`)
const insertOwn = governance.prepare(
  `insert into governance_runs (kind, started_at_ms, finished_at_ms, outcome) values ('observe', 0, 0, 'busy')`,
)
let writes = 0
const filler = 'x'.repeat(2_000)

setInterval(() => {
  main.transaction(() => {
    insertRun.run(filler)
    insertWindow.run({ from: writes })
  })()
  insertOwn.run()
  writes += 1
  if (writes === 50) say('busy')
}, 3)
process.on('message', () => {
  say(writes, () => process.exit(0))
})
