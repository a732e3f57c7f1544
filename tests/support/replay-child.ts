/** A replay in a process of its own, at a time that the parent names: to be timed, weighed and killed. */

import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '#adapters/clock/system-clock'
import type { Logger } from '#core/base/log/logger'
import { dayMs } from '#core/base/time/units'
import { parseModel, specFor, writeModel } from '#core/tuning/replay/model-spec'
import { servedModel } from '#core/tuning/replay/prediction-score'
import type { ReplayReport } from '#core/tuning/replay/run-replay'
import { openReplay } from '#tuner/compose-replay'
import { TunerConfig } from '#tuner/config'

export interface ReplayChildOptions {
  readonly dbPath: string
  readonly nowMs: number
  readonly days: number
  readonly model?: string
  readonly threads?: number
  /** Print a line for each step of progress. */
  readonly isTalking?: boolean
}

export interface ReplayChildResult {
  readonly report: ReplayReport
  readonly seconds: number
  /** Of all threads. */
  readonly cpuSeconds: number
  readonly peakMb: number
}

const options = JSON.parse(process.argv[2] ?? '{}') as ReplayChildOptions
const { dbPath, nowMs, days, model = servedModel, threads } = options
const startedAtMs = performance.now()
const silent: Logger = {
  fatal: () => {},
  error: () => {},
  warn: (_, sentence) => console.error(sentence),
  info: () => {},
  debug: () => {},
  child: () => silent,
}
// Nobody stands behind a venue: everything must come from what is recorded.
const closed = { baseUrl: 'http://127.0.0.1:9' }
const config = TunerConfig.parse({
  db: { path: dbPath },
  market: {
    binance: closed,
    hyperliquid: closed,
    pythHermes: closed,
    pythBenchmarks: closed,
    pythPro: closed,
    synthApi: closed,
    coingecko: closed,
  },
})
const clock = { ...systemClock, nowMs: () => nowMs }
const context = openReplay(
  { clock, config, packageRoot: join(import.meta.dirname, '..', '..'), log: silent, threads: availableParallelism() },
  threads === undefined ? {} : { threads },
)
const asked = model === servedModel ? undefined : parseModel(model)
const sources = asked === undefined ? undefined : await context.sourcesOf(asked)
const { report } = await context.run(
  {
    filter: { fromMs: nowMs - days * dayMs, toMs: nowMs },
    model: asked === undefined || sources === undefined ? servedModel : writeModel(asked, sources),
    specOf: (asset) => (asked === undefined || sources === undefined ? null : specFor(asked, asset, sources)),
    again: false,
  },
  {
    onProgress: ({ stage, done, total }) => {
      if (options.isTalking === true) console.log(JSON.stringify({ stage, done, total }))
    },
  },
)
await context.close()
const result: ReplayChildResult = {
  report,
  seconds: (performance.now() - startedAtMs) / 1000,
  cpuSeconds: sumOf(process.cpuUsage()),
  peakMb: process.resourceUsage().maxRSS / 1024,
}
console.log(JSON.stringify({ result }))

function sumOf({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1e6
}
