import { InputError } from '#core/base/errors/app-error'
import type { JsonReading, JsonTape } from '#core/synth/scoring/answer-json'
import { readJson } from '#core/synth/scoring/answer-json'

/** A file that was read, for messages that say where in it something is wrong. */
export interface SourceFile {
  readonly name: string
  readonly tape: JsonTape
}

export function readSourceFile(name: string, text: string): SourceFile {
  const reading: JsonReading = readJson(text)
  if (reading.ok) return { name, tape: reading.tape }
  const { offset, message } = reading.problem
  throw new InputError('INPUT_INVALID', `${place(name, text, offset)}: this is not JSON: ${message}.`)
}

/** `path` is the place in JSON's own notation, like `$[2][17]`. */
export function badEntry(file: SourceFile, entry: number, path: string, message: string): InputError {
  const at = place(file.name, file.tape.text, file.tape.starts[entry] as number)
  return new InputError('INPUT_INVALID', `${at} (${path}): ${message}`)
}

function place(name: string, text: string, offset: number): string {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  return `${name}:${line}:${offset - before.lastIndexOf('\n')}`
}
