import { z } from 'zod'
import { horizons } from '#core/synth/prompts/horizon'
import type { Reach } from '../governance/reach.ts'
import type { Shown } from './view-parts.ts'

export const ReachShape = z
  .strictObject({
    models: z.array(z.string()).describe('that read the parameter; none for the name of a champion, which chooses one'),
    altered: z.int().describe('of the newest answers, those that another value would alter'),
    total: z.int(),
    basis: z
      .enum(['served', 'planned'])
      .describe('planned: nothing was served yet, and each kind of prompt counts once'),
    servedBy: z.array(
      z.strictObject({ prompt: z.enum(horizons), models: z.array(z.string()).describe('the most frequent first') }),
    ),
  })
  .meta({ id: 'Reach' })

export function viewReach({ models, altered, total, basis, servedBy }: Reach): Shown<typeof ReachShape> {
  const by = servedBy.map(({ horizon, models: names }) => ({ prompt: horizon, models: names }))
  return { models, altered, total, basis, servedBy: by }
}
