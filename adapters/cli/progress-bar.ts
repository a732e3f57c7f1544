import { Presets, SingleBar } from 'cli-progress'
import type { Progress } from '#core/base/cli/progress'
import type { Clock } from '#core/base/time/clock'

const lineEveryMs = 5_000

/** On standard error, so that the output can be piped. */
export function openProgress(stream: NodeJS.WriteStream, clock: Clock): Progress {
  return stream.isTTY === true
    ? new BarProgress(stream, clock)
    : new LineProgress((line) => stream.write(`${line}\n`), clock)
}

/** What is left by the pace so far; nothing before there is one. */
class ProgressPace {
  readonly #clock: Clock
  #label: string | undefined
  #startedAtMs = 0
  #doneBefore = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** True for the first value of a stage. */
  begin(label: string, done: number): boolean {
    if (label === this.#label) return false
    this.#label = label
    this.#startedAtMs = this.#clock.monotonicMs()
    this.#doneBefore = done
    return true
  }

  left(done: number, total: number): string | undefined {
    const steps = done - this.#doneBefore
    if (steps <= 0) return undefined
    const elapsedMs = this.#clock.monotonicMs() - this.#startedAtMs
    return formatSeconds((elapsedMs * (total - done)) / steps / 1_000)
  }

  end(): void {
    this.#label = undefined
  }
}

class BarProgress implements Progress {
  readonly #stream: NodeJS.WriteStream
  readonly #pace: ProgressPace
  #bar: SingleBar | undefined

  constructor(stream: NodeJS.WriteStream, clock: Clock) {
    this.#stream = stream
    this.#pace = new ProgressPace(clock)
  }

  update(label: string, done: number, total: number): void {
    if (this.#pace.begin(label, done)) {
      this.#bar?.stop()
      const format = '{label} {bar} {percentage} % | {value}/{total}{left}'
      const options = { stream: this.#stream, format, barsize: 24, hideCursor: true, clearOnComplete: true }
      this.#bar = new SingleBar(options, Presets.shades_classic)
      this.#bar.start(total, done, { label, left: '' })
    }
    const left = this.#pace.left(done, total)
    this.#bar?.setTotal(total)
    this.#bar?.update(done, { left: left === undefined ? '' : ` | ${left} left` })
  }

  stop(): void {
    this.#bar?.stop()
    this.#bar = undefined
    this.#pace.end()
  }
}

export class LineProgress implements Progress {
  readonly #write: (line: string) => void
  readonly #clock: Clock
  readonly #pace: ProgressPace
  #writtenAtMs = 0

  constructor(write: (line: string) => void, clock: Clock) {
    this.#write = write
    this.#clock = clock
    this.#pace = new ProgressPace(clock)
  }

  update(label: string, done: number, total: number): void {
    const nowMs = this.#clock.monotonicMs()
    if (this.#pace.begin(label, done)) this.#writtenAtMs = nowMs
    if (nowMs - this.#writtenAtMs < lineEveryMs) return
    this.#writtenAtMs = nowMs
    const left = this.#pace.left(done, total)
    const share = Math.floor((100 * done) / Math.max(total, 1))
    this.#write(`${label}: ${done} of ${total} (${share} %)${left === undefined ? '' : `, about ${left} left`}`)
  }

  stop(): void {
    this.#pace.end()
  }
}

function formatSeconds(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`
}
