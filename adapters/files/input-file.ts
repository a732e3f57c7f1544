import { readFileSync } from 'node:fs'
import { InputError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'

/** A text file named on the command line. */
export function readInputFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const reason = messageOf(cause)
    throw new InputError('INPUT_FILE_UNREADABLE', `${path}: ${reason}`, { cause })
  }
}
