import { z } from 'zod'
import { defineMarketFeature } from '#core/forecast/models/onnx/feature'
import type { MarketRows } from '#core/forecast/models/onnx/market-rows'
import { decompose, zerosLike } from '#models/signal/wavelet-transform'

const level = 4
/** As the decomposition lists them: the approximation, then details from the coarsest. */
const parts = ['returns', 'approximation', 'detail4', 'detail3', 'detail2'] as const
const mostSds = 5

export default defineMarketFeature({
  name: 'wavelet',
  description: "One band of the window's log-returns by steps: Daubechies' wavelet with four moments, level 4",
  settings: z.strictObject({ part: z.enum(parts).describe('the band; returns: all of them') }),
  minutes: (_, stepMinutes) => stepMinutes,
  values: ({ part }, rows) => rows.once('bands', () => bandsOf(rows))[part],
})

type Bands = Readonly<Record<(typeof parts)[number], Float64Array>>

/** The bands look at the whole window, so a row knows of later rows; all of them are past at the forecast's start. */
function bandsOf(rows: MarketRows): Bands {
  const { minutes, stepMinutes } = rows
  const returns = rows.map((minute) => minutes.logClose(minute) - minutes.logClose(minute - stepMinutes))
  const { coefficients, restore } = decompose(returns, level)
  const limit = mostSds * (sdOf(returns) + 1e-12)
  const clip = (values: Float64Array): Float64Array => values.map((value) => Math.min(Math.max(value, -limit), limit))
  const band = (index: number): Float64Array =>
    clip(restore(coefficients.map((own, i) => (i === index ? own : zerosLike(own)))))
  return {
    returns: clip(returns),
    approximation: band(0),
    detail4: band(1),
    detail3: band(2),
    detail2: band(3),
  }
}

function sdOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}
