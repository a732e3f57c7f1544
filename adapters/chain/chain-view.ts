import type { ApiPromise } from '@polkadot/api'
import type { AxonRecord } from '#core/bittensor/chain/axon-record'
import { ScaleReader, type ScaleShape, type ScaleValue } from '#core/bittensor/chain/scale'
import { encodeMetagraphCall, type MetagraphCall } from './metagraph-call.ts'
import type { RpcSocket } from './rpc-socket.ts'
import { shapeOf } from './type-shape.ts'

export interface ChainHead {
  readonly block: number
  readonly hash: string
}

/** Reads the chain at one block, so that values read together belong together. */
export class ChainView {
  readonly head: ChainHead
  readonly #api: ApiPromise
  readonly #socket: RpcSocket
  readonly #netuid: number

  constructor(deps: { api: ApiPromise; socket: RpcSocket }, options: { netuid: number; head: ChainHead }) {
    this.#api = deps.api
    this.#socket = deps.socket
    this.#netuid = options.netuid
    this.head = options.head
  }

  /** The hotkey's uid in the subnet; undefined when it has none. */
  async uidOf(address: string): Promise<number | undefined> {
    const value = await this.#storage('subtensorModule', 'uids', [this.#netuid, address])
    return value === undefined ? undefined : Number(value)
  }

  async axonOf(address: string): Promise<AxonRecord | undefined> {
    const value = await this.#storage('subtensorModule', 'axons', [this.#netuid, address])
    if (value === undefined) return undefined
    const fields = value as Readonly<Record<string, number | bigint>>
    const number = (name: string): number => Number(fields[name])
    return {
      block: number('block'),
      version: number('version'),
      ip: BigInt(fields['ip'] ?? 0),
      port: number('port'),
      ipType: number('ip_type'),
      protocol: number('protocol'),
      placeholder1: number('placeholder1'),
      placeholder2: number('placeholder2'),
    }
  }

  async rateLimitBlocks(): Promise<number> {
    return Number(await this.#storage('subtensorModule', 'servingRateLimit', [this.#netuid]))
  }

  /** When the slot of this block began, by its author's clock. */
  async timestampMs(): Promise<number> {
    return Number(await this.#storage('timestamp', 'now', []))
  }

  /** The decoded columns; undefined when there is no such subnet. */
  async metagraph(call: MetagraphCall): Promise<ScaleValue> {
    const params = encodeMetagraphCall(this.#netuid, call.indexes)
    const answer = await this.#socket.request('state_call', [call.method, params, this.head.hash])
    // Fields that later runtime releases append to the struct are not read.
    return new ScaleReader(bytesOf(answer)).read(call.answer)
  }

  async #storage(pallet: string, item: string, keys: readonly unknown[]): Promise<ScaleValue> {
    const entry = this.#api.query[pallet]?.[item]
    if (entry === undefined) throw new Error(`the runtime has no ${pallet}.${item}`)
    const raw = await this.#socket.request('state_getStorage', [entry.key(...keys), this.head.hash])
    const { modifier, fallback, type } = entry.creator.meta
    if (raw === null && modifier.isOptional) return undefined
    const bytes = raw === null ? fallback.toU8a(true) : bytesOf(raw)
    return new ScaleReader(bytes).read(valueShape(this.#api, type))
  }
}

type StorageType = ApiPromise['query'][string][string]['creator']['meta']['type']

function valueShape(api: ApiPromise, type: StorageType): ScaleShape {
  return shapeOf(api.registry.lookup, type.isPlain ? type.asPlain : type.asMap.value)
}

function bytesOf(answer: unknown): Uint8Array {
  if (typeof answer !== 'string' || !/^0x([0-9a-f]{2})*$/i.test(answer)) throw new Error('the node answered no bytes')
  return Buffer.from(answer.slice(2), 'hex')
}
