import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { AppError, InputError } from '#core/base/errors/app-error'
import type { MinuteBatch } from '#core/market/minutes/minute-batch'
import { MinuteCsvReader } from '#core/market/minutes/minute-csv'
import { type MinuteColumns, readMinuteParquet } from './parquet.ts'

/** Reads a whole file before anything of it is stored, so that a bad last row stores nothing. */
export async function readMinuteFile(path: string, columns?: MinuteColumns): Promise<MinuteBatch> {
  try {
    if (path.endsWith('.parquet')) return await readMinuteParquet(path, columns)
    if (columns !== undefined) {
      throw new InputError('INPUT_INVALID', `${path} is no Parquet file; --columns is for those.`, {
        hint: 'The first line of a CSV names its columns: ts,close.',
      })
    }
    const reader = new MinuteCsvReader(path)
    for await (const piece of openText(path)) reader.push(piece as Uint8Array)
    return reader.finish()
  } catch (cause) {
    throw toInputError(path, cause)
  }
}

function openText(path: string): Readable {
  const bytes = createReadStream(path, { highWaterMark: 1 << 18 })
  if (!path.endsWith('.gz')) return bytes
  const unzipped = createGunzip({ chunkSize: 1 << 18 })
  // Not pipeline(): its promise would be a second place for the same error. A read error must reach the consumer.
  bytes.on('error', (error) => unzipped.destroy(error))
  unzipped.on('close', () => bytes.destroy())
  return bytes.pipe(unzipped)
}

function toInputError(path: string, cause: unknown): unknown {
  if (cause instanceof AppError || !(cause instanceof Error)) return cause
  const code = (cause as NodeJS.ErrnoException).code ?? ''
  if (code.startsWith('Z_')) {
    return new InputError('INPUT_INVALID', `${path} is not a complete gzip file: ${cause.message}.`, {
      hint: 'Fetch or write the file again; nothing of it was stored.',
      cause,
    })
  }
  if (code.startsWith('E')) {
    return new InputError('INPUT_FILE_UNREADABLE', `${path} cannot be read: ${cause.message}.`, { cause })
  }
  return cause
}
