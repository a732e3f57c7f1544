import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import type { Gatekeeper } from '#core/bittensor/admission/gatekeeper'
import { plainIp } from '#core/bittensor/admission/ip-allow-list'
import { refuse } from '#core/bittensor/admission/refusals'
import type { SubnetModule, SynapseRoute } from '../subnets/subnet-module.ts'
import { Answering } from './answering.ts'
import { readBody } from './body-reader.ts'
import type { AxonConfig } from './config.ts'
import { Connections } from './connections.ts'
import { Entrance } from './entrance.ts'
import { createHttpServer, refusalOfParserError } from './http-server.ts'
import type { AxonMetrics } from './metrics.ts'
import { ParkingLot } from './parking-lot.ts'
import type { RefusalLog } from './refusal-log.ts'
import type { RefusalPacer } from './refusal-pacer.ts'
import { closeWithRefusal } from './refusal-reply.ts'
import type { SignatureBudget } from './signature-budget.ts'
import type { WorkGate } from './work-gate.ts'

export interface AxonDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: AxonMetrics
  readonly refusalLog: RefusalLog
  readonly pacer: RefusalPacer
  readonly gatekeeper: Gatekeeper
  readonly budget: SignatureBudget
  readonly gate: WorkGate
  readonly modules: readonly SubnetModule[]
}

export interface Axon {
  readonly server: FastifyInstance
  /** From now on new requests are refused; those at work are finished. */
  drain(): void
}

/** The HTTP server of one hotkey. It does not listen yet, so that tests can inject. */
export function buildAxon(deps: AxonDeps, receiver: string, config: AxonConfig['axon']): Axon {
  let isStopping = false
  const connections: Connections = new Connections(
    { onRefusal: (refusal, peerIp) => entrance.count(refusal, peerIp) },
    config.maxConnectionsPerIp,
  )
  const routes = routesOf(deps.modules)
  const rules = { receiver, ...config }
  const entrance: Entrance = new Entrance({ ...deps, connections, isStopping: () => isStopping }, rules, routes)
  const parking = new ParkingLot(deps.clock)
  const answering = new Answering({ ...deps, entrance, parking }, rules)

  const server = createHttpServer(config, {
    onClientError: (error, socket) => {
      const refusal = refusalOfParserError(error)
      entrance.count(refusal, plainIp(socket.remoteAddress ?? ''))
      // Bytes of ours would be read as the answer to the request that is still at work.
      if (connections.isAtWork(socket)) socket.destroy()
      else closeWithRefusal(socket, refusal, deps.clock)
    },
    onBadUrl: (request, reply) => entrance.refuse(request, reply, refuse('bad_http').refusal),
  })
  connections.watch(server.server)
  server.addHook('onRequest', (request, reply, proceed) => entrance.handle(request, reply, proceed))
  server.setNotFoundHandler((request, reply) => entrance.refuse(request, reply, refuse('not_found').refusal))
  server.setErrorHandler((error, request, reply) => refuseError(error, request, reply, deps.log, entrance))
  for (const path of routes.keys()) {
    server.post(path, async (request, reply) => {
      const body = await readBody(request.raw, reply.raw, deps.clock, config)
      if (body === undefined) {
        // The peer has gone; there is nobody to answer.
        reply.hijack()
        entrance.leave(request)
      } else if (body.ok) {
        await answering.handle(request, reply, body.value)
      } else {
        entrance.refuse(request, reply, body.refusal)
      }
      return reply
    })
  }
  return {
    server,
    drain: () => {
      isStopping = true
      parking.close()
    },
  }
}

function routesOf(modules: readonly SubnetModule[]): ReadonlyMap<string, SynapseRoute> {
  return new Map(modules.flatMap((module) => module.synapses.map((route) => [`/${route.synapse}`, route] as const)))
}

/** What Fastify refuses by itself, and what must not happen: a bug costs one answer and is logged with its stack. */
function refuseError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Logger,
  entrance: Entrance,
): void {
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined
  if (status === 415) {
    entrance.refuse(request, reply, refuse('media_type').refusal)
  } else if (status === 400) {
    entrance.refuse(request, reply, refuse('bad_http').refusal)
  } else {
    log.error({ event: 'request.failed', requestId: request.id, err: error }, 'A request failed')
    entrance.refuse(request, reply, refuse('answer_failed').refusal)
  }
}
