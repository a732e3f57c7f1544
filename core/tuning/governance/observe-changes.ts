import type { Logger } from '#core/base/log/logger'
import { counted } from '#core/base/text/counted'
import type { Clock } from '#core/base/time/clock'
import { withSlot } from './change-parameters.ts'
import { isModelAway, type PairedScores } from './evidence.ts'
import { toError } from './governance-error.ts'
import type { GovernanceRuns } from './governance-runs.ts'
import { type Change, parametersOf, replayLedger, statusOf } from './governance-state.ts'
import { type Judgement, judgeObservation } from './judge-observation.ts'
import type { Ledger, NewLedgerEntry } from './ledger.ts'
import { horizonsOf } from './parameter-catalogue.ts'
import { refuseClock } from './propose-change.ts'
import { revertChange } from './revert-change.ts'

export interface ObserveDeps {
  readonly ledger: Ledger
  readonly scores: PairedScores
  readonly runs: GovernanceRuns
  readonly clock: Clock
  readonly log: Logger
}

/**
 * Checks every open change: how do the prompts since then score with the current value, and how would they have scored
 * with the previous one? It writes what it found, and the verdict when the observation is over or the change must be
 * undone. The same check twice writes once.
 */
export async function observeChanges(
  deps: ObserveDeps,
  options: { readonly autoRevert: boolean },
  signal?: AbortSignal,
): Promise<boolean> {
  const state = replayLedger(deps.ledger.read())
  for (const change of state.changes.filter((each) => statusOf(each) === 'observed')) {
    signal?.throwIfAborted()
    await observeChange(deps, change, options, signal)
  }
  return true
}

async function observeChange(
  { ledger, scores, runs, clock, log }: ObserveDeps,
  change: Change,
  { autoRevert }: { readonly autoRevert: boolean },
  signal: AbortSignal | undefined,
): Promise<void> {
  const startedAtMs = clock.nowMs()
  const newParameters = parametersOf(replayLedger(ledger.read()), change.asset)
  const question = {
    asset: change.asset,
    horizons: horizonsOf(change.parameter),
    // Not from the minute in which it should become effective: a daemon that was down served nothing with it.
    fromMs: change.appliedAtMs ?? change.effectiveAtMs,
    toMs: startedAtMs,
    oldParameters: withSlot(newParameters, change.parameter, change.before),
    newParameters,
  }
  const pairs = await scores.readPairs(question, signal).catch((error: unknown) => {
    if (!isModelAway(error)) throw error
    // Without the model nothing can be measured, but the observation must end.
    log.warn(
      { event: 'change.not_measured', changeId: change.id, asset: change.asset, reason: error.message },
      'A change cannot be measured: a model file is missing',
    )
    return []
  })
  const nowMs = clock.nowMs()
  const judgement = judgeObservation(change, pairs, { nowMs, autoRevert })
  const written = ledger.append((entries) => {
    const fresh = replayLedger(entries)
    const current = fresh.changes[change.id - 1]
    // The operator may have decided during the measurement.
    if (current === undefined || statusOf(current) !== 'observed') return []
    const refusal = refuseClock(fresh, nowMs)
    if (refusal !== undefined) throw toError(refusal)
    if (judgement.action === 'revert') {
      const { assessment, reason } = judgement
      const comparison = judgement.comparison ?? null
      const answer = revertChange(fresh, { changeId: change.id, reason, by: 'daemon', nowMs, assessment, comparison })
      if (!answer.ok) throw toError(answer.refusal)
      return [answer.entry]
    }
    return judgement.action === 'keep' ? [keep(change, judgement, nowMs)] : lookOf(current, judgement, nowMs)
  })
  runs.recordRun({
    kind: 'observe',
    asset: change.asset,
    startedAtMs,
    finishedAtMs: clock.nowMs(),
    outcome: `change ${change.id}: ${judgement.action}, ${judgement.assessment}, ${counted(pairs.length, 'pair')}`,
  })
  if (written.length > 0) tell(log, change, judgement)
}

function keep(change: Change, { assessment, comparison, reason }: Judgement, nowMs: number): NewLedgerEntry {
  return {
    kind: 'verdict',
    asset: change.asset,
    changeId: change.id,
    atMs: nowMs,
    body: { decision: 'kept', assessment, comparison: comparison ?? null, by: 'daemon', reason, effectiveAtMs: null },
  }
}

/** Nothing when there is nothing to see, or nothing new since the last look. */
function lookOf(change: Change, { assessment, comparison }: Judgement, nowMs: number): NewLedgerEntry[] {
  if (comparison === undefined) return []
  const last = change.observations.at(-1)
  if (last?.assessment === assessment && last.comparison.count === comparison.count) return []
  const { asset, id: changeId } = change
  return [{ kind: 'observed', asset, changeId, atMs: nowMs, body: { assessment, comparison } }]
}

function tell(log: Logger, change: Change, { action, assessment, comparison, reason }: Judgement): void {
  const fields = {
    changeId: change.id,
    asset: change.asset,
    parameter: change.parameter.name,
    assessment,
    relativeDifference: comparison?.relativeDifference,
    prompts: comparison?.count,
  }
  if (assessment === 'worse') {
    const sentence =
      action === 'revert'
        ? 'A change scores worse than the previous value and is undone'
        : 'A change scores worse than the previous value; "tuner revert" undoes it'
    log.warn({ event: action === 'revert' ? 'change.rolled_back' : 'change.worsened', ...fields, reason }, sentence)
    return
  }
  if (action === 'keep') log.info({ event: 'change.kept', ...fields, reason }, 'An observation is over')
  else log.info({ event: 'change.observed', ...fields }, 'A change was checked')
}
