import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { LifecycleError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'
import type { Clock } from '#core/base/time/clock'
import type { MarketFeed } from '#core/market/minutes/market-feed'
import { answerBroken } from './broken-answer.ts'
import { type StandInVenue, standInVenues } from './catalogue.ts'
import { type Fault, FaultBook, parseFaultScript } from './faults.ts'
import type { StandInAnswer, StandInRequest, StandInRoute } from './route.ts'
import { binanceRoutes } from './routes/binance.ts'
import { coingeckoRoutes } from './routes/coingecko.ts'
import { type HermesBook, hermesBook } from './routes/hermes.ts'
import { hyperliquidRoutes } from './routes/hyperliquid.ts'
import { pythHistoryRoutes } from './routes/pyth-history.ts'
import { emptyScoreBook, type ScoreBook, synthApiRoutes } from './routes/synth-api.ts'
import { VenueView } from './venue-view.ts'

export interface MarketStandInDeps {
  readonly feed: MarketFeed
  /** The market's time, which may run faster than real time. */
  readonly clock: Clock & { readonly speed?: number }
  /** Used for slow answers and for the pace of the stream. */
  readonly realClock: Clock
  readonly scores?: ScoreBook
}

export interface MarketStandInOptions {
  readonly host?: string
  readonly port?: number
  readonly faults?: readonly Fault[]
  /** Hermes answers 401 without this key, as the public host does. */
  readonly hermesApiKey?: string | undefined
}

export interface MarketStandIn {
  readonly url: string
  readonly faults: FaultBook
  /** Virtual seconds since the start, the unit of the times in a fault script. */
  sinceStartSeconds(): number
  stop(): Promise<void>
}

const prefixes: Readonly<Record<StandInVenue, string>> = {
  pythHermes: '/hermes',
  pythBenchmarks: '/benchmarks',
  pythPro: '/pyth-pro',
  binanceSpot: '/binance',
  hyperliquid: '/hyperliquid',
  synthApi: '/synth',
  coingecko: '/coingecko',
}

const streamPauseMs = 100

/** The settings with which a program finds every venue at the stand-in. */
export function standInSettings(url: string) {
  return {
    binance: { baseUrl: `${url}/binance` },
    hyperliquid: { baseUrl: `${url}/hyperliquid` },
    pythHermes: { baseUrl: `${url}/hermes` },
    pythBenchmarks: { baseUrl: `${url}/benchmarks/v1/shims/tradingview` },
    pythPro: { baseUrl: `${url}/pyth-pro/v1/fixed_rate@200ms` },
    synthApi: { baseUrl: `${url}/synth`, monitoringUrl: `${url}/synth/monitoring` },
    coingecko: { baseUrl: `${url}/coingecko` },
  }
}

/** One local server that answers like every venue, each under its own path, from one market and one clock. */
export async function startMarketStandIn(
  deps: MarketStandInDeps,
  options: MarketStandInOptions = {},
): Promise<MarketStandIn> {
  const startAtMs = deps.clock.nowMs()
  const faults = new FaultBook(options.faults)
  const app = fastify({ forceCloseConnections: true, exposeHeadRoutes: false, bodyLimit: 65_536 })
  const stopped = new AbortController()
  const viewOf = (venue: StandInVenue) => {
    const nowMs = deps.clock.nowMs()
    return new VenueView(deps.feed, faults, venue, nowMs, nowMs - startAtMs)
  }
  const assets = deps.feed.assets()
  const hermes = hermesBook(assets, { apiKey: options.hermesApiKey })
  const routes: Readonly<Record<StandInVenue, readonly StandInRoute[]>> = {
    pythHermes: hermes.routes,
    pythBenchmarks: pythHistoryRoutes('/v1/shims/tradingview/history', assets),
    pythPro: pythHistoryRoutes('/v1/fixed_rate@200ms/history', assets),
    binanceSpot: binanceRoutes(assets),
    hyperliquid: hyperliquidRoutes(assets),
    synthApi: synthApiRoutes(assets, deps.scores ?? emptyScoreBook),
    coingecko: coingeckoRoutes(assets),
  }

  for (const venue of standInVenues) {
    for (const route of routes[venue]) {
      const handler = async (request: FastifyRequest, reply: FastifyReply) => {
        const view = viewOf(venue)
        const answer = route.answer(view, toRequest(request))
        reply.header('date', new Date(view.nowMs).toUTCString())
        const fault = faults.transportFault(venue, deps.clock.nowMs() - startAtMs)
        if (fault === undefined) return sendAnswer(reply, answer)
        return answerBroken(fault, answer, reply, deps.realClock, () => sendAnswer(reply, answer), stopped.signal)
      }
      app.route({ method: route.method, url: prefixes[venue] + route.path, handler })
    }
  }
  addStream(app, hermes, { deps, viewOf, faults, startAtMs, stopped: stopped.signal })
  app.post('/faults', (request, reply) => {
    const sinceStartSeconds = (deps.clock.nowMs() - startAtMs) / 1_000
    try {
      for (const fault of parseFaultScript({ faults: [request.body] }, 'The request')) {
        faults.add({ ...fault, fromSeconds: fault.fromSeconds + sinceStartSeconds })
      }
    } catch (error) {
      return reply.code(400).send({ error: messageOf(error) })
    }
    return reply.code(204).send()
  })
  app.get('/clock', () => ({ nowMs: deps.clock.nowMs(), startedAtMs: startAtMs, speed: deps.clock.speed ?? 1 }))

  const url = await listen(app, options.host ?? '127.0.0.1', options.port ?? 0)
  return {
    url,
    faults,
    sinceStartSeconds: () => (deps.clock.nowMs() - startAtMs) / 1000,
    stop: async () => {
      stopped.abort()
      await app.close()
    },
  }
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port })
  } catch (cause) {
    await app.close()
    const reason = messageOf(cause)
    throw new LifecycleError('LISTEN_FAILED', `The market stand-in cannot listen on ${host}:${port}: ${reason}.`, {
      hint: 'Choose another port with --port, or 0 for any free one.',
      cause,
    })
  }
}

function addStream(
  app: FastifyInstance,
  hermes: HermesBook,
  parts: {
    deps: MarketStandInDeps
    viewOf: (venue: StandInVenue) => VenueView
    faults: FaultBook
    startAtMs: number
    stopped: AbortSignal
  },
): void {
  const { deps, viewOf, faults, startAtMs, stopped } = parts
  app.get(prefixes.pythHermes + hermes.stream.path, async (request, reply) => {
    const asked = toRequest(request)
    const first = hermes.stream.answer(viewOf('pythHermes'), asked)
    if (first.status !== undefined) return sendAnswer(reply, first)
    const faultNow = () => faults.transportFault('pythHermes', deps.clock.nowMs() - startAtMs)
    const fault = faultNow()
    if (fault !== undefined) {
      return answerBroken(fault, first, reply, deps.realClock, () => sendAnswer(reply, first), stopped)
    }
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
    const gone = new AbortController()
    const onGone = () => gone.abort()
    raw.on('close', onGone)
    stopped.addEventListener('abort', onGone, { once: true })
    try {
      while (!gone.signal.aborted) {
        const broken = faultNow()
        if (broken !== undefined && broken.kind !== 'slow') break
        if (broken === undefined) {
          raw.write(`data:${JSON.stringify(hermes.stream.answer(viewOf('pythHermes'), asked).value)}\n\n`)
        }
        await deps.realClock.sleep(streamPauseMs, gone.signal)
      }
    } catch {
      // Only the sleep rejects, when the listener or the server is gone.
    } finally {
      stopped.removeEventListener('abort', onGone)
      raw.destroy()
    }
  })
}

function sendAnswer(reply: FastifyReply, answer: StandInAnswer): FastifyReply {
  const isText = typeof answer.value === 'string'
  return reply
    .code(answer.status ?? 200)
    .type(isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8')
    .send(isText ? answer.value : JSON.stringify(answer.value))
}

function toRequest(request: FastifyRequest): StandInRequest {
  const query = new URL(request.url, 'http://stand-in').searchParams
  return {
    query,
    body: request.body,
    headers: request.headers,
    path: request.params as Record<string, string>,
  }
}
