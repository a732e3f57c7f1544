import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { ProvenAddress, ProvenAddressStore } from '#core/bittensor/admission/proven-addresses'

// Files of older releases name no hotkey.
const hotkey = z.string().max(64).default('')
const Content = z.array(z.object({ network: z.string().min(1).max(64), hotkey, provenAtMs: z.number() })).max(10_000)

export function provenAddressPathOf(dbPath: string): string {
  return join(dirname(dbPath), 'miner-proven-addresses.json')
}

/** A small file beside the database. All calls are asynchronous, so no answer waits for the disk. */
export class ProvenAddressFile implements ProvenAddressStore {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** None when there is no file yet. A damaged one throws, and the next save replaces it. */
  async load(): Promise<readonly ProvenAddress[]> {
    let text: string
    try {
      text = await readFile(this.#path, 'utf8')
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
      throw error
    }
    return Content.parse(JSON.parse(text))
  }

  async save(addresses: readonly ProvenAddress[]): Promise<void> {
    const temporary = `${this.#path}.part`
    try {
      await mkdir(dirname(this.#path), { recursive: true })
      const file = await open(temporary, 'w', 0o600)
      try {
        await file.writeFile(JSON.stringify(addresses))
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, this.#path)
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {})
      throw error
    }
  }
}
