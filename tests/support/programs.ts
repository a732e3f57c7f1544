import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Addresses without a server: a test without its own market must not ask real venues. */
const closedVenues = Object.fromEntries(
  ['BINANCE', 'HYPERLIQUID', 'PYTH_HERMES', 'PYTH_BENCHMARKS', 'PYTH_PRO', 'SYNTH_API', 'COINGECKO'].map((venue) => [
    `VOLCAST_MARKET_${venue}_BASE_URL`,
    'http://127.0.0.1:9',
  ]),
)

const root = join(import.meta.dirname, '..', '..')

export interface FinishedProgram {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs one of the two real programs to its end. */
export function runProgram(
  name: 'miner' | 'tuner',
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv; stdout?: string; uid?: number },
): FinishedProgram {
  const stdoutFd = options.stdout === undefined ? undefined : openSync(options.stdout, 'w')
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'bin', `${name}.mjs`), ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...closedVenues, ...options.env },
    stdio: ['pipe', stdoutFd ?? 'pipe', 'pipe'],
    encoding: 'utf8',
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  })
  if (stdoutFd !== undefined) closeSync(stdoutFd)
  return { exitCode: status, stdout, stderr }
}

export interface RunningMiner {
  readonly child: ChildProcess
  readonly healthUrl: string
  readonly exit: Promise<number | null>
  readonly lines: readonly string[]
}

/** Starts the real miner and waits until it says that it is ready. */
export async function startMiner(
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<RunningMiner> {
  const child = spawn(process.execPath, [join(root, 'bin', 'miner.mjs'), 'start', ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...closedVenues, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exit = new Promise<number | null>((resolve) => child.on('exit', resolve))
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: string[] = []
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  const healthUrl = await new Promise<string>((resolve, reject) => {
    let pending = ''
    child.stdout.on('data', (chunk: Buffer) => {
      pending += chunk.toString()
      for (let end = pending.indexOf('\n'); end >= 0; end = pending.indexOf('\n')) {
        const line = pending.slice(0, end)
        pending = pending.slice(end + 1)
        lines.push(line)
        const entry = JSON.parse(line) as { event: string; healthUrl?: string }
        if (entry.event === 'miner.ready' && entry.healthUrl !== undefined) resolve(entry.healthUrl)
      }
    })
    child.on('exit', (code) => reject(new Error(`the miner ended with ${code}: ${errors}`)))
  })
  return { child, healthUrl, exit, lines }
}
