import type { IncomingMessage } from 'node:http'
import type { Gatekeeper } from '#core/bittensor/admission/gatekeeper'
import { accept, type Checked, refuse } from '#core/bittensor/admission/refusals'
import type { SynapseRoute } from '../subnets/subnet-module.ts'
import type { CallerProof } from './caller-proof.ts'
import type { Connections } from './connections.ts'
import type { Admission, Exchange } from './exchange.ts'

export interface EntranceDeps {
  readonly gatekeeper: Gatekeeper
  readonly proof: CallerProof
  readonly connections: Connections
  readonly isStopping: () => boolean
}

export interface EntranceRules {
  readonly maxHeaders: number
  readonly bodyLimitBytes: number
}

/** As Node reads it, so that each request gets the same decision there and here. */
const expectsContinue = /(?:^|\W)100-continue(?:$|\W)/i

/**
 * Decides about a request before a byte of its body is read: the form of the message, the path, the caller, the
 * signature if it does not cover the body, and a slot among the requests in progress.
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

  /** Calls `proceed` for an admitted request; every other request has been answered. */
  handle(exchange: Exchange, proceed: () => void): void {
    const { connections, proof } = this.#deps
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
    exchange.admit(checked.value)
    if (checked.value.caller.coversBody) {
      // The proof needs the body, and a slot comes after the proof.
      proceed()
      return
    }
    const enter = (entry: Checked<void>): void => {
      if (exchange.reply.raw.destroyed) exchange.leave()
      else if (entry.ok) proceed()
      else if (exchange.admission.record === undefined) exchange.refuseStranger(entry.refusal)
      else exchange.refuse(entry.refusal)
    }
    const entered = proof.enter(exchange, '')
    if (entered instanceof Promise) void entered.then(enter)
    else enter(entered)
  }

  #check({ request, peerIp }: Exchange): Checked<Omit<Admission, 'record'>> {
    const form = this.#checkForm(request.raw)
    if (!form.ok) return form
    const route = this.#findRoute(request.raw.url ?? '', request.method)
    if (!route.ok) return route
    if (this.#deps.isStopping()) return refuse('stopping')

    const { method, headers, raw } = request
    const checked = this.#deps.gatekeeper.check({ method, target: raw.url ?? '', headers }, peerIp)
    if (!checked.ok) return checked
    return accept({ caller: checked.value, route: route.value })
  }

  /** Refused for the form of the HTTP message, for any sender. */
  #checkForm({ headers, httpVersion, rawHeaders }: IncomingMessage): Checked<void> {
    if (httpVersion !== '1.1' && httpVersion !== '1.0') return refuse('bad_http')
    if (headers.upgrade !== undefined) return refuse('upgrade_refused')
    // Names and values alternate. Node silently drops what is beyond its own limit.
    if (rawHeaders.length / 2 > this.#rules.maxHeaders) return refuse('headers_too_large')
    if (Number(headers['content-length'] ?? 0) > this.#rules.bodyLimitBytes) return refuse('body_too_large')
    // HTTP/1.0 has no expectations; Node ignores them there too.
    if (httpVersion === '1.1' && headers.expect !== undefined && !expectsContinue.test(headers.expect)) {
      return refuse('expectation_failed')
    }
    const encoding = headers['content-encoding']
    return encoding === undefined || encoding === 'identity' ? accept(undefined) : refuse('media_type')
  }

  #findRoute(url: string, method: string): Checked<SynapseRoute> {
    const query = url.indexOf('?')
    const route = this.#routes.get(query < 0 ? url : url.slice(0, query))
    if (route === undefined) return refuse('not_found')
    return method === 'POST' ? accept(route) : refuse('method_not_allowed')
  }
}
