import type { Stoppable } from '#core/base/lifecycle/shutdown-stack'
import type { Logger } from '#core/base/log/logger'
import type { Stored } from '#core/base/store/stored'
import type { Clock } from '#core/base/time/clock'
import { withinMs } from '#core/base/time/within-ms'
import type { ThreadHandle } from './start-worker.ts'
import { closeCall, type StoreAnswer, type StoreCall } from './store-calls.ts'

export interface StoreThreadDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly start: () => ThreadHandle<StoreCall, StoreAnswer>
}

const restartAfterMs = 500
const stopWithinMs = 5_000

/**
 * A store on a thread of its own, as the answering thread sees it: it hands calls over and never waits in them. The
 * calls run one after the other. A thread that dies is replaced; what it had in hand has failed, and the caller decides
 * what to do again.
 */
export class StoreThread implements Stoppable {
  readonly #deps: StoreThreadDeps
  readonly #pending = new Map<number, (result: Stored<unknown>) => void>()
  readonly #stopping = new AbortController()
  #thread: ThreadHandle<StoreCall, StoreAnswer> | undefined
  #ticket = 0

  constructor(deps: StoreThreadDeps) {
    this.#deps = deps
    this.#start()
  }

  /** Never rejects. */
  call<T>(name: string, ...args: readonly unknown[]): Promise<Stored<T>> {
    const thread = this.#thread
    if (thread === undefined) return Promise.resolve(ended)
    this.#ticket += 1
    const ticket = this.#ticket
    return new Promise((resolve) => {
      this.#pending.set(ticket, resolve as (result: Stored<unknown>) => void)
      thread.post({ ticket, name, args })
    })
  }

  /** Resolves when every call is done and the store is closed, or after some seconds. */
  async stop(): Promise<void> {
    const thread = this.#thread
    const closed = this.call(closeCall)
    this.#stopping.abort(new Error('stopping'))
    await withinMs(
      this.#deps.clock,
      stopWithinMs,
      () => closed,
      () => undefined,
    )
    await thread?.terminate()
  }

  #start(): void {
    const thread = this.#deps.start()
    this.#thread = thread
    thread.onMessage(({ ticket, result }) => this.#settle(ticket, result))
    thread.onEnd((err) => {
      this.#thread = undefined
      for (const ticket of [...this.#pending.keys()]) this.#settle(ticket, ended)
      if (this.#stopping.signal.aborted) return
      this.#deps.log.error({ event: 'store.thread_died', err }, 'A thread that writes ended; it is replaced')
      this.#deps.clock.sleep(restartAfterMs, this.#stopping.signal).then(
        () => this.#start(),
        () => {},
      )
    })
  }

  #settle(ticket: number, result: Stored<unknown>): void {
    const settle = this.#pending.get(ticket)
    this.#pending.delete(ticket)
    settle?.(result)
  }
}

const ended: Stored<never> = { ok: false, failure: { kind: 'other', detail: 'the thread that writes has ended' } }
