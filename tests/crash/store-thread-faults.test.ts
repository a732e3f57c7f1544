import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { openDatabase, openGovernanceDatabase, openNonceDatabase } from '#adapters/sqlite/database'
import { GovernanceCopy } from '#adapters/sqlite/governance-copy'
import { governanceCopyPathOf, governancePathOf } from '#adapters/sqlite/governance-path'
import { SqliteLedgerStore } from '#adapters/sqlite/ledger-store'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { noncePathOf } from '#adapters/sqlite/nonce-path'
import { minuteMs } from '#core/base/time/units'
import { verifyLedger } from '#core/tuning/governance/verify-ledger'
import { runsLong } from '#tests/support/long-tests'
import { temporaryFolder } from '#tests/support/temporary-folder'
import type { FaultyStore, ThreadFaultLine } from './store-thread-faults-child-worker.ts'

const hasStrace = spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0
const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')
const writesInAll = 12

const optionsOf = (folder: string) => ({ path: join(folder, 'miner.sqlite'), migrationsDir, clock: systemClock })

/** Whole numbers of the writes that the files hold. */
const readers: Readonly<Record<FaultyStore, (folder: string) => { integrity: unknown; writes: readonly number[] }>> = {
  minutes: (folder) => {
    const db = openDatabase(optionsOf(folder))
    const slots = new SqliteMinuteStore(db, systemClock).readSlots(
      { asset: 'BTC', venue: 'binanceSpot', symbol: 'BTCUSDT' },
      0,
      writesInAll * minuteMs,
    )
    return close(
      db,
      [...slots].filter((close) => close > 0),
    )
  },
  ledger: (folder) => {
    const db = openGovernanceDatabase(optionsOf(folder))
    const ledger = new SqliteLedgerStore(db)
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
    expect(verifyLedger(ledger, sha256)).toMatchObject({ isSound: true })
    return close(
      db,
      ledger.read().map(({ id }) => id),
    )
  },
  nonces: (folder) => {
    const db = openNonceDatabase(optionsOf(folder))
    return close(db, db.prepare<[], number>('select nonce_ns from nonces order by 1').pluck().all())
  },
}

function close(db: ReturnType<typeof openDatabase>, writes: readonly number[]) {
  const integrity = db.pragma('integrity_check', { simple: true })
  db.close()
  return { integrity, writes }
}

function filesOf(store: FaultyStore, folder: string): string[] {
  const main = join(folder, 'miner.sqlite')
  const path = { minutes: main, ledger: governancePathOf(main), nonces: noncePathOf(main) }[store]
  const copy = store === 'ledger' ? [governanceCopyPathOf(main)] : []
  return [path, `${path}-wal`, `${path}-shm`, `${path}-journal`, ...copy]
}

function run(store: FaultyStore, call: string, injected: string | undefined) {
  const folder = temporaryFolder()
  openDatabase(optionsOf(folder)).close()
  openGovernanceDatabase(optionsOf(folder)).close()
  openNonceDatabase(optionsOf(folder)).close()
  const trace = join(folder, 'trace')
  // With both options strace 6.1 sends no signal but at the first call.
  const watch = ['-e', injected === undefined ? `trace=${call}` : `inject=${call}:${injected}`]
  const child = join(import.meta.dirname, 'store-thread-faults-child-worker.ts')
  const node = [process.execPath, '--import', 'tsx', child, store, folder]
  const files = filesOf(store, folder).flatMap((file) => ['-P', file])
  const args = ['-f', '--seccomp-bpf', '-qq', '-o', trace, ...files, ...watch, ...node]
  const { stdout } = spawnSync('strace', args, { encoding: 'utf8' })
  const lines = stdout.split('\n').filter((line) => line !== '')
  const told = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as ThreadFaultLine)
  const count = (what: string) => Number(spawnSync('grep', ['-c', what, trace], { encoding: 'utf8' }).stdout)
  return { folder, told, isDone: lines.at(-1) === 'done', calls: count(`${call}(`), hits: count('INJECTED') }
}

/** All of them in the long form; else the first and ever fewer after. */
function* choose(count: number): Generator<number> {
  for (let nth = 1, step = 1; nth <= count; nth += step, step = runsLong ? 1 : step * 4) yield nth
}

const faults = [
  { call: 'pwrite64', fault: 'error=ENOSPC' },
  { call: 'pwrite64', fault: 'error=EIO' },
  { call: 'fsync', fault: 'error=EIO' },
  { call: 'openat', fault: 'error=EIO' },
  // Of the copy of the ledger, which is text.
  { call: 'write', fault: 'error=ENOSPC' },
  { call: 'pwrite64', fault: 'signal=KILL' },
  { call: 'fsync', fault: 'signal=KILL' },
] as const

describe.skipIf(!hasStrace).each(['minutes', 'ledger', 'nonces'] as const)(
  `the thread that writes %s${hasStrace ? '' : ' (skipped: no strace)'}`,
  (store) => {
    it.each(faults)('loses nothing in silence: $call, $fault', { timeout: 1_800_000 }, ({ call, fault }) => {
      const untouched = run(store, call, undefined)
      expect(untouched.told.filter(({ ok }) => ok).length).toBe(writesInAll)
      if (untouched.calls === 0) return
      let tries = 0
      let refused = 0
      for (const nth of choose(untouched.calls)) {
        const { folder, told, isDone, hits } = run(store, call, `${fault}:when=${nth}`)
        // The last calls close the file; threads may count them apart.
        const isKill = fault === 'signal=KILL'
        if (isKill ? isDone : hits === 0) continue
        tries += 1
        refused += told.filter(({ ok }) => !ok).length
        const { integrity, writes } = readers[store](folder)
        expect(integrity).toBe('ok')
        for (const { write, ok } of told) if (ok) expect(writes).toContain(write)
        if (isKill) continue
        // One fault only: what it hit is written at the next try.
        expect([isDone, writes.length]).toEqual([true, writesInAll])
        if (store === 'ledger') {
          const copied = new GovernanceCopy(governanceCopyPathOf(join(folder, 'miner.sqlite'))).read()
          expect(copied.rows.ledger.length).toBe(writesInAll)
        }
      }
      console.log(
        `${store}, ${call} ${fault}: ${tries} of ${untouched.calls} calls hit in turn, ${refused} writes refused, 0 lost`,
      )
      expect(tries).toBeGreaterThan(0)
    })
  },
)
