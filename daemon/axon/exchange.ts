import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '#core/base/time/clock'
import { plainIp } from '#core/bittensor/addresses/ip-ranges'
import type { Caller } from '#core/bittensor/admission/gatekeeper'
import type { NonceRecord } from '#core/bittensor/admission/nonce-store'
import { accept, type Checked, type Refusal } from '#core/bittensor/admission/refusals'
import type { SynapseRoute } from '../subnets/subnet-module.ts'
import type { Connections } from './connections.ts'
import type { RefusalLog } from './refusal-log.ts'
import type { RefusalPacer } from './refusal-pacer.ts'
import { sendRefusal } from './refusal-reply.ts'
import type { Slot } from './work-gate.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Null until the request has arrived at the first hook. */
    exchange: Exchange | null
  }
}

export interface ExchangeDeps {
  readonly clock: Clock
  readonly refusals: RefusalLog
  readonly pacer: RefusalPacer
  readonly connections: Connections
  /** The hotkey that this axon answers for. */
  readonly receiver: string
}

/** What the entrance found out about an admitted request. */
export interface Admission {
  readonly caller: Caller
  readonly route: SynapseRoute
  /** Of its nonce. Undefined until the signature was checked. */
  record: NonceRecord | undefined
}

/**
 * One request on its way through the axon: it arrives, is checked, gets a slot, is answered or refused, and leaves.
 * Each step takes this object and does not call the previous step.
 */
export class Exchange {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly peerIp: string
  readonly receivedAtMs: number
  readonly #deps: ExchangeDeps
  #admission: Admission | undefined
  #slot: Slot | undefined
  /** Fires when the peer is gone or the whole answer is sent. */
  #gone: AbortController | undefined
  #holdsConnection = false

  constructor(deps: ExchangeDeps, request: FastifyRequest, reply: FastifyReply) {
    this.#deps = deps
    this.request = request
    this.reply = reply
    // A peer that has reset its connection has no address any more.
    this.peerIp = plainIp(request.raw.socket.remoteAddress ?? '')
    this.receivedAtMs = deps.clock.monotonicMs()
  }

  get admission(): Admission {
    if (this.#admission === undefined) throw new Error('a request reached the handler without being admitted')
    return this.#admission
  }

  /** The headers say that the caller may ask; nothing is proven yet. The connection takes no other request until it ends. */
  admit(admission: Omit<Admission, 'record'>): void {
    const { connections } = this.#deps
    const gone = new AbortController()
    this.#admission = { ...admission, record: undefined }
    this.#gone = gone
    this.#holdsConnection = true
    connections.begin(this.request.raw.socket)
    // Fires once, after the whole answer or when the peer goes away.
    this.reply.raw.once('close', () => {
      gone.abort()
      this.leave()
    })
  }

  /** The signature is valid and the nonce is taken. */
  prove(record: NonceRecord): void {
    this.admission.record = record
  }

  get gone(): AbortSignal {
    if (this.#gone === undefined) throw new Error('a request that was not admitted has no end to wait for')
    return this.#gone.signal
  }

  /** A peer that is gone by now needs no slot. */
  takeSlot(slot: Slot): Checked<void> {
    this.#slot = slot
    if (this.gone.aborted) slot.release()
    return accept(undefined)
  }

  /** For a request that waits on purpose and returns for another slot. */
  giveUpSlot(): void {
    this.#slot?.release()
  }

  /** The work is done or given up: the next request gets the slot and the connection. Sending the answer needs none. */
  leave(): void {
    this.giveUpSlot()
    if (!this.#holdsConnection) return
    this.#holdsConnection = false
    this.#deps.connections.end(this.request.raw.socket)
  }

  refuse(refusal: Refusal): void {
    this.#note(refusal)
    this.leave()
    sendRefusal(this.request, this.reply, refusal, this.#deps.clock)
  }

  /** For callers that have proven nothing yet, and may be many. */
  refuseStranger(refusal: Refusal): void {
    this.#note(refusal)
    this.leave()
    this.#deps.pacer.pace({
      write: () => sendRefusal(this.request, this.reply, refusal, this.#deps.clock),
      drop: () => this.request.raw.socket.destroy(),
    })
  }

  #note(refusal: Refusal): void {
    const { refusals, receiver } = this.#deps
    // Without proof the sender is only somebody's claim.
    const sender = this.#admission?.record === undefined ? undefined : this.#admission.caller.claim.sender
    refusals.note(refusal, { receiver, peerIp: this.peerIp, sender })
  }
}
