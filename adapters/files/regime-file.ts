import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { ConfigError } from '#core/base/errors/app-error'
import { buildRegimeBook, type RegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'

/** The rules of this release, with those of the operator's file on top. */
export function loadRegimeBook(fileName: string | undefined): RegimeBook {
  return buildRegimeBook(
    builtInRegimes,
    fileName === undefined ? undefined : { fileName, content: parseYaml(fileName) },
  )
}

function parseYaml(fileName: string): unknown {
  try {
    return parse(readFileSync(fileName, 'utf8'))
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
    throw new ConfigError('CONFIG_FILE_UNREADABLE', `${fileName}: ${reason}`, {
      cause,
      hint: 'Correct the path or the YAML, or remove regimes.file to use the built-in rules.',
    })
  }
}
