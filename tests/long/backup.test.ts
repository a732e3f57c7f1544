import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { BackupShape, RestoreShape } from '#daemon/commands/backup-shapes'
import type { BusyWriterMessage } from '#tests/support/busy-writer'
import { type FinishedProgram, runProgram, startMiner } from '#tests/support/programs'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { openGovernanceOf, openMainDatabase } from '#tests/support/test-database'

const root = join(import.meta.dirname, '..', '..')

/** Beside this process, which would otherwise stand still. */
async function miner(cwd: string, ...args: string[]): Promise<FinishedProgram> {
  const child = spawn(process.execPath, [join(root, 'bin', 'miner.mjs'), ...args], { cwd, env: process.env })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      output[name] += chunk.toString()
    })
  }
  const [exitCode] = (await once(child, 'close')) as [number | null]
  return { exitCode, ...output }
}

function count(path: string, table: string): number {
  const db = new SqliteDatabase(path, { readonly: true })
  try {
    return db.prepare<[], number>(`select count(*) from ${table}`).pluck().get()!
  } finally {
    db.close()
  }
}

/** So many pages that a copy takes many steps. */
function fill(path: string): void {
  const db = openMainDatabase(path)
  const insert = db.prepare(
    `insert into realized_paths (asset, start_at_ms, time_length_seconds, time_increment_seconds, venue, symbol, origin,
                                 point_count, prices, stored_at_ms)
     values ('BTC', ?, 60, 60, 'v', 's', 'venue', 4000, randomblob(32000), 0)`,
  )
  db.transaction(() => {
    for (let i = 0; i < 1_500; i += 1) insert.run(i)
  })()
  db.close()
}

describe('a backup of a miner at work', { timeout: 180_000 }, () => {
  it('ends under load with one state of each database, and comes back', async () => {
    const cwd = temporaryFolder()
    const path = join(cwd, 'data', 'miner.sqlite')
    fill(path)
    openGovernanceOf(path).close()
    const running = await startMiner(['--health.port', '0', '--recorder.enabled', 'false'], { cwd })
    const writer = fork(join(root, 'tests', 'support', 'busy-writer.ts'), [path], { execArgv: ['--import', 'tsx'] })
    onTestFinished(() => void writer.kill('SIGKILL'))
    await once(writer, 'message')
    const before = count(path, 'tuner_runs')

    const made = await miner(cwd, 'backup', 'backups/monday', '--json')
    expect([made.exitCode, made.stderr]).toEqual([0, ''])
    const { files } = BackupShape.parse(JSON.parse(made.stdout))
    expect(files.map((file) => file.path)).toEqual(
      ['miner.sqlite', 'miner-governance.sqlite'].map((name) => join(cwd, 'backups', 'monday', name)),
    )
    const [main, governance] = files
    const runs = main!.tables['tuner_runs']!
    // One state: the two rows of a transaction are both there, and all from before the start are.
    expect(runs).toBe(main!.tables['field_windows'])
    expect(runs).toBeGreaterThanOrEqual(before)
    expect(main!.tables['realized_paths']).toBe(1_500)
    expect(governance!.tables['governance_runs']).toBeGreaterThan(0)
    expect(count(main!.path, 'tuner_runs')).toBe(runs)
    expect(readdirSync(join(cwd, 'backups', 'monday')).sort()).toEqual(['miner-governance.sqlite', 'miner.sqlite'])
    // The writer was not held up, and went on.
    writer.send('end')
    const [writes] = (await once(writer, 'message')) as [BusyWriterMessage]
    expect(writes).toBeGreaterThan(runs)
    expect(count(path, 'tuner_runs')).toBe(writes)

    const again = await miner(cwd, 'backup', 'backups/monday')
    expect(again).toMatchObject({ exitCode: 64, stderr: expect.stringContaining('is there already') as string })
    const refused = await miner(cwd, 'restore', 'backups/monday')
    expect(refused).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('DATA_DIR_LOCKED') as string })
    expect(count(path, 'tuner_runs')).toBe(writes)
    running.child.kill('SIGTERM')
    await running.exit

    const restored = await miner(cwd, 'restore', 'backups/monday', '--json')
    expect([restored.exitCode, restored.stderr]).toEqual([0, ''])
    const replaced = RestoreShape.parse(JSON.parse(restored.stdout)).files
    expect(count(path, 'tuner_runs')).toBe(runs)
    expect(replaced.map(({ movedTo }) => existsSync(movedTo!))).toEqual([true, true])
    expect(count(replaced[0]!.movedTo!, 'tuner_runs')).toBe(writes)
    const next = await startMiner(['--health.port', '0', '--recorder.enabled', 'false'], { cwd })
    const health = (await (await fetch(`${next.healthUrl}/health`)).json()) as {
      parts: Record<string, { state: string }>
    }
    expect([health.parts['database']?.state, health.parts['governance']?.state]).toEqual(['ok', 'ok'])
    expect(readdirSync(join(cwd, 'data')).filter((name) => /corrupt|restoring|part/.test(name))).toEqual([])
  })
})

describe('a backup that', { timeout: 180_000 }, () => {
  const aMiner = () => {
    const cwd = temporaryFolder()
    const path = join(cwd, 'data', 'miner.sqlite')
    openGovernanceOf(path).close()
    expect(runProgram('miner', ['backup', 'copy'], { cwd }).exitCode).toBe(0)
    const db = openMainDatabase(path)
    db.exec(`insert into field_windows values ('BTC', 60, 1, 2, 0, 0)`)
    db.close()
    return { cwd, path, copy: join(cwd, 'copy', 'miner.sqlite') }
  }
  const isUntouched = ({ cwd, path }: { cwd: string; path: string }) =>
    count(path, 'field_windows') === 1 &&
    readdirSync(join(cwd, 'data')).filter((name) => /before|restoring/.test(name)).length === 0

  it('is damaged, of another program, or of a newer release replaces nothing', () => {
    const made = aMiner()
    const good = readFileSync(made.copy)
    const restore = () => runProgram('miner', ['restore', 'copy'], { cwd: made.cwd })
    writeFileSync(made.copy, good.subarray(0, good.length - 5_000))
    expect(restore()).toMatchObject({ exitCode: 65, stderr: expect.stringContaining('BACKUP_UNSOUND') as string })
    writeFileSync(made.copy, 'a letter, not a database. '.repeat(300))
    expect(restore()).toMatchObject({ exitCode: 65, stderr: expect.stringContaining('BACKUP_UNSOUND') as string })
    writeFileSync(made.copy, good)
    const db = new SqliteDatabase(made.copy)
    db.exec(`insert into schema_migrations values (9999, 'later', 'x', 0)`)
    db.close()
    expect(restore()).toMatchObject({ exitCode: 78, stderr: expect.stringContaining('STORE_NEWER') as string })
    expect(restore().stderr).not.toContain('    at ')
    expect(isUntouched(made)).toBe(true)
  })
  it('is missing, or has nowhere to go, says so in one sentence', () => {
    const made = aMiner()
    expect(runProgram('miner', ['restore', 'nowhere'], { cwd: made.cwd })).toMatchObject({
      exitCode: 65,
      stderr: expect.stringMatching(/^STORE_MISSING: There is no backup nowhere[.]\n {2}.+\n$/) as string,
    })
    const empty = temporaryFolder()
    expect(runProgram('miner', ['restore', 'nowhere'], { cwd: empty }).stderr).toContain('that "miner backup" made')
    expect(readdirSync(empty)).toEqual([])
    writeFileSync(join(made.cwd, 'file'), '')
    expect(runProgram('miner', ['backup', 'file/below'], { cwd: made.cwd })).toMatchObject({
      exitCode: 75,
      stderr: expect.stringContaining('OUTPUT_FAILED') as string,
    })
    mkdirSync(join(made.cwd, 'empty'))
    expect(runProgram('miner', ['restore', 'empty'], { cwd: made.cwd }).stderr).toContain('holds no main database')
    expect(isUntouched(made)).toBe(true)
  })
  it('is one file puts back the main database and leaves governance', () => {
    const { cwd, path, copy } = aMiner()
    const governance = openGovernanceOf(path)
    governance.exec(
      `insert into governance_runs (kind, started_at_ms, finished_at_ms, outcome) values ('observe', 0, 0, 'x')`,
    )
    governance.close()
    expect(runProgram('miner', ['restore', copy], { cwd })).toMatchObject({ exitCode: 0, stderr: '' })
    expect(count(path, 'field_windows')).toBe(0)
    expect(count(join(cwd, 'data', 'miner-governance.sqlite'), 'governance_runs')).toBe(1)
  })
})
