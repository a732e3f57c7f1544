import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import type {
  InferenceAnswer,
  InferenceRequest,
  InferenceRuntime,
  ModelFile,
  OpenAnswer,
} from '#core/forecast/models/onnx/inference-runtime'
import { ProcessRuntime } from './process-runtime.ts'
import { ServerRuntime } from './server-runtime.ts'

/** Files in our inference process, which starts with the first of them, and models that are processes of their own. */
export class ModelRuntime implements InferenceRuntime {
  readonly #files: ProcessRuntime
  readonly #servers: ServerRuntime

  constructor(deps: { readonly clock: Clock; readonly log: Logger; readonly servers: readonly string[] }) {
    this.#files = new ProcessRuntime(deps)
    this.#servers = new ServerRuntime(deps.clock, deps.servers)
  }

  open(file: ModelFile): Promise<OpenAnswer> {
    return this.#files.open(file)
  }

  run(request: InferenceRequest): Promise<InferenceAnswer> {
    const { url } = request
    return url === undefined ? this.#files.run(request) : this.#servers.run({ ...request, url })
  }

  release(sha256: string): Promise<void> {
    return this.#files.release(sha256)
  }

  async stop(): Promise<void> {
    this.#servers.stop()
    await this.#files.stop()
  }
}
