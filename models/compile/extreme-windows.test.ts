/** Whatever blocks, head and loss stand together, and whatever comes in: what goes out are numbers. */
import { expect, it } from 'vitest'
import { OnnxGraphRuntime } from '#adapters/onnx/graph-sessions'
import { SplitMix64 } from '#core/base/random/rng'
import { Sfc32 } from '#core/base/random/sfc32'
import type { GraphTensor } from '#core/forecast/models/onnx/graph-runtime'
import { sizeOf } from '#models/graph/graph'
import { discoverComponents } from '#models/registry/discover'
import { evaluationModel, trainingModel } from './compile-model.ts'
import { drawNoise } from './draw-noise.ts'
import { parseRecipe } from './parse-recipe.ts'
import type { Recipe } from './recipe.ts'
import { startWeights } from './start-weights.ts'

const [batch, rows, steps] = [2, 9, 12]
const components = await discoverComponents()
const [blocks, heads] = [components.blocks.list(), components.heads.list()]
const losses = components.losses.list(({ isMetric }) => isMetric !== true)

it('gives finite forecasts, losses and gradients for any model and any window', async () => {
  const random = new Sfc32(new SplitMix64(11n))
  for (let i = 0; i < Math.max(blocks.length, heads.length); i += 1) {
    const recipe = drawRecipe(random, i)
    const [training, evaluation] = [trainingModel(recipe, batch), evaluationModel(recipe, batch)]
    const values = startWeights(training.parameters, i)
    for (const { bytes, noise } of [training, evaluation]) {
      const session = await new OnnxGraphRuntime().load(bytes)
      const fixed = { parameters: { dims: [values.length], values }, ...drawNoise(noise, new SplitMix64(BigInt(i))) }
      for (const [kind, number] of Object.entries(extremes)) {
        const results = await session.run({ ...fixed, ...windows(recipe, number) })
        for (const [name, { values: numbers }] of Object.entries(results)) {
          if ((numbers as Float32Array).every(Number.isFinite)) continue
          expect.fail(`${name} of ${kind}: ${JSON.stringify({ ...recipe.model, loss: recipe.loss })}`)
        }
      }
      await session.release()
    }
  }
})

const extremes: Readonly<Record<string, (i: number) => number>> = {
  'large numbers': () => 1e6,
  'large negative numbers': () => -1e6,
  'large numbers of both signs': (i) => (i % 2 === 0 ? 1e6 : -1e6),
  'one large number': (i) => (i === 5 ? 1e6 : 0),
  zeros: () => 0,
  'tiny numbers': (i) => (i % 3) * 1e-30,
}

/** Moves are bounded by what a market can do within a step; where nothing is known, too. */
function windows({ inputs }: Recipe, at: (i: number) => number): Record<string, GraphTensor> {
  const tensor = (dims: readonly number[], number: (i: number) => number): GraphTensor => ({
    dims,
    values: Float32Array.from({ length: sizeOf(dims) }, (_, i) => number(i)),
  })
  return {
    past: tensor([batch, rows, inputs.past.length], at),
    ...(inputs.ahead.length > 0 ? { ahead: tensor([batch, steps, inputs.ahead.length], at) } : {}),
    ...(inputs.baseline ? { baseline: tensor([batch, steps], at) } : {}),
    log_returns: tensor([batch, steps], (i) => Math.max(-0.5, Math.min(0.5, at(i)))),
    known: tensor([batch, steps], (i) => (i < steps ? 0 : 1)),
  }
}

const headSettings = [{}, { tails: 'student' }, { tails: 'student', level: true }, { level: true, drift: true }]

/** Every block and every head gets its turn; the rest is drawn. */
function drawRecipe(random: Sfc32, turn: number): Recipe {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.uniform() * list.length)]!
  const single = blocks.filter(({ keepsLength, inner }) => keepsLength && inner === undefined)
  const inPath = () => ({ use: pick(single).name })
  const settled = ({ name, inner }: (typeof blocks)[number]) =>
    inner === undefined ? { use: name } : { use: name, paths: [[inPath()], [inPath(), inPath()]] }
  const first = settled(blocks[turn % blocks.length]!)
  const more = Array.from({ length: Math.floor(random.uniform() * 3) }, () => settled(pick(blocks)))
  const head = heads[turn % heads.length]!
  const model = {
    width: 4,
    insertLayerNorm: random.uniform() < 0.5,
    revin: random.uniform() < 0.3,
    pooling: pick(['last', 'mean', 'max']),
    blocks: [first, ...more],
    head: { use: head.name, ...pick(headSettings.filter((one) => head.settings.safeParse(one).success)) },
  }
  const inputs = {
    rows,
    stepSeconds: 300,
    past: [{ kind: 'logReturn' }, { kind: 'daySin' }],
    ahead: random.uniform() < 0.5 ? [{ kind: 'daySin' }] : [],
    baseline: head.needsBaseline,
  }
  const shared = { name: 'drawn', assets: ['BTC'], horizon: 'low', grid: { stepSeconds: 300, steps } }
  // Not every loss fits every head: the next one that does.
  const answers = losses.map((_, i) => {
    const loss = { use: losses[(turn + i) % losses.length]!.name }
    return parseRecipe({ ...shared, data: { use: 'mock' }, inputs, model, loss }, components)
  })
  const fitting = answers.find(({ ok }) => ok)
  if (fitting?.ok !== true) throw new Error(JSON.stringify({ model, answer: answers[0] }))
  return fitting.recipe
}
