import { z } from 'zod'
import type { Clock } from '#core/base/time/clock'
import type { Call } from './simulation-call.ts'

export type Reply =
  | { readonly kind: 'answered'; readonly body: Uint8Array; readonly durationMs: number }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string; readonly durationMs: number }
  | { readonly kind: 'failed'; readonly reason: string; readonly durationMs: number }

const refusalShape = z.object({ code: z.string() })

/** Sends one request and reads the whole answer, for no longer than the validator waits. Never throws. */
export async function sendCall(
  deps: { clock: Clock },
  url: string,
  call: Call,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<Reply> {
  const { clock } = deps
  const startedAtMs = clock.monotonicMs()
  const done = new AbortController()
  const stop = new AbortController()
  const onAbort = () => stop.abort()
  options.signal.addEventListener('abort', onAbort, { once: true })
  let isLate = false
  const waiting = clock.sleep(options.timeoutMs, done.signal).then(
    () => {
      isLate = true
      stop.abort()
    },
    () => undefined,
  )
  const durationMs = () => clock.monotonicMs() - startedAtMs
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...call.headers },
      body: call.body,
      signal: stop.signal,
    })
    const body = new Uint8Array(await response.arrayBuffer())
    if (response.status === 200) return { kind: 'answered', body, durationMs: durationMs() }
    return { kind: 'refused', status: response.status, code: refusalCode(body), durationMs: durationMs() }
  } catch (error) {
    const reason = isLate ? `no answer within ${Math.round(options.timeoutMs / 1000)} s` : describe(error)
    return { kind: 'failed', reason, durationMs: durationMs() }
  } finally {
    done.abort()
    options.signal.removeEventListener('abort', onAbort)
    await waiting
  }
}

function refusalCode(body: Uint8Array): string {
  try {
    const parsed = refusalShape.safeParse(JSON.parse(Buffer.from(body).toString('utf8')))
    return parsed.success ? parsed.data.code : 'no code'
  } catch {
    return 'no JSON'
  }
}

function describe(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error)) return String(cause)
  const { code } = cause as { code?: unknown }
  return typeof code === 'string' ? code : cause.message
}
