import { close, fstatSync, mkdirSync, open, openSync, rename } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { messageOf } from '#core/base/errors/message-of'

const [openFile, closeFile, renameFile] = [promisify(open), promisify(close), promisify(rename)]

export interface RotatedFileOptions {
  readonly path: string
  readonly maxBytes: number
  /** Older files, `path.1` the newest of them. */
  readonly keepFiles: number
}

/** An append-only file that is rotated when it is full. */
export class RotatedFile {
  readonly #options: RotatedFileOptions
  #fd: number | undefined
  #sizeBytes = 0
  #rotationProblem: string | undefined

  constructor(options: RotatedFileOptions) {
    this.#options = options
  }

  get fd(): number | undefined {
    return this.#fd
  }

  /** Why the last rotation failed: the file keeps growing. */
  get rotationProblem(): string | undefined {
    return this.#rotationProblem
  }

  /** At the start, when a short wait delays no answer, and a wrong path is noticed. */
  openNow(): void {
    const { path } = this.#options
    mkdirSync(dirname(path), { recursive: true })
    this.#begin(openSync(path, 'a'))
  }

  /** The file that this many bytes are written to. */
  async fdFor(bytes: number): Promise<number> {
    const fd = this.#fd ?? this.#begin(await openFile(this.#options.path, 'a'))
    if (this.#sizeBytes === 0 || this.#sizeBytes + bytes <= this.#options.maxBytes) return fd
    return this.#rotate(fd)
  }

  wrote(bytes: number): void {
    this.#sizeBytes += bytes
  }

  async close(): Promise<void> {
    const fd = this.#fd
    this.#fd = undefined
    if (fd !== undefined) await closeFile(fd)
  }

  #begin(fd: number): number {
    this.#fd = fd
    this.#sizeBytes = fstatSync(fd).size
    return fd
  }

  async #rotate(fd: number): Promise<number> {
    const { path, keepFiles } = this.#options
    try {
      for (let age = keepFiles - 1; age >= 1; age -= 1) await renameIfThere(`${path}.${age}`, `${path}.${age + 1}`)
      await renameIfThere(path, `${path}.1`)
      const next = this.#begin(await openFile(path, 'a'))
      this.#rotationProblem = undefined
      await closeFile(fd)
      return next
    } catch (error) {
      this.#rotationProblem = messageOf(error)
      // It is tried again when the file has grown by the same amount once more.
      this.#sizeBytes = 0
      return fd
    }
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await renameFile(from, to)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}
