import { join } from 'node:path'
import { readRecipe } from '#models/compile/read-recipe'
import type { Recipe } from '#models/compile/recipe'
import { recipeSource } from '#models/compile/recipe-files'
import { discoverComponents } from '#models/registry/discover'

/** The configurations of the measured table. */
export const benchNames = ['attention', 'attention_lstm', 'tcn', 'dlinear', 'mixture'] as const
export type BenchName = (typeof benchNames)[number]

const folder = join(import.meta.dirname, '..', '..', '..', 'models', 'recipes', 'bench')

export async function benchRecipe(name: string): Promise<Recipe> {
  const read = readRecipe(recipeSource(join(folder, `${name}.yaml`)), await discoverComponents())
  if (!read.ok) throw new Error(read.problems.map(({ sentence }) => sentence).join(' '))
  return read.recipe
}
