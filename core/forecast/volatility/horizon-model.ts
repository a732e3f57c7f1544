import { readRegressors, regressorCount, type ScaleBank } from './scale-bank.ts'
import { scaleAt, type WeekCurve } from './week-curve.ts'

/**
 * The curve of short-term volatility over the horizon. At each step it is the week's rhythm times the exponential of a
 * linear function of the log averages of past moves at several half-lives and of how one-sided they were. Each stretch
 * of the horizon has its own coefficients: near steps follow the last minutes, far ones revert to the average of the
 * days before.
 */
export interface HorizonModel {
  readonly stepSeconds: number
  readonly halfLivesSteps: readonly number[]
  /** Which of the half-lives also measure how one-sided the moves were. */
  readonly trendScales: readonly number[]
  readonly curve: WeekCurve
  /** Moves are clipped at this many times their rhythm before they enter the memory. */
  readonly moveBound: number
  readonly stretches: readonly HorizonStretch[]
}

export interface HorizonStretch {
  /** First step of the stretch, counted from the start, and the first one after it. */
  readonly fromStep: number
  readonly toStep: number
  /** In the order of `readRegressors`. */
  readonly coefficients: readonly number[]
}

/** What enters the memory: the move with its sign, relative to the rhythm of its time, clipped. */
export function rhythmFreeMove(
  model: Pick<HorizonModel, 'curve' | 'moveBound'>,
  moveBps: number,
  atMs: number,
): number {
  const move = moveBps / scaleAt(model.curve, atMs)
  return Math.max(-model.moveBound, Math.min(model.moveBound, move))
}

/** Expected absolute move of each step in basis points, or null while the memory is empty. */
export function forecastMoves(
  model: HorizonModel,
  bank: ScaleBank,
  startAtMs: number,
  steps: number,
): Float64Array | null {
  const regressors = new Float64Array(regressorCount(model.halfLivesSteps.length, model.trendScales.length))
  if (!readRegressors(bank, model.trendScales, regressors)) return null
  const moves = rhythmFrom(model, startAtMs, steps)
  let level = 0
  let stretchEnd = 0
  for (let step = 0; step < steps; step += 1) {
    if (step >= stretchEnd) {
      const stretch = model.stretches.find((candidate) => step < candidate.toStep) ?? model.stretches.at(-1)!
      stretchEnd = step < stretch.toStep ? stretch.toStep : Number.POSITIVE_INFINITY
      let exponent = 0
      for (let j = 0; j < regressors.length; j += 1) exponent += regressors[j]! * stretch.coefficients[j]!
      level = Math.exp(exponent)
    }
    moves[step]! *= level
  }
  return moves
}

/** The rhythm of each step; a step that does not begin on the grid has part of two grid steps. */
function rhythmFrom({ curve, stepSeconds }: HorizonModel, startAtMs: number, steps: number): Float64Array {
  const stepMs = stepSeconds * 1000
  const lateMs = startAtMs - Math.floor(startAtMs / stepMs) * stepMs
  const firstMiddleMs = startAtMs - lateMs + 0.5 * stepMs
  const late = lateMs / stepMs
  const rhythm = new Float64Array(steps)
  let before = scaleAt(curve, firstMiddleMs)
  for (let step = 0; step < steps; step += 1) {
    const after = late === 0 && step + 1 === steps ? before : scaleAt(curve, firstMiddleMs + (step + 1) * stepMs)
    rhythm[step] = late === 0 ? before : Math.sqrt((1 - late) * before ** 2 + late * after ** 2)
    before = after
  }
  return rhythm
}
