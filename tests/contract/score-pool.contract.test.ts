import { afterAll, describe, expect, it } from 'vitest'
import { WorkerScorePool } from '#adapters/scoring/worker-score-pool'
import { AnswerScorer, type TotalOptions } from '#core/synth/scoring/answer-scorer'
import { ScoringError } from '#core/synth/scoring/score-plan'
import {
  allocateSharedPaths,
  DirectScorePool,
  type ScoreJob,
  type ScorePool,
  scoreAll,
} from '#core/synth/scoring/score-pool'
import { makePaths, makeRealPath } from '#tests/support/made-paths'
import { hourBlocks, hourIntervals } from '#tests/support/scoring-rules'

const options: TotalOptions = {
  incrementSeconds: 60,
  intervals: hourIntervals,
  gapMode: 'firstChange',
  detail: 'increments',
  volatilityBlocks: hourBlocks,
}

function makeJob(seed: number, pathCount = 200): ScoreJob {
  return {
    paths: makePaths({ pathCount, pointCount: 61, seed }),
    real: makeRealPath({ pointCount: 61, seed }),
    options,
  }
}

const pools: Record<string, () => ScorePool> = {
  DirectScorePool: () => new DirectScorePool(),
  WorkerScorePool: () => new WorkerScorePool({ workerCount: 2, capacity: 3 }),
}

describe.each(Object.keys(pools))('%s', (name) => {
  const pool = pools[name]!()
  const direct = new AnswerScorer()
  const expected = (job: ScoreJob) => direct.scoreTotal(job.paths, job.real, job.options)
  afterAll(() => pool.close())

  it('gives the bits of a scorer in this thread, whatever runs beside it', async () => {
    const jobs = Array.from({ length: 40 }, (_, i) => makeJob(i, 1 + ((i * 37) % 300)))
    jobs[5]!.real[20] = Number.NaN
    jobs[6]!.paths.values[77] = Number.NaN
    jobs[7]!.paths.values[78] = 0
    const scores = await Promise.all(jobs.map((job) => pool.score(job)))
    expect(scores).toStrictEqual(jobs.map(expected))
  })

  it('reads shared prices where they lie and leaves private ones as they were', async () => {
    const job = makeJob(8)
    const shared = allocateSharedPaths(job.paths.pathCount, job.paths.pointCount)
    shared.values.set(job.paths.values)
    const before = job.paths.values.slice()
    expect(await pool.score({ ...job, paths: shared })).toStrictEqual(expected(job))
    expect(await pool.score(job)).toStrictEqual(expected(job))
    expect(job.paths.values).toStrictEqual(before)
  })

  it('says what is wrong with an answer as the scorer says it, and goes on', async () => {
    const bad = { ...makeJob(1), real: makeRealPath({ pointCount: 31, seed: 1 }) }
    const error = await pool.score(bad).then(undefined, (reason: unknown) => reason)
    expect(error).toBeInstanceOf(ScoringError)
    expect(error).toMatchObject({ code: 'SCORING_SHAPE_MISMATCH', details: { realChanges: 30, pathChanges: 60 } })
    await expect(pool.score({ ...bad, paths: { ...bad.paths, pathCount: 0 } })).rejects.toBeInstanceOf(ScoringError)
    expect(await pool.score(makeJob(2))).toStrictEqual(expected(makeJob(2)))
  })

  it('answers a stream in order and takes no more of it in than it has room for', async () => {
    let made = 0
    let taken = 0
    let mostAhead = 0
    function* jobs() {
      for (; made < 25; ) {
        made += 1
        mostAhead = Math.max(mostAhead, made - taken)
        yield makeJob(made, made % 2 === 0 ? 5 : 400)
      }
    }
    for await (const score of scoreAll(pool, jobs())) {
      taken += 1
      expect(score).toStrictEqual(expected(makeJob(taken, taken % 2 === 0 ? 5 : 400)))
    }
    expect(taken).toBe(25)
    expect(mostAhead).toBeLessThanOrEqual(pool.capacity)
  })

  it('ends a stream at the answer that fails', async () => {
    const jobs = [makeJob(1), { ...makeJob(2), real: new Float64Array(3) }, makeJob(3)]
    const seen: number[] = []
    const walk = async () => {
      for await (const { score } of scoreAll(pool, jobs)) seen.push(score)
    }
    await expect(walk()).rejects.toBeInstanceOf(ScoringError)
    expect(seen).toStrictEqual([expected(jobs[0]!).score])
  })

  it('takes nothing in for a caller who has given up', async () => {
    const reason = new Error('enough')
    await expect(pool.score(makeJob(1), AbortSignal.abort(reason))).rejects.toBe(reason)
  })

  it('finishes what it holds when it closes, and then refuses', async () => {
    const own = pools[name]!()
    const job = makeJob(4)
    const running = own.score(job)
    await own.close()
    expect(await running).toStrictEqual(expected(job))
    await expect(own.score(job)).rejects.toThrow('closed')
  })
})

describe('WorkerScorePool', () => {
  it('lets a waiting caller give up without losing room', async () => {
    const pool = new WorkerScorePool({ workerCount: 1, capacity: 1 })
    const controller = new AbortController()
    const first = pool.score(makeJob(1, 500))
    const waiting = pool.score(makeJob(2), controller.signal)
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await first
    expect(typeof (await pool.score(makeJob(3))).score).toBe('number')
    await pool.close()
  })
})
