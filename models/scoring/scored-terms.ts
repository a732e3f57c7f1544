import type { ScoringInterval } from '#core/synth/regimes/regime'
import { dayIntervals, hourIntervals } from '#core/synth/regimes/table/intervals'
import { intervalSteps } from '#core/synth/scoring/score-plan'
import { cast, less, plus, times } from '#models/graph/arithmetic'
import type { Value } from '#models/graph/graph'
import { reduceSum } from '#models/graph/reduce'
import { cumulativeSum, gather } from '#models/graph/select'
import { concat, reshape, slice } from '#models/graph/shape-operators'
import type { LossTarget } from '#models/registry/component'

/** Which sums of steps are compared with the real move: the intervals that the subnet scores, as far as the steps go. */
export interface ScoredTerms {
  /** Lengths in steps; each is laid end to end over the horizon. */
  readonly tiles: readonly number[]
  /** The step after the last one, of sums from the start. */
  readonly ends: readonly number[]
  readonly count: number
  /** Whether the end's price is compared, and not the change up to it: one entry per term. */
  readonly isAbsolute: readonly boolean[]
}

export type TermFacts = Pick<LossTarget, 'stepSeconds' | 'horizon'> & { readonly steps: number }

export function scoredTerms({ stepSeconds, horizon, steps }: TermFacts): ScoredTerms {
  const intervals = horizon === 'low' ? dayIntervals : hourIntervals
  const usable = intervals.flatMap((interval) => {
    const length = lengthOf(interval, stepSeconds, steps)
    return length < 1 || length > steps ? [] : [{ ...interval, length }]
  })
  const tiles = usable.filter(({ name }) => !isFromStart(name)).map(({ length }) => length)
  const fromStart = usable
    .filter(({ name }) => isFromStart(name))
    .flatMap(({ name, length }) => {
      const isAbsolute = name.endsWith('_abs')
      const count = isAbsolute ? Math.floor(steps / length) : 1
      return Array.from({ length: count }, (_, i) => ({ end: (i + 1) * length, isAbsolute }))
    })
  const tileCount = tiles.reduce((sum, length) => sum + Math.floor(steps / length), 0)
  return {
    tiles,
    ends: fromStart.map(({ end }) => end),
    count: tileCount + fromStart.length,
    isAbsolute: [...new Array<boolean>(tileCount).fill(false), ...fromStart.map(({ isAbsolute }) => isAbsolute)],
  }
}

/** An interval that compares prices is shortened to the horizon, as the validator does. */
function lengthOf(interval: ScoringInterval, stepSeconds: number, steps: number): number {
  if (interval.seconds < stepSeconds) return 0
  const length = intervalSteps(interval, stepSeconds)
  return interval.name.endsWith('_abs') ? Math.min(length, steps) : length
}

function isFromStart(name: string): boolean {
  return name.endsWith('_abs') || name.endsWith('_gaps')
}

/** The sums of each term over the last dimension, which becomes the terms. */
export function sumTerms(x: Value, { tiles, ends }: ScoredTerms): Value {
  const axis = x.shape.length - 1
  const sums = tiles.map((length) => sumTiles(x, length))
  if (ends.length > 0) {
    const places = ends.map((end) => end - 1)
    sums.push(gather(cumulativeSum(x, { axis }), places, axis))
  }
  return concat(sums, axis)
}

/** Sums over parts of this many steps, laid end to end; what is left over at the end is dropped. */
export function sumTiles(x: Value, length: number): Value {
  return length === 1 ? x : reduceSum(cutTiles(x, length), { axes: [-1] })
}

/** [..., steps] to [..., tiles, length]. */
export function cutTiles(x: Value, length: number): Value {
  const count = Math.floor(x.shape.at(-1)! / length)
  const whole = slice(x, { axis: -1, end: count * length })
  return reshape(whole, [...x.shape.slice(0, -1), count, length])
}

/** 1 for each term all of whose steps are known, else 0. */
export function knownTerms(known: Value, terms: ScoredTerms): Value {
  const missing = sumTerms(plus(times(known, -1), 1), terms)
  return cast(less(missing, known.graph.constant(0.5)), 'float')
}
