import { writeJson } from '#core/base/cli/write-json'
import { UsageError } from '#core/base/errors/app-error'
import { minuteMs } from '#core/base/time/units'
import type { MinuteFileFormat } from '#core/market/minutes/minute-file-format'
import { keyOf } from '#core/market/minutes/minute-filler'
import type { SeriesSummary } from '#core/market/minutes/minute-store'
import { formatInstant } from '#core/synth/regimes/instant'
import { readOptionalInstant } from '../../options/read-instant.ts'
import {
  chooseAssets,
  countMinutes,
  type MinutesCommandDeps,
  type MinutesContext,
  nameSeries,
  scoredSeries,
  withContext,
} from './context.ts'
import { MinutesExportShape } from './shapes.ts'

export interface MinutesExportOptions {
  readonly asset?: readonly string[]
  readonly venue?: string
  readonly from?: string
  readonly to?: string
  readonly format: MinuteFileFormat
  readonly out: string
  readonly json?: boolean
}

/** One file an asset, named so that `minutes import` knows what it holds. */
export async function exportFiles(deps: MinutesCommandDeps, options: MinutesExportOptions): Promise<void> {
  const fromMs = readOptionalInstant(options.from, '--from')
  const toMs = readOptionalInstant(options.to, '--to')
  if (fromMs !== undefined && toMs !== undefined && fromMs > toMs) {
    throw new UsageError('USAGE', `The range from ${options.from} to ${options.to} is empty.`, {
      hint: '--from must not be after --to.',
    })
  }
  await withContext(deps, async (context) => {
    const chosen = chooseAssets(context, options.asset).flatMap(
      (asset) => chooseSeries(deps, context, asset, options) ?? [],
    )
    if (chosen.length === 0) {
      throw new UsageError('USAGE', 'Nothing of this is stored.', {
        hint: '"tuner minutes status" shows what is stored.',
      })
    }
    const reports = []
    for (const series of chosen) {
      const first = Math.max(series.firstMs, Math.ceil((fromMs ?? series.firstMs) / minuteMs) * minuteMs)
      const last = Math.min(series.lastMs, toMs ?? series.lastMs)
      const file = `${options.out.replace(/\/$/, '')}/${series.asset}.${options.format}`
      const slots = context.store.readSlots(series, first, last)
      const rows = await deps.writeMinuteFile(file, { fromMs: first, slots }, options.format)
      const { asset, venue, symbol } = series
      reports.push({
        file,
        asset,
        venue,
        symbol,
        rows,
        from: formatInstant(first),
        to: formatInstant(Math.max(first, last)),
      })
      if (options.json !== true)
        deps.terminal.write(`${file}: ${countMinutes(rows)} of ${asset} (${nameSeries(series)})`)
    }
    if (options.json === true) writeJson(deps.terminal, MinutesExportShape, { files: reports })
  })
}

/**
 * If several series of an asset are stored: that of the named venue, otherwise the scored one, otherwise the longest.
 */
function chooseSeries(
  deps: MinutesCommandDeps,
  context: MinutesContext,
  asset: string,
  options: MinutesExportOptions,
): SeriesSummary | undefined {
  const stored = context.store.listSeries().filter((series) => series.asset === asset)
  if (options.venue !== undefined) return stored.find((series) => series.venue === options.venue)
  const scored = scoredSeries(context, asset, deps.clock.nowMs())
  const isScored = (series: SeriesSummary) => scored !== undefined && keyOf(series) === keyOf(scored)
  return stored.find(isScored) ?? stored.sort((a, b) => b.lastMs - b.firstMs - (a.lastMs - a.firstMs))[0]
}
