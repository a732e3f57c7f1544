import tab from '@bomb.sh/tab/commander'
import { Command, CommanderError } from 'commander'
import { QuietExit } from '#core/cli/quiet-exit'
import { type SplitArguments, splitArguments } from '#core/cli/split-arguments'
import type { Terminal } from '#core/cli/terminal'
import { describeError, UsageError } from '#core/errors/app-error'
import { exitCodes } from '#core/errors/codes'
import { nearestName } from '#core/text/nearest-name'

export interface ProgramOptions {
  readonly name: string
  readonly description: string
  readonly version: string
  readonly argv: readonly string[]
  readonly terminal: Terminal
  readonly addCommands: (program: Command, settings: SplitArguments) => void
}

/** The frame of both programs: commands in, exit code out, every error a sentence with a hint. */
export async function runProgram(options: ProgramOptions): Promise<number> {
  const { terminal } = options
  const program = new Command(options.name)
    .description(options.description)
    .version(options.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.write(text.trimEnd()),
      writeErr: (text) => terminal.warn(text.trimEnd()),
    })
    .addHelpText(
      'after',
      '\nSettings: --section.key value, VOLCAST_SECTION_KEY, or volcast.yaml (--config FILE); see docs/config.md.',
    )
  try {
    // What a shell asks to complete is not split: half a setting is no mistake.
    const isCompletion = options.argv[0] === completionRequest
    const split = isCompletion
      ? { settings: [], configFile: undefined, words: options.argv }
      : splitArguments(options.argv)
    options.addCommands(program, split)
    tab(program, { completionCommandName: 'completion' })
    inheritFrame(program)
    checkCommand(program, split.words[0])
    await program.parseAsync([...split.words], { from: 'user' })
    return exitCodes.done
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
    if (error instanceof QuietExit) return error.exitCode
    const { text, exitCode } = describeError(error)
    terminal.warn(text)
    return exitCode
  }
}

/** The library's own name for it; its shell scripts call it. */
const completionRequest = 'complete'

/** A program with a default command would take a misspelt command for an argument of that one. */
function checkCommand(program: Command, word: string | undefined): void {
  const known = [...program.commands.flatMap((command) => [command.name(), ...command.aliases()]), 'help']
  if (word === undefined || word.startsWith('-') || known.includes(word)) return
  const close = nearestName(word, known)
  const guess = close === undefined ? '' : ` Did you mean ${close}?`
  throw new UsageError('USAGE', `There is no command "${word}".${guess}`, {
    hint: `Known: ${known.join(', ')}. "${program.name()} --help" says what they do.`,
  })
}

/** Sub-commands made with addCommand do not inherit the frame by themselves. */
function inheritFrame(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent)
    inheritFrame(command)
  }
}
