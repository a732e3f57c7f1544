import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

const compress = promisify(gzip)

/**
 * The body of an answer, shared by every caller that asked the same: serialised once and compressed at most once.
 * Level 1 takes a fifth of the time of the default level and leaves 10 % more.
 */
export class SharedAnswer {
  readonly identity: Buffer
  #gzip: Promise<Buffer> | undefined

  constructor(identity: Buffer) {
    this.identity = identity
  }

  gzip(): Promise<Buffer> {
    this.#gzip ??= compress(this.identity, { level: 1 })
    return this.#gzip
  }
}

export interface AnswerParts {
  readonly synapse: string
  readonly processSeconds: number
  readonly inputName: string
  readonly inputJson: string
  readonly outputName: string
  readonly outputJson: Uint8Array
}

/**
 * What satisfies every known client at once: the required input echoed, `axon` and `dendrite` as objects, and the
 * status that the SDK's own client looks for; the output is spliced in as the bytes that it already is.
 */
export function spliceAnswer(parts: AnswerParts): SharedAnswer {
  const name = JSON.stringify(parts.synapse)
  const seconds = parts.processSeconds.toFixed(6)
  const head =
    `{"name":${name},"timeout":12.0,"total_size":0,"header_size":0,"dendrite":{},` +
    `"axon":{"status_code":200,"status_message":"Success","process_time":${seconds}},"computed_body_hash":"",` +
    `${JSON.stringify(parts.inputName)}:${parts.inputJson},${JSON.stringify(parts.outputName)}:`
  return new SharedAnswer(Buffer.concat([Buffer.from(head), parts.outputJson, Buffer.from('}')]))
}
