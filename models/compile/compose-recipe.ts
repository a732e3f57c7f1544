import { dirname, isAbsolute, join, relative } from 'node:path'
import { nearestName } from '#core/base/text/nearest-name'
import { help } from './describe-issues.ts'
import { interpolated } from './interpolate.ts'
import { overridden } from './override.ts'
import type { Problem } from './recipe.ts'
import { childNames, type Place, readTree, type Tree } from './yaml-tree.ts'

export interface RecipeSource {
  /** The path of the recipe's file. */
  readonly file: string
  /** `model.width=32`: what is set on the command line, over everything else. */
  readonly overrides?: readonly string[]
  /** Undefined: there is no such file. */
  readonly readText: (path: string) => string | undefined
  /** The folder of the recipes that come with the program: `defaults` may name one of them without `.yaml`. */
  readonly presets?: { readonly folder: string; readonly names: readonly string[] }
}

export interface Composed {
  /** Undefined if nothing could be read. */
  readonly tree: Tree | undefined
  readonly problems: readonly Problem[]
}

/** One tree out of the recipe, the files under its `defaults`, and the command line; references filled in. */
export function composeRecipe(source: RecipeSource): Composed {
  const composer = new Composer(source)
  const composed = composer.file(source.file, [], undefined)
  const { problems } = composer
  if (composed === undefined) return { tree: undefined, problems }
  const changed = overridden(composed, source.overrides ?? [], problems)
  const tree = interpolated(changed, problems)
  return { tree, problems }
}

class Composer {
  readonly problems: Problem[] = []
  readonly #source: RecipeSource

  constructor(source: RecipeSource) {
    this.#source = source
  }

  /** `around` are the files that led here; `place` is where this one is named. */
  file(path: string, around: readonly string[], place: Place | undefined): Tree | undefined {
    if (around.includes(path)) {
      const circle = [...around.slice(around.indexOf(path)), path].map((one) => this.#shown(one)).join(' → ')
      return this.#refuse(`These files include each other: ${circle}.`, place)
    }
    const text = this.#source.readText(path)
    if (text === undefined) {
      const close = place === undefined ? nearestName(path, this.#source.presets?.names ?? []) : undefined
      const hint = close === undefined ? '' : ` Did you mean the preset ${close}?`
      return this.#refuse(`There is no file ${path}.${hint}`, place)
    }
    const read = readTree(text, path)
    if (!read.ok) {
      this.problems.push(...read.problems)
      return undefined
    }
    const { tree } = read
    if (tree.kind !== 'map') return this.#refuse('The file holds no settings.', tree.place)
    const own = new Map(tree.entries)
    const defaults = own.get('defaults')
    own.delete('defaults')
    const included = defaults === undefined ? [] : this.#included(defaults, path, [...around, path])
    return [...included, { ...tree, entries: own }].reduce(merged)
  }

  #included(defaults: Tree, path: string, around: readonly string[]): Tree[] {
    const items = defaults.kind === 'list' ? defaults.items : [defaults]
    return items.flatMap((item) => {
      if (item.kind !== 'scalar' || typeof item.value !== 'string') {
        this.#refuse('A list of files is needed, such as [base.yaml].', item.place)
        return []
      }
      const file = this.#fileOf(item.value, path, item.place)
      const tree = file === undefined ? undefined : this.file(file, around, item.place)
      return tree === undefined ? [] : [tree]
    })
  }

  #fileOf(name: string, path: string, place: Place): string | undefined {
    if (/[.]ya?ml$/.test(name)) return isAbsolute(name) ? name : join(dirname(path), name)
    const { folder = '', names = [] } = this.#source.presets ?? {}
    if (names.includes(name)) return join(folder, `${name}.yaml`)
    return this.#refuse(`There is no preset ${name}. ${help(name, names)}`, place)
  }

  #shown(path: string): string {
    return relative(dirname(this.#source.file), path)
  }

  #refuse(sentence: string, place: Place | undefined): undefined {
    this.problems.push({
      path: place === undefined ? '' : 'defaults',
      ...(place ?? { file: this.#source.file }),
      sentence,
    })
  }
}

/** Maps are joined, the later one counts; lists and values are replaced. So is a component by another one. */
function merged(earlier: Tree, later: Tree): Tree {
  if (earlier.kind !== 'map' || later.kind !== 'map' || isOtherComponent(earlier, later)) return later
  const entries = new Map(earlier.entries)
  for (const name of childNames(later)) {
    const value = later.entries.get(name)!
    const before = entries.get(name)
    entries.set(name, before === undefined ? value : merged(before, value))
  }
  return { ...later, entries }
}

function isOtherComponent(earlier: Tree & { kind: 'map' }, later: Tree & { kind: 'map' }): boolean {
  const [before, after] = [earlier.entries.get('use'), later.entries.get('use')]
  return before?.kind === 'scalar' && after?.kind === 'scalar' && before.value !== after.value
}
