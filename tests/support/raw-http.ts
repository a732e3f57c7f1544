import { connect, type Socket } from 'node:net'

export interface RawAnswer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

/** A TCP connection to the axon, for requests that no HTTP client would write. */
export class RawConnection {
  readonly socket: Socket
  readonly closed: Promise<void>
  #received = Buffer.alloc(0)
  #wake: () => void = () => {}
  #isClosed = false

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#wake()
    })
    // A reset is one of the ways in which a server may close; `closed` tells.
    socket.on('error', () => {})
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#isClosed = true
        this.#wake()
        resolve()
      })
    })
  }

  static open(port: number, localAddress?: string): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true, ...(localAddress ? { localAddress } : {}) })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new RawConnection(socket))
      })
    })
  }

  write(data: string | Buffer): void {
    if (!this.socket.destroyed) this.socket.write(data)
  }

  destroy(): void {
    this.socket.destroy()
  }

  get bytesReceived(): number {
    return this.#received.length
  }

  /** The next complete answer, or undefined when the connection ends before it. An answer to HEAD has no body. */
  async next({ toHead = false } = {}): Promise<RawAnswer | undefined> {
    for (;;) {
      const answer = this.#takeAnswer(toHead)
      if (answer !== undefined) return answer
      if (this.#isClosed) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  #takeAnswer(toHead: boolean): RawAnswer | undefined {
    const headEnd = this.#received.indexOf('\r\n\r\n')
    if (headEnd < 0) return undefined
    const [statusLine = '', ...lines] = this.#received.subarray(0, headEnd).toString('latin1').split('\r\n')
    const headers = new Map(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    )
    const status = Number(statusLine.split(' ')[1])
    const length = toHead ? 0 : Number(headers.get('content-length') ?? 0)
    const end = headEnd + 4 + length
    // An interim answer (100 Continue) has no body and is passed over.
    if (this.#received.length < end) return undefined
    const body = this.#received.subarray(headEnd + 4, end).toString()
    this.#received = this.#received.subarray(end)
    return { status, headers, body }
  }
}

export function requestText(
  headers: Readonly<Record<string, string>>,
  body: string,
  options: { path?: string; method?: string; withLength?: boolean } = {},
): string {
  const { path = '/Simulation', method = 'POST', withLength = true } = options
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  if (withLength) lines.push(`content-length: ${Buffer.byteLength(body)}`)
  return `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`
}

export function codeOf(answer: RawAnswer | undefined): string | undefined {
  if (answer === undefined) return undefined
  return (JSON.parse(answer.body) as { code?: string }).code
}
