/** How long one core needs for one answer. Several answers take turns, so that no branch predictor learns one by heart. */
import { AnswerScorer } from '#core/synth/scoring/answer-scorer'
import { type PathMatrix, scoreAnswer } from '#core/synth/scoring/crps'
import { CrpsKernel } from '#core/synth/scoring/kernel/crps-kernel'
import { type BenchOptions, type BenchResult, residentMb, rounded, timeRuns } from '#tests/support/bench'
import { makePaths, makeRealPath, mapPaths } from '#tests/support/made-paths'
import { dayIntervals, hourBlocks, hourIntervals } from '#tests/support/scoring-rules'

export const description = 'CRPS of one 24h answer (low), one 1h answer (high), and sorting 345 columns of 1000'

const leastRuns = 50
const warmUp = 30
const answerCount = 4
const pathCount = 1000
const lowColumns = 345

const low = { stepSeconds: 300, intervals: dayIntervals, gapMode: 'firstChange', detail: 'totals' } as const
const high = { stepSeconds: 60, intervals: hourIntervals, gapMode: 'firstChange', detail: 'totals' } as const
const volatility = { stepSeconds: 60, blocks: hourBlocks }

interface Answer {
  readonly paths: PathMatrix
  readonly real: Float64Array
}

function makeAnswers(pointCount: number, stepSigma: number): Answer[] {
  return Array.from({ length: answerCount }, (_, seed) => {
    const walk = { pointCount, seed: 100 + seed, startPrice: 103_251.37, stepSigma }
    const toCents = (price: number) => Math.round(price * 100) / 100
    return { paths: mapPaths(makePaths({ ...walk, pathCount }), toCents), real: makeRealPath(walk).map(toCents) }
  })
}

/** One path that left for the sky: its changes eat the range of every column. */
function withExplodedPath({ paths, real }: Answer): Answer {
  const values = paths.values.slice()
  for (let point = 1; point < paths.pointCount; point += 1) values[7 * paths.pointCount + point] = 10 ** (point % 9)
  return { paths: { ...paths, values }, real }
}

/** As many columns of normal numbers as a 24h answer has terms. */
function makeColumns(): PathMatrix {
  const steps = makePaths({ pathCount, pointCount: lowColumns + 1, seed: 7, stepSigma: 0.001 })
  const values = new Float64Array(pathCount * lowColumns)
  for (let i = 0; i < values.length; i += 1) {
    const at = i + Math.floor(i / lowColumns)
    values[i] = ((steps.values[at + 1]! - steps.values[at]!) / steps.values[at]!) * 10_000
  }
  return { pathCount, pointCount: lowColumns, values }
}

function columnsOf(matrix: PathMatrix): Float64Array[] {
  return Array.from({ length: matrix.pointCount }, (_, column) =>
    Float64Array.from({ length: matrix.pathCount }, (_, row) => matrix.values[row * matrix.pointCount + column]!),
  )
}

export async function run(options: BenchOptions): Promise<BenchResult> {
  const runs = Math.max(options.runs, leastRuns)
  const scorer = new AnswerScorer()
  const lowAnswers = makeAnswers(289, 0.0015)
  const highAnswers = makeAnswers(61, 0.0006)
  const pick = (answers: Answer[], run: number): Answer => answers[run % answerCount]!

  const lowTiming = timeRuns(runs, warmUp, (i) => {
    const { paths, real } = pick(lowAnswers, i)
    scorer.scoreAnswer(paths, real, low)
  })
  const outlierAnswers = lowAnswers.map(withExplodedPath)
  const outlierTiming = timeRuns(runs, warmUp, (i) => {
    const { paths, real } = pick(outlierAnswers, i)
    scorer.scoreAnswer(paths, real, low)
  })
  const highTiming = timeRuns(runs, warmUp, (i) => {
    const { paths, real } = pick(highAnswers, i)
    scorer.scoreAnswer(paths, real, high)
  })
  const volatilityTiming = timeRuns(runs, warmUp, (i) => {
    const { paths, real } = pick(highAnswers, i)
    scorer.scoreVolatility(paths, real, volatility)
  })
  const totalTiming = timeRuns(runs, warmUp, (i) => {
    const { paths, real } = pick(highAnswers, i)
    scorer.scoreTotal(paths, real, { ...high, volatilityBlocks: hourBlocks })
  })

  const columns = makeColumns()
  const kernel = new CrpsKernel()
  kernel.load(columns, 1, 0)
  const sortTiming = timeRuns(runs, warmUp, () => {
    for (let column = 0; column < lowColumns; column += 2) kernel.sortPair(column, Math.min(column + 1, lowColumns - 1))
  })
  const scoringRssMb = residentMb()

  const slowRuns = 15
  const separate = columnsOf(columns)
  let copies: Float64Array[] = []
  const nativeDurations = Array.from({ length: slowRuns }, () => {
    copies = separate.map((column) => column.slice())
    return timeRuns(1, 0, () => {
      for (const copy of copies) copy.sort()
    }).minMs
  }).sort((a, b) => a - b)
  const nativeSortMs = nativeDurations[slowRuns >> 1]!
  const referenceTiming = timeRuns(slowRuns, 3, (i) => {
    const { paths, real } = pick(lowAnswers, i)
    scoreAnswer(paths, real, low)
  })

  return {
    low_ms: rounded(lowTiming.medianMs),
    high_ms: rounded(highTiming.medianMs),
    sort_ms: rounded(sortTiming.medianMs),
    rss_mb: scoringRssMb,
    vol_ms: rounded(volatilityTiming.medianMs),
    high_with_vol_ms: rounded(totalTiming.medianMs),
    low_p10_ms: rounded(lowTiming.p10Ms),
    low_p90_ms: rounded(lowTiming.p90Ms),
    high_p10_ms: rounded(highTiming.p10Ms),
    high_p90_ms: rounded(highTiming.p90Ms),
    low_outlier_ms: rounded(outlierTiming.medianMs),
    native_sort_ms: rounded(nativeSortMs),
    sort_gain: rounded(nativeSortMs / sortTiming.medianMs, 1),
    reference_low_ms: rounded(referenceTiming.medianMs),
    low_gain: rounded(referenceTiming.medianMs / lowTiming.medianMs, 1),
    kernel_mb: rounded(scorer.memoryBytes / 2 ** 20, 1),
    runs,
  }
}
