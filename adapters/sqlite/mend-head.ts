import { closeSync, constants, copyFileSync, existsSync, openSync, rmSync, statSync, writeSync } from 'node:fs'

const headBytes = 100
/** Of every database of ours: SQLite's default, which we never change. */
const pageBytes = 4_096
/** A copy of more would keep the miner from answering for minutes. */
const mostBytes = 2_000_000_000

/**
 * A copy of a database whose first hundred bytes are damaged, with those bytes written anew: `<path>.mended`. All that they
 * say is known, or follows from the size of the file, and the list of unused pages is not needed by a reader.
 * sqlite.org/fileformat.html, section 1.3. Undefined where that cannot help.
 */
export function mendHead(path: string): string | undefined {
  const { size } = statSync(path)
  if (size < pageBytes || size > mostBytes) return undefined
  const mended = `${path}.mended`
  try {
    for (const end of ['', '-wal']) {
      if (existsSync(path + end)) copyFileSync(path + end, mended + end, constants.COPYFILE_FICLONE)
    }
    const file = openSync(mended, 'r+')
    try {
      writeSync(file, makeHead(Math.floor(size / pageBytes)), 0, headBytes, 0)
    } finally {
      closeSync(file)
    }
    return mended
  } catch (error) {
    dropMended(path)
    // Mostly a disk without room for a copy.
    if (error instanceof Error && 'syscall' in error) return undefined
    throw error
  }
}

export function dropMended(path: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(`${path}.mended${end}`, { force: true })
}

function makeHead(pageCount: number): Buffer {
  const head = Buffer.alloc(headBytes)
  head.write('SQLite format 3\0', 'latin1')
  head.writeUInt16BE(pageBytes, 16)
  // With a log, both for writers and for readers.
  head.set([2, 2, 0, 64, 32, 32], 18)
  const changeCounter = 1
  head.writeUInt32BE(changeCounter, 24)
  head.writeUInt32BE(pageCount, 28)
  const schemaFormat = 4
  head.writeUInt32BE(schemaFormat, 44)
  const utf8 = 1
  head.writeUInt32BE(utf8, 56)
  // The size above is valid as of this change.
  head.writeUInt32BE(changeCounter, 92)
  return head
}
