import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import { formatIp, whyNotPublic } from '../addresses/ip-address.ts'
import {
  type AxonAnnouncement,
  type AxonEndpoint,
  type AxonRecord,
  announcementOf,
  formatAxon,
  isSameAnnouncement,
} from './axon-record.ts'
import { ChainError } from './chain-error.ts'
import type { AnnouncementStatus } from './chain-status.ts'
import type { ChainRefusal } from './pool-error.ts'
import { decideServe, mostTries } from './serve-decision.ts'

export type ServeOutcome =
  /** The record in the block that contains our transaction. */
  | { readonly ok: true; readonly record: AxonRecord | undefined }
  | { readonly ok: false; readonly refusal: ChainRefusal }

/** What the announcer reads of the chain at one block, and its only way to change it. */
export interface AnnounceChain {
  readonly block: number
  readonly record: AxonRecord | undefined
  readonly rateLimitBlocks: number
  submit(announcement: AxonAnnouncement): Promise<ServeOutcome>
}

/**
 * Keeps one hotkey's address on the chain. It runs at each refresh and does nothing while the chain has the right
 * address. It remembers its attempts, so that a refusal does not lead to a flood of transactions.
 */
export class AxonAnnouncer {
  readonly #log: Logger
  readonly #clock: Clock
  readonly #address: string
  readonly #allowPrivateIp: boolean
  #wanted: AxonAnnouncement | undefined
  #triedAtMs: number[] = []
  #refusedUntilBlock: number | undefined
  #misconfigured: ChainRefusal | undefined
  #status: AnnouncementStatus = { state: 'notWanted' }

  constructor(deps: { log: Logger; clock: Clock }, options: { address: string; allowPrivateIp: boolean }) {
    this.#log = deps.log
    this.#clock = deps.clock
    this.#address = options.address
    this.#allowPrivateIp = options.allowPrivateIp
  }

  get status(): AnnouncementStatus {
    return this.#status
  }

  /**
   * From now on this is the address to announce. Refuses an address that nobody can reach, before anything is signed.
   */
  want(endpoint: AxonEndpoint): void {
    const ip = formatIp(endpoint.ip)
    const why = endpoint.ip.family === 6 ? 'validators cannot call IPv6 addresses' : whyNotPublic(endpoint.ip)
    if (why !== undefined && !this.#allowPrivateIp) {
      throw new ChainError('AXON_IP_NOT_PUBLIC', `${ip} cannot be announced: ${why}.`, { details: { ip } })
    }
    if (endpoint.port < 1 || endpoint.port > 65_535) {
      throw new ChainError('AXON_PORT_INVALID', `Port ${endpoint.port} cannot be announced.`)
    }
    const wanted = announcementOf(endpoint)
    if (this.#wanted !== undefined && isSameAnnouncement({ ...this.#wanted, block: 0 }, wanted)) return
    this.#wanted = wanted
    this.#misconfigured = undefined
    this.#status = { state: 'pending', reason: 'the chain has not been asked yet' }
  }

  /** Nothing can be done now; the reason is elsewhere. */
  hold(reason: string): AnnouncementStatus {
    if (this.#wanted !== undefined) this.#status = { state: 'pending', reason }
    return this.#status
  }

  async step(chain: AnnounceChain): Promise<AnnouncementStatus> {
    const wanted = this.#wanted
    if (wanted === undefined) return this.#status
    if (this.#misconfigured !== undefined) return this.#status
    const decision = decideServe({
      record: chain.record,
      wanted,
      currentBlock: chain.block,
      rateLimitBlocks: chain.rateLimitBlocks,
      triedAtMs: this.#triedAtMs,
      nowMs: this.#clock.monotonicMs(),
      refusedUntilBlock: this.#refusedUntilBlock,
    })
    if (decision.action === 'none') return this.#settled(wanted, chain.record)
    if (this.#status.state === 'current') this.#noteLoss(chain)
    if (decision.action === 'wait') {
      const reason =
        decision.reason === 'rateLimit'
          ? `the rate limit of the chain ends at block ${decision.untilBlock}`
          : `${mostTries} tries in ten minutes were refused`
      return this.#wait(reason)
    }
    return this.#submit(chain, wanted, { mayRetry: true })
  }

  async #submit(
    chain: AnnounceChain,
    wanted: AxonAnnouncement,
    options: { mayRetry: boolean },
  ): Promise<AnnouncementStatus> {
    // Counted before it is sent: if the connection breaks in between, nobody knows whether it arrived.
    this.#triedAtMs = [...this.#triedAtMs, this.#clock.monotonicMs()].slice(-mostTries)
    const axon = formatAxon(wanted)
    this.#log.info({ event: 'axon.announcing', hotkey: this.#address, axon, block: chain.block }, 'Announcing the axon')
    const outcome = await chain.submit(wanted)
    if (outcome.ok) return this.#settled(wanted, outcome.record)
    const { refusal } = outcome
    this.#log.warn(
      { event: 'axon.announce_refused', hotkey: this.#address, axon, refusal: refusal.name, text: refusal.text },
      'The chain refused the announcement',
    )
    if (refusal.kind === 'stale' && options.mayRetry && this.#triedAtMs.length < mostTries) {
      return this.#submit(chain, wanted, { mayRetry: false })
    }
    if (refusal.kind === 'rateLimited') {
      this.#refusedUntilBlock = endOfRateLimit(chain)
      return this.#wait(`the rate limit of the chain ends at block ${this.#refusedUntilBlock}`)
    }
    if (refusal.kind === 'misconfigured') this.#misconfigured = refusal
    this.#status = { state: 'refused', name: refusal.name, reason: explain(refusal) }
    return this.#status
  }

  #settled(wanted: AxonAnnouncement, record: AxonRecord | undefined): AnnouncementStatus {
    const axon = formatAxon(wanted)
    if (this.#status.state !== 'current') {
      this.#log.info(
        { event: 'axon.announced', hotkey: this.#address, axon, block: record?.block ?? 0 },
        'The chain holds the address of the axon',
      )
    }
    this.#refusedUntilBlock = undefined
    this.#status = { state: 'current', axon, block: record?.block ?? 0 }
    return this.#status
  }

  /** A reorganisation removed the block with our transaction, or somebody else announced with the same hotkey. */
  #noteLoss({ record, block }: AnnounceChain): void {
    const now = record === undefined ? 'nothing' : formatAxon(record)
    this.#log.warn(
      { event: 'axon.announcement_lost', hotkey: this.#address, holds: now, block },
      'The chain no longer holds the address of the axon',
    )
    this.#status = { state: 'pending', reason: `the chain holds ${now} instead` }
  }

  #wait(reason: string): AnnouncementStatus {
    if (this.#status.state !== 'waiting' || this.#status.reason !== reason) {
      this.#log.warn({ event: 'axon.announce_delayed', hotkey: this.#address, reason }, 'The announcement must wait')
    }
    this.#status = { state: 'waiting', reason }
    return this.#status
  }
}

function endOfRateLimit({ record, block, rateLimitBlocks }: AnnounceChain): number {
  const end = record === undefined ? 0 : record.block + rateLimitBlocks
  // The chain knows a later announcement than we do: waiting the whole limit from here is enough in every case.
  return end > block ? end : block + rateLimitBlocks
}

function explain(refusal: ChainRefusal): string {
  switch (refusal.name) {
    case 'InvalidIpAddress':
    case 'InvalidIpType':
      return `${refusal.name}; set chain.externalIp to an address that others can reach.`
    case 'InvalidPort':
      return `${refusal.name}; set chain.externalPort to a port above 0.`
    default:
      return `${refusal.name}.`
  }
}
