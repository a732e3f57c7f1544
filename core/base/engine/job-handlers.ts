import { AppError } from '../errors/app-error.ts'
import { messageOf } from '../errors/message-of.ts'
import type { JsonValue } from '../json/strict-json.ts'

/** What a worker gets: the job without its place in the graph. */
export interface JobSpec {
  readonly kind: string
  readonly input: JsonValue
}

/** What a worker returns: plain data, because errors lose their class between threads and machines. */
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
    const reason = messageOf(error)
    return { ok: false, reason, isRetryable: !(error instanceof AppError) || error.retryable }
  }
}

/** Where jobs are done: usually a pool of threads. */
export interface JobRunner {
  /** How many jobs it does at once. */
  readonly capacity: number
  /** Never rejects: a worker that died gives a reply too. */
  run(spec: JobSpec): Promise<JobReply>
}
