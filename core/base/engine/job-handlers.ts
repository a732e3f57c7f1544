import { AppError } from '../errors/app-error.ts'
import type { JsonValue } from '../json/strict-json.ts'

/** What a worker is handed: the job without its place in the graph. */
export interface JobSpec {
  readonly kind: string
  readonly input: JsonValue
}

/** What comes back: plain data, since errors lose their class on the way between threads and machines. */
export type JobReply =
  | { readonly ok: true; readonly result: JsonValue }
  | { readonly ok: false; readonly reason: string; readonly isRetryable: boolean }

export type JobHandler = (input: JsonValue) => JsonValue | Promise<JsonValue>
export type JobHandlers = Readonly<Record<string, JobHandler>>

/** Does one job with the handler of its kind. Never throws. */
export async function handleJob(handlers: JobHandlers, { kind, input }: JobSpec): Promise<JobReply> {
  const handler = Object.hasOwn(handlers, kind) ? handlers[kind] : undefined
  if (handler === undefined) return { ok: false, reason: `no handler for jobs of kind ${kind}`, isRetryable: false }
  try {
    return { ok: true, result: await handler(input) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { ok: false, reason, isRetryable: !(error instanceof AppError) || error.retryable }
  }
}

/** Where jobs are done: a pool of threads, as a rule. */
export interface JobRunner {
  /** How many jobs it does at once. */
  readonly capacity: number
  /** Never rejects: a worker that died is a reply too. */
  run(spec: JobSpec): Promise<JobReply>
}
