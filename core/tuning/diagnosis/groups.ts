import { dayMs, hourMs } from '#core/base/time/units'
import type { FactCell } from '../replay/prediction-facts.ts'
import type { ScoredPrediction } from './scored-prediction.ts'
import { addTallies, addToTally, emptyTally, type Tally } from './tally.ts'

/** Increments that are judged together, kept by day so that their interval can be computed. */
export interface Group {
  readonly name: string
  /** Ascending by day. */
  readonly days: readonly Tally[]
  /** Prompts with at least one increment in this group. */
  readonly prompts: number
  readonly total: Tally
}

/** The group of a cell in one view; undefined leaves it out. */
export type Sort = (prediction: ScoredPrediction, cell: FactCell) => string | undefined

export function groupCells(predictions: readonly ScoredPrediction[], sort: Sort): Group[] {
  const found = new Map<string, { days: Map<number, Tally>; prompts: Set<string>; total: Tally }>()
  for (const prediction of predictions) {
    for (const cell of prediction.facts?.cells ?? []) {
      const name = cell.count === 0 ? undefined : sort(prediction, cell)
      if (name === undefined) continue
      const group = found.get(name) ?? { days: new Map(), prompts: new Set(), total: emptyTally() }
      found.set(name, group)
      const day = Math.floor(cellStartMs(prediction, cell) / dayMs)
      const tally = group.days.get(day) ?? emptyTally()
      group.days.set(day, tally)
      addToTally(tally, cell)
      addToTally(group.total, cell)
      group.prompts.add(prediction.predictionId)
    }
  }
  return [...found].map(([name, { days, prompts, total }]) => ({
    name,
    days: [...days].sort(([a], [b]) => a - b).map(([, tally]) => tally),
    prompts: prompts.size,
    total,
  }))
}

export function sumTallies(tallies: readonly Tally[]): Tally {
  const sum = emptyTally()
  for (const tally of tallies) addTallies(sum, tally)
  return sum
}

function cellStartMs(prediction: ScoredPrediction, cell: FactCell): number {
  return prediction.startAtMs + cell.hour * hourMs
}

/** 00-06, 06-12, 12-18 or 18-24 UTC. */
export function quarterOfDay(prediction: ScoredPrediction, cell: FactCell): string {
  return quarterText(cellStartMs(prediction, cell))
}

export function quarterText(atMs: number): string {
  const hour = Math.floor((atMs % dayMs) / hourMs)
  const from = hour - (hour % 6)
  return `${twoDigits(from)}-${twoDigits(from + 6)} UTC`
}

export function hourOfDay(prediction: ScoredPrediction, cell: FactCell): string {
  return hourText(cellStartMs(prediction, cell))
}

export function hourText(atMs: number): string {
  return twoDigits(Math.floor((atMs % dayMs) / hourMs))
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const

const week: readonly string[] = [...weekdays.slice(1), weekdays[0]]

/** From Monday on; other names in alphabetical order. */
export function inOrder(a: string, b: string): number {
  const [placeA, placeB] = [week.indexOf(a), week.indexOf(b)]
  return placeA >= 0 && placeB >= 0 ? placeA - placeB : a < b ? -1 : 1
}

export function weekdayOf(prediction: ScoredPrediction, cell: FactCell): string {
  return weekdayText(cellStartMs(prediction, cell))
}

export function weekdayText(atMs: number): string {
  return weekdays[(Math.floor(atMs / dayMs) + 4) % 7]!
}

const horizonEnds = [1, 3, 6, 12, 24] as const

/** Time since the start of the forecast. */
export function horizonBucket(_prediction: ScoredPrediction, { hour }: FactCell): string {
  const index = horizonEnds.findIndex((end) => hour < end)
  const from = index <= 0 ? 0 : horizonEnds[index - 1]!
  return index < 0 ? 'later' : `${from}-${horizonEnds[index]} h`
}

/**
 * Thirds of the prompts by the forecast volatility. This was known at the time, so a forecast is not called too narrow
 * because of days that became wild later.
 */
export function volatilityThirds(
  predictions: readonly ScoredPrediction[],
  interval: string,
): (prediction: ScoredPrediction) => string | undefined {
  const levels = new Map<string, number>()
  for (const { predictionId, facts } of predictions) {
    const cells = (facts?.cells ?? []).filter((cell) => cell.interval === interval)
    const count = cells.reduce((sum, cell) => sum + cell.count, 0)
    if (count > 0) levels.set(predictionId, cells.reduce((sum, cell) => sum + cell.forecastVariance, 0) / count)
  }
  const sorted = [...levels.values()].sort((a, b) => a - b)
  const [low, high] = [sorted[Math.floor(sorted.length / 3)]!, sorted[Math.floor((2 * sorted.length) / 3)]!]
  return ({ predictionId }) => {
    const level = levels.get(predictionId)
    if (level === undefined) return undefined
    return level < low ? 'calm' : level < high ? 'usual' : 'wild'
  }
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
