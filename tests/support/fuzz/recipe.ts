import { Dice } from './dice.ts'
import { mutationNames } from './mutations.ts'

/**
 * All that decides one generated request, apart from the time: the seed of the honest request that it begins as, and the
 * mutations, each with a seed of its own. So a step can be added or dropped and the others stay what they were.
 */
export interface Recipe {
  readonly seed: number
  readonly steps: readonly RecipeStep[]
}

export type RecipeStep = readonly [mutation: string, seed: number]

const mostSteps = 6
const anySeed = (dice: Dice) => dice.below(2 ** 32)
const anyStep = (dice: Dice): RecipeStep => [dice.pick(mutationNames), anySeed(dice)]

export function newRecipe(dice: Dice): Recipe {
  const count = dice.chance(0.75) ? 1 + dice.below(3) : 0
  return { seed: anySeed(dice), steps: Array.from({ length: count }, () => anyStep(dice)) }
}

/** A request that reached new code, with one thing changed. */
export function varied({ seed, steps }: Recipe, dice: Dice): Recipe {
  const at = dice.below(steps.length + 1)
  const roll = dice.below(4)
  if (roll === 0) return { seed: anySeed(dice), steps }
  if (roll === 1 && steps.length > 1) return { seed, steps: steps.toSpliced(at, 1) }
  const isReplaced = roll === 2 || steps.length >= mostSteps
  return { seed, steps: steps.toSpliced(at, isReplaced ? 1 : 0, anyStep(dice)) }
}

export function diceOf(seed: number): Dice {
  return new Dice(BigInt(seed))
}
