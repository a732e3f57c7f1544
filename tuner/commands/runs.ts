import { type Command, InvalidArgumentError } from 'commander'
import { parse } from 'yaml'
import { examples } from '#core/base/cli/examples'
import type { Terminal } from '#core/base/cli/terminal'
import { writeJson } from '#core/base/cli/write-json'
import { UsageError } from '#core/base/errors/app-error'
import type { JsonValue } from '#core/base/json/strict-json'
import { textTable } from '#core/base/text/text-table'
import { wrapLine } from '#core/base/text/wrap-line'
import type { TrainingRun } from '#core/tuning/training/training-runs'
import { RunsCompareShape, RunsListShape, RunsShowShape, viewMetric, viewRun } from '#core/tuning/views/training-view'
import type { RunsContext } from '../train/context.ts'
import { runLines, withInterval } from '../train/run-text.ts'

export interface RunsCommandDeps {
  readonly open: () => RunsContext
  readonly terminal: Terminal
}

interface JsonOption {
  readonly json?: boolean
}

export function addRunsCommand(program: Command, deps: RunsCommandDeps): void {
  const runs = program.command('runs').description('what "tuner train" has trained')

  runs
    .command('list')
    .description('list trainings, the newest last')
    .option('--count <count>', 'how many', wholeNumber, 20)
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner runs list', 'tuner runs list --count 5'))
    .action((options: JsonOption & { readonly count: number }) => withRuns(deps, (context) => list(context, options)))

  runs
    .command('show')
    .description('show one training: its data, its losses by step, and the comparison at its end')
    .argument('<run>', 'number as in "tuner runs list"', wholeNumber)
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner runs show 1'))
    .action((id: number, options: JsonOption) => withRuns(deps, (context) => show(context, id, options)))

  runs
    .command('compare')
    .description('show trainings side by side, with the settings in which their recipes differ')
    .argument('<runs...>', 'their numbers', (text: string, earlier: number[] = []) => [...earlier, wholeNumber(text)])
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner runs compare 1 2'))
    .action((ids: number[], options: JsonOption) => withRuns(deps, (context) => compare(context, ids, options)))

  const { terminal } = deps
  const view = (run: TrainingRun, { isGone }: RunsContext) => viewRun(run, isGone)

  function list(context: RunsContext, { count, json }: JsonOption & { readonly count: number }): void {
    const views = context.store
      .list(count)
      .map((run) => view(run, context))
      .toReversed()
    if (json === true) {
      writeJson(terminal, RunsListShape, { runs: views })
      return
    }
    if (views.length === 0) {
      terminal.warn('Nothing was trained yet; "tuner train RECIPE" does.')
      return
    }
    for (const run of views) {
      const best = run.bestLoss === null ? '' : `, loss ${run.bestLoss.toPrecision(5)}`
      const fold = run.fold === null ? '' : `, fold ${run.fold}`
      terminal.write(`${run.id}  ${run.recipe}, seed ${run.seed}${fold}: ${run.state}, ${run.step}/${run.steps}${best}`)
    }
  }

  function show(context: RunsContext, id: number, { json }: JsonOption): void {
    const run = find(context, id)
    const shown = view(run, context)
    const metrics = context.store.metricsOf(id).map(viewMetric)
    if (json === true) {
      writeJson(terminal, RunsShowShape, { run: shown, recipe: run.recipe, metrics })
      return
    }
    const { data, codeVersion } = shown
    const lines = [
      ...runLines(shown),
      `  data ${data.hash}, starts from ${data.from} to ${data.to}`,
      `  release ${codeVersion}; --json has the whole recipe`,
    ]
    for (const line of lines.flatMap((text) => wrapLine(text))) terminal.write(line)
    if (metrics.length === 0) return
    const rows = metrics.map(({ step, trainingLoss, validationLoss, learningRate, gradientLength }) => [
      String(step),
      trainingLoss.toPrecision(6),
      validationLoss?.toPrecision(6) ?? '',
      learningRate.toPrecision(3),
      gradientLength.toPrecision(3),
    ])
    for (const line of textTable(['step', 'training', 'validation', 'rate', 'gradient'], rows)) terminal.write(line)
  }

  function compare(context: RunsContext, ids: readonly number[], { json }: JsonOption): void {
    const runs = ids.map((id) => find(context, id))
    const views = runs.map((run) => view(run, context))
    const isSameData = new Set(runs.map(({ dataHash }) => dataHash)).size === 1
    const settings = differences(runs.map(({ recipe }) => flat(parse(recipe) as JsonValue)))
    if (json === true) {
      writeJson(terminal, RunsCompareShape, { runs: views, isSameData, settings })
      return
    }
    const rows = views.map((run) => [
      `${run.id}  ${run.recipe}`,
      String(run.seed),
      run.bestLoss?.toPrecision(6) ?? '',
      run.comparison === null ? '' : withInterval(run.comparison.difference),
    ])
    const lines = [
      ...textTable(['run', 'seed', 'loss', 'beside calibrated'], rows),
      ...(isSameData ? [] : ['Their data differ, so losses and scores cannot be compared.']),
      ...settings.map(({ path, values }) => `${path}: ${values.map((value) => JSON.stringify(value)).join(' | ')}`),
    ]
    for (const line of lines.flatMap((text) => wrapLine(text))) terminal.write(line)
  }
}

function withRuns(deps: RunsCommandDeps, use: (context: RunsContext) => void): void {
  const context = deps.open()
  try {
    use(context)
  } finally {
    context.close()
  }
}

function find({ store }: RunsContext, id: number): TrainingRun {
  const run = store.find(id)
  if (run === undefined) throw new UsageError('RUN_UNKNOWN', `There is no training ${id}.`)
  return run
}

type Flat = ReadonlyMap<string, JsonValue>

function flat(value: JsonValue, path = ''): Flat {
  if (typeof value !== 'object' || value === null) return new Map([[path, value]])
  const children = Object.entries(value).flatMap(([key, child]) => [
    ...flat(child, path === '' ? key : `${path}.${key}`),
  ])
  return new Map(children)
}

function differences(recipes: readonly Flat[]): { path: string; values: JsonValue[] }[] {
  const paths = [...new Set(recipes.flatMap((recipe) => [...recipe.keys()]))]
  return paths
    .map((path) => ({ path, values: recipes.map((recipe) => recipe.get(path) ?? null) }))
    .filter(({ values }) => new Set(values).size > 1)
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('A whole number from 1 on is needed.')
  return Number(text)
}
