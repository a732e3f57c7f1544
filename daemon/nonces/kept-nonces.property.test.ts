import fc from 'fast-check'
import { expect, it } from 'vitest'
import { NonceBook } from '#core/bittensor/admission/nonce-book'
import type { NonceBatch } from '#core/bittensor/admission/nonce-store'
import { isFresh, toNs } from '#core/bittensor/admission/nonce-window'
import type { LoadedNonces } from '#core/bittensor/admission/nonce-writer'
import { MemoryMark } from '#tests/support/direct-nonces'
import { MemoryNonceStore } from '#tests/support/memory-nonce-store'
import { TestClock } from '#tests/support/test-clock'
import { TestLogger } from '#tests/support/test-logger'
import { KeptNonces } from './kept-nonces.ts'

const window = { maxAgeNs: toNs(124_000), maxAheadNs: toNs(30_000) }
const key = (sender: string) => ({ scheme: 'v10' as const, sender, lane: 'lane' })
const senders = { right: 0, slightly: 1_500, six: 6_000, far: 29_000 }

/** What outlives a kill: the nonce file and the marks. */
class Disk {
  readonly file = new MemoryNonceStore()
  readonly complete = new MemoryMark(false)
  /** As the first start finds it. */
  readonly near = new MemoryMark(true)
  isFull = false
  isUnreadable = false

  /** As one process sees it, until it is killed: what it does afterwards has no effect and no end. */
  forOneProcess() {
    let isKilled = false
    const alive = <A extends unknown[], T>(work: (...args: A) => Promise<T>) => {
      return (...args: A): Promise<T> => (isKilled ? new Promise(() => {}) : work(...args))
    }
    const mark = (shared: MemoryMark) => ({
      isThere: () => shared.isThere(),
      make: alive(() => shared.make()),
      remove: alive(() => shared.remove()),
    })
    return {
      parts: {
        complete: mark(this.complete),
        near: mark(this.near),
        writer: { load: this.#writer.load, write: alive(this.#writer.write) },
      },
      kill: () => {
        isKilled = true
      },
    }
  }

  readonly #writer = {
    load: async () => {
      if (this.isUnreadable) return { ok: false, failure: { kind: 'full', detail: 'full' } } as const
      const value: LoadedNonces = {
        ...(await this.file.load('us')),
        floorNs: this.file.floorOfAllNs,
        damage: undefined,
      }
      return { ok: true, value } as const
    },
    write: async ({ entries, floors, floorNs }: NonceBatch) => {
      if (this.isFull) return { ok: false, failure: { kind: 'full', detail: 'full' } } as const
      for (const entry of entries) this.file.save(entry)
      this.file.raise(floors)
      if (floorNs !== undefined && floorNs > this.file.floorOfAllNs) this.file.floorOfAllNs = floorNs
      return { ok: true, value: undefined } as const
    },
  }
}

type Step =
  | { readonly do: 'ask'; readonly sender: keyof typeof senders }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'fill' | 'empty' | 'kill' | 'killUnreadable' }

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      sender: fc.constantFrom('right', 'slightly', 'six', 'far'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(10, 1_100, 5_000, 31_000) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('fill', 'empty', 'kill', 'killUnreadable') }) },
)

it('takes no answered nonce again, whatever disk, kills and clocks of callers do', async () => {
  let answeredInTotal = 0
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 3, maxLength: 25 }), async (steps) => {
      const clock = new TestClock()
      const nowNs = () => toNs(clock.nowMs())
      const disk = new Disk()
      let kill = () => {}
      const start = async () => {
        kill()
        const access = disk.forOneProcess()
        kill = access.kill
        const deps = { clock, nowNs, isTimeSure: () => true, log: new TestLogger(), onBug: fail, ...access.parts }
        const lockedNs = nowNs()
        const nonces = await KeptNonces.start(deps, { lockedNs: () => lockedNs, aheadNs: window.maxAheadNs })
        return NonceBook.open(nonces, {
          receiver: 'us',
          retentionNs: window.maxAgeNs,
          maxLanesPerSender: 4,
          doubt: () => undefined,
        })
      }
      const answered: { readonly sender: string; readonly nonceNs: bigint }[] = []
      let book = await start()
      let last = 0n
      for (const step of steps) {
        switch (step.do) {
          case 'wait':
            for (let left = step.ms; left > 0; left -= 500) await clock.advance(Math.min(500, left))
            break
          case 'fill':
          case 'empty':
            disk.isFull = step.do === 'fill'
            break
          case 'kill':
          case 'killUnreadable':
            disk.isUnreadable = step.do === 'killUnreadable'
            book = await start()
            break
          case 'ask': {
            last += 1n
            const nonceNs = nowNs() + toNs(senders[step.sender]) - 1_000n + last
            if (!isFresh(nonceNs, nowNs(), window)) break
            const taken = book.take(key(step.sender), nonceNs, nowNs())
            if (!taken.taken) break
            const out = taken.record.beforeAnswer()
            for (let i = 0; i < 4; i += 1) await clock.advance(25)
            await out
            answered.push({ sender: step.sender, nonceNs })
          }
        }
        for (const { sender, nonceNs } of answered) {
          const isTakenAgain = isFresh(nonceNs, nowNs(), window) && book.refusalOf(key(sender), nonceNs) === undefined
          if (isTakenAgain) throw new Error(`${sender} is taken again after ${JSON.stringify(step)}`)
        }
      }
      answeredInTotal += answered.length
    }),
    { numRuns: 400 },
  )
  expect(answeredInTotal).toBeGreaterThan(400)
})

function fail(error: unknown): never {
  throw error
}
