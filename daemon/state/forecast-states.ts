import { AppError } from '#core/base/errors/app-error'
import type { PartHealth } from '#core/base/health/health-board'
import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import { dayMs, minuteMs } from '#core/base/time/units'
import type { CalibratedMemory } from '#core/forecast/models/calibrated-memory'
import type { EwmaState } from '#core/forecast/models/ewma-state'
import { AssetState } from '#core/forecast/models/states/asset-state'
import type { CalibratedSet, CalibratedSets } from '#core/forecast/models/states/calibrated-sets'
import { emptyState } from '#core/forecast/models/states/empty-state'
import type { StatePart, VolatilityStateStore } from '#core/forecast/models/states/state-store'
import type { ParameterSource } from '#core/forecast/parameters/asset-parameters'
import { keyOf } from '#core/market/minutes/minute-filler'
import type { MinuteReader, MinuteSeries } from '#core/market/minutes/minute-store'
import type { PriceSourceLookup } from '#core/market/venues/price-sources'
import { type Horizon, horizons } from '#core/synth/prompts/horizon'
import type { MinuteListener } from '../jobs/minute-recorder.ts'
import { MinuteFeed, type Replay } from './minute-feed.ts'
import { type RebuildReason, restoreState } from './restore-state.ts'
import { type StateEntry, toRows } from './state-entry.ts'
import { describeVolatility } from './volatility-health.ts'

export interface ForecastStatesDeps {
  readonly minutes: MinuteReader & {
    /** Whether the disk holds all that readers see; absent where that is always so. */
    readonly isSettled?: () => boolean
  }
  readonly store: VolatilityStateStore
  /** The series that an asset is scored from: its minutes make the state. */
  readonly sources: PriceSourceLookup
  readonly sets: CalibratedSets
  readonly parameters: ParameterSource
  readonly clock: Clock
  readonly log: Logger
  /** Least time between two stores of what changed; by default every round is stored. */
  readonly storeEveryMs?: number
  /** Background work ended with an unexpected error. */
  readonly onBug: (error: unknown) => void
}

interface Rebuild {
  readonly series: MinuteSeries
  /** None: continue from where the state is, through more than one piece of minutes. */
  readonly parts: ReadonlyMap<StatePart, RebuildReason>
}

/** How far ahead of our clock the last price of a stored state may be. */
const maxFutureMs = 2 * minuteMs
/** Beyond this age stored minutes are read again: that is no more work than to trust the stored state. */
const maxAgeMs = 30 * dayMs
const allParts: readonly StatePart[] = ['ewma', ...horizons]
/**
 * The volatility state of every asset, in memory: forecasts only read it. It follows from the stored minutes and
 * nothing else, so it is always what a replay of them gives. The recorder reports new minutes; they are read at once,
 * and the states are stored once per tick. When minutes arrive late, behind newer ones, the state is rebuilt beside the
 * old one, which serves until then.
 */
export class ForecastStates implements MinuteListener {
  readonly #deps: ForecastStatesDeps
  readonly #feed: MinuteFeed
  readonly #entries = new Map<string, StateEntry>()
  readonly #rebuilds = new Map<string, Rebuild>()
  readonly #stopping = new AbortController()
  #work: Promise<void> | undefined
  #saving: Promise<void> | undefined
  #failure: string | undefined
  /** By the monotonic clock. */
  #savedAtMs = Number.NEGATIVE_INFINITY

  private constructor(deps: ForecastStatesDeps) {
    this.#deps = { ...deps, log: deps.log.child({ component: 'volatility' }) }
    this.#feed = new MinuteFeed(deps)
  }

  /** Resolves when every asset has the state that the stored minutes give; no prompt is answered before. */
  static async start(deps: ForecastStatesDeps, assets: readonly string[]): Promise<ForecastStates> {
    const states = new ForecastStates(deps)
    states.#noteSets()
    states.#restore(assets)
    states.roundDone()
    await states.settled()
    states.#save()
    await states.#saving
    return states
  }

  readonly readEwma = (asset: string): EwmaState | undefined => this.#entries.get(asset)?.state.ewma.state

  readonly readMemory = (asset: string, horizon: Horizon): CalibratedMemory | undefined =>
    this.#entries.get(asset)?.state.memories.get(horizon)?.memory

  /** The parameter set behind a memory; its hash is the version of a calibrated forecast. */
  readonly readSet = (asset: string, horizon: Horizon): CalibratedSet | undefined =>
    this.#entries.get(asset)?.state.memories.get(horizon)?.set

  minutesStored(series: MinuteSeries): void {
    const entry = this.#entries.get(series.asset)
    if (entry?.series === undefined || keyOf(entry.series) !== keyOf(series)) return
    this.#guard(() => this.#update(entry))
  }

  roundDone(): void {
    this.#guard(() => {
      this.#failure = undefined
      for (const entry of this.#entries.values()) {
        this.#followRules(entry)
        this.#update(entry)
      }
    })
    if (this.#isTimeToSave()) this.#save()
    this.#startWork()
  }

  /** Resolves when no rebuild is running and nothing is on its way to the disk. */
  async settled(): Promise<void> {
    while (this.#work !== undefined || this.#saving !== undefined) {
      await this.#work
      await this.#saving
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('stopping'))
    await this.settled()
    this.#save()
    await this.#saving
  }

  health(): PartHealth {
    return describeVolatility({
      nowMs: this.#deps.clock.nowMs(),
      assets: [...this.#entries.values()].map(({ asset, state }) => ({
        asset,
        seenToMs: state.seenToMs,
        isDegraded: state.isDegraded,
        missingSets: horizons.filter((horizon) => !state.memories.has(horizon)),
      })),
      rebuilding: [...this.#rebuilds.keys()],
      setProblems: this.#deps.sets.problems,
      failure: this.#failure,
    })
  }

  #noteSets(): void {
    const { log, sets } = this.#deps
    for (const { path, reason } of sets.problems) {
      log.error({ event: 'parameters.refused', path, reason }, 'A file of calibrated parameters is not used')
    }
    for (const { asset, horizon, hash, origin } of sets.list()) {
      log.debug({ event: 'parameters.loaded', asset, grid: horizon, hash, origin }, 'Calibrated parameters in use')
    }
  }

  #restore(assets: readonly string[]): void {
    const { store, sets, clock } = this.#deps
    const stored = this.#guard(() => store.readAll()) ?? []
    const limits = { nowMs: clock.nowMs(), maxFutureMs, maxAgeMs }
    for (const asset of assets) {
      const own = stored.filter((row) => (row.isIntact ? row.series.asset : row.asset) === asset)
      const { refused, ...restored } = restoreState(asset, own, { lambda: this.#lambdaOf(asset), sets, limits })
      const series = restored.series ?? this.#scoredSeries(asset)
      this.#entries.set(asset, { asset, ...restored, series, hasChanged: false })
      if (series !== undefined && refused.size > 0) this.#rebuilds.set(asset, { series, parts: refused })
    }
  }

  /**
   * A change of rules changes the series: its state is built beside the present one, which serves until the new one is
   * good.
   */
  #followRules(entry: StateEntry): void {
    const series = this.#scoredSeries(entry.asset)
    if (series === undefined || (entry.series !== undefined && keyOf(series) === keyOf(entry.series))) return
    if (entry.series === undefined) entry.series = series
    else this.#queue(entry, new Map(allParts.map((part) => [part, 'otherSeries'])), series)
  }

  #scoredSeries(asset: string): MinuteSeries | undefined {
    const source = this.#deps.sources(asset, this.#deps.clock.nowMs())
    return source === undefined ? undefined : { asset, venue: source.venue, symbol: source.symbol }
  }

  #lambdaOf(asset: string): number {
    return this.#deps.parameters.inForce().of(asset).lambda
  }

  #update(entry: StateEntry): void {
    const { state, series } = entry
    if (state.ewma.setLambda(this.#lambdaOf(entry.asset))) entry.hasChanged = true
    if (series === undefined) return
    const { closes, nextMs } = this.#feed.takePiece(state, series)
    if (closes > 0) entry.hasChanged = true
    if (nextMs !== undefined) {
      entry.closesStored += closes
      this.#queue(entry, new Map(), series)
      return
    }
    // The counts are those of the disk: they say nothing while minutes are on their way to it.
    if (!this.#isSettled()) {
      entry.closesStored += closes
      return
    }
    const closesStored = this.#feed.countStored(series)
    const isLate = closesStored !== entry.closesStored + closes
    entry.closesStored = closesStored
    if (isLate) this.#queue(entry, new Map(allParts.map((part) => [part, 'lateMinutes'])), series)
  }

  #queue(entry: StateEntry, parts: Rebuild['parts'], series: MinuteSeries): void {
    const waiting = this.#rebuilds.get(entry.asset)
    const isSame = waiting !== undefined && keyOf(waiting.series) === keyOf(series)
    this.#rebuilds.set(entry.asset, { series, parts: isSame ? new Map([...parts, ...waiting.parts]) : parts })
  }

  #startWork(): void {
    if (this.#rebuilds.size === 0 || this.#work !== undefined || this.#stopping.signal.aborted) return
    if (!this.#isSettled()) return
    this.#work = this.#doRebuilds()
      .catch((error: unknown) => this.#noteFailure(error))
      .catch(this.#deps.onBug)
      .finally(() => {
        this.#work = undefined
      })
  }

  async #doRebuilds(): Promise<void> {
    // Those of now; what turns out to be late meanwhile waits for the next tick.
    for (const [asset, rebuild] of [...this.#rebuilds]) {
      if (this.#stopping.signal.aborted) return
      const entry = this.#entries.get(asset)!
      if (rebuild.parts.size === 0) await this.#goOn(entry, rebuild)
      else await this.#rebuild(entry, rebuild)
    }
    this.#save()
  }

  async #goOn(entry: StateEntry, rebuild: Rebuild): Promise<void> {
    await this.#takeAll(entry, rebuild.series)
    this.#finish(entry, rebuild)
    if (!this.#stopping.signal.aborted) this.#update(entry)
  }

  async #takeAll(entry: StateEntry, series: MinuteSeries): Promise<void> {
    const closes = await this.#feed.takeAll(entry.state, series, this.#stopping.signal)
    entry.closesStored += closes
    if (closes > 0) entry.hasChanged = true
  }

  async #rebuild(entry: StateEntry, rebuild: Rebuild): Promise<void> {
    const { clock, sets } = this.#deps
    const startedAtMs = clock.monotonicMs()
    const isMove = [...rebuild.parts.values()].includes('otherSeries')
    // The parts that stay must be as far as the new ones when these join them.
    if (!isMove) await this.#takeAll(entry, rebuild.series)
    const empty = () => emptyState(entry.asset, { lambda: this.#lambdaOf(entry.asset), sets })
    const replay = await this.#feed.replay(empty, rebuild.series, this.#stopping.signal)
    if (replay === undefined) return
    if (!isMove) this.#feed.takePiece(entry.state, rebuild.series)
    this.#adopt(entry, rebuild, replay, clock.monotonicMs() - startedAtMs)
  }

  #adopt(entry: StateEntry, rebuild: Rebuild, { state: fresh, closesStored }: Replay, durationMs: number): void {
    const { parts, series } = rebuild
    const isMove = entry.series !== undefined && keyOf(entry.series) !== keyOf(series)
    this.#finish(entry, rebuild)
    // Few minutes of a new series are worth less than a good memory of the old one; the next tick retries.
    if (isMove && fresh.isDegraded && !entry.state.isDegraded) return
    const old = entry.state
    const memories = [...fresh.memories].map(
      ([horizon, track]) => [horizon, parts.has(horizon) ? track : (old.memories.get(horizon) ?? track)] as const,
    )
    entry.state = new AssetState(parts.has('ewma') ? fresh.ewma : old.ewma, memories, fresh.seenToMs)
    entry.state.ewma.setLambda(this.#lambdaOf(entry.asset))
    entry.series = series
    entry.closesStored = closesStored
    entry.hasChanged = true
    this.#noteRebuilt(entry, parts, durationMs)
  }

  #noteRebuilt({ asset, state }: StateEntry, parts: Rebuild['parts'], durationMs: number): void {
    const reasons = [...new Set(parts.values())]
    const closes = state.ewma.closesTaken
    // A cold start without minutes needs no log line: health says that defaults are used.
    if (closes === 0 && reasons.every((reason) => reason === 'missing')) return
    const fields = {
      event: 'vol_state_rebuilt',
      asset,
      reason: reasons.join(','),
      parts: [...parts.keys()].join(','),
      closes,
      durationMs,
    }
    const isExpected = reasons.every((reason) => expected.has(reason))
    const { log } = this.#deps
    if (isExpected) log.info(fields, 'Volatility state built from stored minutes')
    else log.warn(fields, 'A stored volatility state was refused and rebuilt from stored minutes')
  }

  /** Unless more was requested meanwhile. */
  #finish(entry: StateEntry, rebuild: Rebuild): void {
    if (this.#rebuilds.get(entry.asset) === rebuild) this.#rebuilds.delete(entry.asset)
  }

  /** A round comes a little earlier or later than its minute: half a minute either way counts as on time. */
  #isTimeToSave(): boolean {
    const { clock, storeEveryMs = 0 } = this.#deps
    return clock.monotonicMs() - this.#savedAtMs >= storeEveryMs - minuteMs / 2
  }

  #save(): void {
    // A save that is under way: what changes meanwhile is saved with the next round.
    if (this.#saving !== undefined) return
    // A state that waits for a rebuild must look so to the next start too.
    const changed = [...this.#entries.values()].filter(
      ({ asset, hasChanged }) => hasChanged && !((this.#rebuilds.get(asset)?.parts.size ?? 0) > 0),
    )
    const rows = changed.flatMap(toRows)
    for (const entry of changed) entry.hasChanged = false
    if (rows.length === 0) return
    this.#savedAtMs = this.#deps.clock.monotonicMs()
    const undo = (error: unknown): void => {
      this.#savedAtMs = Number.NEGATIVE_INFINITY
      for (const entry of changed) entry.hasChanged = true
      this.#noteFailure(error)
    }
    try {
      const saving = this.#deps.store.save(rows)
      if (!(saving instanceof Promise)) return
      this.#saving = saving
        .catch(undo)
        .catch(this.#deps.onBug)
        .finally(() => {
          this.#saving = undefined
        })
    } catch (error) {
      undo(error)
    }
  }

  #isSettled(): boolean {
    return this.#deps.minutes.isSettled?.() ?? true
  }

  /** The store may fail and come back; the states in memory stay good, and the next tick retries. */
  #guard<T>(work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      this.#noteFailure(error)
      return undefined
    }
  }

  #noteFailure(error: unknown): void {
    if (!(error instanceof AppError)) throw error
    if (this.#failure === undefined) {
      this.#deps.log.error({ event: 'volatility.store_failed', err: error }, 'Volatility states wait for the database')
    }
    this.#failure = error.message
  }
}

const expected: ReadonlySet<RebuildReason> = new Set([
  'missing',
  'bootstrapping',
  'lateMinutes',
  'otherSeries',
] as const)
