import { stringify } from 'yaml'
import type { Components } from '#models/registry/discover'
import { composeRecipe, type RecipeSource } from './compose-recipe.ts'
import { parseRecipe, type RecipeReading } from './parse-recipe.ts'
import type { Problem, Recipe } from './recipe.ts'
import { placeOf, plain } from './yaml-tree.ts'

/** A recipe from its file. Every problem has its path, and the file and line where a person has to look. */
export function readRecipe(source: RecipeSource, components: Components): RecipeReading {
  const { tree, problems } = composeRecipe(source)
  if (tree === undefined) return { ok: false, problems }
  const read = parseRecipe(plain(tree), components)
  if (read.ok) return problems.length === 0 ? read : { ok: false, problems }
  const further = read.problems
    .filter(({ path }) => !problems.some((known) => `${path}.`.startsWith(`${known.path}.`)))
    .map((problem) => ({ ...problem, ...placeOf(tree, problem.path.split('.')) }))
  return { ok: false, problems: withoutRepeats([...problems, ...further]) }
}

/** A wrong reference is found again where its setting is referred to. */
function withoutRepeats(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()]
}

/** The recipe as a file, with every default and reference filled in: what a run keeps to be repeated. */
export function writeRecipe({ components: _, ...settings }: Recipe): string {
  return stringify(settings, { lineWidth: 80, aliasDuplicateObjects: false })
}
