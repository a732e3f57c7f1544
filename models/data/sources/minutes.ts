import { type CandleColumns, unknownCandles } from '#core/market/minutes/minute-candles'
import type { BarSeries } from '../bar-series.ts'
import { type DataSource, joinAnswers, type SeriesAnswer } from './source.ts'

/** The miner's own one-minute candles, of the series that each asset is scored from. */
export const loadMinutes: DataSource<'minutes'> = async (_, assets, { minutes, nowMs }) =>
  joinAnswers(
    assets.map((asset): SeriesAnswer => {
      const stored = minutes.readHigh(asset)
      if (stored === undefined) {
        const sentence = `no minutes of ${asset} are stored; "tuner minutes" shows and fetches them`
        return { ok: false, problems: [{ path: 'assets', sentence }] }
      }
      const { startAtMs, stepSeconds, closes } = stored.series
      const endsAtMs = startAtMs + closes.length * stepSeconds * 1000
      if (endsAtMs > nowMs) {
        const sentence = `the stored minutes of ${asset} end at ${new Date(endsAtMs).toISOString()}, which is in the future`
        return { ok: false, problems: [{ path: 'assets', sentence }] }
      }
      const series = {
        asset,
        stepSeconds,
        firstOpenMs: startAtMs,
        ...columnsOf(closes, minutes.readCandles?.(asset)),
        segmentStarts: [0],
      }
      return { ok: true, series: [series] }
    }),
  )

function columnsOf(
  close: Float64Array,
  candles: CandleColumns = unknownCandles(close.length),
): Pick<BarSeries, 'close' | 'open' | 'high' | 'low' | 'volume'> {
  return { close, ...candles }
}
