import type { Logger } from '#core/base/log/logger'
import type { Rng } from '#core/base/random/rng'
import { showUrl } from '#core/base/text/show-url'
import type { Clock } from '#core/base/time/clock'
import { ChainError } from '#core/bittensor/chain/chain-error'
import { advanceConnection, type ConnectionEvent, type ConnectionState } from '#core/bittensor/chain/chain-status'
import { type ConnectFailure, EndpointRotation } from '#core/bittensor/chain/endpoint-rotation'
import { FirstRound } from '#core/bittensor/chain/first-round'
import { type ChainConnection, type NewHead, runtimeUpgraded } from './chain-connection.ts'
import { type OpenOptions, openConnection } from './open-connection.ts'

export interface ConnectionKeeperOptions extends Omit<OpenOptions, 'url'> {
  readonly endpoints: readonly string[]
  /** A node without a new block for this long counts as frozen. */
  readonly headStallMs: number
  /** How long `start` waits for a first answer before the daemon continues without it. */
  readonly startPatienceMs: number
}

export interface ConnectionHandlers {
  /** Runs first on a new connection. Never throws. */
  readonly onConnected: (connection: ChainConnection) => Promise<void>
  readonly onHead: (connection: ChainConnection, head: NewHead) => void
}

/** A shorter connection was not a success: its endpoint backs off further. */
const provenAfterMs = 30_000
const pauseAfterOwnFaultMs = 1_000

/** Keeps one connection to one of several nodes, and always replaces it when it is lost. */
export class ConnectionKeeper {
  readonly #log: Logger
  readonly #clock: Clock
  readonly #options: ConnectionKeeperOptions
  readonly #handlers: ConnectionHandlers
  readonly #rotation: EndpointRotation
  readonly #firstRound: FirstRound
  readonly #stopping = new AbortController()
  #state: ConnectionState
  #connection: ChainConnection | undefined
  #askedTooMuch = false
  #refusedRuntime: number | undefined
  #running: Promise<void> | undefined

  constructor(
    deps: { log: Logger; clock: Clock; rng: Rng },
    options: ConnectionKeeperOptions,
    handlers: ConnectionHandlers,
  ) {
    this.#log = deps.log
    this.#clock = deps.clock
    this.#options = options
    this.#handlers = handlers
    this.#rotation = new EndpointRotation(options.endpoints, deps.rng)
    this.#firstRound = new FirstRound(options.endpoints)
    this.#state = { state: 'connecting', sinceMs: deps.clock.nowMs() }
  }

  get connection(): ChainConnection | undefined {
    return this.#connection
  }

  get state(): ConnectionState {
    return this.#state
  }

  /** Throws only when every endpoint serves another chain; an unreachable one is retried for ever. */
  async start(): Promise<void> {
    this.#running = this.#run()
    const patience = this.#clock.sleep(this.#options.startPatienceMs, this.#stopping.signal).catch(() => {})
    await Promise.race([this.#firstRound.ended, patience])
    const { wrongChain } = this.#firstRound
    if (wrongChain === undefined) return
    await this.stop()
    throw new ChainError('CHAIN_WRONG', `${wrongChain}. Nothing was signed.`)
  }

  /** The node limits our rate: the connection is closed and its endpoint is not used for a while. */
  backOff(connection: ChainConnection): void {
    this.#askedTooMuch = true
    connection.close('the node asks us to slow down')
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('stopping'))
    this.#connection?.close('stopping')
    await this.#running
    this.#advance({ type: 'stopped' })
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      try {
        await this.#connectOnce()
      } catch (err) {
        if (signal.aborted) break
        this.#log.error({ event: 'chain.loop_failed', err }, 'The chain client had an error and continues')
        await this.#clock.sleep(pauseAfterOwnFaultMs, signal).catch(() => {})
      }
    }
    this.#firstRound.succeed()
  }

  async #connectOnce(): Promise<void> {
    const { signal } = this.#stopping
    const { url, waitMs } = this.#rotation.choose(this.#clock.monotonicMs())
    if (waitMs > 0) await this.#clock.sleep(waitMs, signal)
    const opened = await openConnection({ clock: this.#clock }, { ...this.#options, url }, signal)
    if (opened.ok) return this.#live(opened.connection)
    if (!signal.aborted) this.#noteFailure(url, opened.failure, opened.reason)
  }

  #noteFailure(url: string, failure: ConnectFailure, reason: string): void {
    const endpoint = showUrl(url)
    this.#rotation.failed(url, failure, this.#clock.monotonicMs())
    if (failure === 'wrongChain') {
      this.#firstRound.foundWrongChain(url, reason)
      this.#advance({ type: 'foundWrongChain', reason: `${endpoint}: ${reason}` })
      this.#log.error(
        { event: 'chain.refused', word: 'wrong_chain', endpoint, reason },
        'A node serves another chain; nothing is signed for it',
      )
    } else {
      this.#firstRound.unreachable(url)
      this.#advance({ type: 'attemptFailed', reason: `${endpoint}: ${reason}` })
      this.#log.warn(
        { event: 'chain.connect_failed', endpoint, failure, reason },
        'An endpoint of the chain cannot be used',
      )
    }
  }

  /** From the first use of a connection to its loss. */
  async #live(connection: ChainConnection): Promise<void> {
    const connectedAtMs = this.#clock.monotonicMs()
    const gone = new AbortController()
    this.#connection = connection
    this.#askedTooMuch = false
    try {
      this.#noteConnected(connection)
      const watching = this.#watchHeads(connection, gone.signal)
      await Promise.race([this.#handlers.onConnected(connection), connection.lost])
      this.#firstRound.succeed()
      const reason = await connection.lost
      gone.abort()
      await watching
      if (!this.#stopping.signal.aborted) this.#noteLoss(connection, reason, connectedAtMs)
    } finally {
      this.#connection = undefined
      gone.abort()
      connection.close('replaced')
    }
  }

  #noteConnected({ url, specVersion, head, whyNotSign }: ChainConnection): void {
    const endpoint = showUrl(url)
    this.#advance({ type: 'connected', endpoint, specVersion })
    this.#log.info({ event: 'chain.connected', endpoint, specVersion, block: head.block }, 'Connected to the chain')
    if (whyNotSign !== undefined && this.#refusedRuntime !== specVersion) {
      this.#log.error(
        { event: 'runtime.refused', word: 'runtime_incompatible', specVersion, reason: whyNotSign },
        'This release does not know the runtime of the chain: nothing is signed, prompts are still answered',
      )
    }
    this.#refusedRuntime = whyNotSign === undefined ? undefined : specVersion
    if (this.#stopping.signal.aborted) throw new Error('stopping')
  }

  #noteLoss({ url }: ChainConnection, reason: string, connectedAtMs: number): void {
    const endpoint = showUrl(url)
    const nowMs = this.#clock.monotonicMs()
    const livedMs = Math.round(nowMs - connectedAtMs)
    this.#advance({ type: 'lost', reason })
    if (reason === runtimeUpgraded) {
      this.#rotation.upgraded(url, nowMs)
      this.#log.info({ event: 'runtime.upgraded', endpoint }, 'The runtime of the chain was upgraded; it is read again')
      return
    }
    const isProven = livedMs >= provenAfterMs
    if (isProven) this.#rotation.proved(url)
    const failure = this.#askedTooMuch ? 'rateLimited' : isProven ? 'unreachable' : 'shortLived'
    this.#rotation.failed(url, failure, nowMs)
    this.#log.warn({ event: 'chain.disconnected', endpoint, reason, livedMs }, 'The connection to the chain was lost')
  }

  /** A node may keep its connection open although it receives no blocks. */
  async #watchHeads(connection: ChainConnection, gone: AbortSignal): Promise<void> {
    const { headStallMs } = this.#options
    let newestAtMs = this.#clock.monotonicMs()
    let newestHash = ''
    connection.followHeads((head) => {
      if (head.hash !== newestHash) newestAtMs = this.#clock.monotonicMs()
      newestHash = head.hash
      this.#handlers.onHead(connection, head)
    })
    while (!gone.aborted) {
      const quietMs = this.#clock.monotonicMs() - newestAtMs
      if (quietMs >= headStallMs) {
        connection.close(`no new block for ${Math.round(quietMs)} ms`)
        return
      }
      await this.#clock.sleep(headStallMs - quietMs, gone).catch(() => {})
    }
  }

  #advance(event: ConnectionEvent): void {
    this.#state = advanceConnection(this.#state, event, this.#clock.nowMs())
  }
}
