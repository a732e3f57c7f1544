import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { plainIp } from '#core/bittensor/admission/ip-allow-list'
import { type Refusal, refuse } from '#core/bittensor/admission/refusals'
import { rawRefusal } from './refusal-reply.ts'

export interface ConnectionDeps {
  readonly onRefusal: (refusal: Refusal, peerIp: string) => void
}

/** Limits the connections of one address, and knows which connections have a request in progress. */
export class Connections {
  readonly #deps: ConnectionDeps
  readonly #maxPerIp: number
  readonly #openByIp = new Map<string, number>()
  readonly #atWork = new WeakSet<object>()

  constructor(deps: ConnectionDeps, maxPerIp: number) {
    this.#deps = deps
    this.#maxPerIp = maxPerIp
  }

  watch(server: Server): void {
    // Before the HTTP server's own listener, so that a refused connection never gets a parser.
    server.prependListener('connection', (socket) => this.#opened(socket))
  }

  /** False when a request of the same connection is still in progress. */
  begin(socket: object): boolean {
    if (this.#atWork.has(socket)) return false
    this.#atWork.add(socket)
    return true
  }

  end(socket: object): void {
    this.#atWork.delete(socket)
  }

  isAtWork(socket: object): boolean {
    return this.#atWork.has(socket)
  }

  #opened(socket: Socket): void {
    const ip = plainIp(socket.remoteAddress ?? '')
    const open = (this.#openByIp.get(ip) ?? 0) + 1
    this.#openByIp.set(ip, open)
    socket.once('close', () => {
      const left = (this.#openByIp.get(ip) ?? 1) - 1
      if (left > 0) this.#openByIp.set(ip, left)
      else this.#openByIp.delete(ip)
    })
    if (open <= this.#maxPerIp) return
    const { refusal } = refuse('too_many_connections')
    this.#deps.onRefusal(refusal, ip)
    socket.write(rawRefusal(refusal))
    socket.destroySoon()
  }
}
