import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import { plainIp } from '#core/bittensor/addresses/ip-ranges'
import type { Gatekeeper } from '#core/bittensor/admission/gatekeeper'
import type { IpAllowList } from '#core/bittensor/admission/ip-allow-list'
import type { KnownAddresses } from '#core/bittensor/admission/known-addresses'
import { type Refusal, refuse } from '#core/bittensor/admission/refusals'
import type { SubnetModule, SynapseRoute } from '../subnets/subnet-module.ts'
import { Answering } from './answering.ts'
import { CallerProof } from './caller-proof.ts'
import type { AxonConfig } from './config.ts'
import { Connections } from './connections.ts'
import type { CrowdWatch } from './crowd-watch.ts'
import { Entrance } from './entrance.ts'
import { Exchange } from './exchange.ts'
import { createHttpServer, refusalOfParserError } from './http-server.ts'
import type { LogLimit } from './log-limit.ts'
import type { AxonMetrics } from './metrics.ts'
import { ParkingLot } from './parking-lot.ts'
import type { RefusalLog } from './refusal-log.ts'
import type { RefusalPacer } from './refusal-pacer.ts'
import { closeWithRefusal } from './refusal-reply.ts'
import type { UnprovenBodies } from './unproven-bodies.ts'
import type { WorkGate } from './work-gate.ts'

export interface AxonDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: AxonMetrics
  readonly refusals: RefusalLog
  readonly limit: LogLimit
  readonly pacer: RefusalPacer
  readonly gatekeeper: Gatekeeper
  readonly gate: WorkGate
  readonly allowList: IpAllowList
  readonly known: KnownAddresses
  readonly crowd: CrowdWatch
  readonly unproven: UnprovenBodies
  readonly modules: readonly SubnetModule[]
}

export interface Axon {
  readonly server: FastifyInstance
  /** From now on new requests are refused; those in progress are finished. */
  drain(): void
}

/** The HTTP server of one hotkey. It does not listen yet, so that tests can inject. */
export function buildAxon(deps: AxonDeps, receiver: string, config: AxonConfig['axon']): Axon {
  const { clock, refusals } = deps
  let isStopping = false
  const note = (refusal: Refusal, peerIp: string) => refusals.note(refusal, { receiver, peerIp })
  const connections = new Connections({ ...deps, onRefusal: note }, config)
  const proof = new CallerProof({ ...deps, connections })
  const parking = new ParkingLot(clock)
  const routes = routesOf(deps.modules)
  const entrance = new Entrance({ ...deps, connections, proof, isStopping: () => isStopping }, config, routes)
  const answering = new Answering({ ...deps, parking, proof, isStopping: () => isStopping }, { receiver, ...config })
  const shared = { ...deps, connections, receiver }
  const begin = (request: FastifyRequest, reply: FastifyReply) => new Exchange(shared, request, reply)
  const exchangeOf = (request: FastifyRequest, reply: FastifyReply) => request.exchange ?? begin(request, reply)

  const server = createHttpServer(config, {
    onClientError: (error, socket) => {
      const refusal = refusalOfParserError(error)
      note(refusal, plainIp(socket.remoteAddress ?? ''))
      // Our bytes would be read as the answer to the request that is still in progress.
      if (connections.isAtWork(socket)) socket.destroy()
      else closeWithRefusal(socket, refusal, clock)
    },
    onBadUrl: (request, reply) => begin(request, reply).refuse(refuse('bad_http').refusal),
  })
  connections.watch(server.server)
  server.decorateRequest('exchange', null)
  server.addHook('onRequest', (request, reply, proceed) => {
    // A peer that has reset its connection has no address any more, and nobody waits for an answer.
    if (request.raw.socket.remoteAddress === undefined) {
      deps.crowd.note('gone')
      reply.hijack()
      request.raw.socket.destroy()
      return
    }
    request.exchange = begin(request, reply)
    entrance.handle(request.exchange, proceed)
  })
  server.setNotFoundHandler((request, reply) => exchangeOf(request, reply).refuse(refuse('not_found').refusal))
  server.setErrorHandler((error, request, reply) =>
    exchangeOf(request, reply).refuse(refusalOfError(error, request, deps)),
  )
  for (const path of routes.keys()) {
    server.post(path, async (request, reply) => {
      await answering.handle(exchangeOf(request, reply))
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
function refusalOfError(error: unknown, request: FastifyRequest, { log, limit }: AxonDeps): Refusal {
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined
  if (status === 415) return refuse('media_type').refusal
  if (status === 400) return refuse('bad_http').refusal
  const line = limit.take('request.failed')
  if (line !== undefined) {
    log.error({ event: 'request.failed', requestId: request.id, err: error, ...line }, 'A request failed')
  }
  return refuse('answer_failed').refusal
}
