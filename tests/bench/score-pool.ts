/** What the worker pool gains over one thread on a stream of 24h answers, and how much memory it holds meanwhile. */
import { WorkerScorePool } from '#adapters/scoring/worker-score-pool'
import { AnswerScorer } from '#core/synth/scoring/answer-scorer'
import { allocateSharedPaths, type ScoreJob, scoreAll } from '#core/synth/scoring/score-pool'
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

  const measure = async (work: () => Promise<void> | void): Promise<Rate> => {
    const startedAt = performance.now()
    const before = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(before)
    return {
      perSecond: (perRound * 1000) / (performance.now() - startedAt),
      cpuMs: (user + system) / 1000 / perRound,
    }
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

  await measure(pooled(answers))
  await measure(direct)
  const beforeMb = residentMb()
  const rates: Record<'direct' | 'copied' | 'shared', Rate[]> = { direct: [], copied: [], shared: [] }
  // In turns, so that a busy moment of the machine does not fall on one of them alone.
  for (let round = 0; round < rounds; round += 1) {
    rates.direct.push(await measure(direct))
    rates.copied.push(await measure(pooled(answers)))
    rates.shared.push(await measure(pooled(shared)))
  }
  await pool.close()
  const alone = middle(rates.direct)
  const copied = middle(rates.copied)
  const inShared = middle(rates.shared)
  return {
    workers: pool.workerCount,
    capacity: pool.capacity,
    direct_per_s: rounded(alone.perSecond, 0),
    pool_per_s: rounded(copied.perSecond, 0),
    pool_shared_per_s: rounded(inShared.perSecond, 0),
    gain: rounded(copied.perSecond / alone.perSecond, 2),
    gain_shared: rounded(inShared.perSecond / alone.perSecond, 2),
    // Processor time of all threads: what the gain is bounded by, also on a machine that is busy otherwise.
    direct_cpu_ms: rounded(alone.cpuMs),
    pool_cpu_ms: rounded(copied.cpuMs),
    pool_shared_cpu_ms: rounded(inShared.cpuMs),
    rss_mb: highestRssMb,
    rss_growth_mb: rounded(highestRssMb - beforeMb, 1),
  }
}

interface Rate {
  readonly perSecond: number
  readonly cpuMs: number
}

/** The median of each figure. */
function middle(rates: readonly Rate[]): Rate {
  const median = (pick: (rate: Rate) => number): number => rates.map(pick).sort((a, b) => a - b)[rounds >> 1]!
  return { perSecond: median((rate) => rate.perSecond), cpuMs: median((rate) => rate.cpuMs) }
}
