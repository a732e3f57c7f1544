import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'

/** What lies in a folder of the older miner. */
interface SeedFolder {
  readonly history: string | undefined
  readonly states: string | undefined
  /** Logs of predictions, oldest first by their names. */
  readonly logs: readonly string[]
}

/** The miner's checkout, its `data`, or one of the two folders in it. */
export function openSeedFolder(folder: string): SeedFolder {
  let isFolder = false
  try {
    isFolder = statSync(folder).isDirectory()
  } catch (cause) {
    throw new InputError('INPUT_FILE_UNREADABLE', `${folder}: ${messageOf(cause)}`, { cause })
  }
  if (!isFolder) throw new InputError('INPUT_FILE_UNREADABLE', `${folder} is a file, not the folder of a miner.`)
  const roots = [folder, join(folder, 'data'), join(folder, 'synth-subnet', 'data')]
  const find = (name: string) =>
    roots.flatMap((root) => [join(root, name), join(root, 'miner_state', name)]).find((path) => existsSync(path))
  const logFolders = [...roots.map((root) => join(root, 'predictions')), folder]
  const logFolder = logFolders.find((path) => existsSync(path) && listLogs(path).length > 0)
  return {
    history: find('tuning_history.json'),
    states: find('volatility_state.json'),
    logs: logFolder === undefined ? [] : listLogs(logFolder),
  }
}

/** `predictions/2026-01/predictions_2026-01-15.jsonl`, or right in the folder. */
function listLogs(folder: string): string[] {
  const isLog = (name: string) => name.endsWith('.jsonl')
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory() && /^\d{4}-\d{2}$/.test(entry.name)) {
        return readdirSync(path)
          .filter(isLog)
          .map((name) => join(path, name))
      }
      return entry.isFile() && isLog(entry.name) ? [path] : []
    })
    .sort()
}

export function readJsonFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new InputError('INPUT_FILE_UNREADABLE', `${path}: ${messageOf(cause)}`, { cause })
  }
}

const chunkBytes = 4 * 1024 * 1024
/** A prediction of a day is 2.5 MB. */
const longestLineBytes = 256 * 1024 * 1024
const lineFeed = 0x0a

/** One line after the other: a file of a day can be larger than the longest text that fits in memory. */
export function* readLines(path: string): Generator<string> {
  const file = openSync(path, 'r')
  try {
    let parts: Buffer[] = []
    let length = 0
    for (;;) {
      const chunk = Buffer.allocUnsafe(chunkBytes)
      const count = readSync(file, chunk, 0, chunkBytes, null)
      if (count === 0) break
      let from = 0
      for (let end = chunk.indexOf(lineFeed); end >= 0 && end < count; end = chunk.indexOf(lineFeed, from)) {
        yield Buffer.concat([...parts, chunk.subarray(from, end)]).toString('utf8')
        parts = []
        length = 0
        from = end + 1
      }
      parts.push(chunk.subarray(from, count))
      length += count - from
      if (length > longestLineBytes) throw new InputError('INPUT_FILE_UNREADABLE', `${path} has a line without an end.`)
    }
    if (length > 0) yield Buffer.concat(parts).toString('utf8')
  } finally {
    closeSync(file)
  }
}
