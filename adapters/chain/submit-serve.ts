import type { ApiPromise } from '@polkadot/api'
import type { Vec } from '@polkadot/types'
import type { DispatchError, EventRecord } from '@polkadot/types/interfaces'
import { blake2AsU8a } from '@polkadot/util-crypto'
import type { Clock } from '#core/base/time/clock'
import { withinMs } from '#core/base/time/within-ms'
import type { AxonAnnouncement } from '#core/bittensor/chain/axon-record'
import { type ChainRefusal, nameDispatchError, nameRefusal } from '#core/bittensor/chain/pool-error'
import type { HotkeySigner } from '#core/bittensor/wallet/hotkey-signer'
import { RpcError, type RpcSocket, RpcTimeout } from './rpc-socket.ts'

export type SubmitOutcome =
  | { readonly ok: true; readonly blockHash: string }
  | { readonly ok: false; readonly refusal: ChainRefusal }

export interface SubmitOptions {
  readonly netuid: number
  readonly signer: HotkeySigner
  readonly announcement: AxonAnnouncement
  readonly inclusionDeadlineMs: number
}

/** A transaction that is not included within this many blocks never will be. */
const mortalBlocks = 128

/** Signs serve_axon with the hotkey and waits until it is in a block, or until the node says why not. */
export async function submitServe(
  deps: { api: ApiPromise; socket: RpcSocket; clock: Clock },
  options: SubmitOptions,
): Promise<SubmitOutcome> {
  const signed = await signServe(deps.api, options)
  try {
    const blockHash = await awaitInclusion(deps, signed, options.inclusionDeadlineMs)
    return typeof blockHash === 'string' ? { ok: true, blockHash } : { ok: false, refusal: blockHash }
  } catch (error) {
    if (error instanceof RpcError && !error.isRateLimit) return { ok: false, refusal: nameRefusal(error.message) }
    throw error
  }
}

async function signServe(api: ApiPromise, options: SubmitOptions): Promise<string> {
  const { netuid, announcement, signer } = options
  const { version, ip, port, ipType, protocol, placeholder1, placeholder2 } = announcement
  const call = api.tx['subtensorModule']!['serveAxon']!
  const transaction = call(netuid, version, ip, port, ipType, protocol, placeholder1, placeholder2)
  const signed = await transaction.signAsync(signer.address, {
    // -1 asks the node each time: the library's own count is outdated after the first transaction.
    nonce: -1,
    era: mortalBlocks,
    signer: { signRaw: async ({ data }) => ({ id: 1, signature: signPayload(signer, data) }) },
  })
  return signed.toHex()
}

const sr25519Tag = 1

/** A payload of more than 256 bytes is hashed before it is signed. */
function signPayload(signer: HotkeySigner, data: string): `0x${string}` {
  const payload = Buffer.from(data.slice(2), 'hex')
  const signature = signer.sign(payload.length > 256 ? blake2AsU8a(payload, 256) : payload)
  return `0x${Buffer.from([sr25519Tag, ...signature]).toString('hex')}`
}

/** Resolves with the hash of the block, or with the reason why it is in none. */
async function awaitInclusion(
  deps: { socket: RpcSocket; clock: Clock },
  signed: string,
  deadlineMs: number,
): Promise<string | ChainRefusal> {
  const { socket, clock } = deps
  let report: (outcome: string | ChainRefusal) => void = () => {}
  const outcome = new Promise<string | ChainRefusal>((resolve) => {
    report = resolve
  })
  const id = await socket.subscribe('author_submitAndWatchExtrinsic', [signed], (status) => {
    const found = readStatus(status)
    if (found !== undefined) report(found)
  })
  const lost = socket.closed.then((reason) => {
    throw new RpcTimeout(`the connection ended before the transaction was in a block: ${reason}`)
  })
  lost.catch(() => {})
  const late = (): never => {
    throw new RpcTimeout(`the transaction was in no block after ${deadlineMs} ms`)
  }
  try {
    return await withinMs(clock, deadlineMs, () => Promise.race([outcome, lost]), late)
  } finally {
    // Neither the answer to this nor its failure matters.
    socket.unsubscribe('author_unwatchExtrinsic', id).catch(() => {})
  }
}

function readStatus(status: unknown): string | ChainRefusal | undefined {
  if (typeof status === 'string') return ['invalid', 'dropped'].includes(status) ? nameRefusal(status) : undefined
  if (typeof status !== 'object' || status === null) return undefined
  const { inBlock, finalized, usurped } = status as Record<string, unknown>
  if (typeof inBlock === 'string') return inBlock
  if (typeof finalized === 'string') return finalized
  return usurped === undefined ? undefined : nameRefusal('usurped by another transaction')
}

/** The name of the error with which a transaction of ours failed inside a block, for the log. */
export async function dispatchErrorIn(
  deps: { api: ApiPromise; socket: RpcSocket },
  blockHash: string,
): Promise<ChainRefusal> {
  const key = deps.api.query['system']!['events']!.key()
  const raw = await deps.socket.request('state_getStorage', [key, blockHash])
  const events = deps.api.registry.createType<Vec<EventRecord>>('Vec<EventRecord>', raw)
  for (const { event } of events) {
    if (deps.api.events['system']?.['ExtrinsicFailed']?.is(event) !== true) continue
    const failure = event.data[0] as DispatchError | undefined
    if (failure?.isModule !== true) continue
    const { section, name } = deps.api.registry.findMetaError(failure.asModule)
    if (section === 'subtensorModule') return nameDispatchError(name)
  }
  return nameDispatchError('NotApplied')
}
