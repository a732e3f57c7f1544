import { UsageError } from '../errors/app-error.ts'

export interface SplitArguments {
  /** Settings, `--section.key value`, for the configuration loader. */
  readonly settings: readonly string[]
  readonly configFile: string | undefined
  /** Everything else: the command with its own options. */
  readonly words: readonly string[]
}

/** Settings have a dot in their name, options of commands have none. So both can appear in any order on one line. */
export function splitArguments(argv: readonly string[]): SplitArguments {
  const settings: string[] = []
  const words: string[] = []
  let configFile: string | undefined
  for (let i = 0; i < argv.length; i += 1) {
    const word = argv[i]!
    const next = argv[i + 1]
    if (word === '--config' || word.startsWith('--config=')) {
      const name = word === '--config' ? next : word.slice('--config='.length)
      if (name === undefined || name === '' || name.startsWith('--')) {
        throw new UsageError('USAGE', '--config needs the name of a file.', { hint: 'Write --config volcast.yaml.' })
      }
      configFile = name
      if (word === '--config') i += 1
    } else if (/^--[A-Za-z]+[.][A-Za-z.]+/.test(word)) {
      settings.push(word)
      if (!word.includes('=') && next !== undefined && !next.startsWith('--')) {
        settings.push(next)
        i += 1
      }
    } else {
      words.push(word)
    }
  }
  return { settings, configFile, words }
}
