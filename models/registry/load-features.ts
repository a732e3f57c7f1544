import { readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { FeatureDefinition } from '#core/forecast/models/onnx/feature'
import { FeatureBook } from '#core/forecast/models/onnx/feature-book'

export const ownFeatures = join(import.meta.dirname, '..', 'features')
let own: Promise<FeatureBook> | undefined

/** The features of models/features. The miner, the replay and training all read this one folder. */
export function loadFeatures(): Promise<FeatureBook> {
  own ??= loadFeaturesOf([ownFeatures])
  return own
}

/** Every file of these folders is a feature. Throws if one is not, or has another name than its file. */
export async function loadFeaturesOf(folders: readonly string[]): Promise<FeatureBook> {
  const definitions: FeatureDefinition[] = []
  for (const folder of folders) {
    const files = (await readdir(folder)).filter((name) => /^[a-z0-9-]+[.](ts|js)$/.test(name)).sort()
    for (const file of files) definitions.push(await loadFeature(join(folder, file)))
  }
  return new FeatureBook(definitions)
}

async function loadFeature(path: string): Promise<FeatureDefinition> {
  const feature = (await importFile(path)).default
  if (feature?.source !== 'market' && feature?.source !== 'time') {
    throw new Error(`${path} exports no feature by default`)
  }
  const wanted = path.replace(/^.*[/\\]|[.](ts|js)$/g, '').replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  if (feature.name !== wanted) throw new Error(`${path} has the feature ${feature.name}; its name must be ${wanted}`)
  return feature as FeatureDefinition
}

async function importFile(path: string): Promise<{ default?: Partial<FeatureDefinition> }> {
  try {
    return await import(pathToFileURL(path).href)
  } catch (error) {
    // In a thread of a program that runs from its sources, only require is translated.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw error
    return createRequire(import.meta.url)(path)
  }
}
