import { logScales, type ScaleBank } from './scale-bank.ts'
import { scaleAt, type WeekCurve } from './week-curve.ts'

/**
 * The curve of short-term volatility over the horizon: at each step, the week's rhythm times the exponential of a linear
 * function of the log averages of past moves at several half-lives, with coefficients of its own for each stretch of the
 * horizon. Near steps lean on the last minutes, far ones revert to the days before.
 */
export interface HorizonModel {
  readonly stepSeconds: number
  readonly halfLivesSteps: readonly number[]
  readonly curve: WeekCurve
  /** Moves are bounded at this many times their rhythm before they enter the memory. */
  readonly moveBound: number
  readonly stretches: readonly HorizonStretch[]
}

export interface HorizonStretch {
  /** First step of the stretch, counted from the start, and the first one after it. */
  readonly fromStep: number
  readonly toStep: number
  /** The constant, then one per half-life. */
  readonly coefficients: readonly number[]
}

/** What enters the memory: the move relative to the rhythm of its half-hour, bounded. */
export function rhythmFreeMove(
  model: Pick<HorizonModel, 'curve' | 'moveBound'>,
  moveBps: number,
  atMs: number,
): number {
  return Math.min(moveBps / scaleAt(model.curve, atMs), model.moveBound)
}

/** Expected absolute move of each step in basis points, or null while the memory is empty. */
export function forecastMoves(
  model: HorizonModel,
  bank: ScaleBank,
  startAtMs: number,
  steps: number,
): Float64Array | null {
  const regressors = new Float64Array(model.halfLivesSteps.length + 1)
  if (!logScales(bank, regressors)) return null
  const moves = new Float64Array(steps)
  for (let step = 0; step < steps; step += 1) {
    const stretch = model.stretches.find((candidate) => step < candidate.toStep) ?? model.stretches.at(-1)!
    let exponent = 0
    for (let j = 0; j < regressors.length; j += 1) exponent += regressors[j]! * stretch.coefficients[j]!
    const atMs = startAtMs + (step + 0.5) * model.stepSeconds * 1000
    moves[step] = Math.exp(exponent) * scaleAt(model.curve, atMs)
  }
  return moves
}
