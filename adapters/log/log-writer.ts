import { closeSync, write, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import type { PartHealth } from '#core/base/health/health-board'
import type { Clock } from '#core/base/time/clock'
import { withinMs } from '#core/base/time/within-ms'
import { describeLog, type LogProblem } from './log-health.ts'
import { type LogOutput, type OpenedStream, openStream } from './log-output.ts'
import { RotatedFile } from './rotated-file.ts'

const writeOnPool = promisify(write)

/** A few minutes of a busy miner; further lines are dropped and counted. */
const mostWaitingBytes = 1 << 20
const chunkBytes = 1 << 16
const retryMs = 100

export interface LogWriterDeps {
  readonly clock: Clock
  /** A wait that keeps no process alive. */
  readonly waitIdly: (durationMs: number) => Promise<void>
  /** Says, in a separate line, how many lines are missing before it. */
  readonly sayDropped: (count: number) => void
}

/**
 * Takes lines at any speed, and writes them when the destination allows it. A full disk, a closed pipe or one without a
 * reader costs lines, which are counted, but neither time nor the process.
 */
export class LogWriter {
  readonly #deps: LogWriterDeps
  readonly #output: LogOutput
  readonly #stream: OpenedStream | undefined
  readonly #file: RotatedFile | undefined
  #lines: string[] = []
  #waitingBytes = 0
  /** The chunk that is being written; if it was written in part, the rest. */
  #chunk: Buffer | undefined
  /** A write runs on another thread, or a failed one waits for a retry. */
  #state: 'idle' | 'writing' | 'waiting' | 'closed' = 'idle'
  #problem: LogProblem | undefined
  #dropped = 0
  #droppedUntold = 0
  #droppedAtMs = Number.NEGATIVE_INFINITY
  #onIdle: (() => void)[] = []

  constructor(deps: LogWriterDeps, output: LogOutput) {
    this.#deps = deps
    this.#output = output
    if (output.kind === 'stream') {
      this.#stream = openStream(output.fd)
      return
    }
    this.#file = new RotatedFile(output)
    try {
      this.#file.openNow()
    } catch (error) {
      this.#enter(error)
    }
  }

  /** Called by pino with a whole line. */
  write(line: string): void {
    if (this.#state === 'closed') return
    const bytes = Buffer.byteLength(line)
    if (this.#waitingBytes + bytes > mostWaitingBytes) {
      this.#droppedUntold += 1
      this.noteLost()
      return
    }
    this.#lines.push(line)
    this.#waitingBytes += bytes
    if (this.#state === 'idle') this.#pump()
  }

  noteLost(): void {
    this.#dropped += 1
    this.#droppedAtMs = this.#deps.clock.monotonicMs()
  }

  /** False: not all could be written in that time. */
  async flush(limitMs: number): Promise<boolean> {
    if (this.#isEmpty) return true
    const emptied = new Promise<boolean>((resolve) => this.#onIdle.push(() => resolve(true)))
    return withinMs(
      this.#deps.clock,
      limitMs,
      () => emptied,
      () => false,
    )
  }

  async close(limitMs: number): Promise<void> {
    await this.flush(limitMs)
    const isAtWork = this.#state === 'writing'
    this.#state = 'closed'
    if (isAtWork) return
    if (this.#stream?.isOwn === true) closeSync(this.#stream.fd)
    await this.#file?.close()
  }

  /** The process exits at once: what can be written without waiting is written. */
  writeRest(): void {
    if (this.#state === 'closed' || this.#stream?.manner === 'mayBlock') return
    // Another thread writes the chunk that it has.
    if (this.#state === 'writing') this.#chunk = undefined
    const fd = this.#stream?.fd ?? this.#file?.fd
    if (fd === undefined) return
    try {
      for (let chunk = this.#nextChunk(); chunk !== undefined; chunk = this.#nextChunk()) {
        this.#took(writeSync(fd, chunk))
      }
    } catch {
      // There is no reader left to tell.
    }
  }

  health(): PartHealth {
    const nowMs = this.#deps.clock.monotonicMs()
    return describeLog({
      output: this.#output,
      problem: this.#problem,
      rotationProblem: this.#file?.rotationProblem,
      dropped: this.#dropped,
      droppedAgoMs: nowMs - this.#droppedAtMs,
      nowMs,
    })
  }

  get #isEmpty(): boolean {
    return this.#chunk === undefined && this.#lines.length === 0
  }

  #pump(): void {
    const stream = this.#stream
    if (stream?.manner !== 'atOnce') {
      this.#state = 'writing'
      void this.#pumpOnPool()
      return
    }
    try {
      for (let chunk = this.#nextChunk(); chunk !== undefined; chunk = this.#nextChunk()) {
        this.#took(writeSync(stream.fd, chunk))
      }
      this.#finish()
    } catch (error) {
      this.#tryLater(error)
    }
  }

  async #pumpOnPool(): Promise<void> {
    try {
      for (let chunk = this.#nextChunk(); chunk !== undefined; chunk = this.#nextChunk()) {
        const fd = this.#stream?.fd ?? (await this.#file!.fdFor(chunk.length))
        const { bytesWritten } = await writeOnPool(fd, chunk)
        this.#file?.wrote(bytesWritten)
        this.#took(bytesWritten)
      }
      this.#finish()
    } catch (error) {
      this.#tryLater(error)
    }
  }

  #nextChunk(): Buffer | undefined {
    if (this.#chunk !== undefined || this.#lines.length === 0) return this.#chunk
    let count = 0
    let length = 0
    while (count < this.#lines.length && (count === 0 || length + this.#lines[count]!.length <= chunkBytes)) {
      length += this.#lines[count]!.length
      count += 1
    }
    this.#chunk = Buffer.from(this.#lines.splice(0, count).join(''))
    return this.#chunk
  }

  #took(bytes: number): void {
    this.#problem = undefined
    this.#waitingBytes -= bytes
    const rest = this.#chunk?.subarray(bytes)
    this.#chunk = rest === undefined || rest.length === 0 ? undefined : rest
  }

  #finish(): void {
    if (this.#state === 'closed') return
    this.#state = 'idle'
    if (this.#droppedUntold > 0) {
      const count = this.#droppedUntold
      this.#droppedUntold = 0
      // A line like any other: in most cases it is written before this returns.
      this.#deps.sayDropped(count)
      if (this.#state !== 'idle' || !this.#isEmpty) return
    }
    for (const tell of this.#onIdle.splice(0)) tell()
  }

  #tryLater(error: unknown): void {
    if (this.#state === 'closed') return
    this.#enter(error)
    this.#state = 'waiting'
    void this.#deps.waitIdly(retryMs).then(() => {
      if (this.#state === 'waiting') this.#pump()
    })
  }

  #enter(error: unknown): void {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    if (this.#problem?.code === code) return
    this.#problem = { code, sinceMs: this.#problem?.sinceMs ?? this.#deps.clock.monotonicMs() }
  }
}
