import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import type { HealthReport } from '#core/base/health/health-board'
import type { DevMarket } from './dev-miner.ts'

const program = join(import.meta.dirname, '..', '..', 'bin', 'miner.mjs')

/** Without the settings and wallets of the person who runs the tests. */
const cleanEnv = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VOLCAST|BT)_/.test(name)))

export interface BlindMiner {
  readonly child: ChildProcess
  readonly port: number
  readonly health: () => Promise<HealthReport>
  readonly ended: Promise<number | null>
}

export interface BlindMinerOptions {
  readonly stdio: StdioOptions
  readonly settings?: readonly string[]
  readonly nodeFlags?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** Makes of the command line another one, such as one in a namespace of its own. */
  readonly wrap?: (file: string, args: readonly string[]) => [string, string[]]
}

/** `miner dev daemon` of which no line is read: what it is comes from its health page alone. */
export async function startBlindMiner(market: DevMarket, options: BlindMinerOptions): Promise<BlindMiner> {
  const { stdio, settings = [], nodeFlags = [], env = {}, wrap } = options
  const [port, healthPort] = await freePorts()
  const ports = ['--port', String(port), '--health-port', String(healthPort)]
  const args = [...nodeFlags, program, 'dev', 'daemon', '--market', market.url, ...ports, ...settings]
  const [file, words] = wrap?.(process.execPath, args) ?? [process.execPath, args]
  const child = spawn(file, words, { env: { ...cleanEnv, ...env }, stdio })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const health = async () => (await (await fetch(`http://127.0.0.1:${healthPort}/health`)).json()) as HealthReport
  let isGone = false
  void ended.then(() => {
    isGone = true
  })
  for (;;) {
    if (isGone) throw new Error(`the miner ended with ${await ended}`)
    const report = await health().catch(() => undefined)
    const isUp = report?.state === 'ready' || report?.state === 'degraded'
    if (isUp && report.parts['prices']?.state === 'ok') break
    await systemClock.sleep(100)
  }
  return { child, port, health, ended }
}

async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()]
  for (const server of servers) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }
  const ports = servers.map((server) => {
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  })
  for (const server of servers) {
    server.close()
    await once(server, 'close')
  }
  return [ports[0]!, ports[1]!]
}
