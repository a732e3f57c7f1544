/** What the worker pool gains over one thread on a stream of 24h answers, and how much memory it holds meanwhile. */
import { WorkerScorePool } from '#adapters/scoring/worker-score-pool'
import { AnswerScorer } from '#core/scoring/answer-scorer'
import { allocateSharedPaths, type ScoreJob, scoreAll } from '#core/scoring/score-pool'
import { type BenchOptions, type BenchResult, residentMb, rounded } from '#tests/support/bench'
import { makePaths, makeRealPath } from '#tests/support/made-paths'
import { dayIntervals } from '#tests/support/scoring-rules'

export const description = 'answers of 1000 x 289 scored in a second, in this thread and on all cores'

const answerCount = 4
const rounds = 5

function inSharedMemory(job: ScoreJob): ScoreJob {
  const paths = allocateSharedPaths(job.paths.pathCount, job.paths.pointCount)
  paths.values.set(job.paths.values)
  return { ...job, paths }
}

function* repeat(answers: readonly ScoreJob[], count: number): Generator<ScoreJob> {
  for (let i = 0; i < count; i += 1) yield answers[i % answers.length]!
}

export async function run(options: BenchOptions): Promise<BenchResult> {
  const perRound = Math.max(options.runs, 50)
  const answers = Array.from({ length: answerCount }, (_, seed): ScoreJob => {
    const real = makeRealPath({ pointCount: 289, seed })
    return {
      paths: makePaths({ pathCount: 1000, pointCount: 289, seed }),
      real,
      options: {
        incrementSeconds: 300,
        intervals: dayIntervals,
        gapMode: 'firstChange',
        detail: 'totals',
        volatilityBlocks: [],
      },
    }
  })
  const shared = answers.map(inSharedMemory)
  const scorer = new AnswerScorer()
  const pool = new WorkerScorePool()
  let highestRssMb = 0

  const perSecond = async (work: () => Promise<void> | void): Promise<number> => {
    const startedAt = performance.now()
    await work()
    return (perRound * 1000) / (performance.now() - startedAt)
  }
  const direct = () => {
    for (const job of repeat(answers, perRound)) scorer.scoreTotal(job.paths, job.real, job.options)
  }
  const pooled = (jobs: readonly ScoreJob[]) => async () => {
    let scored = 0
    for await (const _ of scoreAll(pool, repeat(jobs, perRound))) {
      scored += 1
      if (scored % 25 === 0) highestRssMb = Math.max(highestRssMb, residentMb())
    }
  }

  await perSecond(pooled(answers))
  await perSecond(direct)
  const beforeMb = residentMb()
  const rates = { direct: [] as number[], copied: [] as number[], shared: [] as number[] }
  // In turns, so that a busy moment of the machine does not fall on one of them alone.
  for (let round = 0; round < rounds; round += 1) {
    rates.direct.push(await perSecond(direct))
    rates.copied.push(await perSecond(pooled(answers)))
    rates.shared.push(await perSecond(pooled(shared)))
  }
  await pool.close()
  const median = (values: number[]): number => values.sort((a, b) => a - b)[rounds >> 1]!
  const directRate = median(rates.direct)
  return {
    workers: pool.workerCount,
    capacity: pool.capacity,
    direct_per_s: rounded(directRate, 0),
    pool_per_s: rounded(median(rates.copied), 0),
    pool_shared_per_s: rounded(median(rates.shared), 0),
    gain: rounded(median(rates.copied) / directRate, 2),
    gain_shared: rounded(median(rates.shared) / directRate, 2),
    rss_mb: highestRssMb,
    rss_growth_mb: rounded(highestRssMb - beforeMb, 1),
  }
}
