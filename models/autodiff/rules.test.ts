import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { checkGradient, singleAgainstDouble } from '#tests/support/models/check-gradient'
import { gradientCases } from '#tests/support/models/gradient-cases'
import { gradientRules, withoutGradient } from './backward.ts'

const largestErrors: Record<string, number> = {}
afterAll(() => {
  // biome-ignore lint/suspicious/noConsole: the table is what the switch asks for
  if (process.env['VOLCAST_SHOW'] === '1') console.table(largestErrors)
})

describe('the gradient of each operator', () => {
  for (const [operator, builds] of Object.entries(gradientCases)) {
    it(operator, async () => {
      for (const [name, build] of Object.entries(builds)) {
        const error = await checkGradient(build)
        largestErrors[operator] = Math.max(largestErrors[operator] ?? 0, error)
        expect(error, `${operator}, ${name}`).toBeLessThan(1e-6)
        for (const optimisation of ['all', 'none'] as const) {
          expect(await singleAgainstDouble(build, optimisation), `${operator}, ${name}, single`).toBeLessThan(1e-5)
        }
      }
    })
  }
})

it('has a case for each rule', () => {
  expect(Object.keys(gradientCases).toSorted()).toEqual(gradientRules.map(({ operator }) => operator).toSorted())
})

it('has a rule, or a reason for none, for each operator that graph/ writes', () => {
  const folder = join(import.meta.dirname, '..', 'graph')
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  const source = files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n')
  const written = source.matchAll(/(?:\.node\(\s*|binary\(|unary\(|alongAxis\(x, |reduceByAttribute\(x, )'(\w+)'/g)
  const operators = new Set(Array.from(written, ([, operator]) => operator!))
  const known = new Set([...gradientRules.map(({ operator }) => operator), ...Object.keys(withoutGradient)])
  expect(operators.size).toBeGreaterThan(55)
  expect([...operators].filter((operator) => !known.has(operator))).toEqual([])
})
