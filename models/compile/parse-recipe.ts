import { aheadOnly } from '#core/forecast/models/onnx/feature-book'
import { Graph } from '#models/graph/graph'
import type { BlockChoice } from '#models/graph/scope'
import { type Component, FitError } from '#models/registry/component'
import type { ComponentTable } from '#models/registry/component-table'
import type { Components } from '#models/registry/discover'
import { outlineModel, trainingBytes } from './compile-model.ts'
import { describeIssues } from './describe-issues.ts'
import { type Problem, type Recipe, type RecipeFeature, recipeSchema, settingsOf } from './recipe.ts'
import { writeLoss } from './write-loss.ts'
import { type ModelPlace, writeModel } from './write-model.ts'

const largestTrainingBytes = 3_000_000_000

export type RecipeReading =
  | { readonly ok: true; readonly recipe: Recipe }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** A recipe from its content: every setting checked, defaults filled in, shapes tried. All problems come together. */
export function parseRecipe(content: unknown, components: Components): RecipeReading {
  const checked = checkSettings(content, components)
  if (checked.ok) {
    const problems = [...clashes(checked.recipe), ...shapeProblems(checked.recipe)]
    return problems.length === 0 ? checked : { ok: false, problems }
  }
  // Shapes can still be tried when the wrong settings have defaults.
  const mended = checkSettings(
    checked.problems.reduce((rest, { path }) => without(rest, path.split('.')), content),
    components,
  )
  const shapes = mended.ok ? [...clashes(mended.recipe), ...shapeProblems(mended.recipe)] : []
  return { ok: false, problems: [...checked.problems, ...shapes] }
}

function checkSettings(content: unknown, components: Components): RecipeReading {
  const problems = describeIssues(recipeSchema, content)
  const parsed = recipeSchema.safeParse(content)
  const checker = new ChoiceChecker(components, problems)
  const model = record(record(content)['model'])
  const blocks = checker.blocks(model['blocks'], 'model.blocks')
  const head = checker.choice(components.heads, model['head'], 'model.head')
  const loss = checker.choice(components.losses, record(content)['loss'], 'loss')
  const inputs = record(record(content)['inputs'])
  const past = checker.features(inputs['past'], 'inputs.past')
  const ahead = checker.features(inputs['ahead'] ?? [], 'inputs.ahead')
  const isComplete = blocks !== undefined && head !== undefined && loss !== undefined
  if (!parsed.success || !isComplete || past === undefined || ahead === undefined) return { ok: false, problems }
  const { model: settings, inputs: shape, ...rest } = parsed.data
  return {
    ok: true,
    recipe: { ...rest, inputs: { ...shape, past, ahead }, model: { ...settings, blocks, head }, loss, components },
  }
}

/** Checks components inside a recipe by their own schemas, at their place. */
class ChoiceChecker {
  readonly #components: Components
  readonly #problems: Problem[]

  constructor(components: Components, problems: Problem[]) {
    this.#components = components
    this.#problems = problems
  }

  blocks(content: unknown, path: string): BlockChoice[] | undefined {
    if (!Array.isArray(content)) return undefined
    const checked = content.map((choice, index) => this.choice(this.#components.blocks, choice, `${path}.${index}`))
    return checked.every((choice) => choice !== undefined) ? checked : undefined
  }

  features(content: unknown, path: string): RecipeFeature[] | undefined {
    if (!Array.isArray(content)) return undefined
    const checked = content.map((feature, index) => this.#feature(feature, `${path}.${index}`))
    return checked.every((feature) => feature !== undefined) ? checked : undefined
  }

  #feature(content: unknown, path: string): RecipeFeature | undefined {
    const { kind } = record(content)
    if (typeof kind !== 'string') return undefined
    const found = this.#components.features.find(kind)
    const refuse = (sentence: string): undefined => void this.#problems.push({ path: `${path}.kind`, sentence })
    if (!found.ok) return refuse(found.sentence)
    if (path.startsWith('inputs.ahead') && found.definition.source === 'market') return refuse(`${aheadOnly(kind)}.`)
    const schema = found.schema.omit({ mean: true, sd: true })
    const parsed = schema.safeParse(content)
    if (parsed.success) return parsed.data as RecipeFeature
    this.#problems.push(...describeIssues(schema, content, path))
    return undefined
  }

  /** The choice with its defaults filled in; undefined if it is wrong. What is no choice at all is the recipe schema's. */
  choice<Kind extends Component['kind']>(
    table: ComponentTable<Kind>,
    content: unknown,
    path: string,
  ): BlockChoice | undefined {
    const { use } = record(content)
    if (typeof use !== 'string') return undefined
    const found = table.get(use)
    if (!found.ok) {
      this.#problems.push({ path: `${path}.use`, sentence: found.sentence })
      return undefined
    }
    const component: Component = found.component
    const given = settingsOf(content as BlockChoice)
    const parsed = component.settings.safeParse(given)
    if (!parsed.success) {
      this.#problems.push(...describeIssues(component.settings, given, path))
      return undefined
    }
    const settings = parsed.data as Record<string, unknown>
    if (component.kind !== 'block' || component.inner === undefined) return { use, ...settings }
    const inner = component.inner(settings).map((list) => ({
      at: list.path.split('.'),
      blocks: this.blocks(list.blocks, `${path}.${list.path}`),
    }))
    if (inner.some(({ blocks }) => blocks === undefined)) return undefined
    const whole = inner.reduce<unknown>((rest, { at, blocks }) => withValueAt(rest, at, blocks), settings)
    return { use, ...(whole as Record<string, unknown>) }
  }
}

/** What one schema cannot see. */
function clashes({ inputs, model, components }: Recipe): Problem[] {
  const problems: Problem[] = []
  const head = components.heads.get(model.head.use)
  if (head.ok && head.component.needsBaseline && !inputs.baseline) {
    problems.push({
      path: 'inputs.baseline',
      sentence: `head ${model.head.use} corrects the calibrated forecast: set inputs.baseline to true`,
    })
  }
  return problems
}

/** The model and its loss are written once, and every problem with a shape is kept. */
function shapeProblems(recipe: Recipe): Problem[] {
  const problems: Problem[] = []
  const graph = new Graph()
  const place: ModelPlace = {
    graph,
    batch: 2,
    isTraining: true,
    parameter: ({ name, shape }) => graph.input(name, shape),
    noise: ({ name, shape }) => graph.input(name, shape),
    report: (problem) => problems.push(problem),
  }
  try {
    writeLoss(recipe, place, writeModel(recipe, place).process)
    if (problems.length === 0) problems.push(...sizeProblems(recipe))
  } catch (error) {
    if (!(error instanceof Error)) throw error
    problems.push({ path: error instanceof FitError ? 'loss' : 'model', sentence: error.message })
  }
  return problems
}

/**
 * Losses that draw paths grow with batch, steps and paths together. Measured on models of the benchmark, a step takes about
 * half of what this counts.
 */
function sizeProblems(recipe: Recipe): Problem[] {
  if (outlineModel(recipe).parameterCount === 0) return [{ path: 'model', sentence: 'it has no weights to train' }]
  const { batch } = recipe.training
  const bytes = trainingBytes(recipe, batch)
  if (bytes <= largestTrainingBytes) return []
  const gigabytes = (count: number): string => `${(count / 1e9).toFixed(1)} GB`
  const sentence = `a step of ${batch} windows takes up to ${gigabytes(bytes)} of memory, more than ${gigabytes(largestTrainingBytes)}: choose a smaller batch, or fewer paths where the loss draws some`
  return [{ path: 'training.batch', sentence }]
}

/** The content without one setting. An item of a list stays: the others would change their places. */
function without(content: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return content
  if (Array.isArray(content)) return content.map((item, index) => (String(index) === name ? without(item, rest) : item))
  const { [name]: child, ...others } = record(content)
  return rest.length === 0 || child === undefined ? others : { ...others, [name]: without(child, rest) }
}

function withValueAt(content: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value
  if (Array.isArray(content)) return content.with(Number(name), withValueAt(content[Number(name)], rest, value))
  return { ...record(content), [name]: withValueAt(record(content)[name], rest, value) }
}

function record(content: unknown): Record<string, unknown> {
  return typeof content === 'object' && content !== null ? (content as Record<string, unknown>) : {}
}
