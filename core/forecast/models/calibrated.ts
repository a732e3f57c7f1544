import { type Horizon, horizonOf } from '#core/synth/prompts/horizon'
import type { CalibratedTuning } from '../parameters/asset-parameters.ts'
import { type ProcessParameters, singlePart, type VolatilityFactor } from '../paths/process-parameters.ts'
import type { MoveShape } from '../volatility/fit-shape.ts'
import { forecastMoves } from '../volatility/horizon-model.ts'
import { logNormalScales } from '../volatility/mixture-crps.ts'
import type { CalibratedMemory } from './calibrated-memory.ts'
import { tuneCalibrated } from './tune-calibrated.ts'
import type { ForecastQuestion, ModelAnswer, VolatilityModel } from './volatility-model.ts'

/** The curve of short-term volatility over the horizon, fitted from minutes; see docs/adr/0060-calibrated-model.md. */
export class CalibratedModel implements VolatilityModel {
  readonly name = 'calibrated'
  readonly #readMemory: (asset: string, horizon: Horizon) => CalibratedMemory | undefined
  readonly #readTuning: (asset: string, horizon: Horizon) => CalibratedTuning | undefined

  constructor(
    readMemory: (asset: string, horizon: Horizon) => CalibratedMemory | undefined,
    readTuning: (asset: string, horizon: Horizon) => CalibratedTuning | undefined = () => undefined,
  ) {
    this.#readMemory = readMemory
    this.#readTuning = readTuning
  }

  forecast(question: ForecastQuestion): ModelAnswer {
    const { asset, startAtMs, stepSeconds, stepCount } = question
    const horizon = horizonOf(stepSeconds * stepCount)
    const memory = this.#readMemory(asset, horizon)
    if (memory === undefined) return { ok: false, reason: `no calibrated parameters for ${asset}` }
    const { model, shape } = tuneCalibrated(memory.parameters, this.#readTuning(asset, horizon))
    const ownCount = Math.ceil((stepSeconds * stepCount) / model.stepSeconds)
    const moves = forecastMoves(model, memory.bank, startAtMs, ownCount)
    if (moves === null) return { ok: false, reason: `no minutes of ${asset} are recorded yet` }
    const variances = moves.map((move) => (move * 1e-4 * shape.rmsFactor) ** 2)
    const stepVariances = regridVariances(variances, model.stepSeconds, stepSeconds, stepCount)
    const forecast = singlePart(processOf(stepVariances, stepSeconds, shape))
    return { ok: true, forecast, isDegraded: memory.isDegraded }
  }
}

function processOf(stepVariances: Float64Array, stepSeconds: number, shape: MoveShape): ProcessParameters {
  const factors: VolatilityFactor[] = [
    { logSd: shape.pathLogSd, halfLifeSeconds: Number.POSITIVE_INFINITY },
    { logSd: shape.driftingLogSd, halfLifeSeconds: shape.driftingHalfLifeSeconds },
  ]
  return {
    stepSeconds,
    stepVariances,
    volatilityFactors: factors.filter(({ logSd }) => logSd > 0),
    tails: { kind: 'mixture', components: logNormalScales(shape.stepLogSd) },
  }
}

/** The same variance over time on another grid: each old step is spread evenly. */
export function regridVariances(
  variances: Float64Array,
  fromSeconds: number,
  toSeconds: number,
  count: number,
): Float64Array {
  if (fromSeconds === toSeconds) return variances.slice(0, count)
  const total = new Float64Array(variances.length + 1)
  for (let i = 0; i < variances.length; i += 1) total[i + 1] = total[i]! + variances[i]!
  const totalAt = (seconds: number): number => {
    const at = Math.min(seconds / fromSeconds, variances.length)
    const whole = Math.min(Math.floor(at), variances.length - 1)
    return total[whole]! + (at - whole) * variances[whole]!
  }
  return Float64Array.from({ length: count }, (_, k) => totalAt((k + 1) * toSeconds) - totalAt(k * toSeconds))
}
