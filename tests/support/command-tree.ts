import type { Command } from 'commander'
import { buildProgram, type ProgramOptions } from '#adapters/cli/run-program'

export interface LeafCommand {
  /** Without the name of the program. */
  readonly words: string
  readonly command: Command
  /** The lines of its help that a person may copy. */
  readonly examples: readonly string[]
  readonly help: readonly string[]
}

/** Every command that does something; groups only hold others. */
export function leafCommands(options: ProgramOptions): LeafCommand[] {
  const program = buildProgram(options, { settings: [], configFile: undefined, words: [] })
  return leavesOf(program, '').map(({ words, command }) => {
    const parts: string[] = []
    command.configureOutput({ writeOut: (part) => void parts.push(part) }).outputHelp()
    const help = parts.join('').trimEnd().split('\n')
    const examples = help.flatMap((line) => {
      const [, example] = new RegExp(`^ {2}(${program.name()} .+)$`).exec(line) ?? []
      return example === undefined ? [] : [example]
    })
    return { words, command, examples, help }
  })
}

/** The pages that only list commands. */
export function groupHelp(options: ProgramOptions): string[] {
  const program = buildProgram(options, { settings: [], configFile: undefined, words: [] })
  const groups = [program, ...program.commands.filter(({ commands }) => commands.length > 0)]
  return groups.flatMap((group) => {
    const parts: string[] = []
    group.configureOutput({ writeOut: (part) => void parts.push(part) }).outputHelp()
    return parts.join('').trimEnd().split('\n')
  })
}

function leavesOf(parent: Command, prefix: string): { words: string; command: Command }[] {
  return parent.commands.flatMap((command) => {
    const words = `${prefix}${command.name()}`
    // What the shell asks, not a person.
    if (words === 'complete') return []
    return command.commands.length > 0 ? leavesOf(command, `${words} `) : [{ words, command }]
  })
}
