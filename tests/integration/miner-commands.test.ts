import { chmodSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { buildProgram, runProgram } from '#adapters/cli/run-program'
import { splitArguments } from '#core/base/cli/split-arguments'
import { loadConfig } from '#core/base/config/load-config'
import { composeMiner, type MinerOutside } from '#daemon/compose-program'
import { DaemonConfig } from '#daemon/config'
import { minerShapes } from '#daemon/json-shapes'
import { composeStandIns } from '#standins/compose'
import { standInShapes } from '#standins/json-shapes'
import { groupHelp, leafCommands } from '#tests/support/command-tree'
import { placeModel } from '#tests/support/onnx-models'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { openGovernanceOf } from '#tests/support/test-database'
import { splitLine } from '#tests/support/tuner-lab'

const shapes = { ...minerShapes, ...standInShapes }
const packageRoot = join(import.meta.dirname, '..', '..')

/** The time of a model is not what is tested here, and a busy machine takes longer. */
const env = { VOLCAST_MODELS_DEADLINE_MS: '10000' }

function outsideOf(argv: readonly string[], cwd = '/nowhere'): MinerOutside & { lines: string[]; warnings: string[] } {
  const lines: string[] = []
  const warnings: string[] = []
  return {
    ...{ lines, warnings, packageRoot, argv, env, homeFolder: cwd, pid: process.pid, streams: process },
    terminal: {
      write: (text) => void lines.push(...text.split('\n')),
      warn: (text) => void warnings.push(...text.split('\n')),
      columns: undefined,
      hasColor: false,
    },
    // Told to stop at once: what runs until then still starts, says what it has to say, and ends in order.
    untilStopped: async () => 'SIGTERM',
    onBug: (error) => {
      throw error
    },
    reportBugsTo: () => {},
    onReady: () => {},
    standIns: composeStandIns,
  }
}

const commands = leafCommands(composeMiner(outsideOf([])))
/** They run until they are stopped, or write a script for a shell. */
const withoutJson = ['start', 'dev demo', 'dev daemon', 'dev validator', 'completion']
/** They hold ports, take a minute, or need each other: tests of their own start them as processes. */
const elsewhere = ['start', 'dev demo', 'dev daemon', 'dev validator', 'completion']
const examples = commands
  .filter(({ words }) => !elsewhere.includes(words))
  .flatMap(({ words, examples }) => examples.map((line) => ({ words, line })))

describe('every command of the miner', () => {
  it('has examples in its help, and help that fits 80 columns', () => {
    expect(commands.filter(({ examples }) => examples.length === 0).map(({ words }) => words)).toEqual([])
    const help = [...commands.flatMap(({ help }) => help), ...groupHelp(composeMiner(outsideOf([])))]
    expect(help.filter((line) => line.length > 80)).toEqual([])
  })
  it('has --json and a documented shape where it gives an answer', () => {
    const expected = commands.map(({ words }) => words).filter((words) => !withoutJson.includes(words))
    expect(Object.keys(shapes).sort()).toEqual(expected.sort())
    for (const { words, command } of commands) {
      expect([words, command.options.some(({ long }) => long === '--json')]).toEqual([
        words,
        !withoutJson.includes(words),
      ])
    }
  })
})

/** A hotkey without a password, two models, recorded minutes and a fault script. */
function aFolder(): string {
  const cwd = temporaryFolder()
  const fixtures = join(packageRoot, 'tests', 'support', 'fixtures')
  for (const name of ['miner', 'default']) {
    const hotkeys = join(cwd, '.bittensor', 'wallets', name, 'hotkeys')
    mkdirSync(hotkeys, { recursive: true })
    cpSync(join(fixtures, 'wallet', 'alice-seed'), join(hotkeys, 'default'))
    chmodSync(join(hotkeys, 'default'), 0o600)
  }
  for (const name of ['har', 'other']) placeModel(join(cwd, 'models', 'mine'), name, 'har')
  // Processes that run from the sources find their loader from the working folder.
  symlinkSync(join(packageRoot, 'node_modules'), join(cwd, 'node_modules'))
  for (const path of [join(cwd, 'data', 'miner.sqlite'), join(cwd, 'backups', 'older', 'miner.sqlite')]) {
    openGovernanceOf(path).close()
  }
  mkdirSync(join(cwd, 'minutes'))
  const start = Date.UTC(2026, 8, 23) / 1000
  const rows = Array.from({ length: 3 * 1440 }, (_, minute) => `${start + 60 * minute},${60_000 + (minute % 7)}`)
  writeFileSync(join(cwd, 'minutes', 'BTC.csv'), ['ts,close', ...rows, ''].join('\n'))
  writeFileSync(
    join(cwd, 'outages.yaml'),
    'faults:\n  - { venue: binanceSpot, kind: badPrice, asset: ETH, value: -1 }\n',
  )
  return cwd
}

async function run(words: readonly string[]) {
  const cwd = aFolder()
  const outside = outsideOf(words, cwd)
  const before = process.cwd()
  process.chdir(cwd)
  try {
    const exitCode = await runProgram(composeMiner(outside))
    return { exitCode, lines: outside.lines, warnings: outside.warnings }
  } finally {
    process.chdir(before)
  }
}

describe.each(examples)('$line', ({ words, line }) => {
  it('runs as it stands, and prints JSON of its documented shape', async () => {
    const asked = splitLine(line).slice(1)
    const plain = await run(asked)
    expect([plain.exitCode, plain.warnings]).toEqual([0, []])
    const json = line.includes('--json') ? plain : await run([...asked, '--json'])
    expect(json.exitCode).toBe(0)
    const value: unknown = JSON.parse(json.lines.join('\n'))
    const readings = shapes[words]!.map(({ shape }) => shape.safeParse(value))
    expect(
      readings.some(({ success }) => success),
      String(readings[0]!.error),
    ).toBe(true)
  })
})

describe('an example that holds ports or waits for others', () => {
  const lines = commands.filter(({ words }) => elsewhere.includes(words)).flatMap(({ examples }) => examples)
  it.each(lines)('is understood as it stands: %s', async (line) => {
    const split = splitArguments(splitLine(line.replace(/ > \S+$/, '')).slice(1))
    const options = composeMiner(outsideOf([]))
    const program = buildProgram(options, split)
    const understood: string[] = []
    const listen = (command: Command): void => {
      if (command.commands.length > 0) command.commands.forEach(listen)
      else command.action(() => void understood.push(command.name()))
    }
    program.commands.forEach(listen)
    await program.parseAsync([...split.words], { from: 'user' })
    expect(understood).toHaveLength(1)
    loadConfig({ schema: DaemonConfig, argv: split.settings, env: {}, file: undefined })
  })
})
