import { newYorkOffsetMs } from '#core/base/time/new-york'
import { dayMs, hourMs, weekMs } from '#core/base/time/units'
import { type EventScale, type EventWindow, eventWindowAt, fitEventScales, poolEventScales } from './event-curve.ts'

/**
 * How large a move is at each moment of New York's week relative to the average: the product of three curves and of the
 * events announced for that moment. It uses New York's clock, not UTC: the American session moves markets, crypto too,
 * and it shifts with summer time. Learned from absolute returns: a single jump distorts them less than squares.
 */
export interface WeekCurve {
  /** 48 half-hours of a working day, then 48 of a weekend day. */
  readonly scales: readonly number[]
  /** The steps of an hour: much trading follows the clock, at the full hour and at candle marks. */
  readonly marks: readonly number[]
  /** The 56 blocks of three hours of the week: Monday morning differs from Friday morning. */
  readonly blocks: readonly number[]
  /** Announced events; none in sets from before there was a calendar. */
  readonly events?: readonly EventScale[] | undefined
}

/** How many moves of a slot weigh as much as what it leans on: the slots near it, or the curve of other markets. */
export interface WeekCurveWeights {
  readonly scales: number
  readonly marks: number
  readonly blocks: number
  /** In events, not moves. */
  readonly events: number
}

export interface WeekCurveOptions {
  readonly eventWindows: readonly EventWindow[]
  readonly alone: WeekCurveWeights
  /** If there is a curve to start from. */
  readonly withPrior: WeekCurveWeights
}

const slotMs = hourMs / 2
const slotsPerDay = 48
export const blockCount = 56
const blockMs = weekMs / blockCount
/** A larger multiple of its level says no more about the slot than this bound. */
const outlierBound = 8

export function flatWeekCurve(stepSeconds: number): WeekCurve {
  return {
    scales: new Array<number>(2 * slotsPerDay).fill(1),
    marks: new Array<number>(markCount(stepSeconds)).fill(1),
    blocks: new Array<number>(blockCount).fill(1),
  }
}

export function markCount(stepSeconds: number): number {
  return Math.max(1, Math.round(hourMs / (stepSeconds * 1000)))
}

export function scaleAt({ scales, marks, blocks, events = [] }: WeekCurve, atMs: number): number {
  const localMs = atMs + newYorkOffsetMs(atMs)
  const rhythm = scales[slotAt(atMs, localMs)]! * marks[markAt(atMs, marks.length)]! * blocks[blockAt(localMs)]!
  const event = eventWindowAt(events, atMs)
  return event === -1 ? rhythm : rhythm * events[event]!.scale
}

function slotAt(atMs: number, localMs: number): number {
  // The weekend is that of UTC: crypto's quiet days begin and end with UTC days.
  const day = Math.floor(atMs / dayMs)
  // 1970-01-01 was a Thursday.
  const weekday = (day + 4) % 7
  const isWeekend = weekday === 0 || weekday === 6
  return Math.floor((localMs - Math.floor(localMs / dayMs) * dayMs) / slotMs) + (isWeekend ? slotsPerDay : 0)
}

function markAt(atMs: number, count: number): number {
  return Math.floor(((atMs % hourMs) / hourMs) * count)
}

function blockAt(localMs: number): number {
  return Math.floor((localMs - Math.floor(localMs / weekMs) * weekMs) / blockMs)
}

export interface CurveData {
  /** Absolute returns; NaN if there is none. */
  readonly moves: Float64Array
  readonly stepSeconds: number
  /** The middle of move i. */
  readonly atMs: (i: number) => number
}

/** Average of the moves before each, over this many hours: what a move is compared with. */
export type LevelOf = (relative: Float64Array, halfLifeHours: number) => Float64Array

const levelHours = { scales: 48, marks: { long: 2, short: 1 }, blocks: 168, events: { long: 24, short: 4 } }

/** One factor after the other, each fitted to what the previous ones leave; the rhythm uses moves outside of events. */
export function fitWeekCurve(
  data: CurveData,
  levelOf: LevelOf,
  { eventWindows, alone, withPrior }: WeekCurveOptions,
  prior?: WeekCurve,
): WeekCurve {
  const weights = prior === undefined ? alone : withPrior
  const { stepSeconds, atMs } = data
  const flat = flatWeekCurve(stepSeconds)
  const windowOf = Int32Array.from(data.moves, (_, i) => eventWindowAt(eventWindows, atMs(i)))
  const relative = data.moves.map((move, i) => (windowOf[i] === -1 ? move : Number.NaN))
  const localMs = Float64Array.from(relative, (_, i) => atMs(i) + newYorkOffsetMs(atMs(i)))
  const gridName = stepSeconds > 60 ? 'long' : 'short'
  const scales = takeOut(
    (i) => slotAt(atMs(i), localMs[i]!),
    levelHours.scales,
    (tally) => lean(tally, prior?.scales ?? dayForBoth(tally, weights.scales), weights.scales),
    flat.scales.length,
  )
  const marks = takeOut(
    (i) => markAt(atMs(i), flat.marks.length),
    levelHours.marks[gridName],
    (tally) => lean(tally, prior?.marks ?? flat.marks, weights.marks),
    flat.marks.length,
  )
  const blocks = takeOut(
    (i) => blockAt(localMs[i]!),
    levelHours.blocks,
    (tally) => lean(tally, prior?.blocks ?? flat.blocks, weights.blocks),
    blockCount,
  )
  const level = levelOf(relative, levelHours.events[gridName])
  const moves = relative.map((move, i) =>
    windowOf[i] === -1 ? move : data.moves[i]! / scaleAt({ scales, marks, blocks }, atMs(i)),
  )
  const eventData = { moves, level, windowOf, stepSeconds }
  const events = fitEventScales(eventData, eventWindows, weights.events, prior?.events)
  return { scales, marks, blocks, events }

  function takeOut(
    slotFor: (i: number) => number,
    halfLifeHours: number,
    settle: (tally: SlotTally) => number[],
    slotCount: number,
  ): number[] {
    const slotOf = Int32Array.from(relative, (_, i) => slotFor(i))
    const factor = settle(tallySlots(relative, slotOf, levelOf(relative, halfLifeHours), slotCount))
    for (let i = 0; i < relative.length; i += 1) relative[i]! /= factor[slotOf[i]!]!
    return factor
  }
}

interface SlotTally {
  /** Of moves over their level. */
  readonly sums: Float64Array
  readonly counts: Float64Array
}

function tallySlots(values: Float64Array, slotOf: Int32Array, level: Float64Array, slotCount: number): SlotTally {
  const sums = new Float64Array(slotCount)
  const counts = new Float64Array(slotCount)
  for (let i = 0; i < values.length; i += 1) {
    const ratio = values[i]! / level[i]!
    if (!Number.isFinite(ratio)) continue
    const slot = slotOf[i]!
    sums[slot]! += Math.min(ratio, outlierBound)
    counts[slot]! += 1
  }
  return { sums, counts }
}

/** Each slot relative to the mean, pulled towards what it leans on as if that were `weight` moves. */
function lean({ sums, counts }: SlotTally, towards: readonly number[], weight: number): number[] {
  // Only observed slots define the unit: a session's bars are above the average of the whole day.
  const expected = towards.reduce((sum, value, slot) => sum + value * counts[slot]!, 0)
  const seen = sums.reduce((sum, value) => sum + value, 0)
  if (!(seen > 0)) return [...towards]
  return towards.map((value, slot) => ((sums[slot]! * expected) / seen + value * weight) / (counts[slot]! + weight))
}

/** The same half-hour of both kinds of day, pulled towards the average. */
function dayForBoth({ sums, counts }: SlotTally, weight: number): number[] {
  const both = (values: Float64Array): Float64Array =>
    Float64Array.from({ length: slotsPerDay }, (_, slot) => values[slot]! + values[slot + slotsPerDay]!)
  const day = lean({ sums: both(sums), counts: both(counts) }, new Array<number>(slotsPerDay).fill(1), weight)
  return [...day, ...day]
}

/** The average of several markets' curves. */
export function poolWeekCurves(curves: readonly { readonly curve: WeekCurve; readonly weight: number }[]): WeekCurve {
  const total = curves.reduce((sum, { weight }) => sum + weight, 0)
  const average = (part: 'scales' | 'marks' | 'blocks'): number[] =>
    curves[0]!.curve[part].map((_, slot) =>
      curves.reduce((sum, { curve, weight }) => sum + (weight / total) * curve[part][slot]!, 0),
    )
  const events = poolEventScales(curves.map(({ curve, weight }) => ({ scales: curve.events ?? [], weight })))
  return { scales: average('scales'), marks: average('marks'), blocks: average('blocks'), events }
}
