import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { RecipeSource } from './compose-recipe.ts'

/** models/recipes, from the sources and from dist/, which holds no YAML. */
const folder = [
  join(import.meta.dirname, '..', 'recipes'),
  join(import.meta.dirname, '..', '..', '..', 'models', 'recipes'),
].find((place) => existsSync(place))!

/** The recipes that come with the program, by name. */
export const presets: NonNullable<RecipeSource['presets']> = {
  folder,
  names: readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.replace(/[.]yaml$/, ''))
    .sort(),
}

/** A recipe on the disk: the path of a file, or the name of a preset. */
export function recipeSource(recipe: string, overrides: readonly string[] = []): RecipeSource {
  const file = presets.names.includes(recipe) ? join(folder, `${recipe}.yaml`) : recipe
  return { file, overrides, presets, readText }
}

export interface PresetView {
  readonly name: string
  readonly description: string
  readonly file: string
}

export function listPresets(): PresetView[] {
  return presets.names.map((name) => {
    const file = join(folder, `${name}.yaml`)
    const { description = '' } = parse(readText(file)!) as { description?: string }
    return { name, description, file }
  })
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
