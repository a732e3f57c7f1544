import { join, parse } from 'node:path'

/** Beside the main file: `data/miner.sqlite` has `data/miner-governance.sqlite`. */
export function governancePathOf(mainPath: string): string {
  if (mainPath === ':memory:') return mainPath
  const { dir, name, ext } = parse(mainPath)
  return join(dir, `${name}-governance${ext}`)
}

/** The second copy of what may not be lost, as text: `data/miner-governance.jsonl`. */
export function governanceCopyPathOf(mainPath: string): string {
  const { dir, name } = parse(mainPath)
  return join(dir, `${name}-governance.jsonl`)
}
