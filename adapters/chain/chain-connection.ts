import type { ApiPromise } from '@polkadot/api'
import type { Clock } from '#core/base/time/clock'
import type { AxonAnnouncement } from '#core/bittensor/chain/axon-record'
import type { ChainIdentity } from '#core/bittensor/chain/chain-identity'
import type { ChainRefusal } from '#core/bittensor/chain/pool-error'
import type { HotkeySigner } from '#core/bittensor/wallet/hotkey-signer'
import { type ChainHead, ChainView } from './chain-view.ts'
import { type MetagraphCall, metagraphCallOf } from './metagraph-call.ts'
import type { RpcSocket } from './rpc-socket.ts'
import { whyNotSign } from './signing-check.ts'
import { dispatchErrorIn, type SubmitOutcome, submitServe } from './submit-serve.ts'

export interface ConnectionOptions {
  readonly url: string
  readonly netuid: number
  readonly inclusionDeadlineMs: number
}

export interface NewHead extends ChainHead {
  readonly arrivedAtMs: number
}

/** The reason for the end of a connection after a runtime upgrade of the chain. */
export const runtimeUpgraded = 'the runtime was upgraded'

/**
 * One checked connection to one node. It never reconnects: each new one passes the same checks. A runtime upgrade ends
 * it, so that no old metadata stays in use.
 */
export class ChainConnection {
  readonly url: string
  readonly identity: ChainIdentity
  readonly specVersion: number
  /** Why nothing may be signed for this runtime; undefined when signing is safe. */
  readonly whyNotSign: string | undefined
  readonly metagraphCall: MetagraphCall
  /** Resolves with the reason when the connection has ended. */
  readonly lost: Promise<string>
  readonly #api: ApiPromise
  readonly #socket: RpcSocket
  readonly #clock: Clock
  readonly #options: ConnectionOptions
  #head: NewHead
  #onHead: (head: NewHead) => void = () => {}

  constructor(
    deps: { api: ApiPromise; socket: RpcSocket; clock: Clock },
    found: { identity: ChainIdentity; head: NewHead },
    options: ConnectionOptions,
  ) {
    this.#api = deps.api
    this.#socket = deps.socket
    this.#clock = deps.clock
    this.#options = options
    this.#head = found.head
    this.url = options.url
    this.identity = found.identity
    this.specVersion = deps.api.runtimeVersion.specVersion.toNumber()
    this.whyNotSign = whyNotSign(deps.api)
    this.metagraphCall = metagraphCallOf(deps.api)
    this.lost = deps.socket.closed
  }

  get head(): NewHead {
    return this.#head
  }

  /** Calls back for each new head, beginning with the present one. */
  followHeads(onHead: (head: NewHead) => void): void {
    this.#onHead = onHead
    onHead(this.#head)
  }

  /** The chain at its newest block. */
  view(): ChainView {
    return new ChainView({ api: this.#api, socket: this.#socket }, { netuid: this.#options.netuid, head: this.#head })
  }

  /** The chain at another block, e.g. the one with our transaction. */
  viewAt(head: ChainHead): ChainView {
    return new ChainView({ api: this.#api, socket: this.#socket }, { netuid: this.#options.netuid, head })
  }

  async submitServe(signer: HotkeySigner, announcement: AxonAnnouncement): Promise<SubmitOutcome> {
    if (this.whyNotSign !== undefined) throw new Error(`refused to sign: ${this.whyNotSign}`)
    const { netuid, inclusionDeadlineMs } = this.#options
    const deps = { api: this.#api, socket: this.#socket, clock: this.#clock }
    return submitServe(deps, { netuid, signer, announcement, inclusionDeadlineMs })
  }

  dispatchErrorIn(blockHash: string): Promise<ChainRefusal> {
    return dispatchErrorIn({ api: this.#api, socket: this.#socket }, blockHash)
  }

  close(reason: string): void {
    this.#socket.close(reason)
  }

  async watch(): Promise<void> {
    await this.#socket.subscribe('chain_subscribeNewHeads', [], (header) => void this.#takeHeader(header))
    await this.#socket.subscribe('state_subscribeRuntimeVersion', [], (message) => {
      const version = message as { specVersion?: unknown; specName?: unknown }
      if (version.specVersion !== this.specVersion || version.specName !== this.identity.specName) {
        this.close(runtimeUpgraded)
      }
    })
  }

  async #takeHeader(header: unknown): Promise<void> {
    const arrivedAtMs = this.#clock.nowMs()
    try {
      const block = blockNumberOf(header)
      const hash = await this.#socket.request('chain_getBlockHash', [block])
      // The block may have been replaced between the header and this answer; the next header shows it.
      if (typeof hash !== 'string') return
      this.#head = { block, hash, arrivedAtMs }
      this.#onHead(this.#head)
    } catch {
      // A node that no longer answers is detected by the check of its heads.
    }
  }
}

export async function newestHead(socket: RpcSocket): Promise<ChainHead> {
  const hash = await socket.request('chain_getBlockHash', [])
  return { block: blockNumberOf(await socket.request('chain_getHeader', [hash])), hash: String(hash) }
}

function blockNumberOf(header: unknown): number {
  const { number } = (header ?? {}) as { number?: unknown }
  if (typeof number !== 'string' || !/^0x[0-9a-f]+$/i.test(number)) throw new Error('the node answered no header')
  return Number.parseInt(number, 16)
}
