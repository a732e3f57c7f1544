import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { pythonWithPandas, runPython } from '#tests/support/python'

const python = pythonWithPandas()
if (python === undefined) console.log('skipped: VOLCAST_PYTHON names no interpreter with pandas, SciPy and PyWavelets')

it.skipIf(python === undefined)('the expected features are still what pandas, SciPy and PyWavelets give', async () => {
  const made = await runPython(python!, join(import.meta.dirname, 'feature_engineers.py'), {}, 60_000)
  const kept = join(import.meta.dirname, '..', 'support', 'fixtures', 'features', 'engineers.json')
  expect(numbersOf(made)).toEqual(numbersOf(JSON.parse(readFileSync(kept, 'utf8'))))
})

/** To nine digits: other versions of the packages round the last ones otherwise. */
function numbersOf(content: unknown): unknown {
  return JSON.parse(JSON.stringify(content), (_, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(9)) : value,
  )
}
