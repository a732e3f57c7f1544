import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '#adapters/clock/system-clock'
import type { SplitMix64 } from '#core/base/random/rng'
import type { Clock } from '#core/base/time/clock'
import { recordedAssets } from '../built-in-assets.ts'
import type { SmallDisk } from '../small-disk.ts'
import { runBeside } from './run-beside.ts'
import type { WeekPlan } from './week-plan.ts'

const tuner = join(import.meta.dirname, '..', '..', '..', 'bin', 'tuner.mjs')
const marketTime = fileURLToPath(new URL('../preloads/market-time.mjs', import.meta.url))
/** What is changed: it counts for the model that serves everything here. */
const parameter = 'level_low'
const step = 0.05

export interface WeekOperatorDeps {
  readonly plan: Pick<WeekPlan, 'speed' | 'timeZone'>
  readonly disk: SmallDisk
  readonly dbPath: string
  readonly clock: Clock
  readonly tell: (line: string) => void
}

/** Changes parameters, and undoes changes, with the compiled tuner. */
export class WeekOperator {
  readonly accepted: number[] = []
  refused = 0
  readonly #deps: WeekOperatorDeps
  readonly #proposed = new Set<string>()

  constructor(deps: WeekOperatorDeps) {
    this.#deps = deps
  }

  /** A forced change of an asset that had none, or a revert of the last one. */
  async change(rng: SplitMix64): Promise<boolean> {
    const asset = recordedAssets.find((own) => !this.#proposed.has(own))
    if (asset === undefined || (this.accepted.length > 0 && rng.next() < 0.3)) {
      const id = this.accepted.at(-1)
      return id === undefined ? false : (await this.#try('revert', String(id), '--reason', 'a week')) !== undefined
    }
    const value = await this.#currentValue(asset)
    if (value === undefined) return false
    const next = (value + step).toFixed(2)
    const stdout = await this.#try('propose', asset, parameter, next, '--reason', 'a week', '--force', '--json')
    if (stdout === undefined) return false
    this.accepted.push((JSON.parse(stdout) as { change: { id: number } }).change.id)
    this.#proposed.add(asset)
    return true
  }

  async history(): Promise<{ changes: { id: number }[]; verification: { isSound: boolean; entryCount: number } }> {
    const stdout = await this.#run('history', '--verify', '--json')
    return JSON.parse(stdout) as { changes: { id: number }[]; verification: { isSound: boolean; entryCount: number } }
  }

  async #currentValue(asset: string): Promise<number | undefined> {
    // The answer no comes as an exit code, with the same words.
    const stdout = await this.#run('check', asset, parameter, '--json').catch(
      (error: { stdout?: string }) => error.stdout ?? '',
    )
    return stdout === '' ? undefined : (JSON.parse(stdout) as { current: number }).current
  }

  async #try(...args: string[]): Promise<string | undefined> {
    try {
      return await this.#run(...args)
    } catch (error) {
      this.refused += 1
      const { code, stderr = '' } = error as { code?: number; stderr?: string }
      this.#deps.tell(`tuner ${args.slice(0, 3).join(' ')}: ${code} ${stderr.split('\n')[0]}`)
      return undefined
    }
  }

  #run(...args: string[]): Promise<string> {
    const { plan, disk, dbPath, clock } = this.#deps
    return runBeside(disk, [tuner, ...args], {
      MARKET_TIME: `${clock.nowMs()} ${systemClock.nowMs()} ${plan.speed}`,
      NODE_OPTIONS: `--import ${marketTime}`,
      TZ: plan.timeZone,
      VOLCAST_DB_PATH: dbPath,
    })
  }
}
