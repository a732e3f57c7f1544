import { Command } from 'commander'
import { expect, it } from 'vitest'
import { OnnxGraphRuntime } from '#adapters/onnx/graph-sessions'
import { toyComponents } from '#tests/support/models/toy-components'
import { addModelsCommand } from './models.ts'

function setUp() {
  const lines: string[] = []
  const program = new Command().exitOverride()
  addModelsCommand(program, {
    components: async () => toyComponents(),
    runtime: async () => new OnnxGraphRuntime(),
    terminal: { write: (line) => void lines.push(line), warn: () => {}, columns: 80, hasColor: false },
  })
  const run = (...args: string[]) => program.parseAsync(['models', ...args], { from: 'user' })
  return { run, lines }
}

/** A preset of real components, made one of the toys. */
const toy = [
  'baseline_gbm',
  'model.blocks=[{use: toy, dropout: 0.1}]',
  'model.head={use: toy_head}',
  'loss={use: toy_loss}',
]

it('list shows one component with its settings', async () => {
  const { run, lines } = setUp()
  await run('list', 'toy')
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "blocks
      toy  A linear layer, tanh and dropout.
        keepsLength: true
        keepsWidth: true
        leastLength: 1
        dropout (number, default 0)
        bias (true or false, default true)"
  `)
})

it('list answers a misspelt name with the nearest one', async () => {
  await expect(setUp().run('list', 'toyy')).rejects.toMatchObject({
    code: 'INPUT_INVALID',
    message: 'There is no component toyy. Did you mean toy?',
  })
})

it('check shows shapes, weights, hash and a trial run', async () => {
  const { run, lines } = setUp()
  await run('check', ...toy)
  expect(
    lines
      .slice(0, -2)
      .join('\n')
      .replace(/recipe [0-9a-f]{12}/, 'recipe HASH'),
  ).toMatchInlineSnapshot(`
    "baseline-gbm: valid, recipe HASH, 5312 weights
      input   past [1, 64, 8]
      block                      from           to
      model.blocks.0 toy  [1, 64, 16]  [1, 64, 16]
      output  log_variance [1, 288]"
  `)
  expect(lines.at(-2)).toMatch(/^ {2}a fresh model on drawn numbers: loss \S+, length of the gradient \S+;$/)
})

it('check ends on all problems, and writes them as JSON too', async () => {
  const { run, lines } = setUp()
  await expect(run('check', ...toy, 'model.widht=3', 'model.pooling=lst', '--json')).rejects.toMatchObject({
    code: 'RECIPE_INVALID',
    message:
      'command line, model.pooling=lst: model.pooling: There is no lst. Did you mean last?\n' +
      'command line, model.widht=3: model.widht: This key is unknown. Did you mean width?',
  })
  expect(JSON.parse(lines.join('\n'))).toMatchObject({
    isValid: false,
    problems: [
      { path: 'model.pooling', file: 'command line, model.pooling=lst', line: null },
      { path: 'model.widht', line: null },
    ],
    ...{ hash: null, parameterCount: null, trial: null },
  })
})

it('check --resolved writes the recipe with everything filled in', async () => {
  const { run, lines } = setUp()
  await run('check', ...toy, '--resolved')
  expect(lines).toContain('  pooling: last')
})
