import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

const miner = join(import.meta.dirname, '..', '..', 'bin', 'miner.mjs')

export interface DemoRun {
  readonly child: ChildProcess
  readonly exit: Promise<number | null>
  /** Both streams, as they came. */
  readonly said: () => string
  /** Waits until these words were said, or the program ended. */
  readonly saying: (words: RegExp) => Promise<RegExpExecArray>
}

/** The real program as somebody runs it who has configured nothing. */
export function runMiner(args: readonly string[], cwd: string): DemoRun {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VOLCAST|BT)_/.test(name)))
  const child = spawn(process.execPath, [miner, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let text = ''
  const listeners = new Set<() => void>()
  const take = (chunk: Buffer) => {
    text += chunk.toString()
    for (const listener of listeners) listener()
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve))
  const saying = (words: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = words.exec(text)
        if (found === null) return
        listeners.delete(look)
        resolve(found)
      }
      listeners.add(look)
      void exit.then((code) => reject(new Error(`it ended with ${code} before it said ${words}: ${text}`)))
      look()
    })
  return { child, exit, said: () => text, saying }
}
