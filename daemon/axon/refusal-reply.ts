import { STATUS_CODES } from 'node:http'
import { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '#core/base/time/clock'
import type { Refusal } from '#core/bittensor/admission/refusals'

/** A body of this size arrives with the headers; it is discarded and the connection stays open. */
const discardedBodyBytes = 4_096
// Time for the peer to read the refusal before a reset deletes it.
const lingerMs = 200

const bodies = new Map<string, Buffer>()

/** `message` is what the SDK's clients show; `code` and `field` are for machines. It contains only our own words. */
export function refusalBody(refusal: Refusal): Buffer {
  const key = `${refusal.code} ${refusal.field ?? ''}`
  let body = bodies.get(key)
  if (body === undefined) {
    const { message, code, field } = refusal
    body = Buffer.from(JSON.stringify({ message, code, field }))
    bodies.set(key, body)
  }
  return body
}

export function sendRefusal(request: FastifyRequest, reply: FastifyReply, refusal: Refusal, clock: Clock): void {
  if (reply.sent) return
  if (!mayKeepConnection(request) && request.raw.socket instanceof Socket) {
    // Fastify and Node would read the rest of the body before they close; this way it stays unread.
    reply.hijack()
    closeWithRefusal(request.raw.socket, refusal, clock)
    return
  }
  const { status, retryAfterSeconds } = refusal
  reply.code(status).header('content-type', 'application/json')
  if (status === 405) reply.header('allow', 'POST')
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds))
  if (!mayKeepConnection(request)) reply.header('connection', 'close')
  reply.send(refusalBody(refusal))
}

/** Answers on the plain socket, reads nothing more from it, and closes it a moment later. */
export function closeWithRefusal(socket: Socket, refusal: Refusal, clock: Clock): void {
  if (socket.destroyed) return
  socket.pause()
  if (!socket.writable) {
    socket.destroy()
    return
  }
  socket.end(rawRefusal(refusal))
  const close = () => void socket.destroy()
  clock.sleep(lingerMs).then(close, close)
}

export function rawRefusal(refusal: Refusal): Buffer {
  const { status, retryAfterSeconds } = refusal
  const body = refusalBody(refusal)
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    'connection: close',
    ...(status === 405 ? ['allow: POST'] : []),
    ...(retryAfterSeconds === undefined ? [] : [`retry-after: ${retryAfterSeconds}`]),
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body])
}

function mayKeepConnection(request: FastifyRequest): boolean {
  if (request.raw.complete) return true
  const { headers } = request.raw
  if (headers['transfer-encoding'] !== undefined || headers.expect !== undefined) return false
  return Number(headers['content-length'] ?? 0) <= discardedBodyBytes
}
