import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import type { Caller, Gatekeeper } from '#core/bittensor/admission/gatekeeper'
import { plainIp } from '#core/bittensor/admission/ip-allow-list'
import { accept, type Checked, type Refusal, refuse } from '#core/bittensor/admission/refusals'
import type { SynapseRoute } from '../subnets/subnet-module.ts'
import type { Connections } from './connections.ts'
import { checkHttpShape, type HttpShapeRules } from './http-shape.ts'
import type { AxonMetrics } from './metrics.ts'
import type { RefusalLog } from './refusal-log.ts'
import type { RefusalPacer } from './refusal-pacer.ts'
import { sendRefusal } from './refusal-reply.ts'
import { type AdmittedRequest, admittedState, rememberAdmitted } from './request-state.ts'
import type { SignatureBudget } from './signature-budget.ts'
import type { Place, WorkGate } from './work-gate.ts'

export interface EntranceDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: AxonMetrics
  readonly refusalLog: RefusalLog
  readonly gatekeeper: Gatekeeper
  readonly budget: SignatureBudget
  readonly gate: WorkGate
  readonly pacer: RefusalPacer
  readonly connections: Connections
  readonly isStopping: () => boolean
}

export interface EntranceRules extends HttpShapeRules {
  readonly receiver: string
}

/**
 * Decides about a request before a byte of its body is read: the form of the message, the path, the caller, the
 * signature where it does not cover the body, and a place among the requests at work.
 */
export class Entrance {
  readonly #deps: EntranceDeps
  readonly #rules: EntranceRules
  readonly #routes: ReadonlyMap<string, SynapseRoute>

  constructor(deps: EntranceDeps, rules: EntranceRules, routes: ReadonlyMap<string, SynapseRoute>) {
    this.#deps = deps
    this.#rules = rules
    this.#routes = routes
  }

  /** Calls `proceed` for an admitted request; every other has been answered. */
  handle(request: FastifyRequest, reply: FastifyReply, proceed: () => void): void {
    const { connections, clock } = this.#deps
    const receivedAtMs = clock.monotonicMs()
    if (connections.isAtWork(request.raw.socket)) {
      reply.header('connection', 'close')
      this.refuse(request, reply, refuse('pipelined').refusal)
      return
    }
    const checked = this.#check(request)
    if (!checked.ok) {
      this.#refuseStranger(request, reply, checked.refusal)
      return
    }
    const { caller, route, recorded } = checked.value
    connections.begin(request.raw.socket)
    // Fires once, after the whole answer or when the peer goes away.
    const gone = new AbortController()
    reply.raw.once('close', () => {
      gone.abort()
      this.leave(request)
    })
    const admit = (entry: Checked<Place>) => {
      if (!entry.ok) {
        this.refuse(request, reply, entry.refusal, caller)
        return
      }
      rememberAdmitted(request, { caller, route, receivedAtMs, place: entry.value, gone: gone.signal, recorded })
      if (reply.raw.destroyed) this.leave(request)
      else proceed()
    }
    const entered = this.#deps.gate.enter(caller.claim.sender, caller.neuron.stakeTao, gone.signal)
    if (entered instanceof Promise) void entered.then(admit)
    else admit(entered)
  }

  /** Gives the place to others while the request waits, and takes one again. A peer that has gone needs none. */
  async park(state: AdmittedRequest, wait: () => Promise<void>): Promise<Checked<undefined>> {
    const { claim, neuron } = state.caller
    state.place.release()
    await wait()
    const entered = await this.#deps.gate.enter(claim.sender, neuron.stakeTao, state.gone)
    if (!entered.ok) return entered
    state.place = entered.value
    if (state.gone.aborted) state.place.release()
    return accept(undefined)
  }

  /** The work is done or given up: the place is free for the next. Sending the answer holds none. */
  leave(request: FastifyRequest): void {
    admittedState(request)?.place.release()
    this.#deps.connections.end(request.raw.socket)
  }

  refuse(request: FastifyRequest, reply: FastifyReply, refusal: Refusal, caller?: Caller): void {
    this.count(refusal, plainIp(request.ip), caller)
    if (refusal.code !== 'pipelined') this.leave(request)
    sendRefusal(request, reply, refusal, this.#deps.clock)
  }

  /** For those who have shown nothing yet, and may be many. */
  #refuseStranger(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): void {
    this.count(refusal, plainIp(request.ip))
    this.#deps.pacer.pace({
      write: () => sendRefusal(request, reply, refusal, this.#deps.clock),
      drop: () => request.raw.socket.destroy(),
    })
  }

  count(refusal: Refusal, peerIp: string, caller?: Caller): void {
    this.#deps.metrics.refused(refusal.code)
    this.#deps.refusalLog.write(refusal, { receiver: this.#rules.receiver, peerIp, sender: caller?.claim.sender })
  }

  /** Verifies within the budget of the caller's address, takes the nonce and begins to write it down. */
  prove(caller: Caller, peerIp: string, bodySha256Hex: string): Checked<{ readonly recorded: Promise<boolean> }> {
    const { budget, gatekeeper, log } = this.#deps
    const within = budget.mayVerify(peerIp, caller.neuron.axonIp)
    if (!within.ok) return within
    const proven = gatekeeper.prove(caller, bodySha256Hex)
    if (!proven.ok) {
      if (proven.refusal.code === 'sig_invalid') budget.failed(peerIp)
      return proven
    }
    budget.succeeded(peerIp)
    const recorded = proven.value.durable.then(
      () => true,
      (err: unknown) => {
        log.error({ event: 'nonce.unrecorded', sender: caller.claim.sender, err }, 'A nonce could not be written')
        return false
      },
    )
    return accept({ recorded })
  }

  #check(
    request: FastifyRequest,
  ): Checked<{ caller: Caller; route: SynapseRoute; recorded: Promise<boolean> | undefined }> {
    const shape = checkHttpShape(request.raw, this.#rules)
    if (!shape.ok) return shape
    const route = this.#findRoute(request)
    if (!route.ok) return route
    if (this.#deps.isStopping()) return refuse('stopping')

    const peerIp = plainIp(request.ip)
    const { method, headers, raw } = request
    const checked = this.#deps.gatekeeper.check({ method, target: raw.url ?? '', headers }, peerIp)
    if (!checked.ok) return checked
    const caller = checked.value
    if (caller.coversBody) return accept({ caller, route: route.value, recorded: undefined })
    const proven = this.prove(caller, peerIp, '')
    return proven.ok ? accept({ caller, route: route.value, recorded: proven.value.recorded }) : proven
  }

  #findRoute(request: FastifyRequest): Checked<SynapseRoute> {
    const url = request.raw.url ?? ''
    const query = url.indexOf('?')
    const route = this.#routes.get(query < 0 ? url : url.slice(0, query))
    if (route === undefined) return refuse('not_found')
    return request.method === 'POST' ? accept(route) : refuse('method_not_allowed')
  }
}
