import { forecastMoves, type HorizonModel, rhythmFreeMove } from './horizon-model.ts'
import { MixtureCrps } from './mixture-crps.ts'
import { moveAtMs, type PriceSeries, signedReturnsBps } from './price-series.ts'
import { advanceScaleBank, createScaleBank } from './scale-bank.ts'

/** How moves spread around the curve: the uncertainty of the whole path, of an hour or so, and of one step. */
export interface MoveShape {
  /** Root mean square of a step over its expected absolute value. */
  readonly rmsFactor: number
  readonly pathLogSd: number
  readonly driftingLogSd: number
  readonly driftingHalfLifeSeconds: number
  readonly stepLogSd: number
}

export type UncertaintyShape = Pick<MoveShape, 'pathLogSd' | 'driftingLogSd' | 'driftingHalfLifeSeconds'>

const longBlockSteps = 6
const mostSamples = 1500
const leastSamples = 500
/** Three blocks from the horizon: near, middle, far. */
const blockShares = [0, 0.3, 0.8]

interface FitSample {
  readonly stepMoves: readonly number[]
  readonly stepSds: readonly number[]
  readonly blockMove: number
  readonly blockSd: number
}

/**
 * Size and step noise by CRPS over single steps and blocks of six, on the closes before `until`. A few hundred samples
 * are worth less than the result of another fit.
 */
export function fitShape(
  series: PriceSeries,
  until: number,
  model: HorizonModel,
  rest: UncertaintyShape,
  prior?: MoveShape,
): MoveShape {
  const samples = collectSamples(series, until, model)
  if (prior !== undefined && samples.length < leastSamples) return prior
  let best: MoveShape = { ...rest, rmsFactor: 1.36, stepLogSd: 0.34 }
  let bestScore = Number.POSITIVE_INFINITY
  const drifting = rest.driftingLogSd ** 2
  const shared = rest.pathLogSd ** 2
  for (let stepLogSd = 0.05; stepLogSd < 0.75; stepLogSd += 0.05) {
    const single = new MixtureCrps(Math.sqrt(shared + drifting + stepLogSd ** 2))
    const block = new MixtureCrps(Math.sqrt(shared + 0.9 * drifting + stepLogSd ** 2 / longBlockSteps))
    for (let rmsFactor = 1.2; rmsFactor < 1.7; rmsFactor += 0.04) {
      let score = 0
      for (const { stepMoves, stepSds, blockMove, blockSd } of samples) {
        stepMoves.forEach((move, i) => {
          score += single.score(move, stepSds[i]! * rmsFactor)
        })
        score += block.score(blockMove, blockSd * rmsFactor)
      }
      if (score < bestScore) {
        bestScore = score
        best = { ...rest, rmsFactor: Number(rmsFactor.toFixed(2)), stepLogSd: Number(stepLogSd.toFixed(2)) }
      }
    }
  }
  return best
}

function collectSamples(series: PriceSeries, until: number, model: HorizonModel): FitSample[] {
  const horizon = model.stretches.at(-1)!.toStep
  const moves = signedReturnsBps(series, until)
  const bank = createScaleBank(model.halfLivesSteps)
  const first = Math.floor(until / 4)
  // A prime spacing visits every time of day.
  const spacing = Math.max(37, Math.ceil((until - first) / (mostSamples / blockShares.length)) | 1)
  const samples: FitSample[] = []
  for (let i = 0; i + horizon < until; i += 1) {
    advanceScaleBank(bank, rhythmFreeMove(model, moves[i]!, moveAtMs(series, i)))
    if (i < first || i % spacing !== 0) continue
    const startAtMs = series.startAtMs + i * series.stepSeconds * 1000
    const forecast = forecastMoves(model, bank, startAtMs, horizon)
    if (forecast === null) continue
    for (const share of blockShares) {
      const sample = sampleAt(series.closes, i, Math.floor(share * horizon), forecast)
      if (sample !== null) samples.push(sample)
    }
  }
  return samples
}

function sampleAt(closes: Float64Array, start: number, from: number, forecast: Float64Array): FitSample | null {
  const stepMoves: number[] = []
  const stepSds: number[] = []
  let variance = 0
  for (let k = from; k < from + longBlockSteps; k += 1) {
    stepMoves.push((closes[start + k + 1]! / closes[start + k]! - 1) * 1e4)
    stepSds.push(forecast[k]!)
    variance += forecast[k]! ** 2
  }
  if (!stepMoves.every(Number.isFinite)) return null
  return { stepMoves, stepSds, blockMove: stepMoves.reduce((a, b) => a + b, 0), blockSd: Math.sqrt(variance) }
}
