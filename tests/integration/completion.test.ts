import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { type ProgramOptions, runProgram } from '#adapters/cli/run-program'
import { systemClock } from '#adapters/clock/system-clock'
import { schemaLeaves } from '#core/base/config/schema-leaves'
import { championModels } from '#core/forecast/models/model-names'
import { parameterNames } from '#core/tuning/governance/parameter-catalogue'
import { composeMiner } from '#daemon/compose-program'
import { DaemonConfig } from '#daemon/config'
import { composeStandIns } from '#standins/compose'
import { leafCommands } from '#tests/support/command-tree'
import { composeTuner } from '#tuner/compose-program'
import { TunerConfig } from '#tuner/config'

const packageRoot = join(import.meta.dirname, '..', '..')
const terminal = { write: () => {}, warn: () => {}, columns: undefined, hasColor: false }
const env = { VOLCAST_CONFIG: '/dev/null' }
const never = () => new Promise<never>(() => {})

const programs: Readonly<Record<string, (argv: readonly string[]) => ProgramOptions>> = {
  tuner: (argv) =>
    composeTuner({
      ...{ packageRoot, argv, env, terminal, clock: systemClock, threads: 1 },
      progress: { update: () => {}, stop: () => {} },
      interrupted: () => new AbortController().signal,
      runningMiners: () => [],
    }),
  miner: (argv) =>
    composeMiner({
      ...{ packageRoot, argv, env, terminal, homeFolder: '/nowhere', pid: 1, streams: process },
      ...{ untilStopped: never, onBug: () => {}, reportBugsTo: () => {}, onReady: () => {}, standIns: composeStandIns },
    }),
}

/** What a shell gets when the Tab key is pressed after these words. */
async function completionsOf(name: string, ...words: string[]): Promise<string[]> {
  const lines: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line))
  try {
    expect(await runProgram(programs[name]!(['complete', '--', ...words]))).toBe(0)
  } finally {
    log.mockRestore()
  }
  // The last line is for the script alone.
  return lines.slice(0, -1).map((line) => line.split('\t')[0]!)
}

describe.each(['tuner', 'miner'])('Tab in a line of %s', (name) => {
  const commands = leafCommands(programs[name]!([]))
  it.each(commands.map(({ words }) => words))('completes %s from its beginning, word by word', async (words) => {
    const path = words.split(' ')
    for (const [at, word] of path.entries()) {
      expect(await completionsOf(name, ...path.slice(0, at), word.slice(0, -1))).toContain(word)
    }
  })
  it.each(commands)('offers every option of $words', async ({ words, command }) => {
    const options = command.options.filter(({ hidden }) => !hidden).map(({ long }) => long)
    expect(await completionsOf(name, ...words.split(' '), '--')).toEqual(expect.arrayContaining(options))
  })
  it('offers the settings, once two letters say that one is wanted', async () => {
    const keys = schemaLeaves(name === 'tuner' ? TunerConfig : DaemonConfig).map(({ key }) => `--${key}`)
    expect(keys).toContain('--db.path')
    for (const key of keys) expect(await completionsOf(name, 'config', 'show', key.slice(0, -1))).toContain(key)
    expect((await completionsOf(name, 'config', 'show', '--')).filter((word) => word.includes('.'))).toEqual([])
  })
})

describe('Tab where the tuner wants a value', () => {
  const parameters = parameterNames(championModels)
  it.each<[string, readonly string[]]>([
    ['check ', ['BTC', 'ETH', 'XAU']],
    ['check X', ['XAU', 'XRP']],
    ['check BTC ', parameters],
    ['propose BTC champ', ['champion_low', 'champion_high']],
    ['propose BTC champion_low e', ['ewma']],
    ['blend BTC ', ['24h', '1h']],
    ['blend BTC 24h --models s', ['seed']],
    ['replay --asset ', ['BTC', 'SPCX']],
    ['replay --asset=B', ['BTC']],
    ['replay --competition ', ['crypto-24h', 'crypto-1h', 'com-equ-24h']],
    ['diagnose --competition crypto', ['crypto-24h', 'crypto-1h']],
    ['replay --model ', ['served', 'ewma', 'calibrated']],
    ['replay --compare e', ['ewma']],
    ['shadow report --model s', ['served', 'seed']],
    ['replay --regime 2026-09', ['2026-09-22', '2026-09-cap']],
    ['regimes show 2025', ['2025-11-10']],
    ['journal list --horizon ', ['24h', '1h', 'low', 'high']],
    ['minutes export --format ', ['csv', 'csv.gz', 'parquet']],
    ['minutes export --venue b', ['binanceSpot']],
    ['score --storage ', ['float32', 'float64']],
    ['models check s', ['sde_transformer']],
    ['completion ', ['bash', 'zsh', 'fish']],
  ])('%s', async (line, expected) => {
    const offered = await completionsOf('tuner', ...line.split(' '))
    expect(offered).toEqual(expect.arrayContaining([...expected]))
    const begun = /[= ]([^= ]*)$/.exec(line)![1]!
    expect(offered.filter((value) => !value.startsWith(begun))).toEqual([])
  })
  it('offers nothing, and says nothing, where the configuration is broken', async () => {
    const broken = { ...env, VOLCAST_RECORDER_ASSETS: '', VOLCAST_NO_SUCH: 'x' }
    const lines: string[] = []
    const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line))
    const outside = { packageRoot, env: broken, terminal, clock: systemClock, threads: 1 }
    const options = composeTuner({
      ...{ ...outside, argv: ['complete', '--', 'check', ''] },
      progress: { update: () => {}, stop: () => {} },
      interrupted: () => new AbortController().signal,
      runningMiners: () => [],
    })
    const exitCode = await runProgram(options)
    log.mockRestore()
    expect({ exitCode, values: lines.slice(0, -1) }).toEqual({ exitCode: 0, values: [] })
  })
})
