import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { Clock } from '#core/base/time/clock'
import type { TransportFault } from './faults.ts'
import type { StandInAnswer } from './route.ts'

const dribblePauseMs = 1_000

/** Breaks an answer on its way, in the manner of the fault. */
export async function answerBroken(
  fault: TransportFault,
  answer: StandInAnswer,
  reply: FastifyReply,
  realClock: Clock,
  answerWhole: () => FastifyReply,
  stopped: AbortSignal,
): Promise<FastifyReply> {
  switch (fault.kind) {
    case 'rateLimited':
      return reply.code(429).header('retry-after', fault.retryAfterSeconds).send({ error: 'Too many requests' })
    case 'geoBlocked':
      return reply.code(451).send({ code: 0, msg: 'Service unavailable from a restricted location.' })
    case 'unauthorized':
      return reply.code(401).type('text/plain').send('Unauthorized')
    case 'serverError':
      return reply.code(fault.status).type('text/html').send('<html><h1>Server Error</h1></html>')
    case 'redirect':
      return reply.code(302).header('location', fault.location).send()
    case 'garbage':
      return reply.code(200).type('text/html').send(fault.body)
    case 'down':
      reply.hijack()
      reply.raw.destroy()
      return reply
    case 'slow':
      if (fault.delayMs !== undefined) {
        await pause(realClock, fault.delayMs, stopped)
        return answerWhole()
      }
      await takeOver(reply, 200, (raw) => dribble(raw, JSON.stringify(answer.value), realClock, stopped))
      return reply
    case 'hugeBody':
      await takeOver(reply, 200, (raw) => pour(raw, fault.megabytes * 1_048_576))
      return reply
    case 'halfBody': {
      const text = JSON.stringify(answer.value)
      const headers = { 'content-length': Buffer.byteLength(text) }
      await takeOver(reply, 200, (raw) => writePart(raw, text.slice(0, Math.ceil(text.length / 2))), headers)
      return reply
    }
  }
}

/** Writes without Fastify, which would repair what must be broken; the connection is then cut. */
async function takeOver(
  reply: FastifyReply,
  status: number,
  write: (raw: ServerResponse) => Promise<void>,
  headers: Record<string, number> = {},
): Promise<void> {
  reply.hijack()
  reply.raw.writeHead(status, { 'content-type': 'application/json', ...headers })
  await write(reply.raw)
  reply.raw.destroy()
}

async function dribble(raw: ServerResponse, text: string, realClock: Clock, stopped: AbortSignal): Promise<void> {
  for (const character of text) {
    if (raw.destroyed || stopped.aborted) return
    raw.write(character)
    await pause(realClock, dribblePauseMs, stopped)
  }
}

async function pour(raw: ServerResponse, sizeBytes: number): Promise<void> {
  const piece = Buffer.alloc(65_536, ' ')
  for (let sent = 0; sent < sizeBytes && !raw.destroyed; sent += piece.length) await writePart(raw, piece)
}

function writePart(raw: ServerResponse, part: string | Buffer): Promise<void> {
  // Resolves also when the peer is gone: then nobody is left to write to.
  return new Promise((resolve) => {
    raw.once('close', resolve)
    raw.write(part, () => {
      raw.off('close', resolve)
      resolve()
    })
  })
}

async function pause(clock: Clock, durationMs: number, stopped: AbortSignal): Promise<void> {
  try {
    await clock.sleep(durationMs, stopped)
  } catch {
    // The server is stopping; the answer no longer matters.
  }
}
