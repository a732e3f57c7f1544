import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import type { Progress } from '#core/base/cli/progress'
import { AppError } from '#core/base/errors/app-error'
import { dayMs } from '#core/base/time/units'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import type { ReplayRequest } from '#core/tuning/replay/plan-replay'
import type { ReplayReport, ReplayRun } from '#core/tuning/replay/run-replay'
import type { StoredTotal } from '#core/tuning/replay/score-store'
import { TestClock } from '#tests/support/test-clock'
import type { ReplayContext, ReplaySettings } from '../replay/context.ts'
import type { DiagnoseOptions } from './diagnose.ts'
import { addReplayCommand } from './replay.ts'

const nowMs = Date.UTC(2026, 9, 20, 12)
const assets = ['BTC', 'XAU']

function scoresOf(model: string): StoredTotal[] {
  return Array.from({ length: 200 }, (_, i) => ({
    predictionId: `BTC-3600s-${i}`,
    regime: '2026-09-22',
    asset: assets[i % 2]!,
    startAtMs: nowMs - 20 * dayMs + (i * dayMs) / 12,
    timeLengthSeconds: i % 2 === 0 ? 3_600 : 86_400,
    competition: 'crypto-1h',
    total: 1_000 + (i % 7) + (model === 'served' ? 0 : 20),
    pricePart: 1_000,
    volatilityPart: null,
    problem: null,
  }))
}

const fine: ReplayReport = {
  model: 'served',
  regime: null,
  listed: 33_120,
  unsettled: 48,
  known: 32_000,
  scored: 1_072,
  waiting: [],
  problems: [],
  failures: [],
  left: 0,
  totals: [
    {
      asset: 'BTC',
      competition: 'crypto-24h',
      timeLengthSeconds: 86_400,
      scored: 1_440,
      problems: 2,
      total: 2_811.55,
      pricePart: 2_811.55,
      volatilityPart: null,
    },
    {
      asset: 'GOOGLX',
      competition: 'com-equ-24h',
      timeLengthSeconds: 86_400,
      scored: 1_438,
      problems: 0,
      total: 600.305,
      pricePart: 590.228,
      volatilityPart: 10.077,
    },
  ],
}
const group = {
  message: 'the stored paths differ from those that were served: their hash is another one',
  assets,
  count: 2,
}

async function runCommand(args: readonly string[], report: Partial<ReplayReport> = {}, kept = 40) {
  const lines: string[] = []
  const requests: ReplayRequest[] = []
  const settings: ReplaySettings[] = []
  const diagnosed: DiagnoseOptions[] = []
  const files: [string, string][] = []
  let closed = 0
  const updates: string[] = []
  const progress: Progress = { update: (...update) => updates.push(update.join(' ')), stop: () => {} }
  const context: ReplayContext = {
    book: buildRegimeBook(builtInRegimes),
    database: '/data/miner.sqlite',
    countKept: () => kept,
    scores: { listAssets: () => assets } as unknown as ReplayContext['scores'],
    setsHash: 'ab12cd34'.repeat(8),
    sourcesOf: async () => ({ setsHash: 'ab12cd34'.repeat(8), files: {} }),
    run: async (request, { onProgress }): Promise<ReplayRun> => {
      requests.push(request)
      onProgress?.({ stage: 'scores', done: 1, total: 2 })
      return { report: { ...fine, ...report, model: request.model }, scores: scoresOf(request.model) }
    },
    pairs: { readPairs: async () => [], scoreBlends: async () => [] },
    close: async () => {
      closed += 1
    },
  }
  const program = new Command('tuner').exitOverride().configureOutput({ writeErr: () => {} })
  addReplayCommand(program, {
    open: (own) => {
      settings.push(own)
      return context
    },
    terminal: { write: (line) => void lines.push(line), warn: () => {}, columns: undefined, hasColor: false },
    progress,
    clock: new TestClock(nowMs),
    interrupted: () => new AbortController().signal,
    diagnose: async (options, terminal) => {
      diagnosed.push(options)
      terminal.write(options.json === true ? '{}' : 'the diagnosis')
    },
    writeText: (file, text) => void files.push([file, text]),
  })
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => {} })
  const error = await program.parseAsync(['replay', ...args], { from: 'user' }).then(
    () => undefined,
    (caught: unknown) => caught,
  )
  return { lines, requests, settings, diagnosed, files, closed, updates, error }
}

describe('tuner replay', () => {
  it('scores the last thirty days of what was served', async () => {
    const { requests, error, closed, updates } = await runCommand([])
    expect(error).toBeUndefined()
    expect(requests).toMatchObject([
      { model: 'served', again: false, filter: { fromMs: nowMs - 30 * dayMs, toMs: nowMs } },
    ])
    expect(closed).toBe(1)
    expect(updates).toEqual(['scores 1 2'])
  })

  it('takes a range, assets, a competition, rules, threads and a model', async () => {
    const { requests, settings } = await runCommand([
      ...['--asset', 'BTC', 'XAU', '--competition', 'crypto-24h', '--from', '2026-10-01', '--to', '2026-10-03T12:00Z'],
      ...[
        '--regime',
        '2026-09-cap',
        '--threads',
        '3',
        '--model',
        'ewma:df=4,lambda=0.93',
        '--again',
        '--engine',
        'embedded',
      ],
    ])
    expect(settings).toEqual([{ engine: 'embedded', threads: 3, regime: '2026-09-cap' }])
    expect(requests).toMatchObject([
      {
        model: 'ewma:df=4,lambda=0.93',
        again: true,
        competition: 'crypto-24h',
        regime: '2026-09-cap',
        filter: { assets: ['BTC', 'XAU'], fromMs: Date.UTC(2026, 9, 1), toMs: Date.UTC(2026, 9, 3, 12) },
      },
    ])
    expect(requests[0]!.specOf('BTC')!.parameters).toMatchObject({ lambda: 0.93, df: 4 })
  })

  it('says everything within eighty columns', async () => {
    const { lines } = await runCommand(['--compare', 'calibrated'], {
      problems: [
        { ...group, reason: 'hashDiffers', fresh: 0, examples: ['GOOGLX-86400s-20261001T000000Z-eb7bbb334451', 'x'] },
      ],
      waiting: [{ ...group, reason: 'unreachable', message: 'no history adapter for binanceSpot', examples: ['y'] }],
      failures: [{ asset: 'BTC', day: 20_000, reason: 'the worker ended: out of memory '.repeat(4) }],
      left: 40,
    })
    expect(Math.max(...lines.flatMap((line) => line.split('\n')).map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(lines.join('\n')).toContain('BTC')
    expect(lines).toMatchInlineSnapshot(`
      [
        "Database: /data/miner.sqlite",
        "Model served",
        "33 120 predictions: 1 072 scored now, 32 000 known before, 48 not settled yet",
        "40 not scored this time; run the command again to continue",
        "",
        "competition   asset     scored  problems         mean   price part  volatility",
        "crypto-24h    BTC        1 440         2       2811.6       2811.6           -",
        "com-equ-24h   GOOGLX     1 438         0      600.305      590.228      10.077",
        "",
        "Waiting for real prices (the next replay tries again):",
        "  2 of BTC, XAU: no history adapter for binanceSpot",
        "    such as y",
        "",
        "Without a score:",
        "  2 of BTC, XAU: the stored paths differ from those that were served: their hash",
        "    is another one",
        "    such as GOOGLX-86400s-20261001T000000Z-eb7bbb334451, x",
        "",
        "Failed:",
        "  BTC 2024-10-04: the worker ended: out of memory the worker ended: out of",
        "    memory the worker ended: out of memory the worker ended: out of memory",
        "",
        "Model calibrated@ab12cd34",
        "33 120 predictions: 1 072 scored now, 32 000 known before, 48 not settled yet",
        "40 not scored this time; run the command again to continue",
        "",
        "competition   asset     scored  problems         mean   price part  volatility",
        "crypto-24h    BTC        1 440         2       2811.6       2811.6           -",
        "com-equ-24h   GOOGLX     1 438         0      600.305      590.228      10.077",
        "",
        "Waiting for real prices (the next replay tries again):",
        "  2 of BTC, XAU: no history adapter for binanceSpot",
        "    such as y",
        "",
        "Without a score:",
        "  2 of BTC, XAU: the stored paths differ from those that were served: their hash",
        "    is another one",
        "    such as GOOGLX-86400s-20261001T000000Z-eb7bbb334451, x",
        "",
        "Failed:",
        "  BTC 2024-10-04: the worker ended: out of memory the worker ended: out of",
        "    memory the worker ended: out of memory the worker ended: out of memory",
        "",
        "calibrated@ab12cd34 against served on the same prompts; below 1 is better",
        "asset   length   prompts     before      after    ratio   95 % interval",
        "XAU     24h          100     1003.0     1023.0   1.0199   1.0199 to 1.0199",
        "BTC     1h           100     1003.0     1023.0   1.0199   1.0199 to 1.0199",
      ]
    `)
  })

  it('prints one JSON document with the reports and the comparison', async () => {
    const { lines } = await runCommand(['--json', '--compare', 'seed'])
    const parsed = JSON.parse(lines.join('\n')) as { replays: unknown[]; comparisons: unknown[] }
    expect(parsed.replays).toMatchObject([{ ...fine }, { ...fine, model: 'seed' }])
    expect(parsed.comparisons).toHaveLength(2)
  })

  it('has examples in its help that run, within eighty columns', async () => {
    const program = new Command('tuner')
    addReplayCommand(program, {} as Parameters<typeof addReplayCommand>[1])
    let help = ''
    const command = program.commands[0]!.configureOutput({ writeOut: (text) => (help += text) })
    command.outputHelp()
    expect(Math.max(...help.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    const examples = [...help.matchAll(/^ {2}tuner replay (.*)$/gm)].map(([, args = '']) => args.split(' '))
    expect(examples).toHaveLength(4)
    for (const args of examples) expect((await runCommand(args)).error).toBeUndefined()
  })

  it.each([
    ['an unknown asset', ['--asset', 'BTCC'], 'ASSET_UNKNOWN', 'Did you mean BTC?'],
    ['an unknown competition', ['--competition', 'crypto24'], 'COMPETITION_UNKNOWN', 'crypto-24h'],
    ['unknown rules', ['--regime', '2026-99'], 'REGIME_UNKNOWN', 'tuner regimes list'],
    ['an unknown model', ['--model', 'calibrate'], 'MODEL_UNKNOWN', 'tuner replay --help'],
    ['a range that is empty', ['--from', '2026-10-03', '--to', '2026-10-01'], 'USAGE', '--from must be before --to'],
    ['a date that is none', ['--from', 'yesterday'], 'USAGE', 'or a date such as 2026-09-21'],
  ])('refuses %s, with what to do, before anything runs', async (_, args, code, hint) => {
    const { error, requests } = await runCommand(args)
    expect(error).toBeInstanceOf(AppError)
    expect((error as AppError).code).toBe(code)
    expect((error as AppError).hint).toContain(hint)
    expect(requests).toEqual([])
  })

  it.each([
    ['--days', '0'],
    ['--days', 'x'],
    ['--threads', '0'],
    ['--engine', 'redis'],
  ])('refuses %s %s', async (...args) => {
    const { error, requests } = await runCommand(args)
    expect((error as { code?: string }).code).toBe('commander.invalidArgument')
    expect(requests).toEqual([])
  })

  it.each([
    ['what is left to do', { left: 40 }, 'REPLAY_INCOMPLETE', 75],
    [
      'real prices that are waited for',
      { waiting: [{ ...group, reason: 'unreachable' as const, examples: [] }] },
      'REPLAY_INCOMPLETE',
      75,
    ],
    [
      'damage that is new',
      { problems: [{ ...group, reason: 'hashDiffers' as const, fresh: 1, examples: ['id'] }] },
      'REPLAY_DAMAGED_PATHS',
      65,
    ],
  ])('ends with a code for %s, after printing', async (_, report, code, exitCode) => {
    const { error, lines, closed } = await runCommand([], report)
    expect((error as AppError).code).toBe(code)
    expect((error as AppError).exitCode).toBe(exitCode)
    expect(lines.length).toBeGreaterThan(2)
    expect(closed).toBe(1)
  })

  it('ends well where damage was known before', async () => {
    const { error } = await runCommand([], { problems: [{ ...group, reason: 'hashDiffers', fresh: 0, examples: [] }] })
    expect(error).toBeUndefined()
  })

  it('says so when the journal has nothing in the range', async () => {
    const { lines, error } = await runCommand([], { listed: 0 })
    expect([lines, error]).toEqual([
      [
        'Database: /data/miner.sqlite',
        'None of the 40 predictions is of this range and these names; "tuner journal',
        '  status" shows what there is.',
      ],
      undefined,
    ])
    const empty = await runCommand([], { listed: 0, totals: [] }, 0)
    expect(empty.lines.at(-1)).toBe('The journal is empty: the miner has kept no answer yet.')
  })

  it('takes the options of older miners, and 24h or 1h as low or high', async () => {
    const older = await runCommand(['--start-date', '2026-10-01', '--end-date', '2026-10-03', '--prompt', 'low'])
    const newer = await runCommand(['--from', '2026-10-01', '--to', '2026-10-03', '--horizon', '24h'])
    expect(older.requests).toMatchObject([{ filter: { fromMs: Date.UTC(2026, 9, 1), timeLengthSeconds: 86_400 } }])
    expect(older.requests.map(({ filter }) => filter)).toEqual(newer.requests.map(({ filter }) => filter))
    expect((await runCommand(['--prompt', 'middle'])).error).toMatchObject({
      message: expect.stringMatching(/24h, 1h, low, high/),
    })
  })
  it('writes the diagnosis to a file, or shows it without scoring anything', async () => {
    const both = await runCommand(['--output', 'diagnostics.json', '--asset', 'BTC'])
    expect([both.requests.length, both.files]).toEqual([1, [['diagnostics.json', '{}\n']]])
    expect(both.diagnosed).toMatchObject([{ json: true, asset: ['BTC'] }])
    const only = await runCommand(['--diagnostics-only'])
    expect([only.requests, only.files, only.lines]).toEqual([[], [], ['the diagnosis']])
  })
})
