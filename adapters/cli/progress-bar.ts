import { Presets, SingleBar } from 'cli-progress'
import type { Progress } from '#core/cli/progress'
import type { Clock } from '#core/time/clock'

const lineEveryMs = 5_000

/** On standard error, so that what is asked for can be piped. */
export function openProgress(stream: NodeJS.WriteStream, clock: Clock): Progress {
  return stream.isTTY === true ? new BarProgress(stream) : new LineProgress((line) => stream.write(`${line}\n`), clock)
}

class BarProgress implements Progress {
  readonly #stream: NodeJS.WriteStream
  #bar: SingleBar | undefined
  #label = ''

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
  }

  update(label: string, done: number, total: number): void {
    if (label !== this.#label || this.#bar === undefined) {
      this.stop()
      this.#label = label
      const format = '{label} {bar} {percentage} % | {value}/{total} | {eta_formatted} left'
      const options = {
        stream: this.#stream,
        format,
        barsize: 24,
        hideCursor: true,
        clearOnComplete: true,
        etaBuffer: 50,
      }
      this.#bar = new SingleBar(options, Presets.shades_classic)
      this.#bar.start(total, done, { label })
    }
    this.#bar.setTotal(total)
    this.#bar.update(done)
  }

  stop(): void {
    this.#bar?.stop()
    this.#bar = undefined
  }
}

export class LineProgress implements Progress {
  readonly #write: (line: string) => void
  readonly #clock: Clock
  #label = ''
  #startedAtMs = 0
  #writtenAtMs = 0

  constructor(write: (line: string) => void, clock: Clock) {
    this.#write = write
    this.#clock = clock
  }

  update(label: string, done: number, total: number): void {
    const nowMs = this.#clock.monotonicMs()
    if (label !== this.#label) {
      this.#label = label
      this.#startedAtMs = nowMs
      this.#writtenAtMs = nowMs
    }
    if (nowMs - this.#writtenAtMs < lineEveryMs) return
    this.#writtenAtMs = nowMs
    const leftSeconds = done === 0 ? undefined : ((nowMs - this.#startedAtMs) * (total - done)) / done / 1_000
    const left = leftSeconds === undefined ? '' : `, about ${formatSeconds(leftSeconds)} left`
    this.#write(`${label}: ${done} of ${total} (${Math.floor((100 * done) / Math.max(total, 1))} %)${left}`)
  }

  stop(): void {
    this.#label = ''
  }
}

function formatSeconds(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`
}
