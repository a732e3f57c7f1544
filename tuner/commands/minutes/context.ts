import type { Terminal } from '#core/base/cli/terminal'
import { UsageError } from '#core/base/errors/app-error'
import { counted } from '#core/base/text/counted'
import { nearestName } from '#core/base/text/nearest-name'
import type { Clock } from '#core/base/time/clock'
import { minuteMs } from '#core/base/time/units'
import type { MinuteBatch } from '#core/market/minutes/minute-batch'
import { floorToMinute } from '#core/market/minutes/minute-day'
import type { MinuteFileFormat } from '#core/market/minutes/minute-file-format'
import type { MinuteSeries, MinuteStore } from '#core/market/minutes/minute-store'
import type { MinuteHistory } from '#core/market/venues/minute-history'
import type { PriceSourceLookup } from '#core/market/venues/price-sources'
import type { VenueId } from '#core/market/venues/venue'

/** What the commands work on; made when one runs, since it needs the configuration. */
export interface MinutesContext {
  readonly store: MinuteStore
  /** The assets of the configuration, in the order to show them. */
  readonly assets: readonly string[]
  readonly sources: PriceSourceLookup
  readonly histories: ReadonlyMap<VenueId, MinuteHistory>
  close(): void
}

export interface MinutesCommandDeps {
  /** `mayCreate`: the command brings minutes, so there need not be a database yet. */
  readonly open: (mayCreate?: boolean) => MinutesContext
  readonly terminal: Terminal
  readonly clock: Clock
  /** Both throw an InputError that names file and line. */
  readonly readMinuteFile: (path: string, columns?: { time: string; close: string }) => Promise<MinuteBatch>
  readonly writeMinuteFile: (
    path: string,
    minutes: { fromMs: number; slots: Float64Array },
    format: MinuteFileFormat,
  ) => Promise<number>
}

export async function withContext<T>(
  deps: MinutesCommandDeps,
  run: (context: MinutesContext) => T | Promise<T>,
): Promise<T> {
  const context = deps.open()
  try {
    return await run(context)
  } finally {
    context.close()
  }
}

/** The assets named on the command line, or all; each must be known from configuration or store. */
export function chooseAssets(context: MinutesContext, named: readonly string[] | undefined): readonly string[] {
  const stored = context.store.listSeries().map((series) => series.asset)
  const known = [...new Set([...context.assets, ...stored])]
  for (const asset of named ?? []) {
    if (known.includes(asset)) continue
    const near = nearestName(asset, known)
    throw new UsageError('ASSET_UNKNOWN', `There is no asset ${asset}.`, {
      hint:
        near === undefined ? `Known are ${known.join(', ')}.` : `Did you mean ${near}? Known are ${known.join(', ')}.`,
    })
  }
  return named ?? known
}

/** The series that the asset is scored from now; undefined when the present rules do not score it. */
export function scoredSeries(context: MinutesContext, asset: string, nowMs: number): MinuteSeries | undefined {
  const source = context.sources(asset, nowMs)
  return source === undefined ? undefined : { asset, venue: source.venue, symbol: source.symbol }
}

/** The last minute that has ended. */
export function lastFullMinuteMs(nowMs: number): number {
  return floorToMinute(nowMs) - minuteMs
}

export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ' ')
}

export function countMinutes(count: number): string {
  return counted(count, 'minute', 'minutes', formatCount(count))
}

export function nameSeries(series: MinuteSeries): string {
  return `${series.venue} ${series.symbol}`
}
