import { type Profiler, Session } from 'node:inspector'

/**
 * Which characters of the watched sources have run, by the engine's own counters of blocks. Reading them costs
 * milliseconds, so it is done for a batch of requests, not for each.
 */
export class Coverage {
  readonly #session = new Session()
  readonly #isWatched: (url: string) => boolean
  /** By function: 1 for a character that has run, 2 for one that has not. */
  readonly #functions = new Map<string, Uint8Array>()

  /** Before the sources are loaded: functions that ran earlier are not counted by blocks. */
  constructor(isWatched: (url: string) => boolean) {
    this.#isWatched = isWatched
    this.#session.connect()
    this.#post('Profiler.enable')
    this.#post('Profiler.startPreciseCoverage', { callCount: false, detailed: true })
  }

  stop(): void {
    this.#session.disconnect()
  }

  /** What has run since the last look. */
  look(): Seen {
    const { result } = this.#post('Profiler.takePreciseCoverage') as Profiler.TakePreciseCoverageReturnType
    return result.filter(({ url }) => this.#isWatched(url))
  }

  /** How many of its characters never ran before. */
  countNew(seen: Seen): number {
    return this.#walk(seen, () => {})
  }

  add(seen: Seen): void {
    this.#walk(seen, (known, at, value) => {
      if (known[at] !== 1) known[at] = value
    })
  }

  /** Of the functions that are known so far, in percent. */
  percent(): number {
    let [run, all] = [0, 0]
    for (const known of this.#functions.values()) {
      all += known.length
      for (const value of known) if (value === 1) run += 1
    }
    return all === 0 ? 0 : (100 * run) / all
  }

  /** A function within a function counts by itself: what its surroundings say of it is not told in every look. */
  #walk(seen: Seen, set: (known: Uint8Array, at: number, value: number) => void): number {
    let fresh = 0
    for (const { url, functions } of seen) {
      for (const { ranges } of functions) {
        const [whole, ...inner] = ranges
        if (whole === undefined) continue
        const { startOffset: from, endOffset: to } = whole
        // An inner range tells what its surrounding one does not: later ones win.
        const values = new Uint8Array(to - from).fill(whole.count > 0 ? 1 : 2)
        for (const { startOffset, endOffset, count } of inner) {
          values.fill(count > 0 ? 1 : 2, startOffset - from, endOffset - from)
        }
        const key = `${url}:${from}-${to}`
        const known = this.#functions.get(key) ?? new Uint8Array(to - from)
        for (const [at, value] of values.entries()) {
          if (value === 1 && known[at] !== 1) fresh += 1
          set(known, at, value)
        }
        this.#functions.set(key, known)
      }
    }
    return fresh
  }

  #post(method: string, parameters: object = {}): unknown {
    let answer: unknown
    this.#session.post(method, parameters, (error: Error | null, result?: unknown) => {
      if (error !== null) throw new Error(`${method}: ${error.message}`)
      answer = result
    })
    return answer
  }
}

export type Seen = readonly Profiler.ScriptCoverage[]
