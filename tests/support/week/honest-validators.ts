import { createHash, randomUUID } from 'node:crypto'
import type { Clock } from '#core/base/time/clock'
import type { HotkeySigner } from '#core/bittensor/wallet/hotkey-signer'
import { type DuePrompt, PromptLanes } from '#core/synth/prompts/prompt-lanes'
import { startTimeText } from '#core/synth/prompts/start-time'
import type { RegimeBook } from '#core/synth/regimes/book'
import { resolvePromptRules } from '#core/synth/regimes/resolve'
import { readJson } from '#core/synth/scoring/answer-json'
import { validateAnswer } from '#core/synth/scoring/answer-validation'
import { memberOf } from '#core/synth/scoring/json-tape'
import { type PromptFields, simulationCall } from '#standins/validator/simulation-call'
import { idOf } from '../left-behind.ts'
import { outputOf } from '../prompt-load.ts'
import { codeOf, type RawAnswer, RawConnection, requestText } from '../raw-http.ts'
import type { AskedPrompt } from './verdict.ts'

export interface Finished extends AskedPrompt {
  /** Of the record that an answer must have. */
  readonly id?: string
  readonly outputHash?: string
}

export interface ValidatorOptions {
  readonly speed: number
  /** How long an answer may take, in market time. */
  readonly timeoutSeconds: number
  readonly receiver: string
  /** Of so many prompts of the network one is asked. */
  readonly oneOf: number
}

const pathCount = 100
/** As many paths as in life. */
const wholeEvery = 40
/** In real seconds, as the answer has to be made in real time. */
const startsInSeconds = 15
const waitsForMs = 40_000

/** Validators that ask in the network's rhythm, taking turns, and check each answer as the network does. */
export class HonestValidators {
  /** Who asks: some come and go. */
  readonly signers: HotkeySigner[]
  readonly finished: Finished[] = []
  readonly #clock: Clock
  readonly #options: ValidatorOptions
  readonly #lanes: PromptLanes
  #due = 0
  #asked = 0
  #lastNonceNs = 0n

  constructor(deps: { clock: Clock; book: RegimeBook }, signers: readonly HotkeySigner[], options: ValidatorOptions) {
    this.#clock = deps.clock
    this.#options = options
    this.signers = [...signers]
    const nowMs = deps.clock.nowMs()
    const { promptProfiles } = resolvePromptRules(deps.book, { answerAtMs: nowMs })
    this.#lanes = new PromptLanes(promptProfiles, Math.floor(nowMs / 1_000))
  }

  /** Asks until this market time, and resolves when the last prompt has its end. */
  async askUntil(untilMs: number, portOf: () => number): Promise<void> {
    const atWork: Promise<void>[] = []
    for (;;) {
      const nowMs = this.#clock.nowMs()
      if (nowMs >= untilMs) break
      for (const due of this.#lanes.take(Math.floor(nowMs / 1_000))) {
        this.#due += 1
        if (this.#due % this.#options.oneOf === 0) atWork.push(this.#ask(due, portOf()))
      }
      await this.#clock.sleep(Math.max(1, this.#lanes.nextAtSeconds * 1_000 - this.#clock.nowMs()))
    }
    await Promise.all(atWork)
  }

  async #ask(due: DuePrompt, port: number): Promise<void> {
    this.#asked += 1
    const signer = this.signers[this.#asked % this.signers.length]!
    const prompt: PromptFields = {
      ...due,
      startAtSeconds: due.startAtSeconds + startsInSeconds * this.#options.speed,
      pathCount: this.#asked % wholeEvery === 0 ? due.pathCount : pathCount,
    }
    const askedAtMs = this.#clock.nowMs()
    const told = await this.#send(prompt, signer, port)
    const endedAtMs = this.#clock.nowMs()
    this.finished.push({ asset: prompt.asset, sender: signer.address, askedAtMs, endedAtMs, ...told })
  }

  async #send(
    prompt: PromptFields,
    signer: HotkeySigner,
    port: number,
  ): Promise<{ outcome: string; id?: string; outputHash?: string }> {
    const call = simulationCall(prompt, {
      signer,
      receiver: this.#options.receiver,
      nonceNs: this.#nextNonceNs(),
      uuid: randomUUID(),
      timeoutSeconds: this.#options.timeoutSeconds,
    })
    const connection = await RawConnection.open(port).catch(() => undefined)
    if (connection === undefined) return { outcome: 'no connection' }
    let isLate = false
    const limit = setTimeout(() => {
      isLate = true
      connection.destroy()
    }, waitsForMs)
    try {
      connection.write(requestText(call.headers, call.body))
      const answer = await connection.next()
      if (answer !== undefined) return judge(prompt, answer)
      if (isLate) return { outcome: 'no answer' }
      return { outcome: connection.bytesReceived > 0 ? 'cut' : 'no connection' }
    } finally {
      clearTimeout(limit)
      connection.destroy()
    }
  }

  #nextNonceNs(): bigint {
    const nowNs = BigInt(this.#clock.nowMs()) * 1_000_000n
    this.#lastNonceNs = nowNs > this.#lastNonceNs ? nowNs : this.#lastNonceNs + 1n
    return this.#lastNonceNs
  }
}

function judge(prompt: PromptFields, answer: RawAnswer): { outcome: string; id?: string; outputHash?: string } {
  if (answer.status !== 200) return { outcome: codeOf(answer) ?? String(answer.status) }
  const reading = readJson(answer.body)
  if (!reading.ok) return { outcome: `unreadable: ${reading.problem.message}` }
  const output = memberOf(reading.tape, 0, 'simulation_output')
  if (output === null) return { outcome: 'no simulation_output' }
  const { startAtSeconds, stepSeconds, timeLengthSeconds, pathCount } = prompt
  const request = { startTime: startTimeText(startAtSeconds), stepSeconds, timeLengthSeconds, pathCount }
  const rule = { digits: 'sigDigits8', order: 'shapesFirst' } as const
  const { isCorrect, message } = validateAnswer(reading.tape, output, request, rule)
  if (!isCorrect) return { outcome: `wrong: ${message}` }
  const outputHash = createHash('sha256').update(outputOf(answer.body)).digest('hex')
  return { outcome: 'answered', id: idOf(prompt, outputHash), outputHash }
}
