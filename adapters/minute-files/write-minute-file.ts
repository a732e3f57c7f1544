import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { gzipSync } from 'node:zlib'
import { minuteMs } from '#core/market/minute-history'
import { writeMinuteParquet } from './parquet.ts'

export type MinuteFileFormat = 'csv' | 'csv.gz' | 'parquet'

/** Writes the closes of consecutive slots; minutes without a close are missing rows. Returns how many rows it wrote. */
export async function writeMinuteFile(
  path: string,
  minutes: { fromMs: number; slots: Float64Array },
  format: MinuteFileFormat,
): Promise<number> {
  const rows = minutes.slots.reduce((count, slot) => (slot > 0 ? count + 1 : count), 0)
  await writeWhole(path, format === 'parquet' ? toParquet(minutes, rows) : toCsv(minutes, format === 'csv.gz'))
  return rows
}

function toCsv(minutes: { fromMs: number; slots: Float64Array }, isZipped: boolean): Uint8Array {
  const lines = ['ts,close\n']
  for (const [i, slot] of minutes.slots.entries()) {
    // The shortest decimal that reads back to the same float64.
    if (slot > 0) lines.push(`${(minutes.fromMs + i * minuteMs) / 1_000},${slot}\n`)
  }
  const text = Buffer.from(lines.join(''), 'latin1')
  return isZipped ? gzipSync(text) : text
}

function toParquet(minutes: { fromMs: number; slots: Float64Array }, rows: number): Uint8Array {
  const openAtMs = new Float64Array(rows)
  const close = new Float64Array(rows)
  let row = 0
  for (const [i, slot] of minutes.slots.entries()) {
    if (!(slot > 0)) continue
    openAtMs[row] = minutes.fromMs + i * minuteMs
    close[row] = slot
    row += 1
  }
  return writeMinuteParquet({ openAtMs, close })
}

/** Under a temporary name first: a reader never sees half a file, and a kill leaves the old one. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.part`
  try {
    const file = await open(temporary, 'w')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
