import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { followStandInClock } from '#adapters/market/follow-clock'
import type { Clock } from '#core/base/time/clock'

const program = join(import.meta.dirname, '..', '..', 'bin', 'miner.mjs')

/** Without the settings and wallets of the person who runs the tests. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VOLCAST|BT)_/.test(name)))

export interface DevMarket {
  readonly url: string
  readonly speed: number
  /** The time that the market and its miners live in. */
  readonly clock: Clock
}

export interface DevMarketOptions {
  readonly seed?: bigint
  /** Now when absent. */
  readonly beginsAtMs?: number
}

/** `miner dev market` as a process of its own. */
export async function startDevMarket(
  speed: number,
  { seed = 5n, beginsAtMs }: DevMarketOptions = {},
): Promise<DevMarket> {
  const args = [program, 'dev', 'market', '--seed', String(seed), '--speed', String(speed), '--port', '0', '--json']
  if (beginsAtMs !== undefined) args.push('--from', `${new Date(beginsAtMs).toISOString().slice(0, 19)}Z`)
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', (line) => resolve((JSON.parse(line) as { url: string }).url))
    child.once('exit', (code) => reject(new Error(`the market ended with ${code}`)))
  })
  return { url, speed, clock: await followStandInClock(url, systemClock) }
}

export interface LoggedEvent {
  readonly level: string
  readonly event: string
  readonly [field: string]: unknown
}

export interface DevMiner {
  readonly child: ChildProcess
  readonly port: number
  readonly healthUrl: string
  readonly startup: Startup
  /** Whatever it logged so far that is worse than `info`. */
  readonly complaints: readonly LoggedEvent[]
  readonly events: ReadonlyMap<string, number>
  /** What it said of the one before it, if that was killed. */
  readonly recovered: LoggedEvent | undefined
  /** Resolves with the exit code, null after a kill, once its last line is read. */
  readonly ended: Promise<number | null>
}

/** From the start of the process to its line that it is ready. */
export interface Startup {
  readonly wallMs: number
  /** Of these, the time that its main thread could have run but other processes had the processors. */
  readonly crowdedOutMs: number
}

export interface DevMinerOptions {
  /** A process whose file systems it shall see. */
  readonly inNamespaceOf?: number
  /** A command that starts the miner in its place, with the miner as its own process. */
  readonly under?: readonly string[]
  readonly extraEnv?: Readonly<Record<string, string>>
  /** Of the axon; any free one when absent. */
  readonly port?: number
  /** Before those that every miner beside a fast market has. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>
}

/** Before it was ready. */
export class EndedEarly extends Error {
  readonly code: number | null

  constructor(code: number | null, errors: string) {
    super(`the miner ended with ${code}: ${errors}`)
    this.code = code
  }
}

/** `miner dev daemon`: the whole compiled miner, with a hotkey that everybody has and a database that outlives it. */
export async function startDevMiner(
  market: DevMarket,
  dbPath: string,
  { inNamespaceOf, under = [], extraEnv = {}, port: wantedPort = 0, settings = {} }: DevMinerOptions = {},
): Promise<DevMiner> {
  const ports = ['--port', String(wantedPort), '--health-port', '0']
  const all = Object.entries({ 'db.path': dbPath, ...settingsAt(market), ...settings })
  const flags = all.flatMap(([name, value]) => [`--${name}`, String(value)])
  const args = [program, 'dev', 'daemon', '--market', market.url, ...ports, ...flags]
  const startedAtMs = performance.now()
  const command = [...(inNamespaceOf === undefined ? under : entering(inNamespaceOf)), process.execPath]
  const child = spawn(command[0]!, [...command.slice(1), ...args], {
    env: { ...env, ...extraEnv },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const complaints: LoggedEvent[] = []
  const events = new Map<string, number>()
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  let port = 0
  let healthUrl = ''
  let recovered: LoggedEvent | undefined
  const startup = await new Promise<Startup>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const entry = parsed(line)
      if (entry === undefined) return
      events.set(entry.event, (events.get(entry.event) ?? 0) + 1)
      if (entry.level !== 'info') complaints.push(entry)
      if (entry.event === 'miner.recovered') recovered = entry
      if (entry.event === 'axon.listening') port = Number(entry['port'])
      if (entry.event !== 'miner.ready') return
      healthUrl = String(entry['healthUrl'])
      resolve({ wallMs: performance.now() - startedAtMs, crowdedOutMs: crowdedOutMs(child.pid) })
    })
    void ended.then((code) => reject(new EndedEarly(code, errors)))
  })
  return { child, port, healthUrl, startup, complaints, events, recovered, ended }
}

/** The words before a command that shall see the file systems of this process. */
export function entering(pid: number): string[] {
  return ['nsenter', '-t', String(pid), '-U', '-m', '--preserve-credentials']
}

/** Of the answers that left without a record: which may be, if the miner says so. */
export function hashesUnpersisted({ complaints }: DevMiner): Set<string> {
  return new Set(
    complaints.flatMap(({ event, outputHash }) => (event === 'prediction_unpersisted' ? [String(outputHash)] : [])),
  )
}

/** Everything is kept, old prices are thinned all the time, and what must take its time in a fast market may. */
function settingsAt({ speed }: DevMarket): Readonly<Record<string, string | number>> {
  const slow = (ms: number) => ms * speed
  return {
    'journal.sampling': 'all',
    'journal.minFreeBytes': 0,
    'journal.retainBytes': 50_000_000,
    'journal.trimCron': '* * * * *',
    'synth.journalWaitMs': slow(2_000),
    'synth.computeTimeoutMs': slow(10_000),
    'auth.nonceAheadMs': slow(2_000),
    'auth.nonceGraceMs': slow(60_000),
    'axon.requestTimeoutMs': slow(20_000),
    'axon.headersTimeoutMs': slow(10_000),
    'axon.bodyTimeoutMs': slow(10_000),
    'axon.idleTimeoutMs': slow(5_000),
    'axon.drainMs': slow(8_000),
    'market.requestDeadlineMs': slow(3_000),
    'market.historyDeadlineMs': slow(20_000),
    'market.maxAgeMs': slow(60_000),
    'market.maxFutureMs': slow(5_000),
  }
}

/** The last line of a killed process may be half of one. */
function parsed(line: string): LoggedEvent | undefined {
  try {
    return JSON.parse(line) as LoggedEvent
  } catch {
    return undefined
  }
}

/** Linux counts it for each thread; elsewhere it is not known, and none of the time is excused. */
function crowdedOutMs(pid: number | undefined): number {
  try {
    const [, waitedNs] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')
    return Number(waitedNs) / 1e6
  } catch {
    return 0
  }
}
