import { parseDecimal } from '#core/market/minutes/decimal'
import { minuteCsvHeaders } from '#core/market/minutes/minute-csv'
import type { Problem } from '#models/compile/recipe'
import type { RowsReading } from './bar-rows.ts'

const newline = 10
const carriageReturn = 13
const comma = 44

/** Of rows with a wrong number of fields: what is wrong with the first ones is usually wrong with all. */
const mostProblems = 3

/** Rows `ts,close` or `ts,close,open,high,low,volume`. What is not a number becomes NaN, which `layRows` names. */
export function readBarCsv(file: string, bytes: Uint8Array): RowsReading {
  const problem = (sentence: string, line?: number): Problem => ({
    path: 'data',
    file,
    ...(line === undefined ? {} : { line }),
    sentence: line === undefined ? sentence : `row ${line}: ${sentence}`,
  })
  const headerEnd = endOfLine(bytes, 0)
  const header = new TextDecoder()
    .decode(bytes.subarray(0, Math.min(headerEnd, 200)))
    .trim()
    .replace(/^\ufeff/, '')
  const fields = header.split(',').length
  if (!minuteCsvHeaders.some((known) => known === header)) {
    const known = minuteCsvHeaders.join(' or ')
    const problems = [problem(`the header is "${header.slice(0, 60)}"; expected ${known}`, 1)]
    return { rows: { openSeconds: [], columns: [], lines: [] }, problems }
  }
  const openSeconds: number[] = []
  const values = new Float64Array(fields)
  const columns: number[][] = Array.from({ length: fields - 1 }, () => [])
  const lines: number[] = []
  const problems: Problem[] = []
  let line = 1
  for (let start = headerEnd + 1; start < bytes.length; ) {
    line += 1
    const lineEnd = endOfLine(bytes, start)
    const end = bytes[lineEnd - 1] === carriageReturn ? lineEnd - 1 : lineEnd
    let field = 0
    let from = start
    for (let i = start; i <= end; i += 1) {
      if (i < end && bytes[i] !== comma) continue
      if (field < fields) values[field] = parseDecimal(bytes, from, i)
      field += 1
      from = i + 1
    }
    start = lineEnd + 1
    if (field === fields) {
      openSeconds.push(values[0]!)
      for (const [j, column] of columns.entries()) column.push(values[j + 1]!)
      lines.push(line)
    } else if (problems.length < mostProblems) {
      problems.push(problem(`${field} fields instead of ${fields}; it may be cut off`, line))
    }
  }
  return { rows: { openSeconds, columns, lines }, problems }
}

function endOfLine(bytes: Uint8Array, start: number): number {
  const end = bytes.indexOf(newline, start)
  return end < 0 ? bytes.length : end
}
