import { readFileSync } from 'node:fs'
import { AppError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'
import type { FileReading } from '#core/tuning/prediction-files/prediction-file'
import { readJsonPrediction } from '#core/tuning/prediction-files/read-json-prediction'
import { readDayRow } from './day-file.ts'
import { readParquetPaths } from './parquet-paths.ts'

/** What is in a file of predictions. Never throws for what is in it. */
export async function readPrediction(path: string, row: number): Promise<FileReading> {
  const bare = { kind: 'paths', prompt: {}, isAnswer: false, isShort: false } as const
  try {
    if (path.endsWith('.npy')) return { ...bare, paths: readDayRow(path, row) }
    const bytes = readFileSync(path)
    if (path.endsWith('.parquet')) return { ...bare, paths: await readParquetPaths(path, bytes) }
    return readJsonPrediction(bytes) ?? { kind: 'text' }
  } catch (error) {
    if (!(error instanceof AppError) && !(error instanceof Error && 'code' in error)) throw error
    return { kind: 'unreadable', detail: messageOf(error) }
  }
}
