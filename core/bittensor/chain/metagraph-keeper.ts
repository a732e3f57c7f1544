import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import { whyNotAccept } from './accept-snapshot.ts'
import type { SnapshotResult } from './build-snapshot.ts'
import type { MetagraphStatus } from './chain-status.ts'
import type { MetagraphSnapshot, MetagraphSource, MetagraphStore } from './metagraph.ts'

export interface MetagraphKeeperOptions {
  readonly netuid: number
  readonly genesisHash: string
  /** The oldest stored metagraph that a start may use. */
  readonly storedGraceMs: number
}

/**
 * The metagraph in use. A worse one never replaces it. During an outage the last good one stays, with its age shown;
 * after a restart the stored one is used if it is young enough.
 */
export class MetagraphKeeper implements MetagraphSource {
  readonly #log: Logger
  readonly #clock: Clock
  readonly #store: MetagraphStore | undefined
  readonly #options: MetagraphKeeperOptions
  #snapshot: MetagraphSnapshot | undefined
  #origin: 'live' | 'stored' = 'stored'
  #rejected: string | undefined
  #absent = ''

  constructor(
    deps: { log: Logger; clock: Clock; store?: MetagraphStore | undefined },
    options: MetagraphKeeperOptions,
  ) {
    this.#log = deps.log
    this.#clock = deps.clock
    this.#store = deps.store
    this.#options = options
  }

  current(): MetagraphSnapshot | undefined {
    return this.#snapshot
  }

  restore(): void {
    const { netuid, genesisHash, storedGraceMs } = this.#options
    const stored = this.#store?.latest(netuid, genesisHash)
    if (stored === undefined) return
    const ageMs = this.#clock.nowMs() - stored.takenAtMs
    // A negative age comes from a clock that was wrong, now or then. Within the grace it does no harm.
    const isUsable = Math.abs(ageMs) <= storedGraceMs
    this.#log.info(
      { event: isUsable ? 'metagraph.restored' : 'metagraph.expired', block: stored.block, ageMs },
      isUsable ? 'Using the stored metagraph until the chain answers' : 'The stored metagraph is too old to be used',
    )
    if (isUsable) this.#snapshot = stored
  }

  /** Accepts a node's answer, or says why not. */
  offer(answer: SnapshotResult, endpoint: string): string | undefined {
    const reason = answer.ok ? whyNotAccept(answer.snapshot, this.#snapshot) : answer.reason
    this.#rejected = reason
    if (answer.ok && reason === undefined) {
      this.#snapshot = answer.snapshot
      this.#origin = 'live'
      this.#save(answer.snapshot)
      this.#noteAbsent(answer.absent, answer.snapshot.specVersion)
      const { block, neurons } = answer.snapshot
      this.#log.debug({ event: 'metagraph.refreshed', block, neuronCount: neurons.length }, 'Metagraph refreshed')
    } else {
      this.#log.warn({ event: 'metagraph.rejected', reason, endpoint }, 'Keeping the previous metagraph')
    }
    return reason
  }

  status(): MetagraphStatus {
    const snapshot = this.#snapshot
    const rejected = this.#rejected
    if (snapshot === undefined) return { origin: 'none', rejected }
    const ageMs = this.#clock.nowMs() - snapshot.takenAtMs
    return { origin: this.#origin, block: snapshot.block, ageMs, neuronCount: snapshot.neurons.length, rejected }
  }

  /** Said once for each set of names, not each minute. */
  #noteAbsent(absent: readonly string[], specVersion: number): void {
    const names = absent.join(', ')
    if (names === this.#absent) return
    this.#absent = names
    if (names === '') return
    this.#log.warn(
      { event: 'metagraph.fields_absent', absent: names, specVersion },
      'The runtime does not tell some fields that admission does not need; all else is used',
    )
  }

  /** A failed write affects only the next restart, which then has no stored metagraph. */
  #save(snapshot: MetagraphSnapshot): void {
    const complain = (err: unknown) =>
      this.#log.warn({ event: 'metagraph.not_stored', err }, 'The metagraph could not be stored')
    try {
      void this.#store?.save(snapshot)?.catch(complain)
    } catch (err) {
      complain(err)
    }
  }
}
