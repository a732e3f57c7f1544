import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { governancePathOf } from '#adapters/sqlite/governance-path'
import { noncePathOf } from '#adapters/sqlite/nonce-path'
import { runsLong } from '#tests/support/long-tests'
import { dumpRows, makeOldDatabase, missingRows, newestVersion, oldVersions } from '#tests/support/old-database'
import { temporaryFolder } from '#tests/support/temporary-folder'

const root = join(import.meta.dirname, '..', '..')
/** Opens all files of a miner as its start does, and closes them. */
const opener = `
  const { openStartFiles } = await import('#adapters/sqlite/start-files')
  const { openSoundNonces } = await import('#adapters/sqlite/sound-nonces')
  const { systemClock } = await import('#adapters/clock/system-clock')
  const { TestLogger } = await import('#tests/support/test-logger')
  const [, path, migrationsDir] = process.argv
  const options = { path, migrationsDir, clock: systemClock, log: new TestLogger(), holdsLock: true }
  const { main, governance } = openStartFiles(options)
  const nonces = openSoundNonces(options)
  for (const db of [main, governance.db, nonces.db]) db.close()
`

/** Starts what opens a miner's files, under strace with these options if there are any. */
function start(path: string, ...traced: string[]) {
  const files = [path, governancePathOf(path), noncePathOf(path)]
  const watched = files.flatMap((file) => ['', '-wal', '-journal'].map((end) => `${file}${end}`))
  const copies = [...oldVersions, newestVersion].map(
    (version) => `${path}.before-${String(version).padStart(4, '0')}.part`,
  )
  const strace = [
    'strace',
    '-f',
    '--seccomp-bpf',
    '-qq',
    ...[...watched, ...copies].flatMap((file) => ['-P', file]),
    ...traced,
  ]
  const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', opener]
  const child = [...node, path, join(root, 'migrations')]
  const [command, ...args] = traced.length > 0 ? [...strace, ...child] : child
  return spawnSync(command!, args, { cwd: root, encoding: 'utf8' })
}

function anOld(version: number): string {
  const path = join(temporaryFolder(), 'miner.sqlite')
  makeOldDatabase(path, version)
  return path
}

function versionOf(path: string): number {
  const db = new SqliteDatabase(path)
  const version = db.prepare<[], number>('select max(version) from schema_migrations').pluck().get()!
  db.close()
  return version
}

/** The copy that the upgrade made before its first migration. */
function copyBeside(path: string): string | undefined {
  const name = readdirSync(dirname(path)).find(
    (file) => /[.]before-\d{4}$/.test(file) && file.startsWith(basename(path)),
  )
  return name === undefined ? undefined : join(dirname(path), name)
}

describe('a database of an older release', () => {
  it.each(oldVersions)('of migration %d is upgraded with every row, and its old state lies beside it', (version) => {
    const path = anOld(version)
    const before = dumpRows(path)
    expect([...before.values()].every((rows) => rows.size > 0)).toBe(true)
    expect(start(path)).toMatchObject({ status: 0, stderr: '' })
    expect(versionOf(path)).toBe(newestVersion)
    expect(missingRows(before, dumpRows(path))).toEqual([])
    const copy = copyBeside(path)!
    const alone = join(temporaryFolder(), 'miner.sqlite')
    copyFileSync(copy, alone)
    expect(versionOf(alone)).toBe(version)
    expect(dumpRows(alone)).toEqual(before)
  })
})

const hasStrace = spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0
const calls = ['pwrite64', 'fsync', 'ftruncate', 'unlink', 'rename'] as const
const upgraded = runsLong ? oldVersions : [40, 90, 110]

describe.skipIf(!hasStrace)(`an upgrade that is killed${hasStrace ? '' : ' (skipped: no strace)'}`, () => {
  it.each(upgraded)(
    'from migration %d leaves every row, in the old schema or a newer one, and ends well when started again',
    {
      timeout: 3_600_000,
    },
    (version) => {
      const traced = anOld(version)
      const { stderr, status } = start(traced, '-e', `trace=${calls.join(',')}`)
      expect(status).toBe(0)
      const points = calls.flatMap((call) => {
        const count = stderr.split('\n').filter((line) => new RegExp(`(^|\\s)${call}[(]`).test(line)).length
        return Array.from({ length: count }, (_, i) => ({ call, nth: i + 1 }))
      })
      const wanted = runsLong ? 150 : 5
      const chosen = points.filter((_, i) => i % Math.ceil(points.length / wanted) === 0)
      const left = new Map<number, number>()
      for (const { call, nth } of chosen) {
        const path = anOld(version)
        const before = dumpRows(path)
        start(path, '-o', '/dev/null', '-e', `inject=${call}:signal=KILL:when=${nth}`)
        const reached = versionOf(path)
        left.set(reached, (left.get(reached) ?? 0) + 1)
        expect(missingRows(before, dumpRows(path))).toEqual([])
        if (reached > version) {
          const copy = copyBeside(path)
          expect(copy).toBeDefined()
          expect(dumpRows(copy!)).toEqual(before)
        }
        expect(start(path)).toMatchObject({ status: 0, stderr: '' })
        expect(versionOf(path)).toBe(newestVersion)
        expect(missingRows(before, dumpRows(path))).toEqual([])
        expect(readdirSync(dirname(path)).filter((name) => /corrupt|suspect|part$/.test(name))).toEqual([])
        expect(existsSync(`${path}.rebuilt`)).toBe(false)
      }
      console.log(
        `from ${version}: ${chosen.length} of ${points.length} calls killed in turn, left at ${JSON.stringify([...left])}`,
      )
      expect(left.size).toBeGreaterThan(1)
    },
  )
})
