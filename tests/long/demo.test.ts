import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { badKinds } from '#standins/validator/bad-calls'
import type { ValidatorReport } from '#standins/validator/report'
import { type DemoRun, runMiner } from '#tests/support/demo-run'
import { placeModel } from '#tests/support/onnx-models'
import { temporaryFolder } from '#tests/support/temporary-folder'

const wholeRunMs = 240_000

const logFileIn = (text: string): string => /its log: (\S+)/.exec(text)?.[1] ?? ''

/** Everything that does not depend on the machine. */
function tableOf(text: string): string {
  const [, table] =
    /(Mean scores over the same prompts (?:.|\n)*?)\n\n(?:The miner's journal|The model)/.exec(text) ?? []
  return table ?? text
}

function reportIn(cwd: string): ValidatorReport {
  return JSON.parse(readFileSync(join(cwd, 'report.json'), 'utf8')) as ValidatorReport
}

describe('miner dev demo', () => {
  it(
    'answers every prompt, refuses everything bad, scores every asset, and leaves nothing behind; two that run at the same time show the same table',
    async () => {
      const cwd = temporaryFolder()
      const [demo, other] = [cwd, temporaryFolder()].map((folder) => {
        const run = runMiner(['dev', 'demo', '--minutes', '0.4', '--report', 'report.json'], folder)
        return { ...run, folder }
      }) as [DemoRun & { folder: string }, DemoRun & { folder: string }]
      expect(await demo.exit, demo.said()).toBe(0)
      expect(await other.exit, other.said()).toBe(0)

      const { prompts, badRequests, scores, totals, ...report } = reportIn(cwd)
      // To the last digit, although each slowed the other down.
      const { prompts: otherPrompts, scores: otherScores, totals: otherTotals } = reportIn(other.folder)
      expect([otherPrompts.sent, otherPrompts.scored]).toEqual([prompts.sent, prompts.scored])
      // Some answers had no time for arranged paths: only the other miners' scores can be the same.
      const isHurried = [demo, other].some((run) => run.said().includes('another run may differ'))
      const seen = (rows: typeof scores) =>
        isHurried ? rows.map(({ asset, reference, seed }) => ({ asset, reference, seed })) : rows
      expect([seen(otherScores), seen(otherTotals)]).toEqual([seen(scores), seen(totals)])
      if (!isHurried) expect(tableOf(other.said())).toEqual(tableOf(demo.said()))
      expect(tableOf(demo.said())).toContain('24h: 1 day cannot show')
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
    'fails when the miner cannot answer, says which prompt, and keeps the log',
    async () => {
      const cwd = temporaryFolder()
      const venues = ['binanceSpot', 'hyperliquid', 'pythHermes', 'coingecko']
      const faults = venues.map((venue) => ({ venue, kind: 'badPrice', asset: 'ETH', value: -1 }))
      writeFileSync(join(cwd, 'broken.yaml'), JSON.stringify({ faults }))
      const demo = runMiner(
        ['dev', 'demo', '--minutes', '0.4', '--faults', 'broken.yaml', '--report', 'report.json'],
        cwd,
      )
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
    const demo = runMiner(['start', '--or-demo'], cwd)
    await demo.saying(/A demonstration on this machine only/)
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
    const real = runMiner(
      ['start', '--or-demo', '--health.port', '0', '--recorder.enabled', 'false'],
      temporaryFolder(),
    )
    await real.saying(/"event":"miner.ready"/)
    expect(real.said()).not.toContain('demonstration')
    real.child.kill('SIGTERM')
    expect(await real.exit).toBe(0)
  })
})

describe('market, miner and validator in terminals of their own', () => {
  it('meet in the time of the market', async () => {
    const cwd = temporaryFolder()
    // Every deadline of the miner shrinks with the market's pace while the work on an answer does not, hence hardly faster
    // than life. The first prompts come with the next minute of the market.
    const market = runMiner(['dev', 'market', '--port', '0', '--speed', '2', '--json'], cwd)
    const [, marketUrl] = await market.saying(/"url":"([^"]+)"/)
    const daemon = runMiner(['dev', 'daemon', '--market', marketUrl!, '--port', '0', '--health-port', '0'], cwd)
    const [, axonUrl] = await daemon.saying(/Axon on (\S+),/)
    await daemon.saying(/"event":"minutes.filled"/)
    const validator = runMiner(
      ['dev', 'validator', '--url', axonUrl!, '--market', marketUrl!, '--minutes', '0.6', '--report', 'report.json'],
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

  it('serves a model of the operator where it can, and scores the calibrated model beside it', {
    timeout: wholeRunMs,
  }, async () => {
    const cwd = temporaryFolder()
    placeModel(cwd, 'har', 'har')
    const demo = runMiner(['dev', 'demo', '--minutes', '0.4', '--model', 'har', '--report', 'report.json'], cwd)
    expect(await demo.exit, demo.said()).toBe(0)
    const { scores } = reportIn(cwd)
    const compared = scores.filter(({ calibrated }) => calibrated !== undefined)
    expect(compared.map(({ asset, horizon }) => `${asset} ${horizon}`)).toEqual(['BTC 24h'])
    // Another forecast, drawn in the same way: near, and not the same.
    expect(compared[0]!.oursToCalibrated).not.toBe(1)
    expect(compared[0]!.oursToCalibrated).toBeGreaterThan(0.7)
    expect(compared[0]!.oursToCalibrated).toBeLessThan(1.5)
    expect(demo.said()).toMatch(/The model answered (\d+) of the \1 prompts/)
    expect(tableOf(demo.said())).toMatch(/calibrated +ours\/calibrated/)
  })

  it.each([
    ['nothing', /no manifest[.]json/],
    ['.', /no manifest[.]json/],
  ])('says what is missing of the model %s', async (model, sentence) => {
    const demo = runMiner(['dev', 'demo', '--minutes', '0.4', '--model', model], temporaryFolder())
    expect(await demo.exit).toBe(64)
    expect(demo.said()).toMatch(sentence)
  })
})
