import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'

/** A file of which at any moment the old content is there or the new one: after a kill, a loss of power, a full disk. */
export class WholeFile {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  read(): Uint8Array | undefined {
    return existsSync(this.path) ? readFileSync(this.path) : undefined
  }

  write(bytes: Uint8Array): void {
    const temporary = `${this.path}.part`
    try {
      mkdirSync(dirname(this.path), { recursive: true })
      const file = openSync(temporary, 'w')
      try {
        writeFileSync(file, bytes)
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
      renameSync(temporary, this.path)
      const folder = openSync(dirname(this.path), 'r')
      try {
        fsyncSync(folder)
      } finally {
        closeSync(folder)
      }
    } catch (error) {
      rmSync(temporary, { force: true })
      throw error
    }
  }

  remove(): void {
    rmSync(this.path, { force: true })
  }
}
