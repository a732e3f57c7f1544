import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { crpsRaw, crpsRecipe } from './crps.ts'
import { vhftBlend, vhftProvider } from './external.ts'
import { helpers } from './helpers.ts'
import { movingAverage } from './moving-average.ts'
import { pynumber, significantDigits } from './numbers.ts'
import { priceTransform } from './price-transform.ts'
import { promptScores } from './prompt-scores.ts'
import type { VectorPart, VectorSuite } from './suite.ts'
import { validation } from './validation.ts'
import { volCrps } from './volatility.ts'

/** By file name without `.gz`; the generation of the rules shows in the content. */
const suites: Readonly<Record<string, VectorSuite>> = {
  'crps-raw.json': crpsRaw,
  'crps-recipe.json': crpsRecipe,
  'helpers.json': helpers,
  'moving-average.json': movingAverage,
  'price-transform.json': priceTransform,
  'prompt-scores.json': promptScores,
  'pynumber.json': pynumber,
  'significant-digits.json': significantDigits,
  'validation.json': validation,
  'vhft-blend.json': vhftBlend,
  'vhft-provider.json': vhftProvider,
  'vol-crps.json': volCrps,
}

export interface VectorFile {
  /** Relative to the folder, for people. */
  readonly name: string
  /** Null: the suite does not know this file. */
  readonly suite: VectorSuite | null
  readonly read: () => unknown
}

/** Every file below the folder but its readmes, in order; null when there is no such folder. */
export function findVectorFiles(folder: string): VectorFile[] | null {
  if (!existsSync(folder)) return null
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && entry.name !== 'README.md')
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return {
        name: relative(folder, path),
        suite: suites[entry.name.replace(/\.gz$/, '')] ?? null,
        read: () => readDocument(path),
      }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function readDocument(path: string): unknown {
  const bytes = readFileSync(path)
  return JSON.parse((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'))
}

/** One line per file: what was compared and how much of it was equal. */
export function describeParts(name: string, parts: readonly VectorPart[]): string {
  const columns = parts.map(({ name: part, results }) => `${part} ${equalCount(results)}/${results.length}`)
  const all = parts.flatMap(({ results }) => results)
  return `${name}: ${all.length} compared, ${equalCount(all)} equal  (${columns.join(', ')})`
}

function equalCount(results: VectorPart['results']): number {
  return results.filter(({ difference }) => difference === null).length
}
