import type { ApiOptions } from '@polkadot/api/types'
import type { RpcSocket } from './rpc-socket.ts'

type Provider = NonNullable<ApiOptions['provider']>
type ProviderEvent = Parameters<Provider['on']>[0]

/** Lets @polkadot/api use a connection that is already open and checked. It never connects by itself. */
export function apiProvider(socket: RpcSocket): Provider {
  const listeners = new Map<ProviderEvent, Set<(value?: unknown) => unknown>>()
  void socket.closed.then(() => {
    for (const listener of listeners.get('disconnected') ?? []) listener()
  })
  return {
    hasSubscriptions: true,
    isClonable: false,
    get isConnected() {
      return socket.isOpen
    },
    clone: () => {
      throw new Error('a connection is not cloned')
    },
    connect: async () => {},
    disconnect: async () => socket.close('disconnected by us'),
    on: (type, listener) => {
      const ofType = listeners.get(type) ?? new Set()
      listeners.set(type, ofType.add(listener))
      return () => void ofType.delete(listener)
    },
    send: async <T>(method: string, params: unknown[]) => (await socket.request(method, params)) as T,
    subscribe: (_type, method, params, callback) =>
      socket.subscribe(method, params, (message) => void callback(null, message)),
    unsubscribe: (_type, method, id) => socket.unsubscribe(method, String(id)),
  }
}
