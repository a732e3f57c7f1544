import type { Terminal } from '#core/base/cli/terminal'
import { UsageError } from '#core/base/errors/app-error'
import type { HashText } from '#core/base/text/hash-text'
import type { Clock } from '#core/base/time/clock'
import { dayMs } from '#core/base/time/units'
import type { JournalReader } from '#core/forecast/journal/journal'
import type { JournalSummary } from '#core/forecast/journal/journal-summary'
import type { PredictionChain } from '#core/forecast/journal/prediction-chain'
import type { PredictionRecord } from '#core/forecast/journal/prediction-record'
import type { PriceText, WriteResult } from '#core/forecast/paths/write-prices'
import { horizonOf } from '#core/synth/prompts/horizon'
import { type HorizonOptions, horizonOption } from '../../options/horizon.ts'
import { checkAssets } from '../../options/known-names.ts'
import { readOptionalInstant } from '../../options/read-instant.ts'

export interface JournalContext {
  readonly reader: JournalReader & { summarize(): JournalSummary }
  /** Undefined: the file was last written by a release without it. */
  readonly chain: PredictionChain | undefined
  readonly writePrices: (target: Uint8Array, offset: number, text: PriceText) => WriteResult
  close(): void
}

export interface JournalCommandDeps {
  readonly open: () => JournalContext
  readonly terminal: Terminal
  readonly clock: Clock
  readonly hashText: HashText
  /** Those of the configuration. */
  readonly assets: () => readonly string[]
  /** Takes the lines as they are made; the file appears when it is complete. */
  readonly writeLines: (path: string, lines: Iterable<string>) => number
}

/** Which predictions; the same options for every command. */
export interface SelectOptions extends HorizonOptions {
  readonly asset?: readonly string[]
  readonly days: number
  readonly from?: string
  readonly to?: string
}

export function withJournal<T>(deps: JournalCommandDeps, run: (context: JournalContext) => T): T {
  const context = deps.open()
  try {
    return run(context)
  } finally {
    context.close()
  }
}

/** Ascending by start. Without --from the last days, 30 by default. */
export function select(
  deps: JournalCommandDeps,
  { reader }: JournalContext,
  options: SelectOptions,
): readonly PredictionRecord[] {
  const toMs = readOptionalInstant(options.to, '--to')
  const fromMs = readOptionalInstant(options.from, '--from') ?? (toMs ?? deps.clock.nowMs()) - options.days * dayMs
  if (fromMs >= (toMs ?? Number.POSITIVE_INFINITY)) {
    throw new UsageError('USAGE', `The range from ${options.from ?? 'then'} to ${options.to} is empty.`, {
      hint: '--from must be before --to.',
    })
  }
  // Only for a name that may be wrong: the summary reads everything that is kept.
  if (options.asset !== undefined) {
    const kept = reader.summarize().series.map(({ asset }) => asset)
    checkAssets(options.asset, [...new Set([...kept, ...deps.assets()])].sort())
  }
  const filter = { fromMs, ...(toMs === undefined ? {} : { toMs }) }
  const records = reader.list(options.asset === undefined ? filter : { ...filter, assets: options.asset })
  const horizon = horizonOption(options)
  return horizon === undefined ? records : records.filter(({ prompt }) => horizonOf(prompt.lengthSeconds) === horizon)
}

export function formatMegabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}
