import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { parseStrictJson } from '#core/base/json/strict-json'
import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import { plainIp } from '#core/bittensor/admission/ip-allow-list'
import { accept, type Checked, refuse } from '#core/bittensor/admission/refusals'
import type { SynapseJob } from '../subnets/subnet-module.ts'
import type { SharedAnswer } from '../subnets/synapse-answer.ts'
import { acceptsGzip } from './accept-encoding.ts'
import type { Entrance } from './entrance.ts'
import type { AxonMetrics } from './metrics.ts'
import type { ParkingLot } from './parking-lot.ts'
import { type AdmittedRequest, admittedState } from './request-state.ts'

export interface AnsweringDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: AxonMetrics
  readonly entrance: Entrance
  readonly parking: ParkingLot
}

export interface AnsweringRules {
  readonly receiver: string
  readonly maxWorkMs: number
  /** 0: at once. */
  readonly answerAtMs: number
  readonly sendIdleTimeoutMs: number
}

interface Answered {
  readonly answer: SharedAnswer
  readonly facts: SynapseJob['facts']
}

/** From the body of an admitted request to its answer. */
export class Answering {
  readonly #deps: AnsweringDeps
  readonly #rules: AnsweringRules

  constructor(deps: AnsweringDeps, rules: AnsweringRules) {
    this.#deps = deps
    this.#rules = rules
  }

  async handle(request: FastifyRequest, reply: FastifyReply, body: Buffer): Promise<void> {
    const { entrance } = this.#deps
    const state = admittedState(request)
    if (state === undefined) throw new Error('a request reached the handler without being admitted')
    const answer = await this.#answer(request, state, body)
    if (answer.ok) await this.#send(request, reply, state, answer.value)
    else entrance.refuse(request, reply, answer.refusal, state.caller)
  }

  async #answer(request: FastifyRequest, state: AdmittedRequest, body: Buffer): Promise<Checked<Answered>> {
    const job = this.#readJob(request, state, body)
    if (!job.ok) return job
    const parkedMs = await this.#waitForTheNewestPrice(job.value, state)
    if (!parkedMs.ok) return parkedMs
    const answer = await this.#runInTime(job.value, state, parkedMs.value)
    if (!answer.ok) return answer
    // An answered nonce must not be taken again after a crash, so its record comes first.
    if ((await state.recorded) !== true) return refuse('store_unavailable')
    return accept({ answer: answer.value, facts: job.value.facts })
  }

  #readJob(request: FastifyRequest, state: AdmittedRequest, body: Buffer): Checked<SynapseJob> {
    if (state.caller.coversBody) {
      const digest = createHash('sha256').update(body).digest('hex')
      const proven = this.#deps.entrance.prove(state.caller, plainIp(request.ip), digest)
      if (!proven.ok) return proven
      state.recorded = proven.value.recorded
    }
    const json = parseStrictJson(body)
    if (!json.ok || json.value === null || typeof json.value !== 'object' || Array.isArray(json.value)) {
      return refuse('bad_json')
    }
    return state.route.read(json.value, this.#deps.clock.nowMs())
  }

  /**
   * Whoever wants its answer as late as is safe holds no place meanwhile, so nobody is refused for it. Answers how long
   * that took; 0 for one that cannot wait.
   */
  async #waitForTheNewestPrice(job: SynapseJob, state: AdmittedRequest): Promise<Checked<number>> {
    const { clock, entrance, parking } = this.#deps
    const { answerAtMs } = this.#rules
    if (answerAtMs === 0 || job.neededByMs === undefined) return accept(0)
    const parkedAtMs = clock.monotonicMs()
    // The caller may hang up before the start; what is kept back of its patience is what is kept back of ours.
    const patienceMs = this.#patienceMs(state) - (parkedAtMs - state.receivedAtMs) - answerAtMs
    const waitMs = Math.min(job.neededByMs - answerAtMs - clock.nowMs(), patienceMs)
    if (waitMs <= 0 || !parking.hasRoom()) return accept(0)
    const back = await entrance.park(state, () => parking.wait(waitMs, state.gone))
    return back.ok ? accept(clock.monotonicMs() - parkedAtMs) : back
  }

  /** The caller's own timeout is not signed; one near zero must not make every answer late. */
  #patienceMs({ caller }: AdmittedRequest): number {
    return Math.max(1_000, caller.claim.timeoutMs ?? Number.POSITIVE_INFINITY)
  }

  /** Within the time that the caller waits, and never longer at work than the operator allows. */
  async #runInTime(job: SynapseJob, state: AdmittedRequest, parkedMs: number): Promise<Checked<SharedAnswer>> {
    const { clock } = this.#deps
    const sinceMs = clock.monotonicMs() - state.receivedAtMs
    const leftMs = Math.min(this.#patienceMs(state), this.#rules.maxWorkMs + parkedMs) - sinceMs
    const done = new AbortController()
    const late = clock.sleep(Math.max(0, leftMs), done.signal).then(
      () => refuse('deadline_passed'),
      () => new Promise<never>(() => {}),
    )
    try {
      return await Promise.race([job.run(), late])
    } finally {
      done.abort()
    }
  }

  async #send(
    request: FastifyRequest,
    reply: FastifyReply,
    state: AdmittedRequest,
    { answer, facts }: Answered,
  ): Promise<void> {
    const { clock, entrance, log, metrics } = this.#deps
    const encoding = acceptsGzip(request.headers['accept-encoding']) ? 'gzip' : 'identity'
    const body = encoding === 'gzip' ? await answer.gzip() : await answer.identity()
    if (reply.raw.destroyed) {
      // The peer has gone; without this Fastify would wait for an answer that nobody reads.
      reply.hijack()
      return
    }
    const durationMs = clock.monotonicMs() - state.receivedAtMs
    const { synapse, bodyHashes } = state.route
    reply.headers({
      'content-type': 'application/json',
      vary: 'accept-encoding',
      name: synapse,
      bt_header_axon_status_code: '200',
      bt_header_axon_status_message: 'Success',
      bt_header_axon_process_time: (durationMs / 1_000).toFixed(6),
      computed_body_hash: bodyHashes[0],
    })
    if (encoding === 'gzip') reply.header('content-encoding', 'gzip')
    // A peer that stops reading is dropped; progress starts the time anew.
    reply.raw.setTimeout(this.#rules.sendIdleTimeoutMs, () => request.raw.socket.destroy())
    entrance.leave(request)
    reply.send(body)
    metrics.served({ synapse, durationMs, sizeBytes: body.length, encoding })
    log.info(
      {
        event: 'request.served',
        requestId: request.id,
        receiver: this.#rules.receiver,
        sender: state.caller.claim.sender,
        synapse,
        ...facts,
        encoding,
        sizeBytes: body.length,
        durationMs,
      },
      'Request served',
    )
  }
}
