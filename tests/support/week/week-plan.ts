import { SplitMix64 } from '#core/base/random/rng'
import { dayMs, hourMs, minuteMs } from '#core/base/time/units'
import type { VenuelessFault } from '#standins/market/faults'

export const faultKinds = [
  'venueOutage',
  'marketOutage',
  'rpcLoss',
  'runtimeUpgrade',
  'clockJump',
  'diskFull',
  'lock',
  'kill',
  'forgers',
  'silentCrowd',
  'metagraphSwap',
  'deregistered',
  'newcomer',
  'change',
] as const

export type FaultKind = (typeof faultKinds)[number]

/** One thing that goes wrong or changes, in milliseconds of market time since the first answer of the miner. */
export interface PlannedFault {
  readonly kind: FaultKind
  readonly fromMs: number
  readonly toMs: number
  /** Draws whatever else there is to choose. */
  readonly seed: bigint
}

export interface WeekForm {
  readonly lengthMs: number
  /** Market time in a second of real time. */
  readonly speed: number
  readonly counts: Readonly<Record<FaultKind, number>>
}

export interface WeekPlan extends WeekForm {
  readonly seed: bigint
  /** The time zone of the miner, and when the market begins: its clocks change within the run. */
  readonly timeZone: string
  readonly beginsAtMs: number
  readonly faults: readonly PlannedFault[]
}

/** A second of real time for every minute, and every kind of fault at least once. */
export const hourForm: WeekForm = {
  lengthMs: hourMs,
  speed: 60,
  counts: {
    ...{ venueOutage: 4, marketOutage: 1, rpcLoss: 2, runtimeUpgrade: 1, clockJump: 2, diskFull: 1, lock: 1, kill: 2 },
    ...{ forgers: 1, silentCrowd: 1, metagraphSwap: 3, deregistered: 1, newcomer: 1, change: 2 },
  },
}

/** A week takes forty minutes of real time; of fewer days each takes six. */
export function weekForm(days = 7): WeekForm {
  const inAWeek: Readonly<Record<FaultKind, number>> = {
    ...{ venueOutage: 90, marketOutage: 14, rpcLoss: 30, runtimeUpgrade: 10, clockJump: 30, diskFull: 16, lock: 20 },
    ...{ kill: 40, forgers: 20, silentCrowd: 20, metagraphSwap: 60, deregistered: 6, newcomer: 15, change: 24 },
  }
  const counts = faultKinds.map((kind) => [kind, Math.ceil((inAWeek[kind] * days) / 7)] as const)
  return { lengthMs: days * dayMs, speed: 250, counts: Object.fromEntries(counts) as WeekForm['counts'] }
}

/** In seconds of real time: the disk and the processor run on it, so that a faster market needs longer faults. */
const realSeconds: Readonly<Record<FaultKind, readonly [number, number]>> = {
  venueOutage: [3, 12],
  marketOutage: [8, 14],
  rpcLoss: [2, 10],
  runtimeUpgrade: [3, 8],
  clockJump: [2, 6],
  diskFull: [4, 10],
  lock: [3, 8],
  kill: [0, 0],
  forgers: [2, 5],
  silentCrowd: [2, 6],
  metagraphSwap: [0, 0],
  deregistered: [3, 5],
  newcomer: [8, 15],
  change: [0, 0],
}

/** What the first start usually takes. */
const setUpSeconds = 15
/** In the end everything must be well again. */
const quietSeconds = 8

/** Clocks that change by an hour, one the other way, and one by half an hour. */
const clockChanges: readonly (readonly [zone: string, atMs: number])[] = [
  ['Europe/Berlin', Date.UTC(2026, 9, 25, 1)],
  ['America/New_York', Date.UTC(2026, 10, 1, 6)],
  ['America/Santiago', Date.UTC(2026, 8, 6, 4)],
  ['Australia/Lord_Howe', Date.UTC(2026, 9, 3, 15, 30)],
]

/** The same seed gives the same plan; what the processor makes of it is another matter. */
export function planWeek(seed: bigint, form: WeekForm): WeekPlan {
  const { lengthMs, speed, counts } = form
  const slow = (seconds: number) => seconds * 1_000 * speed
  const rng = new SplitMix64(seed)
  const [timeZone, changeAtMs] = pick(rng, clockChanges)
  const untilChangeMs = slow(setUpSeconds) + (0.2 + 0.6 * rng.next()) * lengthMs
  const faults = faultKinds.flatMap((kind) => {
    const own = rng.fork(kind)
    const [leastSeconds, mostSeconds] = realSeconds[kind]
    const roomMs = lengthMs - slow(quietSeconds) - slow(mostSeconds)
    // One in each part of the time, so that no kind comes all at once.
    return Array.from({ length: counts[kind] }, (_, i): PlannedFault => {
      const fromMs = Math.floor((roomMs * (i + own.next())) / counts[kind])
      const toMs = fromMs + Math.floor(slow(leastSeconds + (mostSeconds - leastSeconds) * own.next()))
      return { kind, fromMs, toMs, seed: own.nextUint64() }
    })
  })
  return {
    ...form,
    seed,
    timeZone,
    beginsAtMs: Math.floor((changeAtMs - untilChangeMs) / minuteMs) * minuteMs,
    faults: faults.sort((a, b) => a.fromMs - b.fromMs),
  }
}

export function pick<T>(rng: SplitMix64, choices: readonly T[]): T {
  return choices[Math.floor(rng.next() * choices.length)]!
}

/** The servers that current prices come from. */
export const priceServers = ['binanceSpot', 'hyperliquid', 'pythHermes', 'coingecko'] as const

export type PriceServer = (typeof priceServers)[number]

export interface Outage {
  readonly servers: readonly PriceServer[]
  /** As the market takes it, without server and time. */
  readonly fault: VenuelessFault
}

/** What such a fault of the plan is. */
export function outageOf({ kind, seed }: PlannedFault): Outage {
  const rng = new SplitMix64(seed)
  const servers = kind === 'marketOutage' ? priceServers : [pick(rng, priceServers)]
  const kinds = ['down', 'slow', 'rateLimited', 'serverError', 'garbage', 'halfBody', 'stale'] as const
  return { servers, fault: { kind: pick(rng, kinds) } }
}
