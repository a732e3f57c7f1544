import { setMaxListeners } from 'node:events'
import type { VenueFailure, VenueFailureReason } from '#core/market/venues/venue'

/**
 * The only way out to a venue: one JSON request with a deadline over connect, headers and body, a limit on the size of
 * the answer, and no redirects. Node's own fetch does the work: it pools connections by itself and one AbortSignal
 * bounds the whole exchange, so that what a client library would add here is a dependency.
 *
 * Deadlines are in real time, not in the injected clock's: the network does not run faster in a sped-up market.
 */
export interface JsonRequest {
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  /** Present: a POST of this value as JSON. */
  readonly body?: unknown
}

export interface RequestLimits {
  readonly deadlineMs: number
  readonly maxAnswerBytes: number
}

export interface JsonAnswer {
  readonly ok: true
  readonly value: unknown
  /** When the server says that it made the answer (Date less Age), to the second; undefined when it does not say. */
  readonly servedAtMs: number | undefined
}

export interface HttpFailure extends VenueFailure {
  /** Present when the server answered at all. */
  readonly status?: number
  /** The refused request's answer if it was JSON: venues explain themselves in it. */
  readonly detail?: unknown
}

/** Keeps a path in front, so that a venue can be behind a proxy. */
export function urlUnder(baseUrl: string, path: string, query: Readonly<Record<string, string | number>> = {}): URL {
  const url = new URL(path, baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`)
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value))
  return url
}

const longestRetryAfterMs = 60_000

export async function requestJson(
  request: JsonRequest,
  limits: RequestLimits,
  signal?: AbortSignal,
): Promise<JsonAnswer | HttpFailure> {
  const where = `${request.url.host}${request.url.pathname}`
  if (isAborted(signal)) return failure('cancelled', `${where}: cancelled`)
  const timeUp = AbortSignal.timeout(limits.deadlineMs)
  // Not AbortSignal.any: on Node 20 every call leaves a reference in the long-lived signal.
  const stop = new AbortController()
  const onStop = () => stop.abort()
  timeUp.addEventListener('abort', onStop, { once: true })
  if (signal !== undefined) {
    // All requests of a board use its one signal; each removes its listener afterwards.
    setMaxListeners(0, signal)
    signal.addEventListener('abort', onStop, { once: true })
  }
  try {
    return await exchange(request, where, limits, stop.signal)
  } catch (error) {
    if (isAborted(signal)) return failure('cancelled', `${where}: cancelled`)
    if (timeUp.aborted) return failure('timeout', `${where}: no complete answer within ${limits.deadlineMs} ms`)
    return failure('unreachable', `${where}: ${describeNetworkError(error)}`)
  } finally {
    signal?.removeEventListener('abort', onStop)
    timeUp.removeEventListener('abort', onStop)
  }
}

async function exchange(
  request: JsonRequest,
  where: string,
  limits: RequestLimits,
  signal: AbortSignal,
): Promise<JsonAnswer | HttpFailure> {
  const headers = { accept: 'application/json', 'user-agent': 'volcast', ...request.headers }
  const init: RequestInit =
    request.body === undefined
      ? { headers }
      : {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify(request.body),
        }
  const response = await fetch(request.url, { ...init, signal, redirect: 'manual' })
  const body = await readBounded(response, limits.maxAnswerBytes)
  if (response.status >= 300 && response.status < 400) {
    return failure('redirected', `${where}: answered with a redirect (HTTP ${response.status})`, response.status)
  }
  if (body === undefined) {
    return failure('tooLarge', `${where}: the answer is larger than ${limits.maxAnswerBytes} bytes`, response.status)
  }
  if (!response.ok) return refusedRequest(response, where, body)
  const value = parseJson(body)
  return value === undefined
    ? failure('malformed', `${where}: the answer is not JSON`, response.status)
    : { ok: true, value, servedAtMs: servedAtMs(response.headers) }
}

/** Undefined when the body is larger than the limit; the rest is then not read. Counted after decompression. */
async function readBounded(response: Response, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes) {
    await response.body?.cancel()
    return undefined
  }
  if (response.body === null) return Buffer.alloc(0)
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  // Leaving the loop early cancels the stream, which closes the connection.
  for await (const chunk of response.body) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function refusedRequest(response: Response, where: string, body: Buffer): HttpFailure {
  const retryAfterMs = readRetryAfter(response.headers)
  const detail = parseJson(body)
  return {
    ...failure(reasonOf(response.status), `${where}: HTTP ${response.status}${excerpt(body)}`, response.status),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(detail === undefined ? {} : { detail }),
  }
}

function reasonOf(status: number): VenueFailureReason {
  if (status === 401 || status === 403) return 'unauthorized'
  // 418 is Binance's answer to an address that it has banned for ignoring 429.
  if (status === 429 || status === 418) return 'rateLimited'
  if (status === 451) return 'geoBlocked'
  return status >= 500 ? 'serverError' : 'rejected'
}

function readRetryAfter(headers: Headers): number | undefined {
  const text = headers.get('retry-after')
  if (text === null) return undefined
  if (/^\d{1,9}$/.test(text)) return Math.min(Number(text) * 1000, longestRetryAfterMs)
  // Date.parse accepts almost anything as a date, "-5" too.
  const untilMs = /^[A-Z][a-z]{2}, .* GMT$/.test(text) ? Date.parse(text) : Number.NaN
  const fromMs = Date.parse(headers.get('date') ?? '')
  return Number.isFinite(untilMs) && Number.isFinite(fromMs)
    ? Math.min(Math.max(untilMs - fromMs, 0), longestRetryAfterMs)
    : undefined
}

function servedAtMs(headers: Headers): number | undefined {
  const dateMs = Date.parse(headers.get('date') ?? '')
  const ageSeconds = Number(headers.get('age') ?? 0)
  return Number.isFinite(dateMs) ? dateMs - (ageSeconds > 0 ? ageSeconds * 1000 : 0) : undefined
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

function excerpt(body: Buffer): string {
  const text = body
    .subarray(0, 400)
    .toString('utf8')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
  return text === '' ? '' : `, "${text.slice(0, 160)}"`
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

function describeNetworkError(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error)) return String(cause)
  const code = (cause as { code?: unknown }).code
  if (typeof code === 'string') return code
  return cause.message === 'terminated' ? 'the connection broke in the middle of the answer' : cause.message
}

function failure(reason: VenueFailureReason, message: string, status?: number): HttpFailure {
  return { ok: false, reason, message, ...(status === undefined ? {} : { status }) }
}
