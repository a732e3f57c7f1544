import { z } from 'zod'
import { Count, Instant } from '#core/base/json/shape-parts'
import { type Horizon, horizons } from '#core/synth/prompts/horizon'
import { formatInstant } from '#core/synth/regimes/instant'
import { type Evidence, isImprovement } from '../governance/evidence.ts'
import type { FittedBlend } from '../governance/fit-blend.ts'
import type { Change } from '../governance/governance-state.ts'
import type { Proposal } from '../governance/propose-change.ts'
import type { Reach } from '../governance/reach.ts'
import { ChangeShape, EvidenceShape, viewChange, viewEvidence } from './change-view.ts'
import { ReachShape, viewReach } from './reach-view.ts'
import { type Shown, Value } from './view-parts.ts'

export const BlendShape = z.strictObject({
  asset: z.string(),
  prompt: z.enum(horizons),
  fitted: z.strictObject({
    from: Instant,
    to: Instant.describe('the days after it judge the shares'),
    prompts: Count,
    days: Count,
    members: z.array(
      z.strictObject({ model: z.string(), alone: z.number().describe('its mean score'), share: z.number() }),
    ),
    mean: z.number().describe('of the blend, on the prompts that it was fitted on'),
    leftOut: z.array(z.strictObject({ model: z.string(), prompts: Count.describe('that it has a score on') })),
  }),
  proposals: z
    .array(z.strictObject({ parameter: z.string(), value: Value }))
    .describe('in this order; the evidence is about the last one. None: the fit leads to no change'),
  evidence: EvidenceShape.nullable().describe('on the held-out days'),
  isImprovement: z.boolean().nullable(),
  reach: ReachShape.nullable(),
  changes: z.array(ChangeShape).describe('that were opened; none with --measure'),
})

export interface BlendReport {
  readonly asset: string
  readonly horizon: Horizon
  readonly fromMs: number
  readonly toMs: number
  readonly fitted: FittedBlend
  readonly proposals: readonly Proposal[]
  readonly measured: { readonly evidence: Evidence; readonly reach: Reach } | undefined
  readonly changes: readonly Change[]
}

export function viewBlend(report: BlendReport): Shown<typeof BlendShape> {
  const { asset, horizon, fromMs, toMs, proposals, measured, changes } = report
  const { members, leftOut, mean, count, days } = report.fitted
  return {
    ...{ asset, prompt: horizon },
    fitted: {
      ...{ from: formatInstant(fromMs), to: formatInstant(toMs), prompts: count, days, mean },
      members: members.map(({ model, meanAlone, share }) => ({ model, alone: meanAlone, share })),
      leftOut: leftOut.map(({ model, count: prompts }) => ({ model, prompts })),
    },
    proposals: proposals.map(({ parameter, value }) => ({ parameter: parameter.name, value })),
    evidence: measured === undefined ? null : viewEvidence(measured.evidence),
    isImprovement: measured === undefined ? null : isImprovement(measured.evidence.comparison),
    reach: measured === undefined ? null : viewReach(measured.reach),
    changes: changes.map(viewChange),
  }
}
