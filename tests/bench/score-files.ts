/** Processor time for one file with a 24h answer, from the disk to its score: by the careful reader and by the fast one. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readPrediction } from '#adapters/prediction-files/read-prediction'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { AnswerScorer } from '#core/synth/scoring/answer-scorer'
import { type BenchOptions, type BenchResult, rounded } from '#tests/support/bench'
import { makePaths, makeRealPath, mapPaths } from '#tests/support/made-paths'
import { scoreOneFile } from '#tuner/score-files/score-one-file'

export const description = 'processor time of scoring one file with a 24h answer, by the careful and by the fast reader'

const leastRuns = 30
const warmUp = 10

export async function run(options: BenchOptions): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'volcast-bench-'))
  try {
    const start = Date.UTC(2026, 8, 25, 12, 1) / 1000
    const prompt = { asset: 'BTC', startAtMs: start * 1000, timeLengthSeconds: 86_400 }
    const walk = { pointCount: 289, seed: 11, startPrice: 64_000 }
    const long = makePaths({ ...walk, pathCount: 1000 })
    const short = mapPaths(long, (price) => Number(price.toPrecision(8)))
    const rowsOf = ({ values }: { values: Float64Array }) =>
      Array.from({ length: 1000 }, (_, i) => [...values.subarray(289 * i, 289 * i + 289)])
    const files = {
      answer: JSON.stringify([start, 300, ...rowsOf(short)]),
      flat: JSON.stringify({ start_timestamp: start, asset: 'BTC', paths: rowsOf(long) }),
    }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `${name}.json`), text)
    const scorer = new AnswerScorer()
    const rules = { book: buildRegimeBook(builtInRegimes), regime: undefined, storage: undefined }
    const real = makeRealPath(walk)
    const score = async (name: string, isFast: boolean) => {
      const path = join(folder, `${name}.json`)
      const reading = isFast ? await readPrediction(path, 0) : ({ kind: 'text' } as const)
      const readText = () => readFileSync(path, 'utf8')
      return scoreOneFile(rules, scorer, { name, reading, readText, prompt, real })
    }
    const ways = [
      ['careful', 'answer', false],
      ['fast', 'answer', true],
      ['fast_flat', 'flat', true],
    ] as const
    const times: Record<(typeof ways)[number][0], number[]> = { careful: [], fast: [], fast_flat: [] }
    for (let i = -warmUp; i < Math.max(options.runs, leastRuns); i += 1) {
      // In turns, so that all three have the same neighbours.
      for (const [way, file, isFast] of ways) {
        const before = process.cpuUsage()
        const { total, detail } = await score(file, isFast)
        const { user, system } = process.cpuUsage(before)
        if (total === null) throw new Error(detail)
        if (i >= 0) times[way].push((user + system) / 1000)
      }
    }
    const isEqual = (await score('answer', true)).total === (await score('answer', false)).total
    const measured = Object.entries(times).flatMap(([way, all]) => {
      const sorted = all.toSorted((a, b) => a - b)
      const at = (share: number) => rounded(sorted[Math.floor(share * sorted.length)]!, 1)
      return [[`${way}_cpu_ms`, { median: at(0.5), p10: at(0.1), p90: at(0.9) }] as const]
    })
    return { ...Object.fromEntries(measured), same_total: isEqual }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
