import type { ApiPromise } from '@polkadot/api'
import { encodeAddress } from '@polkadot/util-crypto'
import { askedIndexes, knownSelectiveMetagraph } from '#core/bittensor/chain/metagraph-layout'
import type { ScaleShape } from '#core/bittensor/chain/scale'
import { shapeOf } from './type-shape.ts'

const apiName = 'SubnetInfoRuntimeApi'
const methodName = 'get_selective_metagraph'

/** How to request and read this runtime's metagraph. */
export interface MetagraphCall {
  readonly method: string
  readonly indexes: readonly number[]
  readonly answer: ScaleShape
}

/** From the metadata if it describes runtime calls (formats 15 and 16), otherwise the layout that we know. */
export function metagraphCallOf(api: ApiPromise): MetagraphCall {
  const described = describedAnswer(api)
  const answer = described ?? knownSelectiveMetagraph
  return { method: `${apiName}_${methodName}`, indexes: askedIndexes(answer), answer }
}

function describedAnswer(api: ApiPromise): ScaleShape | undefined {
  const metadata = api.runtimeMetadata
  if (metadata.version < 15) return undefined
  const method = metadata.asLatest.apis
    .find((one) => one.name.toString() === apiName)
    ?.methods.find((one) => one.name.toString() === methodName)
  return method === undefined ? undefined : shapeOf(api.registry.lookup, method.output)
}

/** netuid as u16, then the indexes as a sequence of u16. */
export function encodeMetagraphCall(netuid: number, indexes: readonly number[]): string {
  // One byte is enough for the length: there are fewer than 64 fields.
  const bytes = Buffer.alloc(3 + 2 * indexes.length)
  bytes.writeUInt16LE(netuid, 0)
  bytes.writeUInt8(indexes.length << 2, 2)
  indexes.forEach((index, i) => void bytes.writeUInt16LE(index, 3 + 2 * i))
  return `0x${bytes.toString('hex')}`
}

/** Making addresses is most of the work of a refresh, and nearly all keys are the same as a minute ago. */
export class AddressBook {
  #known = new Map<string, string>()
  #used = new Map<string, string>()

  addressOf = (publicKey: Uint8Array): string => {
    const hex = Buffer.from(publicKey).toString('hex')
    const address = this.#used.get(hex) ?? this.#known.get(hex) ?? encodeAddress(publicKey, 42)
    this.#used.set(hex, address)
    return address
  }

  /** Forgets keys that the last round did not use. */
  turnPage(): void {
    this.#known = this.#used
    this.#used = new Map()
  }
}
