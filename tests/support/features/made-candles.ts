import type { MinuteWindow } from '#core/forecast/models/onnx/recent-closes'

/** The market of tests/interop/feature_engineers.py, made by whole numbers alone. */
export function madeCandles(minutes: number, endsAtMs: number): Required<Omit<MinuteWindow, 'others'>> {
  let state = 42
  const draw = (below: number): number => {
    state = (state * 16_807) % 2_147_483_647
    return state % below
  }
  const column = (): Float64Array => new Float64Array(minutes)
  const closes = column()
  const candles = { open: column(), high: column(), low: column(), volume: column() }
  let close = 100_000
  for (let i = 0; i < minutes; i += 1) {
    const open = close + draw(21) - 10
    close = Math.max(1, open + draw(201) - 100)
    candles.open[i] = open / 100
    candles.high[i] = (Math.max(open, close) + draw(60)) / 100
    candles.low[i] = Math.max(1, Math.min(open, close) - draw(60)) / 100
    candles.volume[i] = draw(5_000) / 10
    closes[i] = close / 100
  }
  return { closes, endsAtMs, candles }
}
