import { closeSync, openSync, readSync } from 'node:fs'
import { z } from 'zod'
import { InputError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'
import type { PathMatrix } from '#core/synth/scoring/crps'
import type { FilePrompt } from '#core/tuning/prediction-files/prediction-file'

const Index = z.object({
  asset: z.string().min(1),
  time_length: z.int().positive(),
  start_times: z.array(z.union([z.string(), z.int()])),
})

/** The prompts of a file of a day, row by row, from the `.json` beside it. */
export function readDayIndex(file: string, readText: (name: string) => string): FilePrompt[] {
  const name = file.replace(/npy$/, 'json')
  try {
    const { asset, time_length: timeLengthSeconds, start_times: starts } = Index.parse(JSON.parse(readText(name)))
    return starts.map((start) => ({ asset, timeLengthSeconds, startAtMs: toMs(start) }))
  } catch (cause) {
    throw new InputError('INPUT_INVALID', `${name}, the index of ${file}, cannot be read: ${messageOf(cause)}.`, {
      cause,
    })
  }
}

/** Seconds, or nanoseconds as pandas counts them, or a text; without a zone it is UTC. */
function toMs(start: string | number): number {
  const text = String(start)
  const atMs =
    typeof start === 'number'
      ? start > 1e15
        ? start / 1e6
        : start * 1000
      : Date.parse(/Z$|[+-]\d\d:?\d\d$/.test(text) ? text.replace(' ', 'T') : `${text.replace(' ', 'T')}Z`)
  if (!Number.isFinite(atMs)) throw new TypeError(`"${text}" is not a time`)
  return atMs
}

/** One prompt of a NumPy file of the shape (prompts, paths, points), float32 or float64. Only its bytes are read. */
export function readDayRow(path: string, row: number): PathMatrix {
  const file = openSync(path, 'r')
  try {
    const head = Buffer.alloc(10)
    readSync(file, head, 0, 10, 0)
    if (head.toString('latin1', 0, 6) !== '\x93NUMPY') throw bad(path, 'it does not begin as a NumPy file')
    const isLong = head[6]! > 1
    const headerAt = isLong ? 12 : 10
    const length = isLong ? readAt(file, 8, 4).readUInt32LE(0) : head.readUInt16LE(8)
    const header = readAt(file, headerAt, length).toString('latin1')
    const [, type] = /'descr':\s*'(<f[48])'/.exec(header) ?? []
    const shape = /'shape':\s*\(([\d,\s]*)\)/
      .exec(header)?.[1]
      ?.split(',')
      .flatMap((part) => (part.trim() === '' ? [] : [Number(part)]))
    if (type === undefined || shape?.length !== 3 || !/'fortran_order':\s*False/.test(header))
      throw bad(path, `an array of (prompts, paths, points) of float32 or float64 was expected: ${header.trim()}`)
    const [prompts, pathCount, pointCount] = shape as [number, number, number]
    if (row >= prompts) throw bad(path, `it has ${prompts} prompts, and its index names more`)
    const size = type === '<f4' ? 4 : 8
    const count = pathCount * pointCount
    const bytes = readAt(file, headerAt + length + row * count * size, count * size)
    const whole = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
    const values = size === 4 ? Float64Array.from(new Float32Array(whole)) : new Float64Array(whole)
    return { values, pathCount, pointCount }
  } finally {
    closeSync(file)
  }
}

function readAt(file: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  if (readSync(file, bytes, 0, length, at) < length) throw bad('The file', 'it is cut off')
  return bytes
}

function bad(path: string, what: string): InputError {
  return new InputError('INPUT_INVALID', `${path}: ${what}.`)
}
