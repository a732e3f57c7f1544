import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { AppError, StoreError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'

export function writeOutputFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** Under a temporary name first, so that nobody reads half a file. Returns how many lines it wrote. */
export function writeLines(path: string, lines: Iterable<string>): number {
  const temporary = `${path}.part`
  let count = 0
  try {
    mkdirSync(dirname(path), { recursive: true })
    const file = openSync(temporary, 'w')
    try {
      for (const line of lines) {
        writeFileSync(file, `${line}\n`)
        count += 1
      }
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (cause) {
    rmSync(temporary, { force: true })
    if (cause instanceof AppError) throw cause
    const reason = messageOf(cause)
    throw new StoreError('OUTPUT_FAILED', `${path} cannot be written: ${reason}.`, { cause })
  }
  return count
}

export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
