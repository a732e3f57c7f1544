import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'

it('shows regime files that work', () => {
  const blocks = [...readFileSync('docs/regimes.md', 'utf8').matchAll(/```yaml\n(.*?)```/gs)].map(
    ([, yaml]) => yaml ?? '',
  )
  expect(blocks).toHaveLength(2)
  const content: unknown = parse(blocks.join(''))
  const book = buildRegimeBook(builtInRegimes, { fileName: 'docs/regimes.md', content })
  expect(book.timelines.prompt.at(-1)?.regime.id).toBe('2026-12-01')
  expect(book.byName.get('2026-09-cap')?.origin).toBe('amended')
})
