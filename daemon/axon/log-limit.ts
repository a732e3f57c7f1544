import type { Clock } from '#core/base/time/clock'

interface Window {
  startedAtMs: number
  lines: number
  suppressed: number
}

const windowMs = 10_000
const linesPerWindow = 20

/** For lines that a stranger can cause: twenty of each kind in ten seconds. The rest is counted, and the next line says so. */
export class LogLimit {
  readonly #clock: Clock
  /** The kinds are few and ours: never a peer's text. */
  readonly #windows = new Map<string, Window>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** What to add to the line; undefined: leave it out. */
  take(kind: string): { readonly suppressed?: number } | undefined {
    const nowMs = this.#clock.monotonicMs()
    let window = this.#windows.get(kind)
    if (window === undefined || nowMs - window.startedAtMs >= windowMs) {
      window = { startedAtMs: nowMs, lines: 0, suppressed: window?.suppressed ?? 0 }
      this.#windows.set(kind, window)
    }
    if (window.lines >= linesPerWindow) {
      window.suppressed += 1
      return undefined
    }
    window.lines += 1
    const { suppressed } = window
    window.suppressed = 0
    return suppressed > 0 ? { suppressed } : {}
  }
}
