import { AppError } from '#core/base/errors/app-error'
import type { PartHealth } from '#core/base/health/health-board'
import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import { type MinuteTicks, startMinuteTicks } from '#core/base/time/minute-ticks'
import type { ParameterSource, ParametersInForce } from '#core/forecast/parameters/asset-parameters'
import { futureEntry } from '#core/tuning/governance/correct-clock'
import { governanceHealth } from '#core/tuning/governance/governance-health'
import { type Change, type GovernanceState, replayLedger, revertedAtMs } from '#core/tuning/governance/governance-state'
import type { FollowedLedger, LedgerEntry, NewLedgerEntry } from '#core/tuning/governance/ledger'
import { parametersInForce } from '#core/tuning/governance/parameters-in-force'

export interface LiveParametersDeps {
  readonly ledger: FollowedLedger
  readonly clock: Clock
  readonly log: Logger
  /** Why the clock is not trusted: meanwhile the ledger is not written, and parameters stay what they are. */
  readonly doubt?: () => string | undefined
  readonly onBug?: (error: unknown) => void
}

/** This many minutes of failures are more than another program's long transaction. */
const failuresBeforeHurt = 3

/**
 * The parameters of forecasts. At each full minute it checks whether the ledger leads to other values. If so, one
 * assignment replaces the whole set: a forecast sees either the old or the new one.
 */
export class LiveParameters implements ParameterSource {
  readonly #deps: LiveParametersDeps
  #state: GovernanceState
  #inForce: ParametersInForce
  /** The clock may be set back; a change that was applied stays applied. */
  #latestMs: number
  #failuresInARow = 0
  #recording: Promise<void> | undefined

  /** Reads the ledger: the first forecast after a start already uses what was approved before. */
  constructor(deps: LiveParametersDeps) {
    this.#deps = deps
    this.#state = replayLedger(deps.ledger.read())
    // A clock that is behind must not take back what was approved by a right one.
    this.#latestMs = Math.max(deps.clock.nowMs(), this.#state.lastEntry?.atMs ?? 0)
    this.#inForce = parametersInForce(this.#state, this.#latestMs)
    this.refresh(this.#latestMs)
  }

  inForce(): ParametersInForce {
    return this.#inForce
  }

  /** Applies what is due at this instant. Throws only bugs: after a failure the previous set stays effective. */
  refresh(atMs: number): void {
    if (this.#deps.doubt?.() !== undefined) return
    this.#latestMs = Math.max(this.#latestMs, atMs)
    try {
      const { ledger } = this.#deps
      if (ledger.head().id !== (this.#state.lastEntry?.id ?? 0)) this.#state = replayLedger(ledger.read())
      const next = parametersInForce(this.#state, this.#latestMs)
      if (next.revision !== this.#inForce.revision) this.#inForce = next
      this.#record()
      if (this.#recording === undefined) this.#failuresInARow = 0
    } catch (err) {
      this.#noteFailure(err)
    }
  }

  /** Resolves when nothing is on its way to the ledger. */
  async settled(): Promise<void> {
    while (this.#recording !== undefined) await this.#recording
  }

  health(): PartHealth {
    if (this.#failuresInARow >= failuresBeforeHurt) {
      return {
        state: 'degraded',
        sentence: `The ledger has not answered for ${this.#failuresInARow} minutes; the previous parameters stay effective.`,
        hint: 'Look for parameters.refresh_failed in the log.',
      }
    }
    const future = futureEntry(this.#state.lastEntry, this.#deps.clock.nowMs())
    if (future !== undefined) {
      return {
        state: 'degraded',
        sentence: future,
        hint: 'If the clock is right now, run "tuner ledger correct-time --reason TEXT"; else set the clock.',
      }
    }
    return governanceHealth(this.#state, this.#latestMs)
  }

  #noteFailure(err: unknown): void {
    if (!(err instanceof AppError)) throw err
    this.#failuresInARow += 1
    this.#deps.log.error(
      { event: 'parameters.refresh_failed', failuresInARow: this.#failuresInARow, err },
      'The ledger could not be read or written; the previous parameters stay effective',
    )
  }

  /**
   * Writes to the ledger and the log what is used from now on and was not written yet. The values are in use already: no
   * forecast waits for the entry, and what could not be written is tried at the next minute.
   */
  #record(): void {
    const taken = this.#taken()
    if (taken.length === 0 || this.#recording !== undefined) return
    const { ledger, clock } = this.#deps
    const { revision } = this.#inForce
    const last = this.#state.lastEntry
    const entries = taken.map(({ change, what }): NewLedgerEntry => {
      const atMs = Math.max(clock.nowMs(), last?.atMs ?? 0)
      return { kind: 'applied', asset: change.asset, changeId: change.id, atMs, body: { what, revision } }
    })
    const written = ledger.appendAfter(last?.id ?? 0, entries)
    if (!(written instanceof Promise)) {
      this.#noteWritten(written)
      return
    }
    this.#recording = written
      .finally(() => {
        this.#recording = undefined
      })
      .then((added) => {
        this.#failuresInARow = 0
        this.#noteWritten(added)
      })
      .catch((err: unknown) => this.#noteFailure(err))
    this.#recording.catch(this.#deps.onBug ?? (() => {}))
  }

  /** Undefined: somebody else has appended meanwhile, which may have changed what is to be written. */
  #noteWritten(written: readonly LedgerEntry[] | undefined): void {
    const { ledger, log } = this.#deps
    if (written === undefined) {
      this.refresh(this.#latestMs)
      return
    }
    if (written.length === 0) return
    this.#state = replayLedger(ledger.read())
    const { revision } = this.#inForce
    const ledgerHash = ledger.head().hash
    for (const { asset, changeId, kind, body } of written) {
      if (kind !== 'applied') continue
      const change = this.#state.changes[changeId - 1]!
      const [from, to] =
        body.what === 'change' ? [change.oldValue, change.newValue] : [change.newValue, change.oldValue]
      log.info(
        {
          event: 'parameters.applied',
          revision,
          changeId,
          what: body.what,
          asset,
          parameter: change.parameter.name,
          from,
          to,
          ledgerHash,
        },
        'Forecasts use other parameters from now on',
      )
    }
  }

  /** A change that was undone before it was applied was never effective, and nothing is written about it. */
  #taken(): { change: Change; what: 'change' | 'revert' }[] {
    return this.#state.changes.flatMap((change): { change: Change; what: 'change' | 'revert' }[] => {
      const endMs = revertedAtMs(change)
      const isUndone = endMs !== undefined && endMs <= this.#latestMs
      if (isUndone) {
        const isNews = change.appliedAtMs !== undefined && change.revertAppliedAtMs === undefined
        return isNews ? [{ change, what: 'revert' }] : []
      }
      const isNews = change.appliedAtMs === undefined && change.effectiveAtMs <= this.#latestMs
      return isNews ? [{ change, what: 'change' }] : []
    })
  }
}

/** `finished` rejects on a bug only. */
export interface RunningParameters extends MinuteTicks {
  readonly parameters: LiveParameters
}

/** Checks at each full minute, until it is stopped. */
export function startLiveParameters(deps: LiveParametersDeps): RunningParameters {
  const { clock } = deps
  const parameters = new LiveParameters(deps)
  const { id: entryCount, hash: ledgerHash } = deps.ledger.head()
  const { revision } = parameters.inForce()
  // Outside the database: only this shows that the end of a ledger was cut off.
  deps.log.info({ event: 'parameters.loaded', revision, entryCount, ledgerHash }, 'Parameters are those of the ledger')
  const ticks = startMinuteTicks(clock, {}, (scheduledAtMs) => {
    // A timer may fire a moment early; the minute that it was set for counts.
    parameters.refresh(Math.max(scheduledAtMs, clock.nowMs()))
  })
  return { parameters, ...ticks }
}
