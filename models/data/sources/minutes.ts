import type { BarSeries } from '../bar-series.ts'
import { type DataSource, joinAnswers, type SeriesAnswer } from './source.ts'

/** The miner's own one-minute closes, of the series that each asset is scored from. */
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
      const series = { asset, stepSeconds, firstOpenMs: startAtMs, ...columnsOf(closes), segmentStarts: [0] }
      return { ok: true, series: [series] }
    }),
  )

function columnsOf(close: Float64Array): Pick<BarSeries, 'close' | 'open' | 'high' | 'low' | 'volume'> {
  const unknown = new Float64Array(close.length).fill(Number.NaN)
  return { close, open: unknown, high: unknown, low: unknown, volume: unknown }
}
