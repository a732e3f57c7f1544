import { z } from 'zod'
import { defineMarketFeature } from '#core/forecast/models/onnx/feature'
import type { MarketRows } from '#core/forecast/models/onnx/market-rows'

const values = [
  'open',
  'high',
  'low',
  'close',
  'volume',
  'realizedVolatility',
  'skew',
  'kurtosis',
  'parkinson',
  'efficiency',
  'vwapDeviation',
  'signedVolume',
  'upWick',
  'downWick',
  'body',
  'closeLocation',
] as const
type Bar = Readonly<Record<(typeof values)[number], number>>

/** Keeps a bar without range, path or volume from dividing by zero. */
const tiny = 1e-8

export default defineMarketFeature({
  name: 'bar',
  description: 'One number of the candle that the one-minute candles of a step make together',
  settings: z.strictObject({ value: z.enum(values).describe('which number; models/README.md defines each') }),
  reads: () => ({ candles: true }),
  minutes: (_, stepMinutes) => stepMinutes,
  values: ({ value }, rows) => {
    const bars = rows.once('bars', () =>
      Array.from({ length: rows.count }, (_, row) => barOf(rows, rows.lastMinute(row))),
    )
    return bars.map((bar) => bar?.[value] ?? Number.NaN)
  },
})

/** Undefined: no candle of the step is known. */
function barOf(rows: MarketRows, lastMinute: number): Bar | undefined {
  const { candles, stepMinutes } = rows
  const firstMinute = lastMinute + 1 - stepMinutes
  let open = Number.NaN
  let close = Number.NaN
  let high = Number.NEGATIVE_INFINITY
  let low = Number.POSITIVE_INFINITY
  let volume = 0
  let volumes = 0
  let signedVolume = 0
  let priceVolume = 0
  let path = 0
  let squaredRanges = 0
  let count = 0
  const moves: number[] = []
  for (let minute = firstMinute; minute <= lastMinute; minute += 1) {
    const candle = candles.candle(minute)
    if (candle === undefined) continue
    if (count === 0) open = candle.open
    close = candle.close
    high = Math.max(high, candle.high)
    low = Math.min(low, candle.low)
    squaredRanges += Math.log(candle.high / candle.low) ** 2
    count += 1
    // The move into the step's first minute belongs to the step.
    const change = candle.close - candles.close(minute - 1)
    if (!Number.isNaN(change)) {
      path += Math.abs(change)
      moves.push(Math.log(candle.close) - Math.log(candles.close(minute - 1)))
    }
    const own = candles.volume(minute)
    if (own >= 0) {
      volumes += 1
      volume += own
      priceVolume += ((candle.high + candle.low + candle.close) / 3) * own
      if (!Number.isNaN(change)) signedVolume += Math.sign(change) * own
    }
  }
  if (count === 0) return undefined
  const ofVolume = (value: number): number => (volumes === 0 ? Number.NaN : value)
  const vwap = priceVolume / (volume + tiny)
  const range = high - low + tiny
  return {
    open,
    high,
    low,
    close,
    volume: ofVolume(volume),
    ...momentsOf(moves),
    parkinson: Math.sqrt(squaredRanges / count / (4 * Math.log(2))),
    efficiency: Math.abs(close - open) / (path + tiny),
    // Without a trade there is no price to deviate from.
    vwapDeviation: ofVolume(volume > 0 ? (close - vwap) / (vwap + tiny) : 0),
    signedVolume: ofVolume(signedVolume),
    upWick: (high - Math.max(open, close)) / range,
    downWick: (Math.min(open, close) - low) / range,
    body: Math.abs(close - open) / range,
    closeLocation: (close - low - (high - close)) / range,
  }
}

/** 0 where there are too few moves, or none of another size. */
function momentsOf(moves: readonly number[]): Pick<Bar, 'realizedVolatility' | 'skew' | 'kurtosis'> {
  const count = moves.length
  const mean = moves.reduce((sum, move) => sum + move, 0) / count
  const moment = (power: number): number => moves.reduce((sum, move) => sum + (move - mean) ** power, 0) / count
  const variance = moment(2)
  const isFlat = !(variance > (1e-15 * mean) ** 2)
  return {
    realizedVolatility: count < 2 ? 0 : Math.sqrt((variance * count) / (count - 1)),
    skew: isFlat ? 0 : moment(3) / variance ** 1.5,
    kurtosis: isFlat ? 0 : moment(4) / variance ** 2 - 3,
  }
}
