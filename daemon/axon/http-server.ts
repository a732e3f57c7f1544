import type { Socket } from 'node:net'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { type Refusal, refuse } from '#core/bittensor/admission/refusals'
import type { AxonConfig } from './config.ts'

const checkTimeoutsEveryMs = 1_000

/**
 * Fastify with every limit stated, because Node's own limits are too generous for strangers: minutes for headers, no
 * cap on anything.
 */
export function createHttpServer(
  config: AxonConfig['axon'],
  handlers: {
    /** The parser or a time limit has ended a connection. */
    readonly onClientError: (error: Error, socket: Socket) => void
    /** The path cannot be decoded. */
    readonly onBadUrl: (request: FastifyRequest, reply: FastifyReply) => void
  },
): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: config.bodyLimitBytes,
    requestTimeout: config.requestTimeoutMs,
    keepAliveTimeout: config.idleTimeoutMs,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    requestIdHeader: false,
    genReqId: countRequests(),
    clientErrorHandler: handlers.onClientError,
    frameworkErrors: (_error, request, reply) => handlers.onBadUrl(request as FastifyRequest, reply as FastifyReply),
    http: {
      maxHeaderSize: config.headerLimitBytes,
      headersTimeout: Math.min(config.headersTimeoutMs, config.requestTimeoutMs),
      // Fastify sets its own option later; Node compares both when it makes the server.
      requestTimeout: config.requestTimeoutMs,
      connectionsCheckingInterval: Math.max(
        50,
        Math.min(checkTimeoutsEveryMs, Math.floor(config.headersTimeoutMs / 4)),
      ),
      insecureHTTPParser: false,
      requireHostHeader: false,
      noDelay: true,
    },
  })
  // The handler reads bodies, after every check of the caller.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  const { server } = app
  server.maxHeadersCount = config.maxHeaders + 1
  // Node would invite the body of a request that asks (Expect: 100-continue) before the caller is checked.
  server.on('checkContinue', (request, response) => void server.emit('request', request, response))
  // Node would answer any other expectation by itself, without a body and without a line in the log.
  server.on('checkExpectation', (request, response) => void server.emit('request', request, response))
  server.on('connect', (_request, socket) => void socket.destroy())
  return app
}

/** The parser's errors as refusals of ours. */
export function refusalOfParserError(error: Error): Refusal {
  switch ('code' in error ? error.code : undefined) {
    case 'HPE_HEADER_OVERFLOW':
      return refuse('headers_too_large').refusal
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return refuse('body_too_large').refusal
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return refuse('request_timeout').refusal
    default:
      return refuse('bad_http').refusal
  }
}

function countRequests(): () => string {
  let count = 0
  return () => {
    count += 1
    return count.toString(36)
  }
}
