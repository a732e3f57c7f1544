import { accept, type Checked, refuse } from '#core/bittensor/admission/refusals'
import type { SynapseRoute } from '../subnets/subnet-module.ts'
import type { Connections } from './connections.ts'
import type { Admission, Exchange } from './exchange.ts'
import { checkHttpShape, type HttpShapeRules } from './http-shape.ts'
import { type ProveDeps, proveCaller } from './prove-caller.ts'
import type { Place, WorkGate } from './work-gate.ts'

export interface EntranceDeps extends ProveDeps {
  readonly gate: WorkGate
  readonly connections: Connections
  readonly isStopping: () => boolean
}

/**
 * Decides about a request before a byte of its body is read: the form of the message, the path, the caller, the
 * signature where it does not cover the body, and a place among the requests at work.
 */
export class Entrance {
  readonly #deps: EntranceDeps
  readonly #rules: HttpShapeRules
  readonly #routes: ReadonlyMap<string, SynapseRoute>

  constructor(deps: EntranceDeps, rules: HttpShapeRules, routes: ReadonlyMap<string, SynapseRoute>) {
    this.#deps = deps
    this.#rules = rules
    this.#routes = routes
  }

  /** Calls `proceed` for an admitted request; every other has been answered. */
  handle(exchange: Exchange, proceed: () => void): void {
    const { connections, gate } = this.#deps
    if (connections.isAtWork(exchange.request.raw.socket)) {
      exchange.reply.header('connection', 'close')
      exchange.refuse(refuse('pipelined').refusal)
      return
    }
    const checked = this.#check(exchange)
    if (!checked.ok) {
      exchange.refuseStranger(checked.refusal)
      return
    }
    const gone = exchange.admit(checked.value)
    const enter = (entry: Checked<Place>): void => {
      if (!entry.ok) {
        exchange.refuse(entry.refusal)
        return
      }
      exchange.takePlace(entry.value)
      if (exchange.reply.raw.destroyed) exchange.leave()
      else proceed()
    }
    const { claim, neuron } = checked.value.caller
    const entered = gate.enter(claim.sender, neuron.stakeTao, gone)
    if (entered instanceof Promise) void entered.then(enter)
    else enter(entered)
  }

  #check({ request, peerIp }: Exchange): Checked<Admission> {
    const shape = checkHttpShape(request.raw, this.#rules)
    if (!shape.ok) return shape
    const route = this.#findRoute(request.raw.url ?? '', request.method)
    if (!route.ok) return route
    if (this.#deps.isStopping()) return refuse('stopping')

    const { method, headers, raw } = request
    const checked = this.#deps.gatekeeper.check({ method, target: raw.url ?? '', headers }, peerIp)
    if (!checked.ok) return checked
    const caller = checked.value
    if (caller.coversBody) return accept({ caller, route: route.value, recorded: undefined })
    const proven = proveCaller(this.#deps, caller, peerIp, '')
    return proven.ok ? accept({ caller, route: route.value, recorded: proven.value }) : proven
  }

  #findRoute(url: string, method: string): Checked<SynapseRoute> {
    const query = url.indexOf('?')
    const route = this.#routes.get(query < 0 ? url : url.slice(0, query))
    if (route === undefined) return refuse('not_found')
    return method === 'POST' ? accept(route) : refuse('method_not_allowed')
  }
}
