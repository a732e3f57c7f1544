/**
 * `tuner score` from text to total: answers of the vectors written as a miner would send them, scored from files, give
 * the validator's number. Only answers that pass the digit rule can go this way.
 */
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { AppError } from '#core/base/errors/app-error'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { walkPaths } from '#tests/support/walk-v1'
import { scoreFiles } from '#tuner/commands/score'
import { realPathOf, realRecipe, recipeSchema } from './vectors/paths.ts'
import { findVectorFiles } from './vectors/vector-files.ts'

const recipeCase = z.object({
  recipe: z.object({ sim: recipeSchema, real: realRecipe }),
  expected: z.object({ score: z.number() }),
  expected_float32: z.object({ score: z.number() }),
})
/** What the function under the vectors takes, and the command refuses before it. */
const notForFiles = /too many digits|the last price is missing/
const document = z.object({ recipe_cases: z.array(recipeCase) })

const book = buildRegimeBook(builtInRegimes)
const folder = resolve(process.env['GOLDEN_DIR'] ?? '../shared/golden')
const file = findVectorFiles(folder)?.find(({ name }) => /(^|\/)vol-crps\.json(\.gz)?$/.test(name))

if (file === undefined) it.skip('skipped: no vol-crps.json among the vectors', () => undefined)
else {
  it('gives the total of the validator, in either precision of its storage', () => {
    const start = Date.UTC(2026, 8, 25, 12, 1) / 1000
    let compared = 0
    for (const { recipe, expected, expected_float32 } of document.parse(file.read()).recipe_cases) {
      const { pathCount, pointCount, values } = walkPaths(recipe.sim)
      const paths = Array.from({ length: pathCount }, (_, row) =>
        Array.from(values.subarray(row * pointCount, (row + 1) * pointCount)),
      )
      const texts: Record<string, string> = {
        answer: JSON.stringify([start, 60, ...paths]),
        // JSON writes a missing price as null by itself.
        real: JSON.stringify(Array.from(realPathOf(recipe.real))),
      }
      const total = (storage: 'float32' | 'float64'): number | null =>
        scoreFiles(
          { readText: (name) => texts[name] ?? '', loadBook: () => book },
          { prediction: 'answer', realized: 'real', storage },
        ).total
      try {
        expect(total('float64')).toBe(expected.score)
        expect(total('float32')).toBe(expected_float32.score)
        compared += 1
      } catch (error) {
        if (!(error instanceof AppError && notForFiles.test(error.message))) throw error
      }
    }
    console.log(`tuner score: ${compared} answers compared from text, all equal`)
    expect(compared).toBeGreaterThan(0)
  })
}
