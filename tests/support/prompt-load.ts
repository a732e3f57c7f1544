import { createHash, randomUUID } from 'node:crypto'
import type { Clock } from '#core/base/time/clock'
import { standInHotkeys } from '#standins/network/compose-standin'
import { type Call, type PromptFields, simulationCall } from '#standins/validator/simulation-call'
import { codeOf, RawConnection, requestText } from './raw-http.ts'

/** What the client of a miner holds in its hands: a 200 that arrived to its last byte. */
export interface Answered {
  readonly prompt: PromptFields
  readonly call: Call
  /** `simulation_output`, as it was sent. */
  readonly output: Buffer
  readonly outputHash: string
  /** Real milliseconds after the load began. */
  readonly afterMs: number
}

export interface LoadResult {
  readonly answered: readonly Answered[]
  /** Answers that said no, by their code. */
  readonly refused: ReadonlyMap<string, number>
  /** Answers that broke off after their first byte. */
  readonly cut: number
  /** When, by `performance.now()`, the requests were sent whose connection ended without a word. */
  readonly unansweredAtMs: readonly number[]
}

type Growing = { answered: Answered[]; refused: Map<string, number>; cut: number; unansweredAtMs: number[] }

const assets = ['BTC', 'ETH', 'SOL', 'XAU']
/** A miner says so while it has no price yet, while it stops, and right after a start without a whole record of nonces. */
const mayRefuse = new Set(['price_unavailable', 'stopping', 'nonce_from_before'])

/** A validator that asks over several connections at once, no two prompts alike, until the miner is gone. */
export class PromptLoad {
  readonly #clock: Clock
  readonly #mayRefuse: ReadonlySet<string>
  readonly #keys = standInHotkeys()
  #prompts = 0
  #lastNonceNs = 0n

  /** On a machine that is busy with other things a test may allow further refusals. */
  constructor(deps: { clock: Clock }, alsoAllowed: readonly string[] = []) {
    this.#clock = deps.clock
    this.#mayRefuse = new Set([...mayRefuse, ...alsoAllowed])
  }

  async run(
    port: number,
    lanes: number,
    onAnswer: (count: number) => void = () => {},
    isOver: () => boolean = () => false,
  ): Promise<LoadResult> {
    const result: Growing = { answered: [], refused: new Map(), cut: 0, unansweredAtMs: [] }
    const beganAtMs = performance.now()
    await Promise.all(
      Array.from({ length: lanes }, async () => {
        const uuid = randomUUID()
        const connection = await RawConnection.open(port).catch(() => undefined)
        while (connection !== undefined && !isOver() && (await this.#askOnce(connection, uuid, beganAtMs, result))) {
          onAnswer(result.answered.length)
        }
      }),
    )
    return result
  }

  /** False: the connection has ended. */
  async #askOnce(connection: RawConnection, uuid: string, beganAtMs: number, result: Growing): Promise<boolean> {
    const prompt = this.#nextPrompt()
    const call = this.#sign(prompt, uuid)
    const sentAtMs = performance.now()
    connection.write(requestText(call.headers, call.body))
    const answer = await connection.next()
    if (answer === undefined) {
      if (connection.bytesReceived > 0) result.cut += 1
      else result.unansweredAtMs.push(sentAtMs)
      return false
    }
    if (answer.status === 200) {
      const output = Buffer.from(outputOf(answer.body))
      const outputHash = createHash('sha256').update(output).digest('hex')
      result.answered.push({ prompt, call, output, outputHash, afterMs: performance.now() - beganAtMs })
      return true
    }
    const code = codeOf(answer) ?? String(answer.status)
    if (!this.#mayRefuse.has(code)) throw new Error(`${answer.status}: ${answer.body}`)
    result.refused.set(code, (result.refused.get(code) ?? 0) + 1)
    return true
  }

  /** Mostly hours of 100 paths, some days, and sometimes a day as large as real ones are. */
  #nextPrompt(): PromptFields {
    this.#prompts += 1
    const isDay = this.#prompts % 10 === 0
    return {
      asset: assets[this.#prompts % assets.length]!,
      startAtSeconds: Math.floor(this.#clock.nowMs() / 1_000) + 300 + ((7 * this.#prompts) % 2_900),
      stepSeconds: isDay ? 300 : 60,
      timeLengthSeconds: isDay ? 86_400 : 3_600,
      pathCount: this.#prompts % 30 === 0 ? 1_000 : 100,
    }
  }

  #sign(prompt: PromptFields, uuid: string): Call {
    const nowNs = BigInt(this.#clock.nowMs()) * 1_000_000n
    this.#lastNonceNs = nowNs > this.#lastNonceNs ? nowNs : this.#lastNonceNs + 1n
    const { validator, miner } = this.#keys
    return simulationCall(prompt, {
      signer: validator,
      receiver: miner.address,
      nonceNs: this.#lastNonceNs,
      uuid,
      timeoutSeconds: 115,
    })
  }
}

/** The text of `simulation_output`, out of an answer. */
export function outputOf(body: string): string {
  const name = '"simulation_output":'
  const from = body.indexOf(name) + name.length
  return body.slice(from, body.indexOf(']]', from) + 2)
}
