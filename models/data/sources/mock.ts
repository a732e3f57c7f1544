import { SplitMix64 } from '#core/base/random/rng'
import { Sfc32 } from '#core/base/random/sfc32'
import { dayMs } from '#core/base/time/units'
import type { DataConfigOf } from '#models/compile/data-config'
import type { BarSeries } from '../bar-series.ts'
import type { DataSource } from './source.ts'

const startsAtMs = Date.UTC(2025, 0, 6)
const tradesPerBar = 8

/** A made market with a known volatility. Of each asset another one, the same for the same seed. */
export const loadMock: DataSource<'mock'> = async (config, assets) => ({
  ok: true,
  series: assets.map((asset) => makeMarket(config, asset)),
})

function makeMarket(given: DataConfigOf<'mock'>, asset: string): BarSeries {
  const { seed, days, stepSeconds, dayVolatility, daySwing, regimeHours, regimeLogSd } = given
  const random = new Sfc32(new SplitMix64(BigInt(seed)).fork(asset))
  const count = Math.floor((days * dayMs) / 1000 / stepSeconds)
  const column = () => new Float64Array(count)
  const [close, open, high, low, volume, trueVariance] = [column(), column(), column(), column(), column(), column()]
  const memory = 2 ** (-stepSeconds / 3600 / regimeHours)
  const usualLogSd = Math.log(dayVolatility * Math.sqrt(stepSeconds / 86_400))
  let regime = regimeLogSd * random.normal()
  let logPrice = Math.log(100)
  for (let i = 0; i < count; i += 1) {
    const day = (i * stepSeconds) / 86_400
    regime = memory * regime + Math.sqrt(1 - memory ** 2) * regimeLogSd * random.normal()
    const logSd = usualLogSd + daySwing * Math.sin(2 * Math.PI * day) + regime
    trueVariance[i] = Math.exp(2 * logSd)
    const before = logPrice
    let [highest, lowest] = [logPrice, logPrice]
    for (let trade = 0; trade < tradesPerBar; trade += 1) {
      logPrice += (Math.exp(logSd) / Math.sqrt(tradesPerBar)) * random.normal()
      highest = Math.max(highest, logPrice)
      lowest = Math.min(lowest, logPrice)
    }
    open[i] = Math.exp(before)
    close[i] = Math.exp(logPrice)
    high[i] = Math.exp(highest)
    low[i] = Math.exp(lowest)
    volume[i] = Math.exp(logSd - usualLogSd + 0.3 * random.normal())
  }
  return {
    asset,
    stepSeconds,
    firstOpenMs: startsAtMs,
    close,
    open,
    high,
    low,
    volume,
    segmentStarts: [0],
    trueVariance,
  }
}
