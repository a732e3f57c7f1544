import { counted } from '#core/base/text/counted'
import type { Problem } from '#models/compile/recipe'
import { type BarSeries, barColumns } from './bar-series.ts'

/** As they stand in a file, in its order. */
export interface BarRows {
  readonly openSeconds: readonly number[]
  /** In the order of `barColumns`: one close alone, or all five. */
  readonly columns: readonly (readonly number[])[]
  /** Where each row stands in the file, for messages. */
  readonly lines: readonly number[]
}

export interface RowsReading {
  readonly rows: BarRows
  /** Of rows that could not be read. */
  readonly problems: readonly Problem[]
}

export interface RowRules {
  readonly asset: string
  readonly file: string
  readonly stepSeconds: number
  readonly nowMs: number
  readonly gaps: 'error' | 'skip'
  /** Unix seconds at which segments begin. */
  readonly segmentStartsSeconds: readonly number[]
}

export type BarsAnswer =
  | { readonly ok: true; readonly series: BarSeries }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Of one kind of mistake in one file. */
const mostExamples = 3
/** 2009: no market of ours is older, and milliseconds are far beyond the other end. */
const earliestSeconds = 1_230_768_000
const latestSeconds = 4_102_444_800

/** Puts rows on their grid, if nothing is wrong with them. */
export function layRows({ rows, problems: broken }: RowsReading, rules: RowRules): BarsAnswer {
  const problems = new RowProblems(rules.file)
  if (rows.lines.length > 0 || broken.length === 0) checkRows(rows, rules, problems)
  const all = [...broken, ...problems.finish()]
  if (all.length > 0) return { ok: false, problems: all }
  const { openSeconds, columns } = rows
  const { asset, stepSeconds } = rules
  const first = openSeconds[0]!
  const count = (openSeconds.at(-1)! - first) / stepSeconds + 1
  const [close, open, high, low, volume] = barColumns.map((_, j) => {
    const grid = new Float64Array(count).fill(Number.NaN)
    const column = columns[j]
    if (column !== undefined) {
      for (let row = 0; row < column.length; row += 1) grid[(openSeconds[row]! - first) / stepSeconds] = column[row]!
    }
    return grid
  }) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array]
  const borders = rules.segmentStartsSeconds
    .map((start) => Math.ceil((start - first) / stepSeconds))
    .filter((bar) => bar > 0 && bar < count)
  const segmentStarts = [...new Set([0, ...borders])].sort((a, b) => a - b)
  const firstOpenMs = first * 1000
  return { ok: true, series: { asset, stepSeconds, firstOpenMs, close, open, high, low, volume, segmentStarts } }
}

function checkRows({ openSeconds, columns, lines }: BarRows, rules: RowRules, problems: RowProblems): void {
  const { stepSeconds, nowMs } = rules
  let previous = Number.NEGATIVE_INFINITY
  let gaps = 0
  let firstGap: { row: number; bars: number; fromSeconds: number } | undefined
  const borders = new Set(rules.segmentStartsSeconds)
  for (let row = 0; row < openSeconds.length; row += 1) {
    const at = openSeconds[row]!
    const line = lines[row]!
    for (const [j, column] of columns.entries()) {
      const value = column[row]!
      const isGood = j === 4 ? value >= 0 && Number.isFinite(value) : value > 0 && Number.isFinite(value)
      if (!isGood) {
        problems.add(line, `${barColumns[j]} is ${value}, not a number ${j === 4 ? 'of at least' : 'above'} zero`)
      }
    }
    const [high, low] = [columns[2]?.[row], columns[3]?.[row]]
    if (high !== undefined && low !== undefined && high < low) problems.add(line, 'high is below low')
    if (!(at >= earliestSeconds && at < latestSeconds && Number.isInteger(at))) {
      problems.add(line, `ts is ${at}, not a whole Unix second between 2009 and 2100`)
      continue
    }
    if (at % stepSeconds !== 0) problems.add(line, `ts is off the grid of ${stepSeconds} s`)
    if ((at + stepSeconds) * 1000 > nowMs) problems.add(line, 'its bar ends in the future')
    if (at === previous) problems.add(line, 'ts is that of the row before')
    if (at < previous) problems.add(line, 'ts is before that of the row before: rows must be sorted')
    if (at > previous + stepSeconds && row > 0 && !crosses(borders, previous, at)) {
      gaps += 1
      firstGap ??= {
        row: line,
        bars: Math.round((at - previous) / stepSeconds) - 1,
        fromSeconds: previous + stepSeconds,
      }
    }
    previous = Math.max(previous, at)
  }
  if (openSeconds.length < 2)
    problems.add(undefined, `it has ${counted(openSeconds.length, 'row')}, at least 2 are needed`)
  if (firstGap !== undefined && rules.gaps === 'error' && problems.list.length === 0) {
    const { row, bars, fromSeconds } = firstGap
    const from = new Date(fromSeconds * 1000).toISOString().slice(0, 16)
    problems.add(
      row,
      `it has ${counted(gaps, 'gap')}, the first of ${counted(bars, 'bar')} from ${from}; gaps: skip leaves out the windows with too many unknown minutes`,
    )
  }
}

function crosses(borders: ReadonlySet<number>, after: number, until: number): boolean {
  for (const border of borders) if (border > after && border <= until) return true
  return false
}

/** All kinds of mistakes of one file; of each the first rows and how many more there are. */
class RowProblems {
  readonly list: Problem[] = []
  readonly #file: string
  readonly #counts = new Map<string, number>()

  constructor(file: string) {
    this.#file = file
  }

  add(row: number | undefined, sentence: string): void {
    const kind = sentence.replace(/-?\d[\d.e+-]*|NaN|Infinity/g, '#')
    const count = (this.#counts.get(kind) ?? 0) + 1
    this.#counts.set(kind, count)
    if (count > mostExamples) return
    const line = row === undefined ? {} : { line: row }
    this.list.push({
      path: 'data',
      file: this.#file,
      ...line,
      sentence: `${row === undefined ? '' : `row ${row}: `}${sentence}`,
    })
  }

  finish(): Problem[] {
    const more = [...this.#counts].flatMap(([kind, count]): Problem[] =>
      count <= mostExamples
        ? []
        : [{ path: 'data', file: this.#file, sentence: `${count - mostExamples} more rows with this: ${kind}` }],
    )
    return [...this.list, ...more]
  }
}
