import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { badKinds } from '#standins/validator/bad-calls'
import type { ValidatorReport } from '#standins/validator/report'
import { runProgram } from '#tests/support/programs'
import { temporaryFolder } from '#tests/support/temporary-folder'

const miner = join(import.meta.dirname, '..', '..', 'bin', 'miner.mjs')
const wholeRunMs = 240_000

interface Run {
  readonly child: ChildProcess
  readonly exit: Promise<number | null>
  /** Both streams, as they came. */
  readonly said: () => string
  /** Waits until these words were said, or the program ended. */
  readonly saying: (words: RegExp) => Promise<RegExpExecArray>
}

/** The real program as somebody runs it who has configured nothing. */
function run(args: readonly string[], cwd: string): Run {
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

const logFileIn = (text: string): string => /its log: (\S+)/.exec(text)?.[1] ?? ''

function reportIn(cwd: string): ValidatorReport {
  return JSON.parse(readFileSync(join(cwd, 'report.json'), 'utf8')) as ValidatorReport
}

describe('miner dev demo', () => {
  it(
    'answers every prompt, refuses everything bad, scores every asset, and leaves nothing behind',
    async () => {
      const cwd = temporaryFolder()
      const demo = run(['dev', 'demo', '--minutes', '0.4', '--report', 'report.json'], cwd)
      expect(await demo.exit, demo.said()).toBe(0)

      const { prompts, badRequests, scores, totals, ...report } = reportIn(cwd)
      expect(report).toMatchObject({ version: 1, ok: true, problems: [], troubles: [] })
      expect(prompts.sent).toBeGreaterThanOrEqual(45)
      expect(prompts).toMatchObject({ answered: prompts.sent, missed: 0, invalid: 0, pending: 0 })
      expect(prompts.scored + prompts.unscored).toBe(prompts.sent)
      expect(Object.keys(badRequests.kinds)).toEqual(badKinds)
      expect(badRequests.refused).toBe(badRequests.sent)
      expect(totals.map(({ horizon }) => horizon)).toEqual(['1h', '24h'])
      // A hole in the market may leave single prompts without a score; each asset of the 1h prompt has several.
      expect(scores.filter(({ horizon }) => horizon === '1h').map(({ asset }) => asset)).toEqual([
        'BTC',
        'ETH',
        'HYPE',
        'SOL',
        'XRP',
      ])
      expect(scores.filter(({ horizon }) => horizon === '24h').length).toBeGreaterThanOrEqual(13 - prompts.unscored)
      for (const { ours, seed } of [...scores, ...totals]) {
        expect(ours).toBeGreaterThan(0)
        expect(seed).toBeGreaterThan(0)
      }
      expect(demo.said()).toContain('ours/reference')
      expect(existsSync(dirname(logFileIn(demo.said())))).toBe(false)
    },
    wholeRunMs,
  )

  it(
    'leaves its database where it was told to, and the tuner scores what was served without asking any venue',
    async () => {
      const cwd = temporaryFolder()
      const demo = run(['dev', 'demo', '--minutes', '0.4', '--keep', 'kept'], cwd)
      expect(await demo.exit, demo.said()).toBe(0)
      const [, line] = /npx tuner (replay --config kept[/]volcast.yaml)/.exec(demo.said())!
      const replayed = runProgram('tuner', [...line!.split(' '), '--json'], { cwd })
      expect(replayed.exitCode, replayed.stderr).toBe(0)
      const { replays } = JSON.parse(replayed.stdout) as { replays: { listed: number; scored: number }[] }
      expect(replays[0]!.scored).toBe(replays[0]!.listed)
      expect(replays[0]!.scored).toBeGreaterThanOrEqual(13)
      expect(await run(['dev', 'demo', '--keep', 'kept'], cwd).exit).toBe(64)
    },
    wholeRunMs,
  )

  it(
    'fails when the miner cannot answer, says which prompt, and keeps the log',
    async () => {
      const cwd = temporaryFolder()
      const venues = ['binanceSpot', 'hyperliquid', 'pythHermes', 'coingecko']
      const faults = venues.map((venue) => ({ venue, kind: 'badPrice', asset: 'ETH', value: -1 }))
      writeFileSync(join(cwd, 'broken.yaml'), JSON.stringify({ faults }))
      const demo = run(['dev', 'demo', '--minutes', '0.4', '--faults', 'broken.yaml', '--report', 'report.json'], cwd)
      expect(await demo.exit, demo.said()).toBe(1)
      expect(demo.said()).toMatch(/DEMO_FAILED: \d+ of \d+ prompts were not answered.*ETH.*price_unavailable/)
      const { ok, prompts, troubles } = reportIn(cwd)
      expect({ ok, missed: prompts.missed }).toEqual({ ok: false, missed: prompts.sent - prompts.answered })
      expect(new Set(troubles.map(({ asset }) => asset))).toEqual(new Set(['ETH']))
      const folder = dirname(logFileIn(demo.said()))
      onTestFinished(() => rmSync(folder, { recursive: true }))
      expect(readFileSync(join(folder, 'miner.log'), 'utf8')).toContain('price.unavailable')
    },
    wholeRunMs,
  )

  it('is what an unconfigured start shows, and ends clean on Ctrl-C', async () => {
    const cwd = temporaryFolder()
    const demo = run(['start', '--or-demo'], cwd)
    await demo.saying(/A demonstration on this machine alone/)
    await demo.saying(/13:01:00 {2}BTC 24h/)
    demo.child.kill('SIGINT')
    // As from a terminal whose Ctrl-C npm hands on as well.
    demo.child.kill('SIGINT')
    expect(await demo.exit, demo.said()).toBe(0)
    expect(demo.said()).toMatch(/\d+ of \d+ prompts answered/)
    expect(existsSync(dirname(logFileIn(demo.said())))).toBe(false)
    // Nothing is left where it was started.
    expect(existsSync(join(cwd, 'data'))).toBe(false)
  })

  it('stays out of the way of a miner that is configured', async () => {
    const real = run(['start', '--or-demo', '--health.port', '0', '--recorder.enabled', 'false'], temporaryFolder())
    await real.saying(/"event":"miner.ready"/)
    expect(real.said()).not.toContain('demonstration')
    real.child.kill('SIGTERM')
    expect(await real.exit).toBe(0)
  })
})

describe('market, miner and validator in terminals of their own', () => {
  it('meet in the time of the market', async () => {
    const cwd = temporaryFolder()
    const market = run(['dev', 'market', '--port', '0', '--speed', '20', '--json'], cwd)
    const [, marketUrl] = await market.saying(/"url":"([^"]+)"/)
    const daemon = run(['dev', 'daemon', '--market', marketUrl!, '--port', '0', '--health-port', '0'], cwd)
    const [, axonUrl] = await daemon.saying(/Axon on (\S+),/)
    await daemon.saying(/"event":"minutes.filled"/)
    const validator = run(
      ['dev', 'validator', '--url', axonUrl!, '--market', marketUrl!, '--minutes', '0.1', '--report', 'report.json'],
      cwd,
    )
    expect(await validator.exit, validator.said()).toBe(0)
    const { ok, prompts, badRequests } = reportIn(cwd)
    expect(ok).toBe(true)
    expect(prompts.answered).toBeGreaterThan(0)
    expect(badRequests).toMatchObject({ sent: badKinds.length, refused: badKinds.length })
    for (const { child, exit } of [daemon, market]) {
      child.kill('SIGTERM')
      expect(await exit).toBe(0)
    }
  }, 120_000)
})
