import type { Command } from 'commander'
import type { z } from 'zod'
import { examples } from '#core/base/cli/examples'
import type { Terminal } from '#core/base/cli/terminal'
import { writeJson } from '#core/base/cli/write-json'
import { InputError } from '#core/base/errors/app-error'
import { counted } from '#core/base/text/counted'
import { textTable } from '#core/base/text/text-table'
import { wrapLine } from '#core/base/text/wrap-line'
import type { GraphRuntime } from '#core/forecast/models/onnx/graph-runtime'
import { outlineModel } from '#models/compile/compile-model'
import { help } from '#models/compile/describe-issues'
import { readRecipe, writeRecipe } from '#models/compile/read-recipe'
import type { Problem } from '#models/compile/recipe'
import { recipeError } from '#models/compile/recipe-error'
import { listPresets, recipeSource } from '#models/compile/recipe-files'
import { recipeHash } from '#models/compile/recipe-hash'
import { tryModel } from '#models/compile/try-model'
import { showShape } from '#models/graph/graph'
import {
  type ComponentView,
  listBlocks,
  listFeatures,
  listHeads,
  listLosses,
} from '#models/registry/describe-components'
import type { Components } from '#models/registry/discover'
import { ModelsCheckShape, ModelsListShape } from './models-shapes.ts'

export interface ModelsCommandDeps {
  /** Read when a command runs: the configuration names the operator's own folders. */
  readonly components: () => Promise<Components>
  readonly runtime: () => Promise<GraphRuntime>
  readonly terminal: Terminal
}

export function addModelsCommand(program: Command, deps: ModelsCommandDeps): void {
  const models = program.command('models').description('what recipes of models are made of, and whether one is valid')
  models
    .command('list')
    .description('list blocks, heads, losses, features and the recipes that come with the program')
    .argument('[component]', 'show the settings of this one')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner models list', 'tuner models list lstmblock', 'tuner models list --json'))
    .action((component: string | undefined, options: { json?: boolean }) => listComponents(deps, component, options))
  models
    .command('check')
    .description('check a recipe: every problem with its place, or shapes, number of weights and a trial run')
    .argument('<recipe>', 'a YAML file, or the name of a preset')
    .argument('[settings...]', 'settings that replace those of the file, such as model.width=32')
    .option('--resolved', 'write the recipe with every default and reference filled in')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples('tuner models check sde_transformer', 'tuner models check baseline_gbm model.width=16 --resolved'),
    )
    .action((recipe: string, settings: string[], options: CheckOptions) => checkRecipe(deps, recipe, settings, options))
}

interface CheckOptions {
  readonly resolved?: boolean
  readonly json?: boolean
}

async function listComponents(
  deps: ModelsCommandDeps,
  component: string | undefined,
  { json }: { json?: boolean },
): Promise<void> {
  const { terminal } = deps
  const components = await deps.components()
  const all = {
    blocks: listBlocks(components),
    heads: listHeads(components),
    losses: listLosses(components),
    features: listFeatures(components),
    presets: listPresets(),
  }
  const isWanted = ({ name }: { name: string }): boolean => component === undefined || name === component
  const wanted = {
    blocks: all.blocks.filter(isWanted),
    heads: all.heads.filter(isWanted),
    losses: all.losses.filter(isWanted),
    features: all.features.filter(isWanted),
    presets: all.presets.filter(isWanted),
  }
  if (component !== undefined && Object.values(wanted).every((list) => list.length === 0)) {
    const names = Object.values(all).flatMap((list) => list.map(({ name }) => name))
    throw new InputError('INPUT_INVALID', `There is no component ${component}. ${help(component, names)}`)
  }
  if (json === true) return writeJson(terminal, ModelsListShape, wanted as z.input<typeof ModelsListShape>)
  for (const [kind, list] of Object.entries(wanted)) {
    if (list.length === 0) continue
    terminal.write(kind)
    const width = Math.max(...list.map(({ name }) => name.length))
    for (const entry of list) {
      const line = `  ${entry.name.padEnd(width)}  ${entry.description}`
      for (const part of wrapLine(line, { indent: ' '.repeat(width + 4) })) terminal.write(part)
      if (component !== undefined && 'settings' in entry) writeSettings(terminal, entry)
    }
  }
}

function writeSettings(terminal: Terminal, { settings, ...facts }: ComponentView): void {
  for (const [name, value] of Object.entries(facts)) {
    if (name !== 'name' && name !== 'description') terminal.write(`    ${name}: ${String(value)}`)
  }
  for (const { key, type, isRequired, default: value, description } of settings) {
    const from = isRequired ? 'required' : value === undefined ? 'optional' : `default ${JSON.stringify(value)}`
    const line = `    ${key} (${type}, ${from})${description === '' ? '' : `: ${description}`}`
    for (const part of wrapLine(line)) terminal.write(part)
  }
}

async function checkRecipe(
  deps: ModelsCommandDeps,
  name: string,
  settings: readonly string[],
  { resolved, json }: CheckOptions,
): Promise<void> {
  const { terminal } = deps
  const read = readRecipe(recipeSource(name, settings), await deps.components())
  const tried = read.ok ? await tryModel(await deps.runtime(), read.recipe) : read
  if (!read.ok || !tried.ok) {
    const problems = tried.ok ? [] : tried.problems
    if (json === true)
      writeJson(terminal, ModelsCheckShape, { ...unknown, recipe: name, problems: problems.map(toJson) })
    throw recipeError(problems)
  }
  const { recipe } = read
  const { parameterCount, inputs, blocks, outputs } = outlineModel(recipe)
  const hash = recipeHash(recipe)
  const text = writeRecipe(recipe)
  if (json === true) {
    const facts = { hash, parameterCount, inputs, blocks, outputs, trial: tried.trial, resolved: text }
    writeJson(terminal, ModelsCheckShape, { recipe: name, isValid: true, problems: [], ...facts })
    return
  }
  if (resolved === true) {
    for (const line of text.trimEnd().split('\n')) terminal.write(line)
    return
  }
  const shapes = blocks.map(({ path, use, from, to }) => [`${path} ${use}`, showShape(from), showShape(to)])
  terminal.write(`${recipe.name}: valid, recipe ${hash}, ${counted(parameterCount, 'weight')}`)
  for (const { name: input, shape } of inputs) terminal.write(`  input   ${input} ${showShape(shape)}`)
  for (const line of textTable(['block', 'from', 'to'], shapes)) terminal.write(`  ${line}`)
  for (const { name: output, shape } of outputs) terminal.write(`  output  ${output} ${showShape(shape)}`)
  const { loss, gradientNorm, servingDifference } = tried.trial
  terminal.write(
    `  a fresh model on drawn numbers: loss ${short(loss)}, length of the gradient ${short(gradientNorm)};`,
  )
  terminal.write(`  served and trained outputs differ by ${short(servingDifference)}`)
}

const unknown = {
  ...{ isValid: false, hash: null, parameterCount: null, inputs: [], blocks: [], outputs: [] },
  ...{ trial: null, resolved: null },
}

function toJson({ path, file, line, sentence }: Problem) {
  return { path, file: file ?? null, line: line ?? null, sentence }
}

function short(value: number): string {
  return value === 0 ? '0' : value.toPrecision(3)
}
