import { messageOf } from '#core/base/errors/message-of'
import type { Logger } from '#core/base/log/logger'
import type { Rng } from '#core/base/random/rng'
import { showUrl } from '#core/base/text/show-url'
import type { Clock } from '#core/base/time/clock'
import type { ClockJudge } from '#core/base/time/clock-judge'
import { AxonAnnouncer, type ServeOutcome } from '#core/bittensor/chain/axon-announcer'
import { type AxonAnnouncement, type AxonEndpoint, isSameAnnouncement } from '#core/bittensor/chain/axon-record'
import { buildSnapshot, type SnapshotOrigin, type SnapshotResult } from '#core/bittensor/chain/build-snapshot'
import type { Chain, RefreshResult } from '#core/bittensor/chain/chain-port'
import {
  type AnnouncementStatus,
  advanceRegistration,
  type ChainStatus,
  isDenialBelieved,
} from '#core/bittensor/chain/chain-status'
import { type ClockLimits, ClockWatch } from '#core/bittensor/chain/clock-skew'
import type { MetagraphSnapshot, MetagraphStore } from '#core/bittensor/chain/metagraph'
import { MetagraphKeeper } from '#core/bittensor/chain/metagraph-keeper'
import type { Registration } from '#core/bittensor/chain/registration'
import { ScaleError } from '#core/bittensor/chain/scale'
import type { HotkeySigner } from '#core/bittensor/wallet/hotkey-signer'
import type { ChainConnection, NewHead } from './chain-connection.ts'
import type { ChainView } from './chain-view.ts'
import { ConnectionKeeper, type ConnectionKeeperOptions } from './connection-keeper.ts'
import { AddressBook } from './metagraph-call.ts'
import { ChainLookup } from './registration-lookup.ts'
import { RpcError, RpcTimeout } from './rpc-socket.ts'

export interface ChainClientOptions extends ConnectionKeeperOptions {
  /** The oldest stored metagraph that a start may use. */
  readonly storedGraceMs: number
  /** Lets tests and private chains announce addresses that others cannot reach. */
  readonly allowPrivateIp: boolean
  readonly clock: ClockLimits
}

export interface ChainClientDeps {
  readonly log: Logger
  readonly clock: Clock
  readonly rng: Rng
  readonly store?: MetagraphStore
  /** Wants to know what time the chain has. */
  readonly witness?: Pick<ClockJudge, 'noteBlock'>
  readonly signers: readonly HotkeySigner[]
}

interface Hotkey {
  readonly signer: HotkeySigner
  readonly announcer: AxonAnnouncer
  registration: Registration
  /** Refreshes in a row in which the chain had no place for it. */
  deniedReads: number
  /** The node that we are connected to denies a place that another endpoint knows. */
  isDisputed: boolean
}

const mostTimeoutsInARow = 2

/**
 * The daemon's one view of the chain: the registration of its hotkeys, the metagraph, and the announced addresses. It
 * keeps the last known values while no node answers. Only a wrong chain at the start ends the daemon.
 */
export class ChainClient implements Chain {
  readonly #log: Logger
  readonly #clock: Clock
  readonly #witness: ChainClientDeps['witness']
  readonly #options: ChainClientOptions
  readonly #keeper: ConnectionKeeper
  readonly #metagraph: MetagraphKeeper
  readonly #clockWatch: ClockWatch
  readonly #hotkeys: readonly Hotkey[]
  readonly #addresses = new AddressBook()
  /** Of the other endpoints, before the word of one costs a place. */
  readonly #secondOpinion: ChainLookup
  #timeoutsInARow = 0
  #refreshing: Promise<RefreshResult> | undefined

  constructor(deps: ChainClientDeps, options: ChainClientOptions) {
    this.#log = deps.log
    this.#clock = deps.clock
    this.#witness = deps.witness
    this.#options = options
    const { netuid, storedGraceMs, allowPrivateIp, expected } = options
    this.#metagraph = new MetagraphKeeper(deps, { netuid, genesisHash: expected.genesisHash, storedGraceMs })
    this.#clockWatch = new ClockWatch(deps, options.clock)
    this.#hotkeys = deps.signers.map((signer) => ({
      signer,
      announcer: new AxonAnnouncer(deps, { address: signer.address, allowPrivateIp }),
      registration: { state: 'unknown', reason: 'the chain has not been asked yet' },
      deniedReads: 0,
      isDisputed: false,
    }))
    this.#secondOpinion = new ChainLookup(deps, options)
    this.#keeper = new ConnectionKeeper(deps, options, {
      onConnected: async () => {
        this.#timeoutsInARow = 0
        this.#clockWatch.reset()
        await this.refresh()
      },
      onHead: (connection, head) => void this.#observeClock(connection, head),
    })
  }

  /**
   * Returns when the chain has answered, or when that may take longer; from then on the client works by itself. Throws
   * CHAIN_WRONG when every endpoint serves another chain.
   */
  async start(): Promise<void> {
    this.#metagraph.restore()
    await this.#keeper.start()
  }

  async stop(): Promise<void> {
    await this.#secondOpinion.stop()
    await this.#keeper.stop()
    await this.#refreshing
  }

  current(): MetagraphSnapshot | undefined {
    return this.#metagraph.current()
  }

  registration(address: string): Registration {
    return this.#hotkey(address).registration
  }

  status(): ChainStatus {
    const { connection, state } = this.#keeper
    return {
      connection: state,
      whyNotSign: connection === undefined ? 'there is no connection to the chain' : connection.whyNotSign,
      metagraph: this.#metagraph.status(),
      hotkeys: this.#hotkeys.map(({ signer, registration, announcer }) => ({
        address: signer.address,
        registration,
        announcement: announcer.status,
      })),
      clock: this.#clockWatch.judge(),
    }
  }

  /** One at a time: a caller during a refresh gets its result. */
  refresh(): Promise<RefreshResult> {
    this.#refreshing ??= this.#refreshOnce().finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  async ensureServed(address: string, endpoint: AxonEndpoint): Promise<AnnouncementStatus> {
    const { announcer } = this.#hotkey(address)
    announcer.want(endpoint)
    // A running refresh may have checked the announcements already.
    await this.#refreshing
    await this.refresh()
    return announcer.status
  }

  #hotkey(address: string): Hotkey {
    const found = this.#hotkeys.find(({ signer }) => signer.address === address)
    if (found === undefined) throw new Error(`${address} is not one of our hotkeys`)
    return found
  }

  async #observeClock(connection: ChainConnection, head: NewHead): Promise<void> {
    const arrivedAtMonotonicMs = this.#clock.monotonicMs()
    try {
      const timestampMs = await connection.viewAt(head).timestampMs()
      this.#witness?.noteBlock(timestampMs, arrivedAtMonotonicMs)
      this.#clockWatch.observe(head.arrivedAtMs, timestampMs)
    } catch {
      // One block less to measure the clock with.
    }
  }

  async #refreshOnce(): Promise<RefreshResult> {
    const { connection } = this.#keeper
    if (connection === undefined) return { ok: false, reason: 'there is no connection to the chain' }
    try {
      const view = connection.view()
      const denied: Hotkey[] = []
      for (const hotkey of this.#hotkeys) {
        const uid = await view.uidOf(hotkey.signer.address)
        if (uid === undefined) denied.push(hotkey)
        else this.#noteUid(hotkey, uid)
        hotkey.isDisputed = false
      }
      const result = await this.#refreshMetagraph(connection, view)
      const snapshot = result.ok ? this.#metagraph.current() : undefined
      for (const hotkey of denied) await this.#judgeDenial(hotkey, connection.url, snapshot)
      for (const hotkey of this.#hotkeys) await this.#refreshAnnouncement(hotkey, connection, view)
      this.#timeoutsInARow = 0
      return result
    } catch (error) {
      return this.#noteFailure(connection, error)
    }
  }

  #noteFailure(connection: ChainConnection, error: unknown): RefreshResult {
    const reason = messageOf(error)
    this.#log.warn(
      { event: 'chain.refresh_failed', endpoint: showUrl(connection.url), reason },
      'The chain could not be read; the last known values stay in use',
    )
    if (error instanceof RpcError && error.isRateLimit) this.#keeper.backOff(connection)
    if (error instanceof RpcTimeout) {
      this.#timeoutsInARow += 1
      if (this.#timeoutsInARow >= mostTimeoutsInARow) connection.close('the node no longer answers')
    }
    return { ok: false, reason }
  }

  #noteUid(hotkey: Hotkey, uid: number | undefined): void {
    if (uid !== undefined) hotkey.deniedReads = 0
    const { address } = hotkey.signer
    const { netuid } = this.#options
    const { next, change } = advanceRegistration(hotkey.registration, uid)
    hotkey.registration = next
    if (change === 'deregistered') {
      this.#log.error(
        { event: 'hotkey.deregistered', hotkey: address, netuid },
        'The hotkey is not registered on the subnet',
      )
    } else if (change !== undefined && next.state === 'registered') {
      this.#log.info(
        { event: `hotkey.${change}`, hotkey: address, netuid, uid: next.uid },
        'The hotkey is registered on the subnet',
      )
    }
  }

  async #judgeDenial(hotkey: Hotkey, url: string, snapshot: MetagraphSnapshot | undefined): Promise<void> {
    const { registration: current, signer, deniedReads: deniedBefore } = hotkey
    const { address } = signer
    const isInMetagraph = snapshot?.neurons.some((neuron) => neuron.hotkey === address)
    // Nothing can be lost by believing it again, and the metagraph's word needs no second one.
    const isSettled = current.state === 'deregistered' || isInMetagraph !== false
    const elsewhere: Registration = isSettled
      ? { state: 'unknown', reason: 'not asked' }
      : await this.#secondOpinion.registrationOf(address, url)
    if (isDenialBelieved({ current, deniedBefore, isInMetagraph, elsewhere })) {
      this.#noteUid(hotkey, undefined)
      return
    }
    this.#log.warn(
      {
        event: 'hotkey.place_doubted',
        hotkey: address,
        netuid: this.#options.netuid,
        endpoint: showUrl(url),
        isInMetagraph,
        elsewhere: elsewhere.state,
      },
      'A node finds no place for the hotkey; it keeps serving until that is confirmed',
    )
    if (elsewhere.state === 'registered') {
      this.#noteUid(hotkey, elsewhere.uid)
      hotkey.isDisputed = true
    } else if (isInMetagraph !== true) hotkey.deniedReads += 1
    // An answer that the metagraph contradicts counts for nothing, however often it comes.
  }

  async #refreshMetagraph(connection: ChainConnection, view: ChainView): Promise<RefreshResult> {
    const answer = await this.#readMetagraph(connection, view)
    const rejected = this.#metagraph.offer(answer, showUrl(connection.url))
    if (!answer.ok || rejected !== undefined) {
      return { ok: false, reason: `the metagraph was refused: ${rejected ?? 'unknown'}` }
    }
    return { ok: true, block: answer.snapshot.block, neuronCount: answer.snapshot.neurons.length }
  }

  async #readMetagraph(connection: ChainConnection, view: ChainView): Promise<SnapshotResult> {
    const origin: SnapshotOrigin = {
      netuid: this.#options.netuid,
      genesisHash: connection.identity.genesisHash,
      specVersion: connection.specVersion,
      takenAtMs: this.#clock.nowMs(),
      block: view.head.block,
      addressOf: this.#addresses.addressOf,
    }
    try {
      return buildSnapshot(await view.metagraph(connection.metagraphCall), origin)
    } catch (error) {
      if (!(error instanceof ScaleError)) throw error
      return { ok: false, reason: `its bytes cannot be read: ${error.message}` }
    } finally {
      this.#addresses.turnPage()
    }
  }

  async #refreshAnnouncement(hotkey: Hotkey, connection: ChainConnection, view: ChainView): Promise<void> {
    const { signer, announcer, registration } = hotkey
    if (announcer.status.state === 'notWanted') return
    if (registration.state !== 'registered') {
      announcer.hold('the hotkey is not registered on the subnet')
      return
    }
    if (hotkey.deniedReads > 0 || hotkey.isDisputed) {
      announcer.hold('it is in doubt whether the hotkey has a place in the subnet')
      return
    }
    if (connection.whyNotSign !== undefined) {
      announcer.hold(connection.whyNotSign)
      return
    }
    const [record, rateLimitBlocks] = await Promise.all([view.axonOf(signer.address), view.rateLimitBlocks()])
    const status = await announcer.step({
      block: view.head.block,
      record,
      rateLimitBlocks,
      submit: (announcement) => submitAndReadBack(connection, signer, announcement),
    })
    // A word of the node that refused, as an answer without a place is: the next refresh decides.
    if (status.state === 'refused' && status.name.startsWith('HotKeyNotRegistered')) hotkey.deniedReads = 1
  }
}

/** A transaction in a block may still have failed there, so the record in that block decides. */
async function submitAndReadBack(
  connection: ChainConnection,
  signer: HotkeySigner,
  announcement: AxonAnnouncement,
): Promise<ServeOutcome> {
  const outcome = await connection.submitServe(signer, announcement)
  if (!outcome.ok) return outcome
  const { blockHash } = outcome
  const record = await connection.viewAt({ block: 0, hash: blockHash }).axonOf(signer.address)
  if (isSameAnnouncement(record, announcement)) return { ok: true, record }
  return { ok: false, refusal: await connection.dispatchErrorIn(blockHash) }
}
