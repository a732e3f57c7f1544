/** The compiled miner as users run it, with a mock chain, a stand-in market and a wallet folder of its own. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { systemClock } from '#adapters/clock/system-clock'
import { dayMs } from '#core/base/time/units'
import { standInSettings, startMarketStandIn } from '#standins/market/server'
import { SyntheticMarket } from '#standins/market/synthetic/synthetic-market'
import { bob, type TestHotkey } from '#tests/support/hotkeys'
import { MockNode, mockGenesis } from '#tests/support/mock-node/mock-node'
import { namedRuntime } from '#tests/support/mock-node/runtime'

const root = join(import.meta.dirname, '..', '..', '..')
const bobsSeed = '0x398f0c28f98885e046333d4a41c19cee4c37368a9832c6502f6cfd182e2aef89'

export interface ForecastLine {
  readonly event: string
  readonly asset: string
  readonly startAtMs: number
  readonly stepSeconds: number
  readonly isPrepared: boolean
  readonly rung: string
  readonly arrangement: string
}

export class MinerChild {
  readonly port: number
  readonly #child: ChildProcess
  readonly #made: ForecastLine[] = []
  readonly #cleanUp: () => Promise<void>

  private constructor(child: ChildProcess, port: number, lines: ForecastLine[], cleanUp: () => Promise<void>) {
    this.#child = child
    this.port = port
    this.#made = lines
    this.#cleanUp = cleanUp
  }

  /** Builds dist/ first, so that it is this source that is measured. */
  static async start(
    validators: readonly TestHotkey[],
    settings: Readonly<Record<string, unknown>> = {},
  ): Promise<MinerChild> {
    if (spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'ignore' }).status !== 0) {
      throw new Error('the build failed')
    }
    const cwd = mkdtempSync(join(tmpdir(), 'volcast-bench-'))
    const hotkeys = join(cwd, 'wallets', 'miner', 'hotkeys')
    mkdirSync(hotkeys, { recursive: true })
    const key = { accountId: null, publicKey: null, ss58Address: bob.address, secretSeed: bobsSeed }
    writeFileSync(join(hotkeys, 'default'), JSON.stringify(key), { mode: 0o600 })
    const node = await MockNode.start({
      runtime: namedRuntime('424-v16'),
      neurons: [bob, ...validators].map(({ address }) => ({
        hotkey: address,
        coldkey: bob.address,
        stakeRao: 70_000n * 10n ** 9n,
        hasPermit: address !== bob.address,
        emissionRao: 1_000n,
        incentive: 100,
        registeredAtBlock: 5,
      })),
    })
    const feed = new SyntheticMarket({ seed: 3n, originMs: Date.now() - 2 * dayMs })
    const standIn = await startMarketStandIn({ feed, clock: systemClock, realClock: systemClock })
    writeFileSync(
      join(cwd, 'volcast.yaml'),
      JSON.stringify({
        market: standInSettings(standIn.url),
        wallet: { path: join(cwd, 'wallets'), name: 'miner' },
        chain: { network: 'local', endpoints: [node.url], netuid: 50, genesisHash: mockGenesis },
        axon: { host: '127.0.0.1', port: 0 },
        health: { port: 0 },
        ...settings,
      }),
    )
    // With the flag of `npm start`.
    const child = spawn(process.execPath, ['--max-semi-space-size=2', join(root, 'bin', 'miner.mjs'), 'start'], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    let errors = ''
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString()
    })
    const made: ForecastLine[] = []
    const port = await new Promise<number>((resolve, reject) => {
      let found = 0
      createInterface({ input: child.stdout }).on('line', (line) => {
        const entry = JSON.parse(line) as { event: string; port?: number }
        if (entry.event === 'axon.listening') found = entry.port ?? 0
        if (entry.event === 'request.served') made.push(entry as unknown as ForecastLine)
        if (entry.event === 'miner.ready') resolve(found)
      })
      child.once('exit', (code) => reject(new Error(`the miner ended with ${code}: ${errors}`)))
    })
    return new MinerChild(child, port, made, async () => {
      child.kill('SIGTERM')
      await exited
      await standIn.stop()
      await node.server.kill()
      rmSync(cwd, { recursive: true, force: true })
    })
  }

  /** What the log said of the forecast for this prompt. */
  find(asset: string, startAtMs: number, stepSeconds: number): ForecastLine | undefined {
    return this.#made.find(
      (line) => line.asset === asset && line.startAtMs === startAtMs && line.stepSeconds === stepSeconds,
    )
  }

  /** As the system counts it: the resident memory of all threads. */
  residentMb(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024
  }

  peakMb(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1_024
  }

  stop(): Promise<void> {
    return this.#cleanUp()
  }
}
