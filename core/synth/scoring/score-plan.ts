/**
 * What to compare for one answer: which change of the paths with which change of the real price, in which interval and
 * which run of observed values. Everything about names, steps, gaps and missing prices is decided here. So the
 * arithmetic (plain or compiled) only sees columns.
 */
import { AppError } from '#core/base/errors/app-error'
import type { GapMode, ScoringInterval } from '../regimes/regime.ts'

export class ScoringError extends AppError {}

export interface IntervalOptions {
  readonly stepSeconds: number
  readonly intervals: readonly ScoringInterval[]
  readonly gapMode: GapMode
}

/** A run of consecutive observed changes, as term numbers [start, end). Runs are summed separately. */
export interface TermBlock {
  readonly start: number
  readonly end: number
}

export interface PlannedInterval {
  readonly name: string
  readonly isAbsolute: boolean
  readonly isGap: boolean
  /** Grid steps from the start of a change to its end. */
  readonly steps: number
  readonly blocks: readonly TermBlock[]
}

/** Term i compares point `to[i]` with point `from[i]`; if `from[i]` is `noStart`, the price itself is compared. */
export interface ScorePlan {
  readonly from: readonly number[]
  readonly to: readonly number[]
  readonly observed: readonly number[]
  readonly intervals: readonly PlannedInterval[]
}

export const noStart = -1

const basisPoints = 10_000

/** The change in bps, in exactly this order of operations. */
export function changeBps(before: number, after: number): number {
  return ((after - before) / before) * basisPoints
}

/** Number of grid steps in an interval; an interval below one step cannot be scored. */
export function intervalSteps(interval: { name: string; seconds: number }, stepSeconds: number): number {
  const steps = Math.trunc(interval.seconds / stepSeconds)
  if (steps > 0) return steps
  throw new ScoringError(
    'SCORING_INTERVAL_TOO_SHORT',
    `Interval ${interval.name} of ${interval.seconds} s is shorter than the step of ${stepSeconds} s.`,
    { details: { interval: interval.name, seconds: interval.seconds, incrementSeconds: stepSeconds } },
  )
}

export function planScore(pointCount: number, real: ArrayLike<number>, options: IntervalOptions): ScorePlan {
  const from: number[] = []
  const to: number[] = []
  const observed: number[] = []
  const intervals: PlannedInterval[] = []
  for (const interval of options.intervals) {
    const isAbsolute = interval.name.endsWith('_abs')
    const isGap = options.gapMode === 'firstChange' && interval.name.endsWith('_gaps')
    const steps = sampledSteps(intervalSteps(interval, options.stepSeconds), real.length, isAbsolute)
    const realChanges = changeCount(real.length, steps, isGap)
    if (realChanges === 0) continue
    const blocks: TermBlock[] = []
    let blockStart = -1
    for (let i = 0; i < realChanges; i += 1) {
      const start = i * steps
      const end = start + steps
      const value = isAbsolute ? real[end]! : changeBps(real[start]!, real[end]!)
      if (Number.isNaN(value)) {
        if (blockStart >= 0) blocks.push({ start: blockStart, end: from.length })
        blockStart = -1
        continue
      }
      if (blockStart < 0) blockStart = from.length
      from.push(isAbsolute ? noStart : start)
      to.push(end)
      observed.push(value)
    }
    if (blockStart >= 0) blocks.push({ start: blockStart, end: from.length })
    const pathChanges = changeCount(pointCount, steps, isGap)
    // The validator fails on unequal lengths only when it has something to compare.
    if (blocks.length > 0 && pathChanges !== realChanges) throw lengthMismatch(interval.name, pathChanges, realChanges)
    intervals.push({ name: interval.name, isAbsolute, isGap, steps, blocks })
  }
  return { from, to, observed, intervals }
}

/** An absolute interval longer than the real path shrinks until a second sample exists. */
function sampledSteps(steps: number, realLength: number, isAbsolute: boolean): number {
  if (!isAbsolute || realLength === 0 || steps < realLength) return steps
  return Math.max(1, realLength - 1)
}

/** The number of changes of a path with this many points at this sampling; a gap interval keeps the first. */
export function changeCount(pointCount: number, steps: number, isGap: boolean): number {
  const samples = Math.ceil(pointCount / steps)
  return Math.max(0, (isGap ? Math.min(samples, 2) : samples) - 1)
}

function lengthMismatch(interval: string, pathChanges: number, realChanges: number): ScoringError {
  return new ScoringError(
    'SCORING_SHAPE_MISMATCH',
    `Interval ${interval} has ${realChanges} real changes but ${pathChanges} in the paths.`,
    { details: { interval, realChanges, pathChanges } },
  )
}
