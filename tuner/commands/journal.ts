import { type Command, InvalidArgumentError } from 'commander'
import { examples } from '#core/base/cli/examples'
import { addHorizonOption } from '../options/horizon.ts'
import type { JournalCommandDeps } from './journal/context.ts'
import { exportPredictions, type JournalExportOptions } from './journal/export.ts'
import { type ListOptions, listPredictions } from './journal/list.ts'
import { showPrediction } from './journal/show.ts'
import { type JournalStatusOptions, showStatus } from './journal/status.ts'
import { type JournalVerifyOptions, verifyJournal } from './journal/verify.ts'

export function addJournalCommand(program: Command, deps: JournalCommandDeps): void {
  const journal = program.command('journal').description('the predictions that were served')

  journal
    .command('status')
    .description('show how many of each asset and horizon are kept, and how much space they take')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner journal status', 'tuner journal status --json'))
    .action((options: JournalStatusOptions) => showStatus(deps, options))

  addSelection(journal.command('list').description('list names of predictions, the newest last'))
    .option('--count <count>', 'how many', wholeNumber(1_000_000), 20)
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner journal list', 'tuner journal list --asset BTC --horizon 1h --count 50'))
    .action((options: ListOptions) => listPredictions(deps, options))

  journal
    .command('show')
    .description('show one prediction: the prompt, the model that answered, and whether its prices are stored')
    .argument('<name>', 'name as in "tuner journal list"; the hash at its end may be omitted')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner journal show BTC-86400s-20260925T000000Z'))
    .action((id: string, options: { json?: boolean }) => showPrediction(deps, id, options))

  journal
    .command('verify')
    .description('check that every record is the one that was written: each entry of the chain, and its record')
    .option('--hash <hash>', 'of an entry that was noted before; it must still be in the chain', knownHash)
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner journal verify', 'tuner journal verify --json'))
    .action((options: JournalVerifyOptions) => verifyJournal(deps, options))

  addSelection(
    journal.command('export').description('write predictions as JSON lines, with the field names of older miners'),
  )
    .option('--out <file>', 'file to write; default: standard output')
    .option('--no-paths', 'omit the prices')
    .option('--json', 'with --out: a summary as JSON; the lines themselves are always JSON')
    .addHelpText(
      'after',
      examples(
        'tuner journal export --out predictions.jsonl',
        'tuner journal export --asset BTC --from 2026-09-25 --no-paths',
      ),
    )
    .action((options: JournalExportOptions) => exportPredictions(deps, options))
}

function addSelection(command: Command): Command {
  return addHorizonOption(command.option('--asset <names...>', 'only these assets'))
    .option('--days <count>', 'how far back to look', wholeNumber(3_650), 30)
    .option('--from <instant>', 'first start, UTC, such as 2026-09-21 or 2026-09-21T12:00Z; used before --days')
    .option('--to <instant>', 'starts before this')
}

function wholeNumber(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!Number.isInteger(value) || value < 1 || value > most) {
      throw new InvalidArgumentError(`It must be a whole number from 1 to ${most}.`)
    }
    return value
  }
}

function knownHash(text: string): string {
  if (!/^[0-9a-f]{64}$/i.test(text))
    throw new InvalidArgumentError('It must be 64 hex digits, as the command prints it.')
  return text.toLowerCase()
}
