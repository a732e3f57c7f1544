import { z } from 'zod'
import { messageOf } from '#core/base/errors/message-of'
import type { BarFiles } from '#core/market/bars/bar-files'
import type { DataConfigOf } from '#models/compile/data-config'
import type { Problem } from '#models/compile/recipe'
import { layRows, type RowsReading } from '../bar-rows.ts'
import { type DataPorts, joinAnswers, type SeriesAnswer } from './source.ts'

const segmentsFile = 'segments.json'
const segmentsSchema = z.record(z.string(), z.array(z.object({ start: z.int() })))

/** One file for each asset; `segments.json` beside them says where a file joins several sources. */
export async function loadFolder(
  { folder, stepSeconds, gaps }: DataConfigOf<'csv' | 'parquet'>,
  assets: readonly string[],
  { files, nowMs }: DataPorts,
  endings: readonly string[],
  read: (file: string) => Promise<RowsReading>,
): Promise<SeriesAnswer> {
  let names: readonly string[]
  let segments: Readonly<Record<string, readonly { readonly start: number }[]>>
  try {
    names = await files.list(folder)
    segments = names.includes(segmentsFile) ? await readSegments(files, folder) : {}
  } catch (cause) {
    return { ok: false, problems: [problemOf(`${folder}/${segmentsFile}`, cause)] }
  }
  const answers: SeriesAnswer[] = []
  for (const asset of assets) {
    const stem = stepSeconds === 60 ? asset : `${asset}_${stepSeconds / 60}m`
    const name = endings.map((ending) => stem + ending).find((candidate) => names.includes(candidate))
    if (name === undefined) {
      const sentence = `${folder} has no file ${endings.map((ending) => stem + ending).join(' or ')}`
      answers.push({ ok: false, problems: [{ path: 'data.folder', sentence }] })
      continue
    }
    const file = `${folder}/${name}`
    try {
      const segmentStartsSeconds = (segments[stem] ?? []).map(({ start }) => start)
      const laid = layRows(await read(name), { asset, file, stepSeconds, nowMs, gaps, segmentStartsSeconds })
      answers.push(laid.ok ? { ok: true, series: [laid.series] } : laid)
    } catch (cause) {
      answers.push({ ok: false, problems: [problemOf(file, cause)] })
    }
  }
  return joinAnswers(answers)
}

async function readSegments(files: BarFiles, folder: string): Promise<z.output<typeof segmentsSchema>> {
  return segmentsSchema.parse(JSON.parse(new TextDecoder().decode(await files.readBytes(folder, segmentsFile))))
}

function problemOf(file: string, cause: unknown): Problem {
  return { path: 'data', file, sentence: messageOf(cause) }
}
