import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { parseRecipe } from '#models/compile/parse-recipe'
import { toyRecipe } from '#tests/support/models/toy-components'
import { ComponentError, discoverComponents } from './discover.ts'

// Inside the project, so that the files can import the graph as those of our own folders do.
const cache = join(import.meta.dirname, '..', '..', '.cache')
mkdirSync(cache, { recursive: true })
const root = mkdtempSync(join(cache, 'components-'))
afterAll(() => rmSync(root, { recursive: true }))

let lastFolder = 0
function aFolder(files: Readonly<Record<string, string>>): string {
  lastFolder += 1
  const folder = join(root, String(lastFolder))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

const aBlock = (name: string, more = '') => `
import { z } from 'zod'
import { times } from '#models/graph/arithmetic'
import { defineBlock } from '#models/registry/component'
export default defineBlock({
  name: '${name}', description: 'Multiplies.', keepsLength: true, keepsWidth: true, leastLength: 1,
  settings: z.strictObject({ by: z.number().default(2) }), build: (_scope, x, { by }) => times(x, by), ${more}
})`

it('makes a block usable in a recipe by one file, and nothing else', async () => {
  const folder = aFolder({
    'blocks/times-two.ts': aBlock('times_two'),
    'blocks/times-two.test.ts': 'throw new Error()',
  })
  const { blocks } = await discoverComponents([folder])
  expect(blocks.get('times_two')).toMatchObject({ ok: true, component: { kind: 'block', description: 'Multiplies.' } })
  expect(blocks.get('times_tow')).toEqual({
    ok: false,
    sentence: 'There is no block times_tow. Did you mean times_two?',
  })
  const components = await discoverComponents([folder])
  const read = parseRecipe(toyRecipe({ blocks: [{ use: 'times_two', by: 3, bz: 1 }] }), components)
  expect(read.ok ? [] : read.problems.filter(({ path }) => path.startsWith('model.blocks'))).toEqual([
    { path: 'model.blocks.0.bz', sentence: 'This key is unknown. Did you mean by?' },
  ])
})

it('takes files of any kind from the top of a folder too, and lists by a filter', async () => {
  const folder = aFolder({ 'b.ts': aBlock('b'), 'a.ts': aBlock('a', 'keepsWidth: false,') })
  const { blocks } = await discoverComponents([folder])
  const own = (name: string) => ['a', 'b'].includes(name)
  expect(blocks.list(({ name }) => own(name)).map(({ name }) => name)).toEqual(['a', 'b'])
  expect(blocks.list(({ name, keepsWidth }) => own(name) && keepsWidth).map(({ name }) => name)).toEqual(['b'])
})

it('names every file that is not a component', async () => {
  const folder = aFolder({
    'blocks/twin.ts': aBlock('twin'),
    'twin.ts': aBlock('twin'),
    'broken.ts': 'export default {',
    'helper.ts': 'export const helper = 1',
    'no-name.ts': aBlock('NoName'),
    'other-name.ts': aBlock('another_name'),
    'half.ts': aBlock('half', 'leastLength: undefined,'),
    'kindless.ts': "export default { name: 'kindless' }",
  })
  const failure: unknown = await discoverComponents([folder, join(root, 'none')]).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(ComponentError)
  const problems = (failure as ComponentError).problems.map((problem) => problem.replaceAll(`${root}/`, ''))
  expect(problems[0]).toMatch(/broken.ts: it cannot be imported: /)
  expect(problems.slice(1)).toEqual([
    '3/half.ts: block half does not say keepsLength, keepsWidth and leastLength',
    '3/helper.ts: its default export is not a component; helpers have their place in another folder',
    '3/kindless.ts: it has no known kind; make it with defineBlock, defineHead or defineLoss',
    '3/no-name.ts: its name "NoName" is not of small letters, digits and underscores',
    '3/other-name.ts: the file is not named as its component another_name',
    '3/blocks/twin.ts: there is a block twin already, in 3/twin.ts',
    'none: there is no such folder',
  ])
})
