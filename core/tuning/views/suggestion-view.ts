import { z } from 'zod'
import type { Suggestion } from '../governance/suggestion.ts'
import { ObstacleShape, viewObstacle } from './obstacle-view.ts'
import { ReachShape, viewReach } from './reach-view.ts'
import { type Shown, Value } from './view-parts.ts'

export const SuggestShape = z.strictObject({
  suggestions: z.array(
    z.strictObject({
      asset: z.string(),
      parameter: z.string(),
      oldValue: Value,
      newValue: Value,
      because: z.string(),
      reach: ReachShape,
      eligible: z.boolean(),
      obstacles: z.array(ObstacleShape),
    }),
  ),
})

export function viewSuggestions(suggestions: readonly Suggestion[]): Shown<typeof SuggestShape> {
  return {
    suggestions: suggestions.map(({ parameter, reach, obstacles, ...rest }) => ({
      ...rest,
      parameter: parameter.name,
      reach: viewReach(reach),
      eligible: obstacles.length === 0,
      obstacles: obstacles.map(viewObstacle),
    })),
  }
}
