import { existsSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { systemClock } from '#adapters/clock/system-clock'
import type { DevMiner } from './dev-miner.ts'

export interface Health {
  readonly state: string
  readonly parts: Readonly<Record<string, { readonly state: string; readonly sentence: string }>>
}

export async function healthOf({ healthUrl }: DevMiner): Promise<Health> {
  return (await (await fetch(`${healthUrl}/health`)).json()) as Health
}

/** The environment of a miner whose event loop is watched. */
export function preloadOfDelays(file: string): Record<string, string> {
  const preload = fileURLToPath(new URL('preloads/loop-delay.mjs', import.meta.url))
  return { NODE_OPTIONS: `--import ${preload}`, LOOP_DELAY_FILE: file }
}

/** The delay of the event loop since the last call. */
export async function measured({ child }: DevMiner, file: string): Promise<{ p99Ms: number; maxMs: number }> {
  child.kill('SIGUSR2')
  await until(async () => existsSync(file))
  const text = readFileSync(file, 'utf8')
  rmSync(file)
  return JSON.parse(text) as { p99Ms: number; maxMs: number }
}

export async function until(isSo: () => Promise<boolean>): Promise<void> {
  const giveUpMs = performance.now() + 60_000
  while (!(await isSo())) {
    if (performance.now() > giveUpMs) throw new Error(`not within a minute: ${String(isSo)}`)
    await systemClock.sleep(200)
  }
}
