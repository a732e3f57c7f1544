import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { InputError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'
import { type FileEntry, promptOfName } from '#core/tuning/prediction-files/prediction-file'
import { readDayIndex } from './day-file.ts'

/**
 * Every prediction under a folder: `.json` and `.parquet` files with a prompt each, and `.npy` files of a day with their
 * `.json` index beside them. Names that begin with `_` or `.` are left out.
 */
export function listPredictionFiles(folder: string): FileEntry[] {
  let names: string[]
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => name.split(sep).join('/'))
  } catch (cause) {
    throw new InputError('INPUT_FILE_UNREADABLE', `The folder ${folder} cannot be read: ${messageOf(cause)}.`, {
      cause,
    })
  }
  const known = new Set(names)
  return names
    .filter((name) => !name.split('/').some((part) => part.startsWith('_') || part.startsWith('.')))
    .sort()
    .flatMap((file): FileEntry[] => {
      if (!/\.(json|parquet|npy)$/.test(file)) return []
      // The index of a day file is no prediction.
      if (file.endsWith('.json') && known.has(file.replace(/json$/, 'npy'))) return []
      const stat = statSync(join(folder, file), { throwIfNoEntry: false })
      if (stat === undefined || !stat.isFile()) return []
      const entry = { file, row: 0, byteCount: stat.size, modifiedAtMs: Math.floor(stat.mtimeMs) }
      if (!file.endsWith('.npy')) return [{ ...entry, prompt: promptOfName(file) }]
      return readDayIndex(file, (name) => readFileSync(join(folder, name), 'utf8')).map((prompt, row) => ({
        ...entry,
        row,
        prompt,
      }))
    })
}
