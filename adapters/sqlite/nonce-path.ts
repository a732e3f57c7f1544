import { join, parse } from 'node:path'

/** Beside the main file: `data/miner.sqlite` has `data/miner-nonces.sqlite`. */
export function noncePathOf(mainPath: string): string {
  if (mainPath === ':memory:') return mainPath
  const { dir, name, ext } = parse(mainPath)
  return join(dir, `${name}-nonces${ext}`)
}

export interface NonceMarkPaths {
  /** The nonce file holds everything that was answered: `data/miner-nonces.complete`. */
  readonly complete: string
  /** No nonce that was answered is more than two seconds ahead of the clock: `data/miner-nonces.near`. */
  readonly near: string
}

export function nonceMarkPathsOf(mainPath: string): NonceMarkPaths {
  const { dir, name } = parse(mainPath)
  return { complete: join(dir, `${name}-nonces.complete`), near: join(dir, `${name}-nonces.near`) }
}
