import type { Clock } from '#core/base/time/clock'
import { withinMs } from '#core/base/time/within-ms'
import type {
  InferenceAnswer,
  InferenceRequest,
  NamedTensor,
  RunProblem,
} from '#core/forecast/models/onnx/inference-runtime'

/** The largest true answer, 16 parts of 1,440 steps, has half a megabyte. */
const maxAnswerBytes = 1_000_000
const maxDimensions = 4
const loopback = /^(localhost|127(?:[.]\d+){3}|\[::1\])$/

/**
 * A model that is another process: one POST a forecast, its inputs and outputs those of an ONNX model. Nothing of what it
 * sends, numbers excepted, gets into a sentence of ours.
 */
export class ServerRuntime {
  readonly #clock: Clock
  readonly #allowed: ReadonlySet<string>
  readonly #stopping = new AbortController()

  /** `allowed`: origins besides those of this machine. */
  constructor(clock: Clock, allowed: readonly string[]) {
    this.#clock = clock
    this.#allowed = new Set(allowed.flatMap((url) => (URL.canParse(url) ? [new URL(url).origin] : [])))
  }

  async run(request: InferenceRequest & { readonly url: string }): Promise<InferenceAnswer> {
    const { origin, hostname } = new URL(request.url)
    if (!loopback.test(hostname) && !this.#allowed.has(origin)) {
      return refuse('threw', `${origin} is not this machine, and models.servers does not list it`)
    }
    if (this.#stopping.signal.aborted) return refuse('died', 'the miner is stopping')
    const { deadlineMs } = request
    const startedMs = this.#clock.monotonicMs()
    const late = (): InferenceAnswer => refuse('overran', `no answer of ${origin} within ${deadlineMs} ms`)
    const answer = await withinMs(this.#clock, deadlineMs, (timeUp) => this.#exchange(request, origin, timeUp), late)
    return answer.ok ? { ...answer, durationMs: this.#clock.monotonicMs() - startedMs } : answer
  }

  stop(): void {
    this.#stopping.abort()
  }

  async #exchange(
    { url, sha256, inputs, outputs }: InferenceRequest & { readonly url: string },
    origin: string,
    timeUp: AbortSignal,
  ): Promise<InferenceAnswer> {
    const question = {
      contract: 1,
      sha256,
      inputs: Object.fromEntries(inputs.map(({ name, dims, values }) => [name, { dims, values: [...values] }])),
      outputs,
    }
    const stop = new AbortController()
    const onStop = () => stop.abort()
    timeUp.addEventListener('abort', onStop)
    this.#stopping.signal.addEventListener('abort', onStop)
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { accept: 'application/json', 'content-type': 'application/json' },
        body: JSON.stringify(question),
        redirect: 'manual',
        signal: stop.signal,
      })
      if (response.status !== 200) return refuse('threw', `${origin} answered with HTTP ${response.status}`)
      const text = await readBounded(response)
      if (text === undefined)
        return refuse('badOutput', `the answer of ${origin} has more than ${maxAnswerBytes} bytes`)
      return readAnswer(text, sha256, outputs)
    } catch (error) {
      return refuse('died', `${origin} cannot be reached (${codeOf(error)})`)
    } finally {
      // Also closes the connection of an answer that nobody reads to its end.
      stop.abort()
      this.#stopping.signal.removeEventListener('abort', onStop)
    }
  }
}

/** Undefined when the answer is larger than any true one; the rest is then not read. */
async function readBounded(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > maxAnswerBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function readAnswer(text: string, sha256: string, names: readonly string[]): InferenceAnswer {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    return refuse('badOutput', 'the answer is not JSON')
  }
  if (!isObject(answer) || !isObject(answer['outputs'])) return refuse('badOutput', 'the answer has no outputs')
  if (answer['sha256'] !== sha256) {
    return refuse('otherVersion', `the answer is not of version ${sha256.slice(0, 12)}…, which the manifest names`)
  }
  const outputs: NamedTensor[] = []
  for (const name of names) {
    const tensor = Object.hasOwn(answer['outputs'], name) ? readTensor(name, answer['outputs'][name]) : undefined
    if (tensor === undefined) {
      return refuse('badOutput', `output ${name} is missing, or not {"dims": [...], "values": [...]} of numbers`)
    }
    outputs.push(tensor)
  }
  return { ok: true, outputs, durationMs: 0 }
}

function readTensor(name: string, tensor: unknown): NamedTensor | undefined {
  if (!isObject(tensor)) return undefined
  const { dims, values } = tensor
  if (!isNumbers(dims) || dims.length > maxDimensions || !dims.every((dim) => Number.isSafeInteger(dim) && dim > 0)) {
    return undefined
  }
  return isNumbers(values) ? { name, dims, values: Float64Array.from(values) } : undefined
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** Of the operating system or of the HTTP reader, never the message: that may quote what was sent. */
function codeOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? error.cause : undefined
  const code = isObject(cause) ? cause['code'] : undefined
  return typeof code === 'string' && /^[A-Z0-9_]{1,40}$/.test(code) ? code : 'the exchange broke'
}

function refuse(problem: RunProblem, reason: string): Extract<InferenceAnswer, { ok: false }> {
  return { ok: false, problem, reason }
}
