import { parse } from 'yaml'
import { ConfigError } from '#core/errors/app-error'
import { buildRegimeBook, type RegimeBook } from '#core/regimes/book'
import { builtInRegimes } from '#core/regimes/table/built-in'
import { readInputFile } from './input-file.ts'

/** The rules of this release, with those of the operator's file over them. */
export function loadRegimeBook(fileName: string | undefined): RegimeBook {
  return buildRegimeBook(
    builtInRegimes,
    fileName === undefined ? undefined : { fileName, content: parseYaml(fileName) },
  )
}

function parseYaml(fileName: string): unknown {
  const text = readInputFile(fileName)
  try {
    return parse(text)
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
    throw new ConfigError('CONFIG_FILE_UNREADABLE', `${fileName}: ${reason}`, {
      cause,
      hint: 'Mend the YAML, or remove regimes.file to use the built-in rules.',
    })
  }
}
