import { z } from 'zod'
import { Instant } from '#core/base/json/shape-parts'
import type { Obstacle } from '../governance/eligibility.ts'
import { instantOrNull, type Shown } from './view-parts.ts'

export const ObstacleShape = z
  .strictObject({
    kind: z.enum(['noEffect', 'notStarted', 'firstDays', 'observation', 'betweenChanges', 'quarterly']),
    sentence: z.string(),
    changeId: z.int().nullable(),
    until: Instant.nullable().describe('null: time alone does not remove it'),
  })
  .meta({ id: 'Obstacle' })

export function viewObstacle({ kind, sentence, changeId, untilMs }: Obstacle): Shown<typeof ObstacleShape> {
  return { kind, sentence, changeId: changeId ?? null, until: instantOrNull(untilMs) }
}
