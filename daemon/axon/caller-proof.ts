import type { Gatekeeper } from '#core/bittensor/admission/gatekeeper'
import type { Checked } from '#core/bittensor/admission/refusals'
import type { Connections } from './connections.ts'
import type { Exchange } from './exchange.ts'
import type { WorkGate } from './work-gate.ts'

export interface CallerProofDeps {
  readonly gatekeeper: Gatekeeper
  readonly connections: Connections
  readonly gate: WorkGate
}

/**
 * Verifies the signature of a request, takes its nonce, and only then lets it wait for a slot: names of validators are
 * public, so slots that are taken in a validator's name before the proof would block that validator.
 */
export class CallerProof {
  readonly #deps: CallerProofDeps

  constructor(deps: CallerProofDeps) {
    this.#deps = deps
  }

  /** Refused without a slot, or holding one. The digest is that of the body, where the signature covers it. */
  enter(exchange: Exchange, bodySha256Hex: string): Checked<void> | Promise<Checked<void>> {
    const { gatekeeper } = this.#deps
    const may = gatekeeper.mayProve(exchange.peerIp, exchange.gone)
    if (may instanceof Promise) return may.then((later) => this.#prove(exchange, bodySha256Hex, later))
    return this.#prove(exchange, bodySha256Hex, may)
  }

  #prove(exchange: Exchange, bodySha256Hex: string, may: Checked<void>): Checked<void> | Promise<Checked<void>> {
    if (!may.ok) return may
    const { gatekeeper, connections } = this.#deps
    const { caller } = exchange.admission
    const proven = gatekeeper.prove(caller, exchange.peerIp, bodySha256Hex)
    if (!proven.ok) return proven
    exchange.prove(proven.value)
    connections.prove(exchange.request.raw.socket)
    return this.takeSlot(exchange)
  }

  takeSlot(exchange: Exchange): Checked<void> | Promise<Checked<void>> {
    const { claim, neuron } = exchange.admission.caller
    const entered = this.#deps.gate.enter(claim.sender, neuron.stakeTao, exchange.gone)
    if (entered instanceof Promise) return entered.then((later) => (later.ok ? exchange.takeSlot(later.value) : later))
    return entered.ok ? exchange.takeSlot(entered.value) : entered
  }
}
