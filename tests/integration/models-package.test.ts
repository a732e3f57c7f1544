import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
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
  writeFileSync(join(user, 'mine', 'blocks', 'times-two.js'), fromReadme('ts', 'times_two'))
  writeFileSync(join(user, 'mine.yaml'), fromReadme('yaml', '# mine.yaml'))
  writeFileSync(join(installed, 'dist', 'models', 'blocks', 'own-block.js'), ownBlock)
})

const readme = readFileSync(join(packageRoot, 'models', 'README.md'), 'utf8')

/** The example of the README that holds this text. */
function fromReadme(language: string, text: string): string {
  const examples = [...readme.matchAll(/^```(\w+)\n(.*?)^```/gms)].filter(([, kind]) => kind === language)
  return examples.find(([, , code]) => code!.includes(text))![2]!
}

const ownBlock = `
import { z } from 'zod'
import { defineBlock } from '#models/registry/component'
import { multiply } from '#models/graph/arithmetic'
export default defineBlock({
  name: 'own_block', description: 'A scale for each feature.', keepsLength: true, keepsWidth: true, leastLength: 1,
  settings: z.strictObject({}),
  build: (scope, x) => multiply(x, scope.parameter('scale', [x.shape[2]], { kind: 'constant', value: 1 })),
})
`

const program = `
import { compileRecipe, listBlocks, listFeatures, listHeads, listLosses, listPresets } from 'volcast/models'

const components = ['mine']
const names = async (list: Promise<{ name: string }[]>) => (await list).map(({ name }) => name)
const answer = await compileRecipe(
  { defaults: ['baseline_gbm'], model: { blocks: [{ use: 'times_two', by: 3 }, { use: 'own_block' }, { use: 'linear' }] } },
  { components, overrides: ['model.width=8'] },
)
if (!answer.ok) throw new Error(JSON.stringify(answer.problems))
const { compiled } = answer
const trial = await compiled.tryModel()
const wrong = await compileRecipe({ defaults: ['baseline_gbm'], model: { widht: 3 }, loss: { use: 'crps' } })
const mine = await compileRecipe('mine.yaml')
const misspelt = await compileRecipe('mine.yaml', { overrides: ['model.blocks.0.haeds=2'] })
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
  mine: mine.ok ? mine.compiled.recipe.model.head : mine.problems,
  misspelt: misspelt.ok ? [] : misspelt.problems.map(({ path, sentence }) => path + ': ' + sentence),
}))
`

const training = `
import { evaluate, loadModel, saveModel, train } from 'volcast/models'

const overrides = ['training.steps=12', 'training.batch=8', 'data.days=40']
const looks: number[] = []
const answer = await train('baseline_gbm', { overrides, seed: 2, onLook: ({ step }) => looks.push(step) })
if (!answer.ok) throw new Error(JSON.stringify(answer.problems))
const { trained } = answer
const evaluated = await evaluate(trained)
const saved = await saveModel(trained, 'out')
if (!saved.ok) throw new Error(JSON.stringify(saved.problems))
const loaded = await loadModel(saved.path)
if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
await loaded.model.close()
const none = await loadModel('nowhere')
const wrong = await train('baseline_gbm', { overrides: ['data={use: csv, folder: nowhere}'] })
console.log(JSON.stringify({
  steps: trained.steps,
  looks,
  windows: evaluated.ok && evaluated.comparison.windows,
  name: loaded.model.manifest.name,
  none: none.ok ? [] : none.problems.map(({ path }) => path.endsWith('nowhere')),
  wrong: wrong.ok ? [] : wrong.problems.map(({ path }) => path),
}))
`

const run = (...args: string[]): string => execFileSync(process.execPath, args, { cwd: user, encoding: 'utf8' })

describe('volcast/models in a program of its own', () => {
  it('lists, compiles and runs, with a block of the user and one that was dropped into the package', () => {
    // As it is, but for the types.
    writeFileSync(join(user, 'program.mjs'), program.replace(': Promise<{ name: string }[]>', ''))
    const found = JSON.parse(run('program.mjs')) as Record<string, unknown>
    expect(found['blocks']).toEqual(expect.arrayContaining(['times_two', 'own_block', 'lstmblock']))
    expect(found).toMatchObject({
      width: 8,
      path: ['times_two', 'own_block', 'linear'],
      presets: expect.arrayContaining(['sde_transformer']),
      ...{ weights: true, file: true, trial: expect.any(Number) },
      // Mistakes are values with a path.
      wrong: ['model.widht', 'loss.use'],
      broken: ['components'],
      mine: { use: 'horizon', heads: 2 },
      misspelt: [expect.stringMatching(/^model.blocks.0.haeds: This key is unknown. Did you mean heads[?]$/)],
    })
    for (const count of found['counts'] as number[]) expect(count).toBeGreaterThan(5)
  })

  it('trains, evaluates, saves and loads', () => {
    writeFileSync(join(user, 'training.mjs'), training.replace(': number[]', ''))
    const found = JSON.parse(run('training.mjs')) as Record<string, unknown>
    expect(found).toMatchObject({ steps: 12, looks: [12], name: 'baseline-gbm', none: [true] })
    expect(found['windows']).toBeGreaterThan(0)
    expect(found['wrong']).toEqual([expect.stringMatching(/^data/)])
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
    expect(
      check(program + training.replaceAll('answer', 'second').replaceAll('wrong', 'third').replace('none:', 'none2:')),
    ).toBe('')
    expect(check(program.replace('overrides: [', 'overides: ['))).toMatch(/overides/)
  })
})
