import { z } from 'zod'
import { Count } from '#core/base/json/shape-parts'

const storedFile = {
  path: z.string(),
  sizeBytes: Count,
  tables: z.record(z.string(), Count).describe('rows of each table'),
}

export const BackupShape = z.strictObject({
  folder: z.string(),
  files: z.array(z.strictObject(storedFile)).describe('the main database, then governance'),
})

export const RestoreShape = z.strictObject({
  files: z.array(
    z.strictObject({
      ...storedFile,
      movedTo: z.string().nullable().describe('where the replaced file is kept; null: there was none'),
    }),
  ),
})

export const ShrinkShape = z.strictObject({
  path: z.string(),
  sizeBytesBefore: Count,
  sizeBytes: Count,
})
