import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import { dayMs } from '#core/base/time/units'
import { type EvidenceStore, evidenceDays, heldOutDays, measureChange, type PairedScores } from './evidence.ts'
import type { GovernanceConfig } from './governance-config.ts'
import type { GovernanceRuns } from './governance-runs.ts'
import { type GovernanceState, minerStartOf, replayLedger, statusOf } from './governance-state.ts'
import type { Ledger } from './ledger.ts'
import type { MinerFacts } from './miner-facts.ts'
import { horizonsOf } from './parameter-catalogue.ts'
import { type Gate, type Proposal, planChange, proposeChange } from './propose-change.ts'
import type { ServedAnswers } from './reach.ts'
import { type Diagnoses, type Suggestion, suggestChanges } from './suggestion.ts'

export interface AutoProposeDeps {
  readonly ledger: Ledger
  readonly evidence: EvidenceStore
  readonly facts: MinerFacts
  readonly runs: GovernanceRuns
  readonly scores: PairedScores
  readonly diagnoses: Diagnoses
  readonly served: ServedAnswers
  readonly clock: Clock
  readonly log: Logger
}

/**
 * Proposes at most one change of one asset, and none while any change of any asset is under observation. The suggestion
 * sees only the days before those on which it must prove itself.
 */
export async function proposeAutomatically(
  deps: AutoProposeDeps,
  assets: readonly string[],
  settings: Pick<GovernanceConfig, 'mode' | 'limits'>,
  signal?: AbortSignal,
): Promise<boolean> {
  const { ledger, facts, runs, served, clock } = deps
  const startedAtMs = clock.nowMs()
  const state = replayLedger(ledger.read())
  const finish = (asset: string | undefined, outcome: string): boolean => {
    runs.recordRun({ kind: 'autoPropose', asset, startedAtMs, finishedAtMs: clock.nowMs(), outcome })
    return true
  }
  if (hasOpenChange(state)) return finish(undefined, 'a change is observed')
  const given = { nowMs: startedAtMs, minerStartedAtMs: minerStartOf(state, facts.startedAtMs()), settings, served }
  for (const asset of assets) {
    const range = { asset, fromMs: startedAtMs - evidenceDays * dayMs, toMs: startedAtMs - heldOutDays * dayMs }
    const suggestions = suggestChanges(state, await deps.diagnoses.readFacts(range), given)
    for (const suggestion of suggestions.filter(({ obstacles }) => obstacles.length === 0)) {
      signal?.throwIfAborted()
      const changeId = await tryOne(deps, suggestion, settings, signal)
      if (changeId !== undefined) return finish(asset, `proposed change ${changeId}`)
    }
  }
  return finish(undefined, 'nothing to propose')
}

async function tryOne(
  { ledger, evidence, facts, scores, served, clock, log }: AutoProposeDeps,
  suggestion: Suggestion,
  settings: Pick<GovernanceConfig, 'mode' | 'limits'>,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  const { asset, parameter, newValue: value, because } = suggestion
  const proposal: Proposal = { asset, parameter, value, reason: because, by: 'daemon', isForced: false }
  const state = replayLedger(ledger.read())
  const given = { nowMs: clock.nowMs(), minerStartedAtMs: minerStartOf(state, facts.startedAtMs()), settings, served }
  const planned = planChange(state, proposal, given)
  if (!planned.ok) return undefined
  const { measured: change, oldParameters, newParameters } = planned.change
  const fromMs = given.nowMs - heldOutDays * dayMs
  const question = { change, horizons: horizonsOf(parameter), oldParameters, newParameters, fromMs, toMs: given.nowMs }
  const measured = await measureChange(scores, question, signal)
  if (!measured.ok) return undefined
  const saved = evidence.saveEvidence(measured.evidence)
  let gate: Gate | undefined
  const written = ledger.append((entries) => {
    const fresh = replayLedger(entries)
    if (hasOpenChange(fresh)) return []
    gate = proposeChange(fresh, proposal, { ...given, nowMs: clock.nowMs(), evidence: saved })
    return gate.ok ? gate.entries : []
  })
  const fields = { asset, parameter: parameter.name, value, evidenceId: saved.id }
  if (gate?.ok === false) {
    log.info(
      { event: 'change.not_proposed', ...fields, reason: gate.refusal.message },
      'The evidence does not support it',
    )
  }
  const [entry] = written
  if (entry !== undefined) {
    log.info({ event: 'change.proposed', ...fields, changeId: entry.changeId }, 'A change was proposed')
  }
  return entry?.changeId
}

function hasOpenChange(state: GovernanceState): boolean {
  return state.changes.some((change) => statusOf(change) === 'observed')
}
