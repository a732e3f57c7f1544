import { dayMs, hourSeconds } from '#core/base/time/units'
import { horizonOf } from '#core/synth/prompts/horizon'
import { type BucketScore, bucketOf, bucketScores } from './buckets.ts'
import { compareWithField, type FieldComparison, type ReadField } from './field-comparison.ts'
import { type Calibration, calibrate, findWidthErrors, sentenceOf, type WidthFinding } from './findings.ts'
import {
  groupCells,
  horizonBucket,
  hourOfDay,
  inOrder,
  quarterOfDay,
  type Sort,
  volatilityThirds,
  weekdayOf,
} from './groups.ts'
import { type Ratio, ratioByDays } from './ratio-by-days.ts'
import type { ScoredPrediction } from './scored-prediction.ts'

export interface Diagnosis {
  readonly subjects: readonly SubjectDiagnosis[]
  /** The most expensive first. */
  readonly findings: readonly WidthFinding[]
  readonly sentences: readonly string[]
}

/** One asset on one horizon. */
export interface SubjectDiagnosis {
  readonly name: string
  readonly asset: string
  readonly timeLengthSeconds: number
  readonly competition: string
  readonly totals: Totals
  /** What each interval adds to the total. */
  readonly shares: readonly { readonly name: string; readonly crps: number; readonly share: number }[]
  /** The same by short, medium and long intervals, with every baseline that was scored. */
  readonly byBucket: readonly BucketScore[]
  /** The interval of the views below: the one with the largest share. */
  readonly mainInterval: string | null
  readonly byInterval: readonly Calibration[]
  readonly byHorizon: readonly Calibration[]
  readonly byHour: readonly Calibration[]
  readonly byQuarterOfDay: readonly Calibration[]
  readonly byWeekday: readonly Calibration[]
  readonly byVolatility: readonly Calibration[]
  readonly volatilityBlocks: readonly BlockCalibration[]
  readonly rolling: readonly RollingMean[]
  readonly baselines: readonly BaselineComparison[]
  /** Null if no public score of our prompts is stored. */
  readonly field: FieldComparison | null
}

export interface Totals {
  readonly scored: number
  readonly unscored: readonly { readonly problem: string; readonly count: number }[]
  readonly mean: number | null
  readonly median: number | null
  readonly sd: number | null
  readonly least: number | null
  readonly most: number | null
}

export interface BlockCalibration {
  readonly block: string
  readonly count: number
  /** Realised over forecast mean: above 1 the blocks moved more than the forecast. */
  readonly ratio: number
  readonly meanPit: number
  /** Share of the blocks in the middle half of the forecast: 0.5 is right, more is too wide. */
  readonly insideMiddleHalf: number
}

export interface RollingMean {
  /** Start of the UTC day that ends the window. */
  readonly dayMs: number
  readonly mean: number
  readonly prompts: number
}

/** Ours over theirs on the same prompts: below 1 ours is better. */
export interface BaselineComparison extends Ratio {
  readonly model: string
}

const rollingDays = 7
/** A day-long forecast shares its luck with the next day. */
const longBlockDays = 2

/** All rows of one window. Rows of other models are the baselines of the served ones. */
export function diagnose(rows: readonly ScoredPrediction[], model = 'served', readField?: ReadField): Diagnosis {
  const subjects = new Map<string, ScoredPrediction[]>()
  for (const row of rows) {
    const key = `${row.asset}/${row.timeLengthSeconds}`
    const list = subjects.get(key) ?? []
    subjects.set(key, list)
    list.push(row)
  }
  const diagnoses = [...subjects.values()]
    .map((list) => diagnoseSubject(list, model, readField))
    .filter((subject) => subject !== undefined)
    .sort((a, b) => b.timeLengthSeconds - a.timeLengthSeconds || (a.asset < b.asset ? -1 : 1))
  const findings = diagnoses.flatMap(findingsOf).sort((a, b) => b.cost - a.cost)
  return { subjects: diagnoses, findings, sentences: findings.map(sentenceOf) }
}

function diagnoseSubject(
  rows: readonly ScoredPrediction[],
  model: string,
  readField: ReadField | undefined,
): SubjectDiagnosis | undefined {
  const own = rows.filter((row) => row.model === model)
  const [first] = own
  if (first === undefined) return undefined
  const others = byModel(rows, model)
  const shares = sharesOf(own)
  const mainInterval = mainIntervalOf(own, shares)
  const blockDays = horizonOf(first.timeLengthSeconds) === 'low' ? longBlockDays : 1
  const view = (sort: Sort) =>
    groupCells(own, (prediction, cell) => (cell.interval === mainInterval ? sort(prediction, cell) : undefined))
      .map((group) => calibrate(group, blockDays))
      .sort((a, b) => inOrder(a.group, b.group))
  const volatilityOf = mainInterval === null ? () => undefined : volatilityThirds(own, mainInterval)
  return {
    name: `${first.asset} ${lengthName(first.timeLengthSeconds)}`,
    asset: first.asset,
    timeLengthSeconds: first.timeLengthSeconds,
    competition: first.competition,
    totals: totalsOf(own),
    shares,
    byBucket: bucketScores(own, others, blockDays),
    mainInterval,
    byInterval: groupCells(own, (_, cell) => cell.interval).map((group) => calibrate(group, blockDays)),
    byHorizon: view(horizonBucket).sort((a, b) => Number.parseInt(a.group, 10) - Number.parseInt(b.group, 10)),
    byHour: view(hourOfDay),
    byQuarterOfDay: view(quarterOfDay),
    byWeekday: view(weekdayOf),
    byVolatility: view(volatilityOf),
    volatilityBlocks: blocksOf(own),
    rolling: rollingMeans(own),
    baselines: baselinesOf(own, others, blockDays),
    field: readField === undefined ? null : compareWithField(own, readField, blockDays, volatilityOf),
  }
}

export function lengthName(seconds: number): string {
  return seconds % hourSeconds === 0 ? `${seconds / hourSeconds}h` : `${seconds / 60} min`
}

function totalsOf(rows: readonly ScoredPrediction[]): Totals {
  const totals = rows.flatMap(({ total }) => (total === null ? [] : [total])).sort((a, b) => a - b)
  const problems = new Map<string, number>()
  for (const { total, problem } of rows) {
    if (total === null)
      problems.set(problem ?? 'no reason given', (problems.get(problem ?? 'no reason given') ?? 0) + 1)
  }
  const unscored = [...problems].map(([problem, count]) => ({ problem, count }))
  if (totals.length === 0) {
    return { scored: 0, unscored, mean: null, median: null, sd: null, least: null, most: null }
  }
  const mean = totals.reduce((sum, total) => sum + total, 0) / totals.length
  const squares = totals.reduce((sum, total) => sum + (total - mean) ** 2, 0)
  const middle = totals.length >> 1
  return {
    scored: totals.length,
    unscored,
    mean,
    median: totals.length % 2 === 1 ? totals[middle]! : (totals[middle - 1]! + totals[middle]!) / 2,
    sd: totals.length === 1 ? null : Math.sqrt(squares / (totals.length - 1)),
    least: totals[0]!,
    most: totals.at(-1)!,
  }
}

/** Sums of the rows that make the total; `Vol` repeats its blocks and `Overall` everything. */
function sharesOf(rows: readonly ScoredPrediction[]): { name: string; crps: number; share: number }[] {
  const scored = rows.filter(({ total }) => total !== null)
  const sums = new Map<string, number>()
  for (const { rows: parts } of scored) {
    for (const { name, crps, weight } of parts) {
      if (bucketOf(name) === undefined) continue
      sums.set(name, (sums.get(name) ?? 0) + crps * (weight ?? 1))
    }
  }
  const whole = scored.reduce((sum, { total }) => sum + total!, 0)
  return [...sums].map(([name, sum]) => ({ name, crps: sum / scored.length, share: whole === 0 ? 0 : sum / whole }))
}

function mainIntervalOf(
  rows: readonly ScoredPrediction[],
  shares: readonly { readonly name: string; readonly share: number }[],
): string | null {
  const measured = new Set(rows.flatMap(({ facts }) => facts?.cells.map(({ interval }) => interval) ?? []))
  const best = shares.filter(({ name }) => measured.has(name)).sort((a, b) => b.share - a.share)[0]
  return best?.name ?? [...measured][0] ?? null
}

function blocksOf(rows: readonly ScoredPrediction[]): BlockCalibration[] {
  const blocks = new Map<string, { pits: number[]; real: number; forecast: number }>()
  for (const fact of rows.flatMap(({ facts }) => facts?.volatilityBlocks ?? [])) {
    const block = blocks.get(fact.block) ?? { pits: [], real: 0, forecast: 0 }
    blocks.set(fact.block, block)
    block.pits.push(fact.pit)
    block.real += fact.real
    block.forecast += fact.forecastMean
  }
  return [...blocks].map(([block, { pits, real, forecast }]) => ({
    block,
    count: pits.length,
    ratio: real / forecast,
    meanPit: pits.reduce((sum, pit) => sum + pit, 0) / pits.length,
    insideMiddleHalf: pits.filter((pit) => pit > 0.25 && pit <= 0.75).length / pits.length,
  }))
}

function rollingMeans(rows: readonly ScoredPrediction[]): RollingMean[] {
  const days = new Map<number, { sum: number; count: number }>()
  for (const { startAtMs, total } of rows) {
    if (total === null) continue
    const day = Math.floor(startAtMs / dayMs)
    const entry = days.get(day) ?? { sum: 0, count: 0 }
    days.set(day, { sum: entry.sum + total, count: entry.count + 1 })
  }
  return [...days.keys()]
    .sort((a, b) => a - b)
    .map((last) => {
      let sum = 0
      let count = 0
      for (let day = last - rollingDays + 1; day <= last; day += 1) {
        sum += days.get(day)?.sum ?? 0
        count += days.get(day)?.count ?? 0
      }
      return { dayMs: last * dayMs, mean: sum / count, prompts: count }
    })
}

function baselinesOf(
  own: readonly ScoredPrediction[],
  others: ReadonlyMap<string, readonly ScoredPrediction[]>,
  blockDays: number,
): BaselineComparison[] {
  return [...others].flatMap(([model, rows]) => {
    const compared = ratioByDays(own, rows, ({ total }) => total ?? undefined, blockDays)
    return compared === undefined ? [] : [{ model, ...compared }]
  })
}

function byModel(rows: readonly ScoredPrediction[], left: string): Map<string, readonly ScoredPrediction[]> {
  const models = [...new Set(rows.map(({ model }) => model))].filter((model) => model !== left).sort()
  return new Map(models.map((model) => [model, rows.filter((row) => row.model === model)]))
}

/**
 * A wrong width everywhere is one sentence; by quarter of the day and by volatility, only differences from it are
 * listed.
 */
function findingsOf(subject: SubjectDiagnosis): WidthFinding[] {
  const main = subject.byInterval.find(({ group }) => group === subject.mainInterval)
  if (main === undefined) return []
  const parts = (calibrations: readonly Calibration[], where: (group: string) => string) =>
    findWidthErrors(
      subject.name,
      calibrations.map((calibration) => ({
        calibration,
        where: where(calibration.group),
        share: (calibration.meanCrps * calibration.increments) / (main.meanCrps * main.increments),
      })),
    ).filter(({ interval }) => interval.low > main.width || interval.high < main.width)
  return [
    ...findWidthErrors(subject.name, [{ calibration: main, where: null, share: 1 }]),
    ...parts(subject.byQuarterOfDay, (group) => `between ${group.replace('-', ' and ')}`),
    ...parts(subject.byVolatility, (group) => `in ${group} markets`),
    ...parts(subject.byHorizon, (group) => `${group.replace('-', ' to ')} ahead`),
    ...parts(subject.byWeekday, (group) => `on ${group}`),
  ]
}
