import { z } from 'zod'
import { Instant } from '#core/base/json/shape-parts'
import type { ParameterCheck } from '../governance/check-parameter.ts'
import { ObstacleShape, viewObstacle } from './obstacle-view.ts'
import { ReachShape, viewReach } from './reach-view.ts'
import { instantOrNull, type Shown, Value } from './view-parts.ts'

export const CheckShape = z.strictObject({
  asset: z.string(),
  parameter: z.string(),
  current: Value,
  source: z.enum(['default', 'tuned', 'trial']).describe('tuned: a kept change; trial: a change under observation'),
  eligible: z.boolean(),
  eligibleAt: Instant.nullable().describe(
    'when time alone makes it eligible; null when it is eligible, or something must happen first',
  ),
  obstacles: z.array(ObstacleShape),
  bounds: z.strictObject({ min: z.number(), max: z.number() }).nullable(),
  step: z.number().nullable(),
  choices: z.array(z.string()).nullable().describe('of a champion'),
  reach: ReachShape,
})

/** `models`: the possible values of a champion. */
export function viewCheck(checked: ParameterCheck, models: readonly string[]): Shown<typeof CheckShape> {
  const { asset, parameter, current, source, obstacles, limits, reach } = checked
  const waits = obstacles.map(({ untilMs }) => untilMs)
  const isTimeEnough = waits.length > 0 && waits.every((untilMs) => untilMs !== undefined)
  return {
    ...{ asset, parameter: parameter.name, current, source, eligible: obstacles.length === 0 },
    eligibleAt: isTimeEnough ? instantOrNull(Math.max(...(waits as number[]))) : null,
    obstacles: obstacles.map(viewObstacle),
    bounds: limits === undefined ? null : { min: limits.min, max: limits.max },
    step: limits?.step ?? null,
    choices: limits === undefined ? models : null,
    reach: viewReach(reach),
  }
}
