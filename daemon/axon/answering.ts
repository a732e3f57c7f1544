import { createHash } from 'node:crypto'
import { parseStrictJson } from '#core/base/json/strict-json'
import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import { withinMs } from '#core/base/time/within-ms'
import { accept, type Checked, refuse } from '#core/bittensor/admission/refusals'
import type { SynapseJob } from '../subnets/subnet-module.ts'
import type { SharedAnswer } from '../subnets/synapse-answer.ts'
import { acceptsGzip } from './accept-encoding.ts'
import { type BodyRules, readBody } from './body-reader.ts'
import type { CallerProof } from './caller-proof.ts'
import { dropStalled } from './drop-stalled.ts'
import type { Exchange } from './exchange.ts'
import type { AxonMetrics } from './metrics.ts'
import type { ParkingLot } from './parking-lot.ts'
import type { UnprovenBodies } from './unproven-bodies.ts'

export interface AnsweringDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly proof: CallerProof
  readonly unproven: UnprovenBodies
  readonly metrics: AxonMetrics
  readonly parking: ParkingLot
  readonly isStopping: () => boolean
}

export interface AnsweringRules extends BodyRules {
  readonly receiver: string
  readonly maxWorkMs: number
  /** 0: at once. */
  readonly answerAtMs: number
  readonly sendIdleTimeoutMs: number
}

interface Answered {
  readonly answer: SharedAnswer
  readonly job: SynapseJob
}

/** From the body of an admitted request to its answer. */
export class Answering {
  readonly #deps: AnsweringDeps
  readonly #rules: AnsweringRules
  /** Answers that an earlier request was sent: the times of their stages are not those of this request. */
  readonly #sent = new WeakSet<SharedAnswer>()

  constructor(deps: AnsweringDeps, rules: AnsweringRules) {
    this.#deps = deps
    this.#rules = rules
  }

  async handle(exchange: Exchange): Promise<void> {
    const { reply } = exchange
    const body = await this.#readBody(exchange)
    if (body === undefined) {
      // The peer is gone; there is nobody to answer.
      reply.hijack()
      exchange.leave()
      return
    }
    const answer = body.ok ? await this.#answer(exchange, body.value) : body
    if (answer.ok) await this.#send(exchange, answer.value)
    else if (exchange.admission.record === undefined) exchange.refuseStranger(answer.refusal)
    else exchange.refuse(answer.refusal)
  }

  async #answer(exchange: Exchange, body: Buffer): Promise<Checked<Answered>> {
    if (exchange.admission.caller.coversBody) {
      const entered = await this.#deps.proof.enter(exchange, createHash('sha256').update(body).digest('hex'))
      if (!entered.ok) return entered
    }
    const job = this.#readJob(exchange, body)
    if (!job.ok) return job
    const parkedMs = await this.#waitUntilNeeded(job.value, exchange)
    if (!parkedMs.ok) return parkedMs
    const answer = await this.#runInTime(job.value, exchange, parkedMs.value)
    if (!answer.ok) return answer
    // An answered nonce must not be taken again after a crash. The disk gets a few milliseconds for it, not more.
    await exchange.admission.record?.beforeAnswer()
    return accept({ answer: answer.value, job: job.value })
  }

  async #readBody(exchange: Exchange): Promise<Checked<Buffer> | undefined> {
    const { clock, unproven } = this.#deps
    const { request, reply, admission, peerIp } = exchange
    if (!admission.caller.coversBody) return readBody(request.raw, reply.raw, clock, this.#rules)
    const stopped = new AbortController()
    const end = unproven.begin(peerIp, () => stopped.abort())
    try {
      return await readBody(request.raw, reply.raw, clock, this.#rules, stopped.signal)
    } finally {
      end()
    }
  }

  #readJob({ admission }: Exchange, body: Buffer): Checked<SynapseJob> {
    const json = parseStrictJson(body)
    if (!json.ok || json.value === null || typeof json.value !== 'object' || Array.isArray(json.value)) {
      return refuse('bad_json')
    }
    return admission.route.read(json.value, this.#deps.clock.nowMs())
  }

  /**
   * A request that wants its answer as late as is safe holds no slot while it waits, so no other request is refused
   * because of it. Returns how long it waited: 0 for one that cannot wait.
   */
  async #waitUntilNeeded(job: SynapseJob, exchange: Exchange): Promise<Checked<number>> {
    const { clock, parking, proof } = this.#deps
    const { answerAtMs } = this.#rules
    if (answerAtMs === 0 || job.neededByMs === undefined) return accept(0)
    const parkedAtMs = clock.monotonicMs()
    // The caller may hang up before the start, so its patience is reduced by the same margin.
    const patienceMs = this.#patienceMs(exchange) - (parkedAtMs - exchange.receivedAtMs) - answerAtMs
    const waitMs = Math.min(job.neededByMs - answerAtMs - clock.nowMs(), patienceMs)
    if (waitMs <= 0 || !parking.hasRoom()) return accept(0)
    exchange.giveUpSlot()
    await parking.wait(waitMs, exchange.gone)
    const entered = await proof.takeSlot(exchange)
    if (!entered.ok) return entered
    return accept(clock.monotonicMs() - parkedAtMs)
  }

  /** The caller's own timeout is not signed; one near zero must not make every answer late. */
  #patienceMs({ admission }: Exchange): number {
    return Math.max(1_000, admission.caller.claim.timeoutMs ?? Number.POSITIVE_INFINITY)
  }

  /** Within the time that the caller waits, and never longer in progress than the operator allows. */
  #runInTime(job: SynapseJob, exchange: Exchange, parkedMs: number): Promise<Checked<SharedAnswer>> {
    const { clock } = this.#deps
    const sinceMs = clock.monotonicMs() - exchange.receivedAtMs
    const leftMs = Math.min(this.#patienceMs(exchange), this.#rules.maxWorkMs + parkedMs) - sinceMs
    return withinMs(
      clock,
      Math.max(0, leftMs),
      () => job.run(this.#rules.receiver),
      () => refuse('deadline_passed'),
    )
  }

  async #send(exchange: Exchange, { answer, job }: Answered): Promise<void> {
    const { clock, log, metrics } = this.#deps
    const { request, reply, admission } = exchange
    const encoding = acceptsGzip(request.headers['accept-encoding']) ? 'gzip' : 'identity'
    const body = encoding === 'gzip' ? await answer.gzip() : await answer.identity()
    if (reply.raw.destroyed) {
      // The peer is gone; without this Fastify would wait for an answer that nobody reads.
      reply.hijack()
      return
    }
    const durationMs = clock.monotonicMs() - exchange.receivedAtMs
    const { synapse, bodyHashes } = admission.route
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
    // A peer that stops reading is dropped; progress restarts the time.
    dropStalled(request.raw.socket, reply.raw, clock, this.#rules.sendIdleTimeoutMs)
    if (this.#deps.isStopping()) reply.header('connection', 'close')
    exchange.leave()
    reply.send(body)
    const isReused = this.#sent.has(answer)
    this.#sent.add(answer)
    metrics.served({ synapse, durationMs, sizeBytes: body.length, encoding })
    log.info(
      {
        event: 'request.served',
        requestId: request.id,
        receiver: this.#rules.receiver,
        sender: admission.caller.claim.sender,
        synapse,
        ...job.facts,
        ...answer.facts,
        isReused,
        encoding,
        sizeBytes: body.length,
        durationMs,
        // Until the answer would be useless; below 0 it is late.
        ...(job.neededByMs === undefined ? {} : { leftMs: Math.round(job.neededByMs - clock.nowMs()) }),
      },
      'Request served',
    )
  }
}
