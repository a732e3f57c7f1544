import { type Command, InvalidArgumentError } from 'commander'
import { examples } from '#core/base/cli/examples'
import type { Progress } from '#core/base/cli/progress'
import type { Terminal } from '#core/base/cli/terminal'
import { writeJson } from '#core/base/cli/write-json'
import { AppError } from '#core/base/errors/app-error'
import { wrapLine } from '#core/base/text/wrap-line'
import { TrainShape, viewRun } from '#core/tuning/views/training-view'
import type { TrainContext, TrainReport } from '../train/context.ts'
import { runLines } from '../train/run-text.ts'

export interface TrainCommandDeps {
  readonly open: () => TrainContext
  readonly terminal: Terminal
  readonly progress: Progress
  readonly interrupted: () => AbortSignal
}

interface TrainOptions {
  readonly resume?: boolean
  readonly seeds?: readonly number[]
  readonly folds?: boolean
  readonly out?: string
  readonly processes?: number
  readonly json?: boolean
}

export function addTrainCommand(program: Command, deps: TrainCommandDeps): void {
  program
    .command('train')
    .description('train a recipe of a model, and write what the miner can serve')
    .argument('<recipe>', 'a YAML file, or the name of a recipe that comes with the program')
    .argument('[settings...]', 'settings that replace those of the recipe, such as training.steps=500')
    .option('--resume', 'go on from the last checkpoint, with the same result as without the interruption')
    .option('--seeds <list>', 'train once with each of these seeds, such as 1,2,3', seedList)
    .option('--folds', 'train each fold of a walk forward; no model is written')
    .option('--out <folder>', 'where the model goes; default: "trained" beside the database')
    .option('--processes <count>', 'trainings at once; default: the cores of this computer', wholeNumber)
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner train baseline_gbm training.steps=20'))
    .action(async (recipe: string, overrides: string[], options: TrainOptions) => {
      const { terminal, progress } = deps
      const context = deps.open()
      try {
        const request = {
          ...{ recipe, overrides, seeds: options.seeds, allFolds: options.folds === true },
          ...{ resume: options.resume === true, outFolder: options.out, processes: options.processes },
        }
        const report = await context.train(request, {
          signal: deps.interrupted(),
          onProgress: (label, done, total) => progress.update(label, done, total),
          warn: terminal.warn,
        })
        progress.stop()
        write(terminal, report, options.json === true)
        throwForRuns(report)
      } finally {
        progress.stop()
        context.close()
      }
    })
}

function write(terminal: Terminal, { runs, leftOut, uncompared }: TrainReport, isJson: boolean): void {
  const views = runs.map((run) => viewRun(run, () => false))
  if (isJson) {
    writeJson(terminal, TrainShape, { runs: views, leftOut, uncompared: uncompared ?? null })
    return
  }
  const lines = [
    ...leftOut.map((reason) => `Left out: ${reason}`),
    ...views.flatMap(runLines),
    ...(uncompared === undefined ? [] : [`Not compared with the calibrated model: ${uncompared.replace(/[.]$/, '')}.`]),
  ]
  for (const line of lines.flatMap((text) => wrapLine(text))) terminal.write(line)
}

/** What was said is on the screen; a script sees it by the exit code. */
function throwForRuns({ runs, code }: TrainReport): void {
  if (code === undefined) return
  const unfinished = runs.filter(({ state }) => state !== 'done')
  const names = unfinished.map(({ id, reason }) => `run ${id}${reason === undefined ? '' : ` (${reason})`}`)
  throw new AppError(code, `Not done: ${names.join(', ')}.`)
}

function seedList(text: string): number[] {
  const seeds = text.split(',').map(Number)
  if (!seeds.every((seed) => Number.isSafeInteger(seed) && seed >= 0) || new Set(seeds).size !== seeds.length) {
    throw new InvalidArgumentError('Different whole numbers with commas between are needed, such as 1,2,3.')
  }
  return seeds
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('A whole number from 1 to 999 is needed.')
  return Number(text)
}
