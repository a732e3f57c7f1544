import { z } from 'zod'
import { Instant } from '#core/base/json/shape-parts'
import { formatInstant } from '#core/synth/regimes/instant'
import type { AssetInForce } from '../governance/describe-in-force.ts'
import { ReachShape, viewReach } from './reach-view.ts'
import { instantOrNull, type Shown, Value } from './view-parts.ts'

export const CurrentShape = z.strictObject({
  at: Instant,
  revision: z.int(),
  minerStartedAt: Instant.nullable(),
  assets: z.array(
    z.strictObject({
      asset: z.string(),
      parameters: z.array(
        z.strictObject({
          parameter: z.string(),
          value: z.union([Value, z.record(z.string(), z.number())]),
          source: z.enum(['default', 'tuned', 'trial']),
          changeId: z.int().nullable(),
          since: Instant.nullable(),
          appliedAt: Instant.nullable().describe(
            'when the miner applied it; null for defaults, and until a miner applies it',
          ),
          reach: ReachShape,
        }),
      ),
      openChangeId: z.int().nullable(),
      nextChangeAt: Instant.nullable().describe('the earliest time; null when something must happen first'),
      pendingChangeIds: z.array(z.int()).describe('approved, but not effective before the next full minute'),
    }),
  ),
})

export function viewCurrent(
  assets: readonly AssetInForce[],
  facts: { readonly nowMs: number; readonly revision: number; readonly minerStartedAtMs: number | undefined },
): Shown<typeof CurrentShape> {
  return {
    at: formatInstant(facts.nowMs),
    revision: facts.revision,
    minerStartedAt: instantOrNull(facts.minerStartedAtMs),
    assets: assets.map(({ asset, slots, open, nextChangeAtMs, pending }) => ({
      asset,
      parameters: slots.map(({ slot, value, source, change, reach }) => ({
        ...{ parameter: slot, value, source, changeId: change?.id ?? null },
        since: instantOrNull(change?.effectiveAtMs),
        appliedAt: instantOrNull(change?.appliedAtMs),
        reach: viewReach(reach),
      })),
      openChangeId: open?.id ?? null,
      nextChangeAt: instantOrNull(nextChangeAtMs),
      pendingChangeIds: pending.map(({ id }) => id),
    })),
  }
}
