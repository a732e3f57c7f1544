import { createWriteStream } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { StoreError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'
import { minuteMs } from '#core/base/time/units'
import type { MinuteFileFormat } from '#core/market/minutes/minute-file-format'
import { writeMinuteParquet } from './parquet.ts'

interface Minutes {
  readonly fromMs: number
  readonly slots: Float64Array
}

const rowsPerPiece = 10_000

/** Writes the closes of consecutive slots; minutes without a close are missing rows. Returns how many rows it wrote. */
export async function writeMinuteFile(path: string, minutes: Minutes, format: MinuteFileFormat): Promise<number> {
  const rows = minutes.slots.reduce((count, slot) => (slot > 0 ? count + 1 : count), 0)
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeWhole(path, format, () => (format === 'parquet' ? [toParquet(minutes, rows)] : toCsv(minutes)))
  } catch (cause) {
    const reason = messageOf(cause)
    throw new StoreError('OUTPUT_FAILED', `${path} cannot be written: ${reason}.`, { cause })
  }
  return rows
}

function* toCsv({ fromMs, slots }: Minutes): Generator<string> {
  yield 'ts,close\n'
  for (let start = 0; start < slots.length; start += rowsPerPiece) {
    let piece = ''
    for (let i = start; i < Math.min(slots.length, start + rowsPerPiece); i += 1) {
      const slot = slots[i]!
      // A number's text is the shortest decimal that reads back to the same float64.
      if (slot > 0) piece += `${(fromMs + i * minuteMs) / 1_000},${slot}\n`
    }
    if (piece !== '') yield piece
  }
}

function toParquet({ fromMs, slots }: Minutes, rows: number): Uint8Array {
  const openAtMs = new Float64Array(rows)
  const close = new Float64Array(rows)
  let row = 0
  for (const [i, slot] of slots.entries()) {
    if (!(slot > 0)) continue
    openAtMs[row] = fromMs + i * minuteMs
    close[row] = slot
    row += 1
  }
  return writeMinuteParquet({ openAtMs, close })
}

/** Under a temporary name first: a reader never sees half a file, and a kill leaves the old one. */
async function writeWhole(
  path: string,
  format: MinuteFileFormat,
  pieces: () => Iterable<string | Uint8Array>,
): Promise<void> {
  const temporary = `${path}.part`
  try {
    const file = createWriteStream(temporary, { flush: true })
    const source = Readable.from(pieces(), { objectMode: true })
    if (format === 'csv.gz') await pipeline(source, createGzip(), file)
    else await pipeline(source, file)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
