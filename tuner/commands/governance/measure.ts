import { describeShare, type Evidence, type MeasureQuestion, measureChange } from '#core/tuning/governance/evidence'
import type { GovernanceRefusal } from '#core/tuning/governance/governance-error'
import type { GovernanceContext, GovernanceDeps } from './context.ts'

/** The evidence is kept, whatever the gate says afterwards. */
export async function measureAndKeep(
  { clock }: GovernanceDeps,
  { scores, runs, evidence }: GovernanceContext,
  question: MeasureQuestion,
): Promise<Evidence | GovernanceRefusal> {
  const measured = await measureChange(scores, question)
  const outcome = measured.ok ? describeShare(measured.evidence.comparison) : measured.refusal.message
  const { change, toMs } = question
  runs.recordRun({ kind: 'measure', asset: change.asset, startedAtMs: toMs, finishedAtMs: clock.nowMs(), outcome })
  return measured.ok ? evidence.saveEvidence(measured.evidence) : measured.refusal
}
