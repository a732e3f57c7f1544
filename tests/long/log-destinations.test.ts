import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { type BlindMiner, startBlindMiner } from '#tests/support/blind-miner'
import { startDevMarket } from '#tests/support/dev-miner'
import { PromptLoad } from '#tests/support/prompt-load'
import { temporaryFolder } from '#tests/support/temporary-folder'

const asksForMs = 1_500
const longestStopMs = 10_000

/** Asks for a while, then stops the miner: nothing may be left unanswered, and the stop must come to its end. */
async function askAndStop(
  market: Awaited<ReturnType<typeof startDevMarket>>,
  miner: BlindMiner,
  meanwhile: () => Promise<void> | void,
): Promise<void> {
  const loading = new PromptLoad(market).run(miner.port, 2)
  await systemClock.sleep(asksForMs)
  await meanwhile()
  const signalledAtMs = performance.now()
  miner.child.kill('SIGTERM')
  const { answered, cut, unansweredAtMs } = await loading
  expect(await miner.ended).toBe(0)
  expect(performance.now() - signalledAtMs).toBeLessThan(longestStopMs)
  expect(answered.length).toBeGreaterThan(0)
  expect({ cut, forgotten: unansweredAtMs.filter((atMs) => atMs < signalledAtMs) }).toEqual({ cut: 0, forgotten: [] })
}

async function expectLogDegraded(miner: BlindMiner, sentence: string): Promise<void> {
  await expect
    .poll(async () => (await miner.health()).parts['log'], { timeout: 20_000, interval: 200 })
    .toMatchObject({
      state: 'degraded',
      sentence: expect.stringContaining(sentence) as string,
      hint: expect.stringContaining('Answers do not wait') as string,
    })
}

function aPipe(): { readFd: number; writeFd: number } {
  const path = join(temporaryFolder(), 'pipe')
  expect(spawnSync('mkfifo', [path]).status).toBe(0)
  const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writeFd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  return { readFd, writeFd }
}

/** A program that reads nothing leaves a full pipe behind; here it is full before the first line. */
function fill(fd: number): void {
  try {
    for (;;) writeSync(fd, '\n'.repeat(4_096))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error
  }
}

/** As a shell hands it over: without the flag that filling it needs. */
function aFullPipe(): number {
  const { readFd, writeFd } = aPipe()
  fill(writeFd)
  const blocking = openSync(`/proc/self/fd/${writeFd}`, constants.O_WRONLY)
  closeSync(writeFd)
  onTestFinished(() => {
    closeSync(readFd)
    closeSync(blocking)
  })
  return blocking
}

/** A file system of its own needs a user namespace, which not every machine gives away. */
const unshare = ['-Urm', 'sh', '-c']
const canMount = spawnSync('unshare', [...unshare, 'mount -t tmpfs -o size=1m none /tmp']).status === 0
const skipped = canMount ? '' : ' (skipped: no user namespaces)'

// Node hands its children sockets; shells and pm2 hand them pipes.
it.each(['pipe', 'socket'])(
  'a %s that nobody reads takes no thread from gzip, files and names, and holds up no exit',
  async (kind) => {
    const script = fileURLToPath(new URL('../support/log-child.ts', import.meta.url))
    const child = spawn(process.execPath, ['--import', 'tsx', script], {
      stdio: ['ignore', kind === 'pipe' ? aFullPipe() : 'pipe', 'pipe'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    let text = ''
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
    })
    const [exitCode] = (await once(child, 'exit')) as [number | null]
    expect(exitCode).toBe(0)
    console.log(`${kind}: ${text}`)
    expect(JSON.parse(text)).toMatchObject({ sentence: expect.stringMatching(/\d{4} lines dropped/) as string })
  },
)

describe('the whole miner answers, whatever becomes of its log', () => {
  it('a pipe that nobody reads', async () => {
    const market = await startDevMarket(1)
    const pipe = aFullPipe()
    const miner = await startBlindMiner(market, { stdio: ['ignore', pipe, 'ignore'] })
    await askAndStop(market, miner, () => expectLogDegraded(miner, 'nobody reads it'))
  })

  it('a pipe whose reader has ended, and errors that go to a full disk', async () => {
    const market = await startDevMarket(1)
    const { readFd, writeFd } = aPipe()
    closeSync(readFd)
    const full = openSync('/dev/full', 'w')
    const miner = await startBlindMiner(market, { stdio: ['ignore', writeFd, full] })
    closeSync(writeFd)
    closeSync(full)
    await askAndStop(market, miner, () => expectLogDegraded(miner, 'EPIPE'))
  })

  it.skipIf(!canMount)(`a log file on a disk that is full for a while${skipped}`, async () => {
    const market = await startDevMarket(1)
    const folder = join(temporaryFolder(), 'disk')
    mkdirSync(folder)
    const fillDisk = `dd if=/dev/zero of='${folder}/filler' bs=1k 2>/dev/null`
    const logFile = join(folder, 'miner.log')
    const miner = await startBlindMiner(market, {
      stdio: ['ignore', 'ignore', 'ignore'],
      settings: ['--log.file', logFile],
      wrap: (file, args) => {
        const mount = `mount -t tmpfs -o size=200k none '${folder}'; : > '${logFile}'; ${fillDisk}; exec "$@"`
        return ['unshare', [...unshare, mount, 'sh', file, ...args]]
      },
    })
    const inside = (path: string) => `/proc/${miner.child.pid}/root${path}`
    await askAndStop(market, miner, async () => {
      await expectLogDegraded(miner, 'ENOSPC')
      rmSync(inside(join(folder, 'filler')))
      await expect
        .poll(async () => (await miner.health()).parts['log']?.state, { timeout: 20_000, interval: 200 })
        .toBe('ok')
      // The waiting lines arrive, from the first one on.
      expect(readFileSync(inside(logFile), 'utf8')).toContain('miner.started')
    })
  })
})
