import { join, parse } from 'node:path'

/** Beside the main file: `data/miner.sqlite` has `data/miner-nonces.sqlite`. */
export function noncePathOf(mainPath: string): string {
  if (mainPath === ':memory:') return mainPath
  const { dir, name, ext } = parse(mainPath)
  return join(dir, `${name}-nonces${ext}`)
}

/** The mark that the nonce file holds everything that was answered: `data/miner-nonces.complete`. */
export function nonceMarkPathOf(mainPath: string): string {
  const { dir, name } = parse(mainPath)
  return join(dir, `${name}-nonces.complete`)
}
