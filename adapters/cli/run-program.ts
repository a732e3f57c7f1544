import tab from '@bomb.sh/tab/commander'
import { Command, CommanderError } from 'commander'
import { examples } from '#core/base/cli/examples'
import { QuietExit } from '#core/base/cli/quiet-exit'
import { type SplitArguments, splitArguments } from '#core/base/cli/split-arguments'
import type { Terminal } from '#core/base/cli/terminal'
import { describeError, UsageError } from '#core/base/errors/app-error'
import { exitCodes } from '#core/base/errors/codes'
import { errorToJson } from '#core/base/errors/error-shape'
import { nearestName } from '#core/base/text/nearest-name'
import { pageWidth } from '#core/base/text/wrap-line'
import { type CompletionValues, completeValues } from './complete-values.ts'

export interface ProgramOptions {
  readonly name: string
  readonly description: string
  readonly version: string
  readonly argv: readonly string[]
  readonly terminal: Terminal
  readonly addCommands: (program: Command, settings: SplitArguments) => void
  readonly completion?: CompletionValues
}

/** The frame of both programs: commands in, exit code out, every error a sentence with a hint. */
export async function runProgram(options: ProgramOptions): Promise<number> {
  const { terminal, argv } = options
  // The line that a shell asks to complete is not split: half a setting is not a mistake.
  const isCompletion = argv[0] === completionRequest
  let program: Command | undefined
  try {
    const split = isCompletion ? { settings: [], configFile: undefined, words: argv } : splitArguments(argv)
    program = buildProgram(options, split)
    checkCommand(program, split.words[0])
    await program.parseAsync([...split.words], { from: 'user' })
    return exitCodes.done
  } catch (error) {
    if (error instanceof QuietExit) return error.exitCode
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done
    const problem = error instanceof CommanderError ? usageErrorOf(error, program, argv) : error
    const { text, exitCode } = describeError(problem)
    if (argv.includes('--json')) terminal.warn(JSON.stringify(errorToJson(problem)))
    else terminal.warn(text)
    return exitCode
  }
}

/** The commands with everything of the frame, not run yet. */
export function buildProgram(options: ProgramOptions, split: SplitArguments): Command {
  const { name, description, version, terminal } = options
  const program = new Command(name)
    .description(description)
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.write(text.trimEnd()),
      writeErr: (text) => terminal.warn(text.trimEnd()),
      // Reported once, in the form of all other errors.
      outputError: () => {},
      getOutHelpWidth: () => terminal.columns ?? pageWidth,
      getErrHelpWidth: () => terminal.columns ?? pageWidth,
    })
    // With their arguments the names would leave no room for the descriptions.
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText('after', settingsHelp)
  options.addCommands(program, split)
  const completion = tab(program, { completionCommandName: 'completion' })
  if (options.completion !== undefined) completeValues(completion, options.completion, split.words)
  program.commands
    .find((command) => command.name() === 'completion')
    ?.addHelpText('after', examples(`${name} completion bash > ${name}.bash`, `${name} completion zsh > _${name}`))
  inheritFrame(program)
  return program
}

const settingsHelp = `
Settings (docs/config.md): --section.key VALUE, VOLCAST_SECTION_KEY, or a line
of volcast.yaml (--config FILE). What --json prints: docs/json-shapes.md; exit
codes: docs/errors.md.`

/** The library's own name for it; its shell scripts call it. */
const completionRequest = 'complete'

/** A program with a default command would treat a misspelt command as an argument of it. */
function checkCommand(program: Command, word: string | undefined): void {
  const known = [...program.commands.flatMap((command) => [command.name(), ...command.aliases()]), 'help']
  if (word === undefined || word.startsWith('-') || known.includes(word)) return
  const close = nearestName(word, known)
  const guess = close === undefined ? '' : ` Did you mean ${close}?`
  throw new UsageError('USAGE', `There is no command "${word}".${guess}`, {
    hint: `Known: ${known.filter((name) => name !== completionRequest).join(', ')}. "${program.name()} --help" says what they do.`,
  })
}

/** The library's sentence in our form, with the command whose help is useful. */
function usageErrorOf(error: CommanderError, program: Command | undefined, argv: readonly string[]): UsageError {
  let command = program
  const names = [program?.name() ?? '']
  for (const word of argv) {
    const next = command?.commands.find((one) => one.name() === word)
    if (next === undefined) continue
    command = next
    names.push(word)
  }
  const hint = `Run "${names.join(' ')} --help".`
  if (error.code === 'commander.help') {
    const known = command?.commands.map((one) => one.name()).filter((name) => name !== completionRequest) ?? []
    return new UsageError('USAGE', `"${names.join(' ')}" needs one of its commands: ${known.join(', ')}.`, { hint })
  }
  const text = error.message.replace(/^error: /, '').replaceAll('\n', ' ')
  const sentence = `${text.charAt(0).toUpperCase()}${text.slice(1)}`
  return new UsageError('USAGE', /[.?!)]$/.test(sentence) ? sentence : `${sentence}.`, { hint })
}

/** Sub-commands made with addCommand do not inherit the frame by themselves. */
function inheritFrame(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent)
    inheritFrame(command)
  }
}
