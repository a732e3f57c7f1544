import { HermesClient } from '@pythnetwork/hermes-client'
import { isObject } from '#core/base/json/open-object'
import type { LatestPrice, LatestPriceAnswer, LatestPriceStream, PriceQuote } from '#core/market/venues/latest-price'
import { toEpochMs, toPriceFromMantissa } from '#core/market/venues/price-number'
import { pythFeedId } from '#core/market/venues/pyth-feeds'
import { type VenueFailure, type VenueFailureReason, venueFailure } from '#core/market/venues/venue'
import { failAll } from './answer-shapes.ts'
import { type HttpFailure, type RequestLimits, requestJson } from './http-json.ts'

export interface PythHermesOptions {
  readonly baseUrl: string
  /** Required by the public host since 2026-08-26; sent as a bearer token. */
  readonly apiKey?: string | undefined
  readonly latest: RequestLimits
  /** A stream that is silent for this long counts as dead. */
  readonly streamSilenceMs: number
}

/** Carries a named failure through the client, which knows only exceptions. */
class HermesFailure extends Error {
  readonly failure: VenueFailure

  constructor(failure: VenueFailure) {
    super(failure.message)
    this.failure = failure
  }
}

interface Schema {
  safeParse(value: unknown): { success: true; data: unknown } | { success: false }
}

/**
 * Pyth's Hermes through its own client. Symbols are feed names (`Crypto.BTC/USD`) or plain feed ids; every price is
 * identified by the id inside the answer, never by its position.
 */
export function createPythHermes(options: PythHermesOptions): LatestPrice & LatestPriceStream {
  const client = boundedClient(options)
  return {
    venue: 'pythHermes',

    async fetchLatest(symbols, signal) {
      const { known, answers } = resolveFeeds(symbols)
      if (known.size === 0) return answers
      const update = await askLatest(client, [...new Set(known.values())], signal)
      const found = update.ok ? readUpdate(known, update.value) : failAll([...known.keys()], update)
      return new Map([...answers, ...found])
    },

    async run(symbols, onQuote, signal) {
      const { known } = resolveFeeds(symbols)
      if (known.size === 0) return venueFailure('unknownSymbol', 'Hermes stream: none of the feeds is known')
      return listen(client, options, known, onQuote, signal)
    },
  }
}

/**
 * The client with its one network method replaced by ours. Its own method retries a 429 after 200 ms, follows
 * redirects, reads bodies of any size and ignores Retry-After. The method is private in its types, so package.json has
 * the exact version and each of these has a contract test.
 */
function boundedClient(options: PythHermesOptions): HermesClient {
  const headers: Record<string, string> =
    options.apiKey === undefined ? {} : { Authorization: `Bearer ${options.apiKey}` }
  const httpRequest = async (url: string, schema: Schema, init?: { signal?: AbortSignal | null }): Promise<unknown> => {
    const answer = await requestJson({ url: new URL(url), headers }, options.latest, init?.signal ?? undefined)
    if (!answer.ok) throw new HermesFailure(withoutHttp(answer))
    const parsed = schema.safeParse(answer.value)
    if (!parsed.success) throw new HermesFailure(venueFailure('malformed', 'Hermes: the answer has another shape'))
    return parsed.data
  }
  const client = new HermesClient(options.baseUrl, { timeout: options.latest.deadlineMs, httpRetries: 0, headers })
  return Object.assign<HermesClient, object>(client, { httpRequest })
}

async function askLatest(
  client: HermesClient,
  ids: string[],
  signal: AbortSignal | undefined,
): Promise<{ ok: true; value: unknown } | VenueFailure> {
  try {
    // Without ignoreInvalidPriceIds one unlisted feed fails the whole call.
    const options = { parsed: true, ignoreInvalidPriceIds: true }
    return { ok: true, value: await client.getLatestPriceUpdates(ids, options, signal === undefined ? {} : { signal }) }
  } catch (error) {
    if (error instanceof HermesFailure) return error.failure
    throw error
  }
}

function resolveFeeds(symbols: readonly string[]): {
  known: Map<string, string>
  answers: Map<string, LatestPriceAnswer>
} {
  const known = new Map<string, string>()
  const answers = new Map<string, LatestPriceAnswer>()
  for (const symbol of symbols) {
    const id = pythFeedId(symbol) ?? (/^(0x)?[0-9a-f]{64}$/.test(symbol) ? symbol.replace('0x', '') : undefined)
    if (id === undefined) answers.set(symbol, venueFailure('unknownSymbol', `Hermes: no feed id known for ${symbol}`))
    else known.set(symbol, id)
  }
  return { known, answers }
}

function readUpdate(feeds: ReadonlyMap<string, string>, update: unknown): Map<string, LatestPriceAnswer> {
  const parsed = isObject(update) && Array.isArray(update['parsed']) ? (update['parsed'] as unknown[]) : []
  const answers = new Map<string, LatestPriceAnswer>()
  let strangers = 0
  for (const entry of parsed) {
    const id = isObject(entry) && typeof entry['id'] === 'string' ? entry['id'].toLowerCase().replace(/^0x/, '') : ''
    const symbols = [...feeds].filter(([, feedId]) => feedId === id).map(([symbol]) => symbol)
    if (symbols.length === 0) strangers += 1
    for (const symbol of symbols) answers.set(symbol, readEntry(symbol, entry))
  }
  for (const symbol of feeds.keys()) {
    if (answers.has(symbol)) continue
    answers.set(
      symbol,
      strangers > 0
        ? venueFailure('wrongFeed', `Hermes: asked for ${symbol}, another feed id came`)
        : venueFailure('noData', `Hermes: no price for ${symbol}`),
    )
  }
  return answers
}

function readEntry(symbol: string, entry: unknown): LatestPriceAnswer {
  const price = isObject(entry) ? entry['price'] : undefined
  if (!isObject(price)) return venueFailure('malformed', `Hermes: ${symbol} has no price`)
  const priceUsd = toPriceFromMantissa(price['price'], price['expo'])
  if (priceUsd === undefined) return venueFailure('invalidPrice', `Hermes: ${symbol} has no finite positive price`)
  const publishedAtMs = toEpochMs(price['publish_time'], 'seconds')
  const confidenceUsd = readConfidence(price['conf'], price['expo'])
  if (publishedAtMs === undefined || confidenceUsd === undefined) {
    return venueFailure('malformed', `Hermes: ${symbol} has no time or no confidence`)
  }
  return { ok: true, venue: 'pythHermes', symbol, priceUsd, publishedAtMs, confidenceUsd }
}

function readConfidence(mantissa: unknown, exponent: unknown): number | undefined {
  return typeof mantissa === 'string' && /^0{1,30}$/.test(mantissa) ? 0 : toPriceFromMantissa(mantissa, exponent)
}

type Stream = Awaited<ReturnType<HermesClient['getPriceUpdatesStream']>>

/**
 * Ends with the first problem; the caller decides when to open it again. The client's event source has no limit for a
 * line without an end. Silence limits that too, because such a line never becomes an event.
 */
async function listen(
  client: HermesClient,
  options: PythHermesOptions,
  feeds: ReadonlyMap<string, string>,
  onQuote: (quote: PriceQuote) => void,
  signal: AbortSignal,
): Promise<VenueFailure> {
  if (signal.aborted) return venueFailure('cancelled', 'Hermes stream: cancelled')
  const stream: Stream = await client.getPriceUpdatesStream([...new Set(feeds.values())], {
    parsed: true,
    ignoreInvalidPriceIds: true,
  })
  const origin = new URL(options.baseUrl).origin
  return new Promise((resolve) => {
    let heardEvents = 0
    const end = (failure: VenueFailure) => {
      signal.removeEventListener('abort', onCancel)
      stream.close()
      resolve(failure)
    }
    const onCancel = () => end(venueFailure('cancelled', 'Hermes stream: cancelled'))
    signal.addEventListener('abort', onCancel, { once: true })
    const watchSilence = (heardBefore: number) => {
      AbortSignal.timeout(options.streamSilenceMs).addEventListener('abort', () => {
        if (stream.readyState === stream.CLOSED) return
        if (heardEvents > heardBefore) watchSilence(heardEvents)
        else end(venueFailure('timeout', `Hermes stream: silent for ${options.streamSilenceMs} ms`))
      })
    }
    watchSilence(0)
    stream.addEventListener('error', (event) => {
      end(venueFailure(reasonOfStatus(event.code), `Hermes stream: ${event.message ?? 'closed by the server'}`))
    })
    stream.addEventListener('message', (event) => {
      heardEvents += 1
      if (event.origin !== origin) return end(venueFailure('redirected', 'Hermes stream: was sent to another host'))
      const failure = readEvent(feeds, event.data, options.latest.maxAnswerBytes, onQuote)
      if (failure !== undefined) end(failure)
    })
  })
}

function readEvent(
  feeds: ReadonlyMap<string, string>,
  data: unknown,
  maxChars: number,
  onQuote: (quote: PriceQuote) => void,
): VenueFailure | undefined {
  if (typeof data !== 'string') return venueFailure('malformed', 'Hermes stream: an event without text')
  if (data.length > maxChars) {
    return venueFailure('tooLarge', `Hermes stream: an event is larger than ${maxChars} characters`)
  }
  let update: unknown
  try {
    update = JSON.parse(data)
  } catch {
    return venueFailure('malformed', 'Hermes stream: an event is not JSON')
  }
  // An event names only the feeds that moved: a feed that is not named is not a failure.
  for (const answer of readUpdate(feeds, update).values()) if (answer.ok) onQuote(answer)
  return undefined
}

function reasonOfStatus(status: number | undefined): VenueFailureReason {
  if (status === undefined) return 'unreachable'
  if (status === 401 || status === 403) return 'unauthorized'
  if (status === 429) return 'rateLimited'
  return status >= 500 ? 'serverError' : status === 200 ? 'malformed' : 'rejected'
}

function withoutHttp({ reason, message, retryAfterMs }: HttpFailure): VenueFailure {
  return venueFailure(reason, message, retryAfterMs)
}
