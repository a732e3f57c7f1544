import type { Command } from 'commander'
import { stringify } from 'yaml'
import { examples } from '#core/base/cli/examples'
import { writeJson } from '#core/base/cli/write-json'
import { UsageError } from '#core/base/errors/app-error'
import { pageWidth, wrapLine } from '#core/base/text/wrap-line'
import type { RegimeBook } from '#core/synth/regimes/book'
import { type PredictionRules, resolvePrediction } from '#core/synth/regimes/prediction'
import type { Regime } from '#core/synth/regimes/regime'
import { resolveAverageRules, resolvePromptRules, resolveScoringRules } from '#core/synth/regimes/resolve'
import { findRegime } from '#core/synth/regimes/timeline'
import { writtenFormOf } from '#core/synth/regimes/written-form'
import { parseDurationSeconds } from '../options/duration.ts'
import { readInstant } from '../options/read-instant.ts'
import { predictionToJson, rulesToJson } from './regimes-json.ts'
import { RegimesAtPredictionShape, RegimesAtShape, RegimesListShape, RegimesShowShape } from './regimes-shapes.ts'
import { describePrediction, describeRegime, describeRules, type RulesAtInstant } from './regimes-text.ts'

export interface RegimesCommandDeps {
  /** Read when a command runs: the configuration names the operator's own regimes. */
  readonly loadBook: () => RegimeBook
  /** One line on standard output. */
  readonly write: (line: string) => void
}

interface AtOptions {
  readonly asset?: string
  readonly length?: string
  readonly regime?: string
  readonly json?: boolean
}

export function addRegimesCommand(program: Command, { loadBook, write }: RegimesCommandDeps): void {
  const print = (lines: readonly string[]): void => lines.flatMap((line) => wrapLine(line)).forEach(write)
  const regimes = program.command('regimes').description("the subnet's rules by date")

  regimes
    .command('list')
    .description('list every known regime: from when, how certain that is, and what it changed')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner regimes list'))
    .action(({ json }: { json?: boolean }) => {
      const book = loadBook()
      if (json === true) return writeJson({ write }, RegimesListShape, { regimes: book.regimes.map(headOf) })
      for (const regime of book.regimes) {
        print(describeRegime(regime, book.byName.get(regime.extends ?? '')))
      }
    })

  regimes
    .command('show')
    .description('show all rules of one regime, in the form of a regime file')
    .argument('<regime>', 'id or alias, see "regimes list"')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner regimes show 2026-09-22', 'tuner regimes show v1.10.0 --json'))
    .action((id: string, { json }: { json?: boolean }) => {
      const regime = findRegime(loadBook(), id)
      const rules = writtenFormOf(regime)
      if (json === true) return writeJson({ write }, RegimesShowShape, { ...headOf(regime), ...rules })
      for (const line of describeRegime(regime)) {
        for (const part of wrapLine(line, { width: pageWidth - 2 })) write(`# ${part}`)
      }
      write(stringify(rules, { lineWidth: 80, aliasDuplicateObjects: false }).trimEnd())
    })

  regimes
    .command('at')
    .description('show the rules for an answer at an instant, in the three steps of its life')
    .argument('<instant>', 'UTC, such as 2026-09-21T12:00Z; a date is its first instant')
    .option('--asset <name>', 'show only the prediction of one asset, with --length')
    .option('--length <duration>', 'seconds, or with a unit: 3600, 1h, 24h')
    .option('--regime <id>', 'use this regime for any date')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples('tuner regimes at 2026-11-01', 'tuner regimes at 2026-09-21T12:00Z --asset BTC --length 1h'),
    )
    .action((text: string, options: AtOptions) => {
      const atMs = readInstant(text)
      const book = loadBook()
      if (options.asset === undefined && options.length === undefined) {
        const rules = rulesAt(book, atMs, options.regime)
        if (options.json === true) writeJson({ write }, RegimesAtShape, rulesToJson(atMs, rules))
        else print(describeRules(atMs, rules))
        return
      }
      const question = { ...readPrediction(options), startAtMs: atMs, regime: options.regime }
      const rules: PredictionRules = resolvePrediction(book, question)
      if (options.json === true) {
        writeJson({ write }, RegimesAtPredictionShape, predictionToJson(question, rules))
      } else print(describePrediction(question, rules))
    })
}

function rulesAt(book: RegimeBook, atMs: number, regime: string | undefined): RulesAtInstant {
  return {
    prompt: resolvePromptRules(book, { answerAtMs: atMs, regime }),
    scoring: resolveScoringRules(book, { scoringAtMs: atMs, regime }),
    average: resolveAverageRules(book, { updateAtMs: atMs, regime }),
  }
}

function headOf({ id, aliases, origin, extends: parent, summary, source, effective, gaps }: Regime) {
  return { id, aliases, origin, extends: parent, summary, source, effective, gaps }
}

function readPrediction({ asset, length }: AtOptions): { asset: string; timeLengthSeconds: number } {
  if (asset === undefined || length === undefined) {
    throw new UsageError('USAGE', `--${asset === undefined ? 'asset' : 'length'} is missing.`, {
      hint: 'Give both, such as --asset BTC --length 1h, or neither.',
    })
  }
  const timeLengthSeconds = parseDurationSeconds(length)
  if (timeLengthSeconds === undefined) {
    throw new UsageError('USAGE', `--length ${length} is not a duration.`, { hint: 'Write seconds, or 1h, or 24h.' })
  }
  return { asset: asset.toUpperCase(), timeLengthSeconds }
}
