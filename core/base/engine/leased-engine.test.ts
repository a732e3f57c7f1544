import { createHash } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import { SqliteJobStore } from '#adapters/sqlite/job-store'
import { TestClock } from '#tests/support/test-clock'
import { openTestDatabase } from '#tests/support/test-database'
import { TestLogger } from '#tests/support/test-logger'
import { type Job, makeJob, orderJobs } from './job.ts'
import type { JobProgress } from './job-engine.ts'
import { handleJob, type JobHandlers, type JobReply, type JobRunner, type JobSpec } from './job-handlers.ts'
import { LeasedEngine } from './leased-engine.ts'

const hashText = (text: string) => createHash('sha256').update(text).digest('hex')
const job = (name: string, needs: readonly Job[] = []) =>
  makeJob({ kind: 'note', input: { name }, needs: needs.map(({ key }) => key) }, hashText)

/** Jobs in this thread; keeps what was begun, in order. */
class NotingRunner implements JobRunner {
  readonly capacity: number
  readonly begun: string[] = []
  mostAtOnce = 0
  #running = 0
  readonly #handlers: JobHandlers

  constructor(note: (name: string) => unknown = () => null, capacity = 2) {
    this.capacity = capacity
    this.#handlers = { note: async (input) => (await note((input as { name: string }).name)) as null }
  }

  async run(spec: JobSpec): Promise<JobReply> {
    this.begun.push((spec.input as { name: string }).name)
    this.#running += 1
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#running)
    const reply = await handleJob(this.#handlers, spec)
    this.#running -= 1
    return reply
  }
}

function makeEngine(
  runner: JobRunner,
  {
    db = openTestDatabase(),
    clock = new TestClock(),
    owner = 'here/1',
    doubt = (): string | undefined => undefined,
  } = {},
) {
  const store = new SqliteJobStore(db)
  const isGone = (other: string) => other.startsWith('gone/')
  const engine = new LeasedEngine({ store, runner, clock, log: new TestLogger(), owner, isGone, doubt })
  return { engine, store, clock, db }
}

/** Time passes by itself whenever somebody waits for it. */
function passTime(clock: TestClock): void {
  let isOver = false
  onTestFinished(() => {
    isOver = true
  })
  const tick = (): void => {
    if (isOver) return
    void clock.advance(100).then(() => setImmediate(tick))
  }
  tick()
}

describe('LeasedEngine', () => {
  it('forgets jobs that nobody asked for again, but none while the clock is in doubt', async () => {
    let reason: string | undefined
    const { engine, db, clock } = makeEngine(new NotingRunner(), { doubt: () => reason })
    const count = () => db.prepare<[], number>('select count(*) from jobs').pluck().get()
    await engine.run([job('old')])
    reason = 'it has jumped by +365 days'
    await clock.advance(365 * 86_400_000)
    await engine.run([job('new')])
    expect(count()).toBe(2)
    reason = undefined
    await engine.run([job('new')])
    expect(count()).toBe(1)
  })

  it('does a job only after those it needs, and at most as many at once as the runner can', async () => {
    const first = job('first')
    const second = job('second', [first])
    const others = ['a', 'b', 'c'].map((name) => job(name))
    const last = job('last', [second, ...others])
    const runner = new NotingRunner()
    const { engine } = makeEngine(runner)
    const { outcomes } = await engine.run([last, second, ...others, first])
    expect(runner.begun.indexOf('first')).toBeLessThan(runner.begun.indexOf('second'))
    expect(runner.begun.at(-1)).toBe('last')
    expect(runner.mostAtOnce).toBe(2)
    expect([...outcomes.values()].every(({ state }) => state === 'done')).toBe(true)
  })

  it('does nothing twice: the second run has the results of the first', async () => {
    const runner = new NotingRunner((name) => ({ name }))
    const { engine } = makeEngine(runner)
    const jobs = [job('a'), job('b')]
    await engine.run(jobs)
    const { outcomes } = await engine.run(jobs)
    expect(runner.begun).toEqual(['a', 'b'])
    expect(outcomes.get(jobs[0]!.key)).toEqual({ state: 'done', result: { name: 'a' }, isCached: true })
    await engine.run(jobs, { again: true })
    expect(runner.begun).toEqual(['a', 'b', 'a', 'b'])
  })

  it('tells of every job that is settled', async () => {
    const events: JobProgress[] = []
    const { engine } = makeEngine(new NotingRunner())
    await engine.run([job('a'), job('b'), job('c')], { onProgress: (event) => events.push(event) })
    expect(events.map(({ settled, total }) => [settled, total])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ])
  })

  it('tries again what may pass, gives up after the third time, and blocks what needs it', async () => {
    const clock = new TestClock()
    let tries = 0
    const runner = new NotingRunner((name) => {
      if (name === 'shaky') tries += 1
      if (name === 'shaky' && tries < 3) throw new Error('not yet')
      if (name === 'broken') throw new Error('never')
      return null
    })
    const { engine } = makeEngine(runner, { clock })
    const broken = job('broken')
    const jobs = [job('shaky'), broken, job('above', [broken]), job('far above', [job('above', [broken])])]
    passTime(clock)
    const { outcomes } = await engine.run(jobs)
    expect(jobs.map(({ key }) => outcomes.get(key))).toEqual([
      { state: 'done', result: null, isCached: false },
      { state: 'failed', reason: 'never', attempts: 3 },
      { state: 'blocked', by: broken.key },
      { state: 'blocked', by: jobs[2]!.key },
    ])
  })

  it('begins a failed job again when it is asked for again', async () => {
    const clock = new TestClock()
    passTime(clock)
    let isBroken = true
    const runner = new NotingRunner(() => {
      if (isBroken) throw new Error('not today')
      return 'done'
    })
    const { engine } = makeEngine(runner, { clock })
    await engine.run([job('a')])
    isBroken = false
    const { outcomes } = await engine.run([job('a')])
    expect(outcomes.get(job('a').key)).toEqual({ state: 'done', result: 'done', isCached: false })
  })

  it('takes over the job of a process that is gone at once, and of another when its lease is over', async () => {
    const clock = new TestClock()
    const db = openTestDatabase()
    const runner = new NotingRunner()
    const { engine, store } = makeEngine(runner, { db, clock })
    const [mine, theirs] = [job('dead'), job('elsewhere')]
    const nowMs = clock.nowMs()
    store.submit([mine, theirs], { nowMs, again: false })
    store.claim(mine.key, { owner: 'gone/7', untilMs: nowMs + 30_000, nowMs })
    store.claim(theirs.key, { owner: 'other/7', untilMs: nowMs + 30_000, nowMs })
    const running = engine.run([mine, theirs])
    await clock.advance(29_000)
    expect(runner.begun).toEqual(['dead'])
    await clock.advance(2_000)
    await running
    expect(runner.begun).toEqual(['dead', 'elsewhere'])
  })

  it('takes the result of a job that another process has done meanwhile', async () => {
    const clock = new TestClock()
    const runner = new NotingRunner()
    const { engine, store } = makeEngine(runner, { clock })
    const held = job('held')
    const nowMs = clock.nowMs()
    store.submit([held], { nowMs, again: false })
    store.claim(held.key, { owner: 'other/7', untilMs: nowMs + 30_000, nowMs })
    const running = engine.run([held])
    store.complete(held.key, 'other/7', 42, nowMs)
    await clock.advance(1_000)
    const { outcomes } = await running
    expect(outcomes.get(held.key)).toEqual({ state: 'done', result: 42, isCached: true })
    expect(runner.begun).toEqual([])
  })

  it('renews its leases while a job takes long', async () => {
    const clock = new TestClock()
    let end: (value: null) => void = () => {}
    const runner = new NotingRunner(
      () =>
        new Promise((resolve) => {
          end = resolve
        }),
    )
    const { engine, store } = makeEngine(runner, { clock })
    const slow = job('slow')
    const running = engine.run([slow])
    for (let i = 0; i < 10; i += 1) await clock.advance(10_000)
    const nowMs = clock.nowMs()
    expect(store.claim(slow.key, { owner: 'other/7', untilMs: nowMs + 1, nowMs }).kind).toBe('held')
    end(null)
    await running
  })

  it('starts nothing more once it is cancelled, and lets what runs come to its end', async () => {
    const cancel = new AbortController()
    const runner = new NotingRunner((name) => {
      if (name === 'b') cancel.abort()
      return null
    }, 1)
    const { engine } = makeEngine(runner)
    const jobs = ['a', 'b', 'c', 'd'].map((name) => job(name))
    const { outcomes } = await engine.run(jobs, { signal: cancel.signal })
    expect(jobs.map(({ key }) => outcomes.get(key)!.state)).toEqual(['done', 'done', 'cancelled', 'cancelled'])
    expect(runner.begun).toEqual(['a', 'b'])
  })
})

describe('jobs', () => {
  it('are the same job when they are the same work, whatever the order of names', () => {
    const one = makeJob({ kind: 'score', input: { asset: 'BTC', day: 1 } }, hashText)
    const other = makeJob({ kind: 'score', input: { day: 1, asset: 'BTC' } }, hashText)
    expect(other.key).toBe(one.key)
    expect(makeJob({ kind: 'score', input: { asset: 'BTC', day: 2 } }, hashText).key).not.toBe(one.key)
  })

  it('are refused when one needs itself or a missing one', () => {
    const lost = { ...job('lost'), needs: ['nobody'] }
    expect(() => orderJobs([lost])).toThrow('needs nobody, which is not in the run')
    const [a, b] = [job('a'), job('b')]
    const circle = [
      { ...a, needs: [b.key] },
      { ...b, needs: [a.key] },
    ]
    expect(() => orderJobs(circle)).toThrow('needs itself')
  })
})
