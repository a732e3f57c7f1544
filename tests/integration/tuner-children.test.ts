import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { constants } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { openDatabase } from '#adapters/sqlite/database'
import { SqliteTunerRunStore } from '#adapters/sqlite/tuner-run-store'
import { dayMs } from '#core/base/time/units'
import { startMiner } from '#tests/support/programs'
import { temporaryFolder } from '#tests/support/temporary-folder'

const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')

/** Venues that take a connection and never say a word: a command that asks them takes its time. */
async function silentVenues(): Promise<NodeJS.ProcessEnv> {
  const server = createServer(() => {})
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })
  onTestFinished(() => void server.close())
  const venues = ['BINANCE', 'HYPERLIQUID', 'PYTH_HERMES', 'PYTH_BENCHMARKS', 'PYTH_PRO', 'SYNTH_API', 'COINGECKO']
  return Object.fromEntries(venues.map((venue) => [`VOLCAST_MARKET_${venue}_BASE_URL`, `http://127.0.0.1:${port}`]))
}

/** A miner that makes up for one command, with that command at work. */
async function aMinerWithChild() {
  const cwd = temporaryFolder()
  const db = openDatabase({ path: join(cwd, 'data', 'miner.sqlite'), migrationsDir, clock: systemClock })
  const longAgo = systemClock.nowMs() - 10 * dayMs
  const times = { scheduledAtMs: longAgo, startedAtMs: longAgo, finishedAtMs: longAgo }
  new SqliteTunerRunStore(db).record({ job: 'repair', ...times, exitCode: 0, lastLine: '' })
  db.close()
  const env = await silentVenues()
  const off = ['replay', 'diagnose', 'suggest', 'observe', 'shadow'].flatMap((job) => [`--tuning.${job}`, 'off'])
  const miner = await startMiner(['--health.port', '0', '--tuning.catchUpDelayMs', '0', ...off], { cwd, env })
  let childPid: number | undefined
  while (childPid === undefined) {
    await systemClock.sleep(50)
    childPid = tunersOf(miner.child.pid!).find(hasItsManners)
  }
  return { miner, childPid }
}

/** Linux only, as is the promise. */
function tunersOf(minerPid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const [, parent] = statOf(pid) ?? []
      return Number(parent) === minerPid && readProc(pid, 'cmdline').includes('tuner')
    })
}

/** It has begun its own work. */
function hasItsManners(pid: number): boolean {
  return readProc(pid, 'oom_score_adj').trim() === '500'
}

/** The fields behind the name: state, parent, ... */
function statOf(pid: number): string[] | undefined {
  const text = readProc(pid, 'stat')
  return text === '' ? undefined : text.slice(text.lastIndexOf(')') + 2).split(' ')
}

function readProc(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}

function isAlive(pid: number): boolean {
  const [state] = statOf(pid) ?? []
  return state !== undefined && state !== 'Z'
}

async function waitUntilGone(pid: number): Promise<void> {
  // The test's own time limit ends a wait in vain.
  while (isAlive(pid)) await systemClock.sleep(50)
}

describe.skipIf(process.platform !== 'linux')('a command of the tuner that the miner runs', () => {
  it('is bounded, comes last, and does not outlive a miner that is killed', async () => {
    const { miner, childPid } = await aMinerWithChild()
    expect(readProc(childPid, 'cmdline')).toMatch(/--max-old-space-size=\d+/)
    expect(readProc(childPid, 'environ')).toMatch(/TUNER_THREADS=\d+/)
    // Whom the kernel ends first when memory is short.
    const score = (pid: number) => Number(readProc(pid, 'oom_score'))
    expect(score(childPid)).toBeGreaterThan(score(miner.child.pid!))
    for (const thread of readdirSync(`/proc/${childPid}/task`)) {
      const text = readProc(childPid, `task/${thread}/stat`)
      const nice = text.slice(text.lastIndexOf(')') + 2).split(' ')[16]
      // A thread may end while it is looked at.
      if (nice !== undefined) expect(Number(nice)).toBe(constants.priority.PRIORITY_LOW)
    }
    miner.child.kill('SIGKILL')
    await miner.exit
    await waitUntilGone(childPid)
  })

  it('is stopped with the miner, which still ends within 10 s', async () => {
    const { miner, childPid } = await aMinerWithChild()
    const signalledAtMs = performance.now()
    miner.child.kill('SIGTERM')
    expect(await miner.exit).toBe(0)
    expect(performance.now() - signalledAtMs).toBeLessThan(10_000)
    expect(isAlive(childPid)).toBe(false)
  })
})
