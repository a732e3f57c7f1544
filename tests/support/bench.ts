/** What scripts/bench.ts looks for in tests/bench/NAME.ts, and how the benches measure. */
export interface BenchOptions {
  /** Timed repetitions of each step; a bench may ask for a least number. */
  readonly runs: number
  /** Folder of recorded prices. */
  readonly market?: string
  /** JSON list of prompts to score instead of all. */
  readonly prompts?: string
  /** Names of the assets, with commas between. */
  readonly assets?: string
  /** Most prompts of an asset and horizon, evenly spaced over all there are. */
  readonly limit?: string
  /** How much of a month, for a bench that makes one. */
  readonly days?: string
}

/** Numbers, texts and groups of them; `null`: what it would be compared with is not here. */
export type BenchResult = Readonly<Record<string, unknown>>

export interface BenchModule {
  readonly description: string
  run(options: BenchOptions): Promise<BenchResult>
}

export interface Timing {
  readonly medianMs: number
  readonly p10Ms: number
  readonly p90Ms: number
  readonly minMs: number
}

/** Times `step(i)`, one by one, after `warmUp` untimed calls. */
export function timeRuns(runs: number, warmUp: number, step: (run: number) => void): Timing {
  for (let i = 0; i < warmUp; i += 1) step(i)
  const durations = new Float64Array(runs)
  for (let i = 0; i < runs; i += 1) {
    const startedAt = performance.now()
    step(i)
    durations[i] = performance.now() - startedAt
  }
  durations.sort()
  const at = (share: number): number => durations[Math.min(runs - 1, Math.floor(share * runs))]!
  return { medianMs: at(0.5), p10Ms: at(0.1), p90Ms: at(0.9), minMs: durations[0]! }
}

export function rounded(value: number, digits = 3): number {
  return Number(value.toFixed(digits))
}

export function residentMb(): number {
  return rounded(process.memoryUsage.rss() / 2 ** 20, 1)
}
