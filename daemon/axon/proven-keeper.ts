import type { Stoppable } from '#core/base/lifecycle/shutdown-stack'
import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import type { ProvenAddresses, ProvenAddressStore } from '#core/bittensor/admission/proven-addresses'
import type { LogLimit } from './log-limit.ts'

export interface ProvenKeeperDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly limit: LogLimit
  readonly proven: ProvenAddresses
  readonly store: ProvenAddressStore
}

const saveEveryMs = 5_000

/** Keeps proven addresses over a restart. Nothing waits for it, and a failure costs only the head start in a flood. */
export class ProvenKeeper implements Stoppable {
  readonly #deps: ProvenKeeperDeps
  readonly #stopping = new AbortController()
  #savedVersion = 0
  #running: Promise<void> = Promise.resolve()

  private constructor(deps: ProvenKeeperDeps) {
    this.#deps = deps
  }

  static async start(deps: ProvenKeeperDeps): Promise<ProvenKeeper> {
    const keeper = new ProvenKeeper(deps)
    try {
      deps.proven.restore(await deps.store.load())
    } catch (err) {
      deps.log.warn({ event: 'proven_addresses.lost', err }, 'The proven addresses could not be read')
    }
    keeper.#savedVersion = deps.proven.version
    keeper.#running = keeper.#run()
    return keeper
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
    await this.#save()
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#deps.clock.sleep(saveEveryMs, this.#stopping.signal).catch(() => {})
      if (!this.#stopping.signal.aborted) await this.#save()
    }
  }

  async #save(): Promise<void> {
    const { proven, store, log, limit } = this.#deps
    const { version } = proven
    if (version === this.#savedVersion) return
    try {
      await store.save(proven.all())
      this.#savedVersion = version
    } catch (err) {
      const line = limit.take('proven_addresses.unsaved')
      if (line !== undefined) {
        log.warn({ event: 'proven_addresses.unsaved', err, ...line }, 'The proven addresses could not be stored')
      }
    }
  }
}
