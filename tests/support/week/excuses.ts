import type { Life } from './supervised-miner.ts'
import { commonSpans, type Excuse, type Span } from './verdict.ts'
import type { FaultKind } from './week-plan.ts'

/** What happened, in market time: as it came to be, and not as it was planned. */
export interface Happened {
  readonly speed: number
  readonly lives: readonly Life[]
  /** When other processes had the processors. */
  readonly crowdedOut: readonly Span[]
  /** When new validators got their places. */
  readonly joinedMs: ReadonlyMap<string, number>
  /** When the miner read the metagraph. */
  readonly readsMs: readonly number[]
  readonly spans: readonly (Span & { readonly kind: FaultKind })[]
  /** By the server of a venue. */
  readonly outages: ReadonlyMap<string, readonly Span[]>
  /** Those that the miner may serve an asset from. */
  readonly serversOf: (asset: string) => readonly string[]
  readonly assets: readonly string[]
}

/** In seconds of real time: what a process may need until it has noticed. */
const patienceSeconds = 6
const nonceSeconds = 4
const crowdedSeconds = 3

/** Every time at which a prompt may be missed, with the reason. */
export function excusesFor(happened: Happened): Excuse[] {
  return [
    ...ofStarts(happened),
    ...ofTheChain(happened),
    ...ofTheClock(happened),
    ...ofTheMarket(happened),
    ...ofTheMachine(happened),
  ]
}

function ofStarts({ lives, speed }: Happened): Excuse[] {
  return lives.flatMap(({ downFromMs, fromMs }): Excuse[] => [
    { reason: 'the miner was down', fromMs: downFromMs, toMs: fromMs },
    { reason: 'no price had come since the start', fromMs: downFromMs, toMs: fromMs + patienceMs(speed) },
    {
      reason: 'the record of nonces was incomplete after a kill',
      fromMs: downFromMs,
      toMs: fromMs + nonceSeconds * 1_000 * speed,
    },
  ])
}

/** Until the miner has read the metagraph again. After a start it has the one that was stored. */
function ofTheChain({ lives, joinedMs, readsMs, spans, speed }: Happened): Excuse[] {
  const knownMs = (ms: number) =>
    (readsMs.find((readMs) => readMs > ms) ?? Number.POSITIVE_INFINITY) + patienceMs(speed)
  const ofNewcomers = [...joinedMs].flatMap(([sender, ms]) => {
    const reason = 'the validator was new' as const
    const starts = lives.filter(({ toMs }) => toMs > ms)
    return [
      { reason, sender, fromMs: ms, toMs: knownMs(ms) },
      ...starts.map(({ downFromMs, fromMs }) => ({ reason, sender, fromMs: downFromMs, toMs: knownMs(fromMs) })),
    ]
  })
  const ofLostPlaces = spans
    .filter(({ kind }) => kind === 'deregistered')
    .map(({ fromMs, toMs }): Excuse => {
      const starts = lives.map((life) => life.fromMs).filter((ms) => ms > fromMs && ms < knownMs(toMs))
      return { reason: 'the miner had lost its place', fromMs, toMs: knownMs(Math.max(toMs, ...starts)) }
    })
  return [...ofNewcomers, ...ofLostPlaces]
}

/** Without a chain a jump that lasts is followed, and a start believes the clock that it finds. */
function ofTheClock({ lives, spans, speed }: Happened): Excuse[] {
  const jumps = spans.filter(({ kind }) => kind === 'clockJump')
  const losses = spans.filter(({ kind }) => kind === 'rpcLoss')
  const starts = lives.map(({ downFromMs, fromMs }) => ({ fromMs: downFromMs, toMs: fromMs }))
  const untold = [...commonSpans([jumps, losses]), ...jumps.filter((jump) => commonSpans([[jump], starts]).length > 0)]
  return untold.map(({ fromMs, toMs }) => ({
    reason: 'the clock was wrong and nothing told so',
    fromMs,
    toMs: toMs + patienceMs(speed),
  }))
}

function ofTheMarket({ assets, serversOf, outages, speed }: Happened): Excuse[] {
  return assets.flatMap((asset) =>
    commonSpans(serversOf(asset).map((server) => outages.get(server) ?? [])).map(
      ({ fromMs, toMs }): Excuse => ({
        reason: 'every venue of the asset was out',
        asset,
        fromMs,
        toMs: toMs + patienceMs(speed),
      }),
    ),
  )
}

/** A busy machine must not decide; short waits are of every machine. */
function ofTheMachine({ crowdedOut, speed }: Happened): Excuse[] {
  return crowdedOut
    .filter(({ fromMs, toMs }) => toMs - fromMs >= crowdedSeconds * 1_000 * speed)
    .map(({ fromMs, toMs }) => ({ reason: 'the machine gave it no time', fromMs, toMs: toMs + patienceMs(speed) }))
}

const patienceMs = (speed: number): number => patienceSeconds * 1_000 * speed
