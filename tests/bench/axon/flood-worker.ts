/** Sends one request again and again at a steady rate over many connections, and counts what comes back. */
import { connect, type Socket } from 'node:net'
import { setPriority } from 'node:os'

export interface FloodTask {
  readonly port: number
  readonly request: string
  readonly perSecond: number
  readonly seconds: number
  readonly connections: number
  /** Where the connections come from, in turn. */
  readonly addresses: readonly string[]
}

export interface FloodReport {
  readonly sent: number
  readonly answered: number
  /** Connections that the server had closed. */
  readonly reconnects: number
  readonly seconds: number
}

const tickMs = 10
const reconnectAfterMs = 10
const answerBegins = 'HTTP/1.1 '

class Flooder {
  readonly #task: FloodTask
  readonly #bytes: Buffer
  readonly #sockets: (Socket | undefined)[] = []
  answered = 0
  reconnects = 0
  #isOver = false

  constructor(task: FloodTask) {
    this.#task = task
    this.#bytes = Buffer.from(task.request)
  }

  /** No more at once than the kernel's queue of new connections holds. */
  async connectAll(): Promise<void> {
    for (let from = 0; from < this.#task.connections; from += 200) {
      const slots = Array.from({ length: Math.min(200, this.#task.connections - from) }, (_, i) => from + i)
      await Promise.all(slots.map((slot) => this.#connect(slot)))
    }
  }

  /** Nothing is sent on a connection that is being reopened; the next slot is tried instead. */
  send(turn: number): boolean {
    const socket = this.#sockets[turn % this.#sockets.length]
    socket?.write(this.#bytes)
    return socket !== undefined
  }

  stop(): void {
    this.#isOver = true
    for (const socket of this.#sockets) socket?.destroy()
  }

  #connect(slot: number): Promise<void> {
    return new Promise((resolve) => {
      const { addresses, port } = this.#task
      const localAddress = addresses[slot % addresses.length]!
      const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true })
      socket.on('connect', () => {
        this.#sockets[slot] = socket
        resolve()
      })
      socket.on('data', (chunk: Buffer) => {
        for (let at = chunk.indexOf(answerBegins); at >= 0; at = chunk.indexOf(answerBegins, at + 1)) this.answered += 1
      })
      socket.on('error', () => {})
      socket.on('close', () => {
        this.#sockets[slot] = undefined
        // One that never opened must not hold up the others.
        resolve()
        if (this.#isOver) return
        this.reconnects += 1
        setTimeout(() => {
          if (!this.#isOver) void this.#connect(slot)
        }, reconnectAfterMs)
      })
    })
  }
}

async function flood(task: FloodTask): Promise<FloodReport> {
  const flooder = new Flooder(task)
  await flooder.connectAll()
  const startedAt = performance.now()
  let sent = 0
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const elapsedMs = performance.now() - startedAt
      const due = Math.min(task.perSecond * task.seconds, Math.floor((elapsedMs * task.perSecond) / 1_000))
      for (let turn = sent; sent < due && turn < sent + task.connections; turn += 1) if (flooder.send(turn)) sent += 1
      if (elapsedMs < task.seconds * 1_000) return
      clearInterval(timer)
      resolve()
    }, tickMs)
  })
  const seconds = (performance.now() - startedAt) / 1_000
  // What is still on its way may arrive, within a bound.
  for (let i = 0; i < 20 && flooder.answered < sent; i += 1) await new Promise((resolve) => setTimeout(resolve, 50))
  flooder.stop()
  return { sent, answered: flooder.answered, reconnects: flooder.reconnects, seconds }
}

// The flood comes from other machines in life; here it must not take the server's processor time.
setPriority(15)

process.once('message', (task) => {
  void flood(task as FloodTask).then((report) => {
    process.send?.(report)
    process.disconnect()
  })
})
