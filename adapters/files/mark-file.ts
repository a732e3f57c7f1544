import { existsSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { NonceMark } from '#core/bittensor/admission/nonce-mark'

/** An empty file. To remove it needs no space on the disk, and none of these calls blocks the calling thread. */
export class MarkFile implements NonceMark {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  isThere(): boolean {
    return existsSync(this.#path)
  }

  async make(): Promise<void> {
    const file = await open(this.#path, 'w')
    await file.close()
    await this.#syncFolder()
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true })
    await this.#syncFolder()
  }

  /** So that the change survives a loss of power. */
  async #syncFolder(): Promise<void> {
    const folder = await open(dirname(this.#path), 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  }
}
