import { readdirSync, readFileSync } from 'node:fs'
import { systemClock } from '#adapters/clock/system-clock'
import type { Clock } from '#core/base/time/clock'
import { type DevMiner, hashesUnpersisted } from '../dev-miner.ts'
import type { Span } from './verdict.ts'

export interface Life extends Span {
  /** From its end, or the end of the previous one, until it was ready. */
  readonly downFromMs: number
}

const restartAfterMs = 500
/** Of the real time between two looks. */
const crowdedShare = 0.3

/** A miner that is started again whenever it ends, as a supervisor does. */
export class SupervisedMiner {
  readonly #clock: Clock
  readonly #start: (port: number) => Promise<DevMiner>
  readonly #tell: (text: string) => void
  readonly #onReady: (miner: DevMiner) => void
  readonly lives: Life[] = []
  /** Ends and starts that nobody asked for. */
  readonly failures: string[] = []
  readonly unpersisted = new Set<string>()
  readonly events = new Map<string, number>()
  kills = 0
  /** When the machine kept it from running for much of the time. */
  readonly crowdedOut: Span[] = []
  mostBytes = 0
  mostFiles = 0
  lastBytes = 0
  lastFiles = 0
  #seen: { pid: number; waitedMs: number; realMs: number; atMs: number } | undefined
  #miner: DevMiner | undefined
  #port = 0
  #isDoomed = false
  #isOver = false
  #downFromMs: number

  constructor(deps: {
    clock: Clock
    start: (port: number) => Promise<DevMiner>
    tell: (text: string) => void
    onReady: (miner: DevMiner) => void
  }) {
    this.#clock = deps.clock
    this.#start = deps.start
    this.#tell = deps.tell
    this.#onReady = deps.onReady
    this.#downFromMs = deps.clock.nowMs()
  }

  /** Undefined while it is down. */
  get current(): DevMiner | undefined {
    return this.#miner
  }

  /** The same in every life. */
  get port(): number {
    return this.#port
  }

  /** Resolves once it has been stopped in order, with the exit code. */
  async keepUp(): Promise<number | null> {
    for (;;) {
      const miner = await this.#startOnce()
      if (miner === undefined) continue
      const downFromMs = this.#downFromMs
      this.#miner = miner
      this.#port = miner.port
      const fromMs = this.#clock.nowMs()
      this.#onReady(miner)
      const code = await miner.ended
      this.#miner = undefined
      const toMs = this.#isDoomed ? this.#downFromMs : this.#clock.nowMs()
      this.lives.push({ downFromMs, fromMs, toMs })
      this.#downFromMs = toMs
      for (const hash of hashesUnpersisted(miner)) this.unpersisted.add(hash)
      for (const [event, count] of miner.events) this.events.set(event, (this.events.get(event) ?? 0) + count)
      if (this.#isOver) return code
      if (!this.#isDoomed) this.#fail(`ended with ${code}: ${JSON.stringify(miner.complaints.at(-1))}`)
      this.#isDoomed = false
    }
  }

  /** Answers false while there is nothing to kill. */
  kill(): boolean {
    if (this.#miner === undefined || this.#isDoomed) return false
    this.#isDoomed = true
    this.kills += 1
    this.#downFromMs = this.#clock.nowMs()
    return this.#miner.child.kill('SIGKILL')
  }

  stop(): void {
    this.#isOver = true
    this.#miner?.child.kill('SIGTERM')
  }

  measure(): void {
    const pid = this.#miner?.child.pid
    if (pid === undefined) return
    try {
      this.lastBytes = 1_024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1])
      this.lastFiles = readdirSync(`/proc/${pid}/fd`).length
      const [, waitedNs] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')
      this.#noteCrowd(pid, Number(waitedNs) / 1e6)
    } catch {
      // It has just ended.
      return
    }
    this.mostBytes = Math.max(this.mostBytes, this.lastBytes)
    this.mostFiles = Math.max(this.mostFiles, this.lastFiles)
  }

  #noteCrowd(pid: number, waitedMs: number): void {
    const seen = { pid, waitedMs, realMs: performance.now(), atMs: this.#clock.nowMs() }
    const before = this.#seen
    this.#seen = seen
    if (before?.pid !== pid) return
    const share = (waitedMs - before.waitedMs) / (seen.realMs - before.realMs)
    if (share < crowdedShare) return
    const last = this.crowdedOut.at(-1)
    if (last?.toMs === before.atMs) this.crowdedOut[this.crowdedOut.length - 1] = { ...last, toMs: seen.atMs }
    else this.crowdedOut.push({ fromMs: before.atMs, toMs: seen.atMs })
  }

  #fail(text: string): void {
    this.failures.push(text)
    this.#tell(text)
  }

  async #startOnce(): Promise<DevMiner | undefined> {
    try {
      return await this.#start(this.#port)
    } catch (error) {
      this.#fail(`did not start: ${String(error)}`)
      await systemClock.sleep(restartAfterMs)
      return undefined
    }
  }
}
