import type { RootCommand } from '@bomb.sh/tab'

export interface CompletionValues {
  /** By the name of an option or argument, in every command that has it. If it fails, nothing is offered. */
  readonly values: Readonly<Record<string, () => readonly string[]>>
  /** `--section.key` of the configuration, with what it does. */
  readonly settings: readonly { readonly key: string; readonly description: string }[]
}

/** Adds what the command tree does not contain: values of options and arguments, and the settings. */
export function completeValues(
  completion: RootCommand,
  { values, settings }: CompletionValues,
  words: readonly string[],
): void {
  // Settings are valid with every command. They are offered after two letters show that one is wanted, not among the
  // command's options.
  const isSetting = /^--[a-zA-Z]{2}/.test(words.at(-1) ?? '')
  for (const command of [completion, ...completion.commands.values()]) {
    for (const [name, option] of command.options) {
      const handler = handlerOf(values[name])
      if (handler === undefined || option.isBoolean === true) continue
      option.handler = handler
    }
    for (const [name, argument] of command.arguments) {
      const handler = handlerOf(values[name])
      if (handler !== undefined) argument.handler ??= handler
    }
    if (!isSetting) continue
    for (const { key, description } of settings) command.option(key, description, () => {})
  }
}

function handlerOf(list: (() => readonly string[]) | undefined) {
  if (list === undefined) return undefined
  return (complete: (value: string, description: string) => void): void => {
    for (const value of readOrNothing(list)) complete(value, '')
  }
}

/** The command itself reports a broken configuration, not the completion. */
function readOrNothing(list: () => readonly string[]): readonly string[] {
  try {
    return list()
  } catch {
    return []
  }
}
