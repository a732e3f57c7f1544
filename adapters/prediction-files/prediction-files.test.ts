import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { expect, it } from 'vitest'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { listPredictionFiles } from './list-prediction-files.ts'
import { readPrediction } from './read-prediction.ts'

const paths = [
  [1.5, 2, 2.25],
  [1.5, 1, 0.125],
]
const flat = paths.flat()

async function read(name: string, content: string | Uint8Array, row = 0) {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, content)
  return readPrediction(path, row)
}

async function valuesOf(name: string, content: string | Uint8Array, row = 0) {
  const reading = await read(name, content, row)
  return reading.kind === 'paths' ? [reading.paths.pathCount, [...reading.paths.values]] : reading
}

function npy(shape: readonly number[], values: readonly number[], type = '<f4'): Uint8Array {
  const header = `${`{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`.padEnd(117)}\n`
  const head = Buffer.alloc(10 + header.length)
  head.write('\x93NUMPY\x01\x00', 'latin1')
  head.writeUInt16LE(header.length, 8)
  head.write(header, 10, 'latin1')
  const data = type === '<f4' ? new Float32Array(values) : new Float64Array(values)
  return Buffer.concat([head, new Uint8Array(data.buffer)])
}

it('reads every shape to the same paths', async () => {
  const input = {
    asset: 'BTC',
    start_time: '2026-09-25T00:01:00+00:00',
    time_increment: 60,
    time_length: 120,
    num_simulations: 2,
  }
  const start = Date.UTC(2026, 8, 25, 0, 1) / 1000
  const wide = {
    columnData: [0, 1, 2].map((point) => ({
      name: String(point),
      data: paths.map((path) => path[point]!),
      type: 'DOUBLE' as const,
    })),
  }
  for (const [name, content] of [
    ['a.json', JSON.stringify([start, 60, ...paths])],
    ['a.json', JSON.stringify({ simulation_input: input, simulation_output: [start, 60, ...paths] })],
    ['a.json', JSON.stringify({ simulation_input: input, prediction: ['meta', { a: 1 }, ...paths] })],
    ['a.json', JSON.stringify({ start_timestamp: start, asset: 'BTC', time_increment: 60, time_length: 120, paths })],
    ['a.parquet', new Uint8Array(parquetWriteBuffer(wide))],
    ['a.npy', npy([1, 2, 3], flat)],
    ['a.npy', npy([1, 2, 3], flat, '<f8')],
  ] as const) {
    expect(await valuesOf(name, content)).toEqual([2, flat])
  }
  expect(await valuesOf('a.npy', npy([2, 2, 3], [...flat, ...flat.map((value) => value * 2)]), 1)).toEqual([
    2,
    flat.map((value) => value * 2),
  ])
})

it('says what an unreadable file is, or leaves it to the careful reader', async () => {
  expect(await read('a.parquet', 'PAR')).toMatchObject({
    kind: 'unreadable',
    detail: expect.stringMatching(/snappy|not a Parquet/) as string,
  })
  expect(await read('a.npy', 'abc')).toMatchObject({ kind: 'unreadable' })
  expect(await read('a.npy', npy([2, 3], flat))).toMatchObject({
    kind: 'unreadable',
    detail: expect.stringContaining('(prompts, paths, points)') as string,
  })
  expect(await read('a.npy', npy([2, 2, 3], flat), 1)).toMatchObject({
    detail: expect.stringContaining('cut off') as string,
  })
  expect(await read('a.json', '{"paths": [[NaN]]}')).toEqual({ kind: 'text' })
  expect(await readPrediction('/nowhere/a.json', 0)).toMatchObject({ kind: 'unreadable' })
})

it('lists the files of a folder by their names, and the prompts of a file of a day by its index', () => {
  const folder = temporaryFolder()
  const put = (name: string, text: string) => {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  put('2026-09-25_12:01:00Z_BTC_3600.json', '[]')
  put('deep/2026-09-25_12-01-00Z_XAU_86400.parquet', '')
  put('deep/other.json', '{}')
  put('_notes.json', '{}')
  put('readme.md', '')
  put('BTC/3600_60/date=2026-09-25.npy', '')
  const starts = ['2026-09-25 00:01:00+00:00', '2026-09-25T00:02:00', 1_790_294_580]
  put('BTC/3600_60/date=2026-09-25.json', JSON.stringify({ asset: 'BTC', time_length: 3600, start_times: starts }))
  const listed = listPredictionFiles(folder).map(({ file, row, prompt }) => [
    file,
    row,
    prompt === undefined ? null : [prompt.asset, prompt.timeLengthSeconds, new Date(prompt.startAtMs).toISOString()],
  ])
  expect(listed).toEqual([
    ['2026-09-25_12:01:00Z_BTC_3600.json', 0, ['BTC', 3600, '2026-09-25T12:01:00.000Z']],
    ['BTC/3600_60/date=2026-09-25.npy', 0, ['BTC', 3600, '2026-09-25T00:01:00.000Z']],
    ['BTC/3600_60/date=2026-09-25.npy', 1, ['BTC', 3600, '2026-09-25T00:02:00.000Z']],
    ['BTC/3600_60/date=2026-09-25.npy', 2, ['BTC', 3600, '2026-09-25T00:03:00.000Z']],
    ['deep/2026-09-25_12-01-00Z_XAU_86400.parquet', 0, ['XAU', 86_400, '2026-09-25T12:01:00.000Z']],
    ['deep/other.json', 0, null],
  ])
})
