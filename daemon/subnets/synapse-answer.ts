import { promisify } from 'node:util'
import { crc32, gunzip, gzip } from 'node:zlib'

const compress = promisify(gzip)
const expand = promisify(gunzip)

export type AnswerFacts = Readonly<Record<string, string | number | boolean>>

/**
 * The body of an answer, shared by every caller with the same prompt. A deflated body is kept deflated, because
 * validators ask for that. The plain text is made from it again for callers that do not accept gzip.
 */
export class SharedAnswer {
  /** For the log line of each request that it is sent to: how it was made, and the time of each stage. */
  readonly facts: AnswerFacts
  readonly #body: { readonly kind: 'plain' | 'gzip'; readonly bytes: Buffer }
  #other: Promise<Buffer> | undefined

  constructor(kind: 'plain' | 'gzip', bytes: Buffer, facts: AnswerFacts = {}) {
    this.#body = { kind, bytes }
    this.facts = facts
  }

  /** Without what is made on request, which is as much again. */
  get sizeBytes(): number {
    return this.#body.bytes.length
  }

  identity(): Buffer | Promise<Buffer> {
    if (this.#body.kind === 'plain') return this.#body.bytes
    this.#other ??= expand(this.#body.bytes)
    return this.#other
  }

  /** Level 1 takes a fifth of the time of the default level and leaves 10 % more. */
  gzip(): Buffer | Promise<Buffer> {
    if (this.#body.kind === 'gzip') return this.#body.bytes
    this.#other ??= compress(this.#body.bytes, { level: 1 })
    return this.#other
  }
}

export interface AnswerParts {
  readonly synapse: string
  readonly processSeconds: number
  readonly inputName: string
  readonly inputJson: string
  readonly outputName: string
  readonly outputJson: Uint8Array
  /**
   * The output as a piece of a deflate stream: whole bytes, not the last block. The answer may write to the memory
   * around it.
   */
  readonly deflatedOutput?: Uint8Array | undefined
  readonly facts?: AnswerFacts | undefined
}

/**
 * Satisfies every known client: it repeats the required input, has `axon` and `dendrite` as objects, and the status
 * that the SDK's own client reads. The output is inserted as bytes.
 */
export function spliceAnswer(parts: AnswerParts): SharedAnswer {
  const name = JSON.stringify(parts.synapse)
  const seconds = parts.processSeconds.toFixed(6)
  const head = Buffer.from(
    `{"name":${name},"timeout":12.0,"total_size":0,"header_size":0,"dendrite":{},` +
      `"axon":{"status_code":200,"status_message":"Success","process_time":${seconds}},"computed_body_hash":"",` +
      `${JSON.stringify(parts.inputName)}:${parts.inputJson},${JSON.stringify(parts.outputName)}:`,
  )
  const tail = Buffer.from('}')
  const { outputJson, deflatedOutput, facts } = parts
  return deflatedOutput === undefined
    ? new SharedAnswer('plain', Buffer.concat([head, outputJson, tail]), facts)
    : new SharedAnswer('gzip', spliceGzip(head, { text: outputJson, deflated: deflatedOutput }, tail), facts)
}

/** One member of RFC 1952: head and tail as they are, the middle deflated before. */
function spliceGzip(head: Buffer, middle: { text: Uint8Array; deflated: Uint8Array }, tail: Buffer): Buffer {
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(crc32(tail, crc32(middle.text, crc32(head))), 0)
  trailer.writeUInt32LE((head.length + middle.text.length + tail.length) % 2 ** 32, 4)
  // Deflate, no name, no time, system unknown.
  const member = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])
  return surround(
    middle.deflated,
    Buffer.concat([member, storedBlock(head, false)]),
    Buffer.concat([storedBlock(tail, true), trailer]),
  )
}

/** In the middle's own memory if there is room on both sides: this avoids copying a megabyte. */
function surround(middle: Uint8Array, before: Buffer, after: Buffer): Buffer {
  const from = middle.byteOffset - before.length
  const length = before.length + middle.length + after.length
  if (from < 0 || from + length > middle.buffer.byteLength) return Buffer.concat([before, middle, after])
  const whole = Buffer.from(middle.buffer, from, length)
  whole.set(before, 0)
  whole.set(after, before.length + middle.length)
  return whole
}

/** At most 65,535 bytes. */
function storedBlock(bytes: Buffer, isLast: boolean): Buffer {
  const header = Buffer.alloc(5)
  header.writeUInt8(isLast ? 1 : 0, 0)
  header.writeUInt16LE(bytes.length, 1)
  header.writeUInt16LE(~bytes.length & 0xffff, 3)
  return Buffer.concat([header, bytes])
}
