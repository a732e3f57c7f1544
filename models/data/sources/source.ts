import type { MarketSeries } from '#core/forecast/models/price-series-source'
import type { BarFiles } from '#core/market/bars/bar-files'
import type { CandleColumns } from '#core/market/minutes/minute-candles'
import type { DataConfig, DataConfigOf } from '#models/compile/data-config'
import type { Problem } from '#models/compile/recipe'
import type { BarSeries } from '../bar-series.ts'

/** Where prices come from: `data.use` of a recipe. */
export type DataSource<Use extends DataConfig['use']> = (
  config: DataConfigOf<Use>,
  assets: readonly string[],
  ports: DataPorts,
) => Promise<SeriesAnswer>

/** The world, as far as data come from it. */
export interface DataPorts {
  readonly files: BarFiles
  /** The minutes that the miner stored, of the series that the asset is scored from. */
  readonly minutes: {
    readHigh(asset: string): MarketSeries | undefined
    readCandles?(asset: string): CandleColumns | undefined
  }
  readonly nowMs: number
}

export type SeriesAnswer =
  | { readonly ok: true; readonly series: readonly BarSeries[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Every problem of every asset, or all series. */
export function joinAnswers(answers: readonly SeriesAnswer[]): SeriesAnswer {
  const problems = answers.flatMap((answer) => (answer.ok ? [] : answer.problems))
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, series: answers.flatMap((answer) => (answer.ok ? answer.series : [])) }
}
