import { describe, expect, it } from 'vitest'
import { AppError } from '#core/base/errors/app-error'
import type { MinuteBatch } from './minute-batch.ts'
import { MinuteCsvReader } from './minute-csv.ts'
import { dayOf, slotOf } from './minute-day.ts'

const header = 'ts,close,open,high,low,volume\n'
const row = (ts: number, close: number | string = 100) => `${ts},${close},1,2,3,4\n`
const start = 1_755_541_620

function read(text: string, pieceBytes = 1_000_000): MinuteBatch {
  const bytes = new TextEncoder().encode(text)
  const reader = new MinuteCsvReader('x.csv')
  for (let at = 0; at < bytes.length; at += pieceBytes) reader.push(bytes.subarray(at, at + pieceBytes))
  return reader.finish()
}

function closeAt(batch: MinuteBatch, seconds: number): number | undefined {
  return batch.days.get(dayOf(seconds * 1_000))?.[slotOf(seconds * 1_000)]
}

function complaint(text: string): string {
  try {
    read(text)
  } catch (error) {
    if (error instanceof AppError) return `${error.exitCode} ${error.message}`
    throw error
  }
  return 'accepted'
}

describe('MinuteCsvReader', () => {
  it('keeps what else is known of a minute, where it is possible', () => {
    const rows = [
      `${start},100,99.5,101,98,12.25\n`,
      // A high below the close.
      `${start + 60},100,99,99.5,98,1\n`,
      `${start + 120},100,100,100,100,none\n`,
    ]
    const { candles, closes } = read(`${header}${rows.join('')}`)
    expect(closes).toBe(3)
    expect(candles).toHaveLength(10)
    expect([candles[0], candles[2], candles[4], candles[5], candles[9]]).toEqual([
      start * 1_000,
      Math.fround(0.01),
      12.25,
      (start + 120) * 1_000,
      Number.NaN,
    ])
    expect(read(`ts,close\n${start},100\n`).candles).toHaveLength(0)
  })
  it('reads the same from pieces of any size', () => {
    const text = `${header}${row(start, '48155.99')}${row(start + 60, 48_134.78)}${row(start + 300, '2.1917')}`
    for (const pieceBytes of [1, 2, 3, 7, 64, 1_000]) {
      const batch = read(text, pieceBytes)
      expect([batch.closes, batch.firstMs, batch.lastMs]).toEqual([3, start * 1_000, (start + 300) * 1_000])
      expect([0, 60, 120, 300].map((offset) => closeAt(batch, start + offset))).toEqual([
        48_155.99, 48_134.78, 0, 2.1917,
      ])
    }
  })
  it('reads two columns, Windows line ends, a byte order mark and a last row without a line end', () => {
    expect(read(`\ufeffts,close\r\n${start},5.5\r\n`).closes).toBe(1)
    expect(read(`${header}${row(start).trim()}`).closes).toBe(1)
    expect(read(header).closes).toBe(0)
  })
  it('names file, line and fault of a bad file, with the exit code for bad data', () => {
    const good = header + row(start)
    expect(complaint('')).toBe(
      '65 x.csv, line 1: the file is empty; expected the header "ts,close" or "ts,close,open,high,low,volume".',
    )
    expect(complaint('time,close\n')).toContain('65 x.csv, line 1: the header is "time,close"; expected "ts,close" or')
    expect(complaint(good + row(start))).toBe(`65 x.csv, line 3: ts ${start} is in the file twice.`)
    expect(complaint(good + row(start - 60))).toContain(`line 3: ts ${start - 60} comes after ${start}: rows must be`)
    expect(complaint(good + row(start + 61))).toContain(`line 3: ts ${start + 61} is off the grid`)
    expect(complaint(`${good}${start + 60},101,1,2`)).toContain(
      'line 3: 4 fields instead of 6; the row may be incomplete',
    )
    expect(complaint(`${good}${start + 60},101,1,2,3,\n`)).toContain('line 3: field 6 is empty')
    expect(complaint(`${good}\n${row(start + 60)}`)).toContain('line 3: field 1 is empty')
    expect(complaint(`ts,close\n${start},101.2`)).toContain(
      'line 2: the last row has no line end, so its close may be cut',
    )
    for (const close of ['0', '-1', 'NaN', 'Infinity', '1e999', 'abc', '0.0', '1e-400']) {
      expect(complaint(good + row(start + 60, close)), close).toContain(
        'line 3: close is not a finite number above zero',
      )
    }
    expect(complaint(good + row(start * 1_000))).toContain('line 3: ts is not a whole Unix second')
    expect(complaint(`${header}${'x'.repeat(3_000)}`)).toContain('line 2: no line end within 1000 characters')
  })
  it('refuses candles of another length, which have the same columns', () => {
    const fiveMinutes = Array.from({ length: 12 }, (_, i) => row(1_755_541_500 + i * 300)).join('')
    expect(complaint(header + fiveMinutes)).toContain(
      'all rows are a multiple of 5 minutes apart: these are not one-minute',
    )
    const sparse = Array.from({ length: 12 }, (_, i) => row(1_755_541_500 + i * i * 60)).join('')
    expect(complaint(header + sparse)).toBe('accepted')
  })
})
