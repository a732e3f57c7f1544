import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { folderForAll } from '#tests/support/temporary-folder'

const packageRoot = join(import.meta.dirname, '..', '..')

/** The compiled package beside a program that uses it. */
let user: string
beforeAll(() => {
  const folder = folderForAll()
  const installed = join(folder, 'volcast')
  user = join(folder, 'user')
  for (const part of ['core', 'adapters', 'models', 'package.json']) {
    cpSync(join(packageRoot, 'dist', part), join(installed, 'dist', part), {
      recursive: true,
      filter: (path) => !path.endsWith('.map'),
    })
  }
  cpSync(join(packageRoot, 'package.json'), join(installed, 'package.json'))
  cpSync(join(packageRoot, 'models', 'recipes'), join(installed, 'models', 'recipes'), { recursive: true })
  symlinkSync(join(packageRoot, 'node_modules'), join(installed, 'node_modules'))
  mkdirSync(join(user, 'node_modules'), { recursive: true })
  symlinkSync(installed, join(user, 'node_modules', 'volcast'))
  symlinkSync(join(packageRoot, 'node_modules', 'zod'), join(user, 'node_modules', 'zod'))
  writeFileSync(join(user, 'package.json'), '{ "type": "module" }')
  // The one file that makes a block: in a folder of the user, and in the package itself.
  mkdirSync(join(user, 'mine', 'blocks'), { recursive: true })
  writeFileSync(join(user, 'mine', 'blocks', 'my-block.js'), aBlock('my_block', 'volcast/models'))
  writeFileSync(
    join(installed, 'dist', 'models', 'blocks', 'own-block.js'),
    aBlock('own_block', '#models/registry/component'),
  )
})

const aBlock = (name: string, from: string) => `
import { z } from 'zod'
import { defineBlock } from '${from}'
export default defineBlock({
  name: '${name}', description: 'A scale for each feature.', keepsLength: true, keepsWidth: true, leastLength: 1,
  settings: z.strictObject({}),
  build: (scope, x) =>
    scope.graph.node('Mul', [x, scope.parameter('scale', [x.shape[2]], { kind: 'constant', value: 1 })], [{ shape: x.shape }])[0],
})
`

const program = `
import { compileRecipe, listBlocks, listFeatures, listHeads, listLosses, listPresets } from 'volcast/models'

const components = ['mine']
const names = async (list: Promise<{ name: string }[]>) => (await list).map(({ name }) => name)
const answer = await compileRecipe(
  { defaults: ['baseline_gbm'], model: { blocks: [{ use: 'my_block' }, { use: 'own_block' }, { use: 'linear' }] } },
  { components, overrides: ['model.width=8'] },
)
if (!answer.ok) throw new Error(JSON.stringify(answer.problems))
const { compiled } = answer
const trial = await compiled.tryModel()
const wrong = await compileRecipe({ defaults: ['baseline_gbm'], model: { widht: 3 }, loss: { use: 'crps' } })
const broken = await compileRecipe('sde_transformer', { components: ['nowhere'] })
console.log(JSON.stringify({
  blocks: await names(listBlocks({ components })),
  counts: [(await listHeads()).length, (await listLosses()).length, (await listFeatures()).length],
  presets: listPresets().map(({ name }) => name),
  width: compiled.recipe.model.width,
  path: compiled.outline.blocks.map(({ use }) => use),
  weights: compiled.startWeights().length === compiled.outline.parameterCount,
  file: compiled.servingModel(compiled.startWeights()).bytes.length > 1000,
  trial: trial.ok && trial.trial.servingDifference,
  wrong: wrong.ok ? [] : wrong.problems.map(({ path }) => path),
  broken: broken.ok ? [] : broken.problems.map(({ path }) => path),
}))
`

const run = (...args: string[]): string => execFileSync(process.execPath, args, { cwd: user, encoding: 'utf8' })

describe('volcast/models in a program of its own', () => {
  it('lists, compiles and runs, with a block of the user and one that was dropped into the package', () => {
    // As it is, but for the types.
    writeFileSync(join(user, 'program.mjs'), program.replace(': Promise<{ name: string }[]>', ''))
    const found = JSON.parse(run('program.mjs')) as Record<string, unknown>
    expect(found['blocks']).toEqual(expect.arrayContaining(['my_block', 'own_block', 'lstmblock']))
    expect(found).toMatchObject({
      width: 8,
      path: ['my_block', 'own_block', 'linear'],
      presets: expect.arrayContaining(['sde_transformer']),
      ...{ weights: true, file: true, trial: expect.any(Number) },
      // Mistakes are values with a path.
      wrong: ['model.widht', 'loss.use'],
      broken: ['components'],
    })
    for (const count of found['counts'] as number[]) expect(count).toBeGreaterThan(5)
  })

  it('has types', () => {
    const compiler = join(packageRoot, 'node_modules', 'typescript', 'bin', 'tsc')
    const types = join(packageRoot, 'node_modules', '@types')
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2023']
    const check = (text: string): string => {
      writeFileSync(join(user, 'program.ts'), text)
      try {
        return run(compiler, ...options, '--typeRoots', types, '--types', 'node', 'program.ts')
      } catch (error) {
        return String((error as { stdout: unknown }).stdout)
      }
    }
    expect(check(program)).toBe('')
    expect(check(program.replace('overrides: [', 'overides: ['))).toMatch(/overides/)
  })
})
