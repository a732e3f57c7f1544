import type { FastifyRequest } from 'fastify'
import type { Caller } from '#core/bittensor/admission/gatekeeper'
import type { SynapseRoute } from '../subnets/subnet-module.ts'
import type { Place } from './work-gate.ts'

/** What is known of a request that was admitted, between the hook that decides and the handler that answers. */
export interface AdmittedRequest {
  readonly caller: Caller
  readonly route: SynapseRoute
  readonly receivedAtMs: number
  /** Changes when the request has waited on purpose and comes back to work. */
  place: Place
  /** Fires when the peer has gone or the whole answer is out. */
  readonly gone: AbortSignal
  /** Resolves to false when the nonce could not be written. Undefined until the signature was checked. */
  recorded: Promise<boolean> | undefined
}

const states = new WeakMap<FastifyRequest, AdmittedRequest>()

export function rememberAdmitted(request: FastifyRequest, state: AdmittedRequest): void {
  states.set(request, state)
}

export function admittedState(request: FastifyRequest): AdmittedRequest | undefined {
  return states.get(request)
}
