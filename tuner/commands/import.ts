import type { Command } from 'commander'
import { z } from 'zod'
import { examples } from '#core/base/cli/examples'
import type { Progress } from '#core/base/cli/progress'
import type { Terminal } from '#core/base/cli/terminal'
import { writeJson } from '#core/base/cli/write-json'
import { InputError } from '#core/base/errors/app-error'
import { counted } from '#core/base/text/counted'
import { wrapLine } from '#core/base/text/wrap-line'
import type { EwmaState } from '#core/forecast/models/ewma-state'
import { formatInstant } from '#core/synth/regimes/instant'
import { readSeedPrediction, type SeedPrediction } from '#core/tuning/seed-import/read-seed-prediction'
import { readSeedHistory, type SeedHistory } from '#core/tuning/seed-import/seed-history'
import { readSeedStates } from '#core/tuning/seed-import/seed-states'

export interface ImportContext {
  /** `present`: it is in the journal already. A problem is a sentence. */
  keep(prediction: SeedPrediction): 'added' | 'present' | { readonly problem: string }
  keepHistory(history: SeedHistory): { readonly changes: number; readonly refusal?: string }
  /** Those of assets that have no state of their own. */
  keepStates(states: readonly EwmaState[]): number
  close(): void
}

export interface ImportCommandDeps {
  readonly open: () => ImportContext
  readonly folder: (path: string) => {
    readonly history: string | undefined
    readonly states: string | undefined
    readonly logs: readonly string[]
  }
  readonly readJson: (path: string) => unknown
  readonly readLines: (path: string) => Iterable<string>
  readonly terminal: Terminal
  readonly progress: Progress
  readonly nowMs: () => number
}

export const ImportSeedShape = z.strictObject({
  predictions: z.strictObject({
    files: z.int(),
    added: z.int(),
    present: z.int().describe('in the journal already'),
    refused: z.int(),
  }),
  history: z.strictObject({
    found: z.boolean(),
    changes: z.int().describe('entered in the ledger, each at its own date'),
    startedAt: z.iso.datetime().nullable(),
    refusal: z.string().nullable(),
  }),
  states: z.strictObject({ found: z.boolean(), added: z.int() }),
  problems: z.array(z.string()).describe('file, line and reason of what was not used; the first hundred'),
})
type Report = z.output<typeof ImportSeedShape>

const mostProblems = 100

export function addImportCommand(program: Command, deps: ImportCommandDeps): void {
  program
    .command('import')
    .description('take over what other miners left')
    .command('seed')
    .description("the older miner's logged predictions, its tuning history and its volatility state")
    .argument('<folder>', 'its checkout, or the data folder in it')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `\nNothing in the folder is changed, and what is here stays: a second import adds\nnothing. Times without a zone are read as UTC.\n${examples('tuner import seed synth-subnet', 'tuner import seed synth-subnet/data --json')}`,
    )
    .action((folder: string, options: { json?: boolean }) => {
      const report = importSeed(deps, folder)
      if (options.json === true) writeJson(deps.terminal, ImportSeedShape, report)
      else for (const line of reportLines(report).flatMap((text) => wrapLine(text))) deps.terminal.write(line)
    })
}

function importSeed(deps: ImportCommandDeps, path: string): Report {
  const found = deps.folder(path)
  if (found.history === undefined && found.states === undefined && found.logs.length === 0) {
    throw new InputError('INPUT_FILE_UNREADABLE', `${path} holds nothing of the older miner.`, {
      hint: 'Name its checkout or its data folder, with miner_state/tuning_history.json or predictions/*/*.jsonl in it.',
    })
  }
  // Read before anything is opened: a broken file costs nothing.
  const history = found.history === undefined ? undefined : readSeedHistory(deps.readJson(found.history), deps.nowMs())
  const states = found.states === undefined ? undefined : readSeedStates(deps.readJson(found.states), deps.nowMs())
  const problems = [
    ...(history?.problems.map((text) => `tuning_history.json: ${text}`) ?? []),
    ...(states?.problems.map((text) => `volatility_state.json: ${text}`) ?? []),
  ]
  const context = deps.open()
  try {
    const predictions = importLogs(deps, context, found.logs, problems)
    const entered = history === undefined ? { changes: 0 } : context.keepHistory(history)
    return {
      predictions,
      history: {
        found: history !== undefined,
        changes: entered.changes,
        startedAt: history?.startedAtMs === undefined ? null : formatInstant(history.startedAtMs),
        refusal: entered.refusal ?? null,
      },
      states: { found: states !== undefined, added: states === undefined ? 0 : context.keepStates(states.states) },
      problems: problems.slice(0, mostProblems),
    }
  } finally {
    context.close()
    deps.progress.stop()
  }
}

function importLogs(deps: ImportCommandDeps, context: ImportContext, logs: readonly string[], problems: string[]) {
  const counts = { files: logs.length, added: 0, present: 0, refused: 0 }
  for (const [i, log] of logs.entries()) {
    let lineNumber = 0
    for (const text of deps.readLines(log)) {
      lineNumber += 1
      if (text.trim() === '') continue
      const line = readSeedPrediction(text)
      const kept = line.ok ? context.keep(line.prediction) : line
      if (typeof kept === 'string') counts[kept] += 1
      else {
        counts.refused += 1
        problems.push(`${log}, line ${lineNumber}: ${kept.problem}`)
      }
      deps.progress.update('predictions', i, logs.length)
    }
  }
  return counts
}

function reportLines({ predictions, history, states, problems }: Report): string[] {
  const { files, added, present, refused } = predictions
  const lines = [
    `${counted(added, 'prediction')} added of ${counted(files, 'file')}, ${present} were here before, ${refused} not used.`,
  ]
  if (!history.found) lines.push('No tuning_history.json.')
  else if (history.refusal !== null) lines.push(`The tuning history was not entered. ${history.refusal}`)
  else lines.push(`${counted(history.changes, 'change')} of the tuning history entered in the ledger, at their dates.`)
  if (!states.found) lines.push('No volatility_state.json.')
  else lines.push(`${counted(states.added, 'volatility state')} taken over; recorded minutes replace them.`)
  if (problems.length > 0) lines.push('', 'Not used:', ...problems.slice(0, 10).map((text) => `  ${text}`))
  if (problems.length > 10) lines.push(`  and ${problems.length - 10} more; --json lists them`)
  if (added > 0) lines.push('', 'Score them with: tuner replay --from their first day')
  return lines
}
