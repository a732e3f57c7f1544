import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

/** An answer that says no, in the words of the node. */
export class RpcRefusal extends Error {
  readonly code: number
  readonly data: string | undefined

  constructor(code: number, message: string, data?: string) {
    super(message)
    this.code = code
    this.data = data
  }
}

/** What to do with a request instead of answering it. */
export type Fault = 'silent' | 'rateLimit' | 'close'

export type Tell = (message: unknown) => void

export interface Caller {
  /** A subscription of this caller; `tell` is silent once the caller is gone. */
  subscribe(type: string): { readonly id: string; readonly tell: Tell }
  onGone(work: () => void): void
}

export type Handler = (params: readonly unknown[], caller: Caller) => unknown

/** JSON-RPC over ws on loopback, with the faults that real nodes have. It keeps what was asked. */
export class MockRpcServer {
  /** Refuses the WebSocket itself with this HTTP status. */
  refuseUpgradeWith: number | undefined
  /** When connections were asked for, in real milliseconds. */
  readonly connectedAt: number[] = []
  /** The newest of them; `requestCount` counts all. */
  readonly requests: string[] = []
  requestCount = 0
  readonly #handlers: Readonly<Record<string, Handler>>
  readonly #faults = new Map<string, Fault>()
  #http: Server | undefined
  #ws: WebSocketServer | undefined
  #port: number
  #lastSubscription = 0

  constructor(handlers: Readonly<Record<string, Handler>>, port: number) {
    this.#handlers = { ...handlers, rpc_methods: () => ({ methods: Object.keys(handlers) }) }
    this.#port = port
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}`
  }

  /** Opens the port; after `kill` the same one again. */
  async listen(): Promise<void> {
    const http = createServer()
    const ws = new WebSocketServer({ noServer: true })
    http.on('upgrade', (request, socket, head) => {
      this.connectedAt.push(performance.now())
      if (this.refuseUpgradeWith !== undefined) {
        socket.end(`HTTP/1.1 ${this.refuseUpgradeWith} No\r\ncontent-length: 0\r\n\r\n`)
        return
      }
      ws.handleUpgrade(request, socket, head, (client) => this.#serve(client))
    })
    await new Promise<void>((resolve) => http.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (http.address() as AddressInfo).port
    this.#http = http
    this.#ws = ws
  }

  /** As a killed process: all connections break and the port is closed. */
  async kill(): Promise<void> {
    const http = this.#http
    if (http === undefined) return
    this.#http = undefined
    this.closeConnections()
    await new Promise<void>((resolve) => http.close(() => resolve()))
  }

  closeConnections(): void {
    for (const client of this.#ws?.clients ?? []) client.terminate()
  }

  /** From now on this method, or every one ('*'), meets the fault; undefined ends it. */
  fault(method: string, fault: Fault | undefined): void {
    if (fault === undefined) this.#faults.delete(method)
    else this.#faults.set(method, fault)
  }

  #serve(client: WebSocket): void {
    const gone: (() => void)[] = []
    const send = (body: object): void => client.send(JSON.stringify({ jsonrpc: '2.0', ...body }))
    const caller: Caller = {
      onGone: (work) => void gone.push(work),
      subscribe: (type) => {
        this.#lastSubscription += 1
        const id = `s${this.#lastSubscription}`
        return { id, tell: (result) => send({ method: type, params: { subscription: id, result } }) }
      },
    }
    client.on('error', () => {})
    client.on('close', () => {
      for (const work of gone) work()
    })
    client.on('message', (data) => {
      const { id, method, params } = JSON.parse(String(data)) as { id: number; method: string; params: unknown[] }
      this.#note(method)
      const fault = this.#faults.get(method) ?? this.#faults.get('*')
      if (fault === 'silent') return
      if (fault === 'close') {
        client.terminate()
        return
      }
      try {
        if (fault === 'rateLimit') throw new RpcRefusal(-32_999, 'RPC rate limit')
        send({ id, result: this.#answer(method, params, caller) })
      } catch (error) {
        const refusal = error instanceof RpcRefusal ? error : new RpcRefusal(-32_603, String(error))
        const { code, message, data: more } = refusal
        send({ id, error: { code, message, ...(more === undefined ? {} : { data: more }) } })
      }
    })
  }

  #answer(method: string, params: readonly unknown[], caller: Caller): unknown {
    const handler = this.#handlers[method]
    if (handler === undefined) throw new RpcRefusal(-32_601, `Method not found: ${method}`)
    return handler(params, caller)
  }

  #note(method: string): void {
    this.requestCount += 1
    this.requests.push(method)
    if (this.requests.length > 10_000) this.requests.splice(0, 5_000)
  }
}

/** Everybody who has subscribed to the same thing. */
export class Topic {
  readonly #type: string
  readonly #listeners = new Set<Tell>()

  constructor(type: string) {
    this.#type = type
  }

  /** Answers with the id; the present state follows as the first message. */
  join(caller: Caller, present: () => unknown): string {
    const { id, tell } = caller.subscribe(this.#type)
    this.#listeners.add(tell)
    caller.onGone(() => this.#listeners.delete(tell))
    setImmediate(() => {
      if (this.#listeners.has(tell)) tell(present())
    })
    return id
  }

  tell(message: unknown): void {
    for (const tell of this.#listeners) tell(message)
  }
}
