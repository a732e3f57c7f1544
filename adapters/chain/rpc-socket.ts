import { WebSocket } from 'ws'
import type { Clock } from '#core/base/time/clock'

/** An error answer of the node. `nameRefusal` reads the text. */
export class RpcError extends Error {
  readonly code: number

  constructor(code: number, message: string, data: unknown) {
    const more = data === undefined ? '' : `: ${typeof data === 'string' ? data : JSON.stringify(data)}`
    super(`${code}: ${message}${more}`.slice(0, 500))
    this.code = code
  }

  /** Nodes and the proxies before them have several ways to say "too many requests". */
  get isRateLimit(): boolean {
    return [429, -32_005, -32_029, -32_999].includes(this.code) || /rate.?limit|too many/i.test(this.message)
  }
}

/** No answer came within the deadline. */
export class RpcTimeout extends Error {}

/** The connection ended before the answer came. */
export class RpcLost extends Error {}

export interface RpcSocketOptions {
  readonly url: string
  readonly requestDeadlineMs: number
}

interface Pending {
  readonly settle: (error: Error | undefined, result?: unknown) => void
  readonly onMessage: ((message: unknown) => void) | undefined
}

/** Metadata has 0.4 MB and a metagraph 0.05 MB; a far larger message is not for us. */
const longestMessageBytes = 33_554_432

/**
 * JSON-RPC over one WebSocket, without reconnecting: a lost connection is replaced by a new one, so that every check of
 * a node is made again. Each request has its own deadline, and closing never waits for a node that no longer answers.
 */
export class RpcSocket {
  readonly url: string
  /** Resolves once, with the reason, when the connection has ended. */
  readonly closed: Promise<string>
  readonly #socket: WebSocket
  readonly #clock: Clock
  readonly #requestDeadlineMs: number
  readonly #pending = new Map<number, Pending>()
  readonly #subscriptions = new Map<string, (message: unknown) => void>()
  /** A node may send the first message before the answer that names the subscription. */
  readonly #early = new Map<string, unknown[]>()
  #lastId = 0
  #reason: string | undefined
  #markClosed: (reason: string) => void = () => {}

  private constructor(deps: { clock: Clock }, options: RpcSocketOptions, socket: WebSocket) {
    this.url = options.url
    this.#clock = deps.clock
    this.#requestDeadlineMs = options.requestDeadlineMs
    this.#socket = socket
    this.closed = new Promise((resolve) => {
      this.#markClosed = resolve
    })
    socket.on('message', (data) => this.#receive(String(data)))
    socket.on('close', (code, reason) => this.#end(`closed by the node (${code} ${String(reason)})`.replace(' )', ')')))
    socket.on('error', (error) => this.close(error.message))
  }

  /** Rejects when the node cannot be reached; aborting the signal gives up at once. */
  static open(deps: { clock: Clock }, options: RpcSocketOptions, signal: AbortSignal): Promise<RpcSocket> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted()
      const socket = new WebSocket(options.url, { maxPayload: longestMessageBytes, followRedirects: false })
      const rpc = new RpcSocket(deps, options, socket)
      const giveUp = (): void => rpc.close('given up')
      signal.addEventListener('abort', giveUp, { once: true })
      socket.once('open', () => {
        signal.removeEventListener('abort', giveUp)
        resolve(rpc)
      })
      void rpc.closed.then((reason) => {
        signal.removeEventListener('abort', giveUp)
        reject(new RpcLost(reason))
      })
    })
  }

  get isOpen(): boolean {
    return this.#reason === undefined
  }

  request(method: string, params: readonly unknown[]): Promise<unknown> {
    return this.#send(method, params, undefined)
  }

  /** Calls back for each message; resolves with the node's id of the subscription. */
  async subscribe(method: string, params: readonly unknown[], onMessage: (message: unknown) => void): Promise<string> {
    return String(await this.#send(method, params, onMessage))
  }

  async unsubscribe(method: string, id: string): Promise<boolean> {
    if (!this.#subscriptions.delete(id)) return false
    return (await this.request(method, [id])) === true
  }

  /** At once: waiting requests are rejected, and the node's consent is not needed. */
  close(reason: string): void {
    this.#end(reason)
    this.#socket.terminate()
  }

  #send(method: string, params: readonly unknown[], onMessage: Pending['onMessage']): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (!this.isOpen) return reject(new RpcLost(this.#reason))
      this.#lastId += 1
      const id = this.#lastId
      const answered = new AbortController()
      const settle: Pending['settle'] = (error, result) => {
        this.#pending.delete(id)
        answered.abort()
        if (error === undefined) resolve(result)
        else reject(error)
      }
      this.#pending.set(id, { settle, onMessage })
      this.#clock.sleep(this.#requestDeadlineMs, answered.signal).then(
        () => settle(new RpcTimeout(`${method} was not answered within ${this.#requestDeadlineMs} ms`)),
        () => {},
      )
      this.#socket.send(JSON.stringify({ id, jsonrpc: '2.0', method, params }))
    })
  }

  #receive(text: string): void {
    const message = parseMessage(text)
    if (message === undefined) return
    const { subscription, result } = message.params ?? {}
    if (subscription !== undefined) {
      this.#deliver(subscription, result)
      return
    }
    const pending = this.#pending.get(message.id ?? -1)
    if (pending === undefined) return
    if (message.error !== undefined) {
      const { code, message: sentence, data } = message.error
      pending.settle(new RpcError(Number(code ?? 0), String(sentence ?? ''), data))
      return
    }
    if (pending.onMessage !== undefined) this.#begin(String(message.result), pending.onMessage)
    pending.settle(undefined, message.result)
  }

  #begin(id: string, onMessage: (message: unknown) => void): void {
    this.#subscriptions.set(id, onMessage)
    for (const message of this.#early.get(id) ?? []) onMessage(message)
    this.#early.delete(id)
  }

  #deliver(subscription: string | number, result: unknown): void {
    const id = String(subscription)
    const onMessage = this.#subscriptions.get(id)
    if (onMessage !== undefined) {
      onMessage(result)
      return
    }
    // Messages of a closed subscription keep arriving for a moment; a few are kept, for a short time.
    if (this.#early.size > 16) this.#early.clear()
    this.#early.set(id, [...(this.#early.get(id) ?? []), result].slice(-16))
  }

  #end(reason: string): void {
    if (this.#reason !== undefined) return
    this.#reason = reason
    for (const pending of [...this.#pending.values()]) pending.settle(new RpcLost(reason))
    this.#subscriptions.clear()
    this.#early.clear()
    this.#markClosed(reason)
  }
}

interface RpcMessage {
  readonly id?: number
  readonly result?: unknown
  readonly error?: { readonly code?: unknown; readonly message?: unknown; readonly data?: unknown }
  readonly params?: { readonly subscription?: string | number; readonly result?: unknown }
}

/** A node that does not speak JSON-RPC is ignored; the deadlines end the wait. */
function parseMessage(text: string): RpcMessage | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as RpcMessage) : undefined
  } catch {
    return undefined
  }
}
