import type { ApiPromise } from '@polkadot/api'
import { messageOf } from '#core/base/errors/message-of'
import type { Clock } from '#core/base/time/clock'
import { type ChainIdentity, judgeIdentity } from '#core/bittensor/chain/chain-identity'
import type { ConnectFailure } from '#core/bittensor/chain/endpoint-rotation'
import { apiProvider } from './api-provider.ts'
import { ChainConnection, type ConnectionOptions, newestHead } from './chain-connection.ts'
import { RpcError, RpcSocket } from './rpc-socket.ts'
import { extensionsByHand } from './signing-check.ts'

export interface OpenOptions extends ConnectionOptions {
  readonly expected: ChainIdentity
  /** One limit for everything until the connection can be used. */
  readonly connectDeadlineMs: number
  readonly requestDeadlineMs: number
}

export type OpenResult =
  | { readonly ok: true; readonly connection: ChainConnection }
  | { readonly ok: false; readonly failure: ConnectFailure; readonly reason: string }

/**
 * Connects to one node and checks it: is it the right chain, is it in sync, can it be used? Never hangs: one deadline
 * covers the socket, the checks and the metadata, because the client library waits for ever for a silent node.
 */
export async function openConnection(
  deps: { clock: Clock },
  options: OpenOptions,
  signal: AbortSignal,
): Promise<OpenResult> {
  const { clock } = deps
  const finished = new AbortController()
  // Not AbortSignal.any: on Node 20 every call leaves a reference in a signal that lives on, as `signal` does.
  const givenUp = new AbortController()
  const giveUp = givenUp.signal
  const stop = (): void => givenUp.abort()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  let isTimeUp = false
  const deadline = clock.sleep(options.connectDeadlineMs, finished.signal).then(
    () => {
      isTimeUp = true
      stop()
    },
    () => {},
  )
  let socket: RpcSocket | undefined
  const close = (): void => socket?.close('given up')
  try {
    socket = await RpcSocket.open(deps, options, giveUp)
    giveUp.addEventListener('abort', close, { once: true })
    const result = await prepare(deps, socket, options)
    if (!result.ok) socket.close(result.reason)
    return result
  } catch (error) {
    socket?.close('given up')
    const reason = isTimeUp ? `not usable within ${options.connectDeadlineMs} ms` : messageOf(error)
    return { ok: false, failure: failureOf(error), reason }
  } finally {
    giveUp.removeEventListener('abort', close)
    signal.removeEventListener('abort', stop)
    finished.abort()
    await deadline
  }
}

async function prepare(deps: { clock: Clock }, socket: RpcSocket, options: OpenOptions): Promise<OpenResult> {
  const { identity, isSyncing } = await askIdentity(socket)
  const verdict = judgeIdentity(options.expected, identity)
  if (!verdict.ok) {
    const reason = `${verdict.what} is ${verdict.got}, expected ${verdict.expected}`
    return { ok: false, failure: 'wrongChain', reason }
  }
  if (isSyncing) return { ok: false, failure: 'unreachable', reason: 'the node is not in sync with the chain yet' }
  const api = await makeApi(socket)
  const head = { ...(await newestHead(socket)), arrivedAtMs: deps.clock.nowMs() }
  const connection = new ChainConnection({ ...deps, socket, api }, { identity, head }, options)
  await connection.watch()
  return { ok: true, connection }
}

async function askIdentity(socket: RpcSocket): Promise<{ identity: ChainIdentity; isSyncing: boolean }> {
  const [genesisHash, version, health] = await Promise.all([
    socket.request('chain_getBlockHash', [0]),
    socket.request('state_getRuntimeVersion', []),
    socket.request('system_health', []),
  ])
  const { specName } = version as { specName?: unknown }
  const { isSyncing } = (health ?? {}) as { isSyncing?: unknown }
  return { identity: { genesisHash: String(genesisHash), specName: String(specName) }, isSyncing: isSyncing === true }
}

async function makeApi(socket: RpcSocket): Promise<ApiPromise> {
  // The largest of all libraries; the miner can serve before it is loaded.
  const { ApiPromise } = await import('@polkadot/api')
  const api = new ApiPromise({
    provider: apiProvider(socket),
    signedExtensions: extensionsByHand,
    noInitWarn: true,
    throwOnConnect: true,
  })
  // The library would wait for ever for a node that is gone.
  const lost = socket.closed.then((reason): never => {
    throw new Error(reason)
  })
  return Promise.race([api.isReadyOrError, lost])
}

function failureOf(error: unknown): ConnectFailure {
  if (error instanceof RpcError && error.isRateLimit) return 'rateLimited'
  return /\b429\b/.test(messageOf(error)) ? 'rateLimited' : 'unreachable'
}
