import { SplitMix64 } from '#core/base/random/rng'
import { Sfc32 } from '#core/base/random/sfc32'
import { dayMinutes, dayMs, minuteMs } from '#core/base/time/units'
import type { MarketFeed } from '#core/market/minutes/market-feed'
import { type SyntheticAsset, type SyntheticGroup, syntheticAssets, syntheticGroups } from './synthetic-assets.ts'
import { rhythmOfDay } from './synthetic-rhythm.ts'

/**
 * A market that never was, the same for the same seed however it is read. Per minute and asset
 *
 *   return = vol * shock + vol * jump - vol^2 / 2,   vol = base * rhythm * exp(slow + fast - their variance)
 *   shock  = global part + group part + own part, all standard normal
 *   slow, fast: Ornstein-Uhlenbeck, half-lives of days and of an hour, partly common to the group
 *   jump   = Laplace, rarely, for the group or for the asset alone
 *
 * so that volatility clusters on two scales, follows the hour and the weekday, and assets move together. Each UTC day
 * draws from a stream of its own, forked by the day, and starts from a checkpoint of the state at midnight (a few
 * hundred bytes a day are kept). Inside a minute the price is a smooth bridge from close to close.
 */
export interface SyntheticMarketOptions {
  readonly seed: bigint
  /** The market begins on this UTC day. Reading a day costs the simulation of all days since then, once. */
  readonly originMs?: number
  readonly assets?: readonly SyntheticAsset[]
}

const daysKept = 3
/** Twenty years: a date with one digit too many must not start a simulation of centuries. */
const lastingMs = 20 * 365 * dayMs
const defaultOriginMs = Date.UTC(2026, 0, 1)
const groupNames = Object.keys(syntheticGroups) as SyntheticGroup[]
const bridgeModes = 3

interface Day {
  /** Asset after asset, one minute each: rounded close, its volatility, 1 if there was no trade. */
  readonly closes: Float64Array
  readonly vols: Float64Array
  readonly quiet: Uint8Array
  /** The rounded close before the first minute. */
  readonly opens: Float64Array
}

/** The state at a midnight: per asset log-price, slow and fast; per group slow and fast. */
type Checkpoint = Float64Array

export class SyntheticMarket implements MarketFeed {
  readonly originMs: number
  readonly #assets: readonly SyntheticAsset[]
  readonly #indexOf: ReadonlyMap<string, number>
  readonly #seed: SplitMix64
  readonly #checkpoints: Checkpoint[]
  readonly #days = new Map<number, Day>()

  constructor(options: SyntheticMarketOptions) {
    this.#assets = options.assets ?? syntheticAssets
    this.#indexOf = new Map(this.#assets.map((asset, i) => [asset.name, i]))
    this.originMs = Math.floor((options.originMs ?? defaultOriginMs) / dayMs) * dayMs
    this.#seed = new SplitMix64(options.seed).fork('synthetic market')
    this.#checkpoints = [this.#firstCheckpoint()]
  }

  assets(): readonly string[] {
    return this.#assets.map((asset) => asset.name)
  }

  minuteClose(asset: string, minuteOpenMs: number): number | undefined {
    const index = this.#indexOf.get(asset)
    if (index === undefined || !this.#isOpenAt(minuteOpenMs) || minuteOpenMs % minuteMs !== 0) return undefined
    const day = Math.floor((minuteOpenMs - this.originMs) / dayMs)
    const at = index * dayMinutes + (minuteOpenMs - this.originMs - day * dayMs) / minuteMs
    const { closes, quiet } = this.#readDay(day)
    return quiet[at] === 1 ? undefined : closes[at]
  }

  /** Continues through minutes without a trade: it is the price for an order, not the last trade. */
  priceAt(asset: string, atMs: number): number | undefined {
    const index = this.#indexOf.get(asset)
    if (index === undefined || !this.#isOpenAt(atMs)) return undefined
    const day = Math.floor((atMs - this.originMs) / dayMs)
    const minutes = (atMs - this.originMs - day * dayMs) / minuteMs
    const minute = Math.floor(minutes)
    const { closes, vols, opens } = this.#readDay(day)
    const at = index * dayMinutes + minute
    const open = minute === 0 ? opens[index]! : closes[at - 1]!
    const share = minutes - minute
    const line = Math.log(open) * (1 - share) + Math.log(closes[at]!) * share
    const bridge = vols[at]! * this.#bridge(day * dayMinutes + minute, index, share)
    return roundTo(Math.exp(line + bridge), this.#assets[index]!.priceDecimals)
  }

  #isOpenAt(atMs: number): boolean {
    return atMs >= this.originMs && atMs < this.originMs + lastingMs
  }

  /** The first terms of a Brownian bridge's sine series, their coefficients hashed from asset and minute. */
  #bridge(minute: number, index: number, share: number): number {
    let sum = 0
    for (let mode = 1; mode <= bridgeModes; mode += 1) {
      const coefficient = hashToUniform(minute, index * bridgeModes + mode) * Math.sqrt(12)
      sum += ((coefficient * Math.SQRT2) / (mode * Math.PI)) * Math.sin(mode * Math.PI * share)
    }
    return sum
  }

  #readDay(day: number): Day {
    const kept = this.#days.get(day)
    if (kept !== undefined) return kept
    for (let next = this.#checkpoints.length - 1; next < day; next += 1) this.#simulate(next)
    const made = this.#simulate(day)
    for (const old of this.#days.keys()) {
      if (this.#days.size < daysKept) break
      this.#days.delete(old)
    }
    this.#days.set(day, made)
    return made
  }

  #simulate(day: number): Day {
    const state = this.#checkpoints[day]!.slice()
    const count = this.#assets.length
    const dayStartMs = this.originMs + day * dayMs
    const draw = new Sfc32(this.#seed.fork(`day ${dayStartMs / dayMs}`))
    const rhythms = this.#assets.map((asset) => rhythmOfDay(asset.rhythm, dayStartMs))
    const opens = Float64Array.from(this.#assets, (asset, i) => roundTo(Math.exp(state[i]!), asset.priceDecimals))
    const made: Day = {
      closes: new Float64Array(count * dayMinutes),
      vols: new Float64Array(count * dayMinutes),
      quiet: new Uint8Array(count * dayMinutes),
      opens,
    }
    const groups = groupNames.map((name) => new GroupStep(name))
    const groupState = state.subarray(3 * count)
    for (let minute = 0; minute < dayMinutes; minute += 1) {
      const globalShock = draw.normal()
      for (const [g, group] of groups.entries()) group.step(draw, groupState.subarray(2 * g, 2 * g + 2))
      for (let i = 0; i < count; i += 1) {
        const asset = this.#assets[i]!
        const group = groups[groupNames.indexOf(asset.group)]!
        const slow = group.slow.next(state[count + i]!, draw)
        const fast = group.fast.next(state[2 * count + i]!, draw)
        state[count + i] = slow
        state[2 * count + i] = fast
        const rhythm = rhythms[i]![minute]!
        const vol = asset.minuteVolBps * 1e-4 * rhythm * Math.exp(group.logVol(slow, fast))
        const own = Math.sqrt(1 - asset.globalLoading ** 2 - asset.groupLoading ** 2)
        const shock = asset.globalLoading * globalShock + asset.groupLoading * group.shock + own * draw.normal()
        const jump = group.jump + (draw.uniform() < group.ownJumpChance ? group.jumpVols * draw.laplace() : 0)
        state[i] = state[i]! + vol * (shock + jump) - (vol * vol) / 2
        const at = i * dayMinutes + minute
        made.vols[at] = vol
        made.closes[at] = roundTo(Math.exp(state[i]!), asset.priceDecimals)
        made.quiet[at] = draw.uniform() < Math.min(0.5, asset.quietMinuteChance / rhythm ** 2) ? 1 : 0
      }
    }
    if (day === this.#checkpoints.length - 1) this.#checkpoints.push(state)
    return made
  }

  #firstCheckpoint(): Checkpoint {
    const count = this.#assets.length
    const state = new Float64Array(3 * count + 2 * groupNames.length)
    const draw = new Sfc32(this.#seed.fork('first day'))
    for (const [i, asset] of this.#assets.entries()) {
      const group = syntheticGroups[asset.group]
      state[i] = Math.log(asset.startPrice)
      state[count + i] = group.slowLogVol * draw.normal()
      state[2 * count + i] = group.fastLogVol * draw.normal()
    }
    for (const [g, name] of groupNames.entries()) {
      state[3 * count + 2 * g] = syntheticGroups[name].slowLogVol * draw.normal()
      state[3 * count + 2 * g + 1] = syntheticGroups[name].fastLogVol * draw.normal()
    }
    return state
  }
}

/** A mean-reverting normal, stationary from the first draw. */
class Reverting {
  readonly #keep: number
  readonly #noise: number

  constructor(standardDeviation: number, halfLifeMinutes: number) {
    this.#keep = 0.5 ** (1 / halfLifeMinutes)
    this.#noise = standardDeviation * Math.sqrt(1 - this.#keep ** 2)
  }

  next(value: number, draw: Sfc32): number {
    return this.#keep * value + this.#noise * draw.normal()
  }
}

/** What the assets of one group share in a minute. */
class GroupStep {
  readonly slow: Reverting
  readonly fast: Reverting
  readonly ownJumpChance: number
  readonly jumpVols: number
  shock = 0
  jump = 0
  readonly #jumpChance: number
  readonly #shared: number
  readonly #own: number
  readonly #variance: number
  #common = 0

  constructor(name: SyntheticGroup) {
    const group = syntheticGroups[name]
    this.slow = new Reverting(group.slowLogVol, group.slowHalfLifeMinutes)
    this.fast = new Reverting(group.fastLogVol, group.fastHalfLifeMinutes)
    this.jumpVols = group.jumpVols
    this.ownJumpChance = group.ownJumpsPerDay / dayMinutes
    this.#jumpChance = group.groupJumpsPerDay / dayMinutes
    this.#shared = Math.sqrt(group.sharedVol)
    this.#own = Math.sqrt(1 - group.sharedVol)
    this.#variance = group.slowLogVol ** 2 + group.fastLogVol ** 2
  }

  step(draw: Sfc32, state: Float64Array): void {
    const slow = this.slow.next(state[0]!, draw)
    const fast = this.fast.next(state[1]!, draw)
    state[0] = slow
    state[1] = fast
    this.#common = this.#shared * (slow + fast)
    this.shock = draw.normal()
    this.jump = draw.uniform() < this.#jumpChance ? this.jumpVols * draw.laplace() : 0
  }

  /** Minus the variance, so that the mean of the squared factor is 1. */
  logVol(slow: number, fast: number): number {
    return this.#common + this.#own * (slow + fast) - this.#variance
  }
}

function roundTo(price: number, decimals: number): number {
  const scale = 10 ** decimals
  // Never down to zero: a price of this market is always above it.
  return Math.max(Math.round(price * scale), 1) / scale
}

/** Uniform in [-0.5, 0.5) from two integers: a multiply-xorshift hash. */
function hashToUniform(a: number, b: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca77)
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d)
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b)
  return ((h ^ (h >>> 16)) >>> 0) * 2 ** -32 - 0.5
}
