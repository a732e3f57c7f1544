import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { dayMs } from '#core/base/time/units'
import type { ScoredPrediction } from '#core/tuning/diagnosis/scored-prediction'
import type { FieldPrompt } from '#core/tuning/shadow/field'
import { madeBook } from '#tests/support/made-journal'
import { makePaidReport } from '#tests/support/made-shadow'
import { makeScoredRows } from '#tests/support/scored-rows'
import { addDiagnoseCommand, type DiagnoseWindow } from './diagnose.ts'

const nowMs = Date.UTC(2026, 6, 1)

async function run(rows: readonly ScoredPrediction[], ...argv: string[]) {
  return runAmong([], rows, ...argv)
}

async function runAmong(field: readonly FieldPrompt[], rows: readonly ScoredPrediction[], ...argv: string[]) {
  const lines: string[] = []
  const files = new Map<string, string>()
  const asked: DiagnoseWindow[] = []
  let closed = 0
  const program = new Command().exitOverride()
  addDiagnoseCommand(program, {
    open: () => ({
      book: madeBook,
      listAssets: () => ['BTC', 'ETH'],
      readField: ({ asset, timeLengthSeconds }, { fromMs, toMs }) =>
        field.filter(
          (prompt) =>
            prompt.asset === asset &&
            prompt.timeLengthSeconds === timeLengthSeconds &&
            prompt.scoredAtMs >= fromMs &&
            prompt.scoredAtMs <= toMs,
        ),
      readShadow: async ({ fromMs, toMs }) =>
        field.length === 0
          ? undefined
          : makePaidReport(field, { fromMs, toMs, ours: ({ asset }) => (asset === 'BTC' ? 4000 : undefined) }),
      readRows: (window: DiagnoseWindow) => {
        asked.push(window)
        return rows
      },
      readFan: async ({ predictionId }) => ({
        name: `fan of ${predictionId}`,
        points: [{ atMs: nowMs, quantiles: [1, 2, 3, 4, 5], real: null }],
      }),
      close: () => {
        closed += 1
      },
    }),
    terminal: { write: (line) => void lines.push(line), warn: () => {}, columns: undefined, hasColor: false },
    clock: { nowMs: () => nowMs } as never,
    renderChart: async (spec) => `<svg><!-- ${JSON.stringify(spec['title'])} --></svg>`,
    writeText: (file, text) => void files.set(file, text),
  })
  let error: unknown
  try {
    await program.parseAsync(['diagnose', ...argv], { from: 'user' })
  } catch (caught) {
    error = caught
  }
  return { text: lines.join('\n'), lines, files, asked, closed, error }
}

describe('tuner diagnose', () => {
  it('says where the forecast is wrong, within 80 columns', async () => {
    const { lines, text } = await run(makeScoredRows({ widthAt: (hour) => (hour < 6 ? 1.3 : 1) }), '--asset', 'BTC')
    expect(text).toMatch(/BTC 24h is \d\d % too wide between 00 and 06 UTC \(n = \d+; /)
    const head = lines.findIndex((line) => line.includes('width (99 %)'))
    expect(lines[head + 2]).toBe('mean: score, lower is better. width: + too wide, - too narrow, and its interval.')
    const table = lines.filter((line) => !line.includes('which costs'))
    expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  it('shows coverage with its bands, rolling means, and the windows of the validator', async () => {
    const { text } = await run(makeScoredRows({ widthAt: () => 0.8 }), '--asset', 'BTC')
    for (const level of [5, 25, 50, 75, 90, 95]) {
      expect(text).toMatch(new RegExp(`^below ${level} % +\\d+\\.\\d % +\\d+\\.\\d to \\d+\\.\\d %$`, 'm'))
    }
    expect(text).toMatch(/^the middle 95 % +88\.\d % +8\d\.\d to \d\d\.\d %$/m)
    expect(text).toMatch(/^2026-06-30 +4000\.0 +56$/m)
    expect(text).toMatch(/^crypto-24h +10 +\d+ +4000\.0 +4000\.0 +- +- +- +-$/m)
    expect(text).not.toContain('among all miners')
  })

  it('stands among all miners where public scores are stored: in the text, as JSON and on the page', async () => {
    const rows = makeScoredRows({})
    const field = rows.slice(0, 160).map(({ asset, timeLengthSeconds, startAtMs }) => ({
      asset,
      timeLengthSeconds,
      scoredAtMs: startAtMs + timeLengthSeconds * 1000,
      miners: [3900, 4100, 4200, -1].map((crps, uid) => ({ uid, crps, promptScore: 0 })),
    }))
    const { text, lines } = await runAmong(field, rows, '--asset', 'BTC')
    expect(text).toMatch(/^BTC 24h +160 +2\/4 +33 % +-2\.4 % +-2\.4 % to -2\.4 % +\+2\.6 %$/m)
    expect(text).toMatch(/^00-06 UTC +\d+ +2\/4/m)
    expect(text).toContain('\nbetter: miners with a better score.')
    const table = lines.filter((line) => !line.includes('which costs'))
    expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(80)
    const json = JSON.parse((await runAmong(field, rows, '--json')).text) as {
      subjects: { field: { byWeekday: unknown[]; all: { prompts: number } } }[]
      competitions: { key: string; windows: { field: { rank: number } | null }[] }[]
    }
    expect(json.subjects[0]!.field.all.prompts).toBe(160)
    expect(json.subjects[0]!.field.byWeekday).toHaveLength(7)
    expect(json.competitions[0]!.key).toBe('crypto-24h')
    const { files } = await runAmong(field, rows, '--html', 'r.html')
    expect(files.get('r.html')).toContain('To the field, by weekday')
    expect(files.get('r.html')).toContain('Windows of the validator')
  })

  it('draws rank, smoothed score, weight and earnings by update of the validator', async () => {
    const rows = makeScoredRows({})
    const field = rows.map(({ asset, timeLengthSeconds, startAtMs }) => ({
      asset,
      timeLengthSeconds,
      scoredAtMs: startAtMs + timeLengthSeconds * 1000,
      miners: [3900, 4100, 4200, -1].map((crps, uid) => ({ uid, crps, promptScore: 0 })),
    }))
    const page = (await runAmong(field, rows, '--html', 'r.html')).files.get('r.html')!
    expect(page).toContain('By update of the validator')
    for (const chart of ['rank, 1 is the best', 'smoothed score, lower is better', 'weight', 'earnings, TAO a day']) {
      expect(page).toContain(`Crypto 24h: ${chart}`)
    }
    expect(page).toMatch(
      /<td>Crypto 24h, BTC<[/]td><td>\d+ of \d+<[/]td><td>100 %<[/]td><td>100 %<[/]td><td>2 of 5<[/]td>/,
    )
    expect((await run(rows, '--html', 'r.html')).files.get('r.html')).not.toContain('By update of the validator')
  })

  it('has words for a width that nothing bounds: all of few moves lay in the middle', async () => {
    const rows = makeScoredRows({ days: 3, widthAt: () => 1e6 })
    const { text, files } = await run(rows, '--asset', 'BTC', '--html', 'r.html')
    expect(text).toContain('all inside')
    expect(`${text} ${files.get('r.html')}`).not.toMatch(/Infinity|NaN|-0 %/)
  })

  it('asks for the last thirty days by default, and for what is named', async () => {
    const { asked } = await run(makeScoredRows({}))
    expect(asked[0]).toMatchObject({ fromMs: nowMs - 30 * dayMs, toMs: nowMs })
    const named = await run(makeScoredRows({}), '--from', '2026-06-03', '--to', '2026-06-05T00:00:00Z')
    expect(named.asked[0]).toMatchObject({ fromMs: Date.UTC(2026, 5, 3), toMs: Date.UTC(2026, 5, 5) })
  })

  it.each([
    [['--days', 'many'], 'It must be a whole number of days, 1 to 3650.'],
    [['--from', 'yesterday'], '--from "yesterday" is not an instant.'],
    [['--from', '2026-06-05T00:00:00Z', '--to', '2026-06-03T00:00:00Z'], 'is empty'],
  ])('refuses %j', async (argv, message) => {
    const { error, asked } = await run([], ...argv)
    expect(String(error)).toContain(message)
    expect(asked).toEqual([])
  })

  it.each([
    [['--asset', 'BTCC'], 'ASSET_UNKNOWN', 'There is no asset BTCC.'],
    [['--competition', 'crypto-2h'], 'COMPETITION_UNKNOWN', 'There is no competition crypto-2h.'],
    [['--regime', '2026-99'], 'REGIME_UNKNOWN', '"2026-99" is not a known regime.'],
  ])('refuses the unknown name in %j before it reads anything', async (argv, code, sentence) => {
    const { error, asked, closed } = await run(makeScoredRows({}), ...argv)
    expect(error).toMatchObject({ code, message: expect.stringContaining(sentence) as string })
    expect([asked, closed]).toEqual([[], 1])
  })

  it('says what there is instead when nothing was scored', async () => {
    const none = await run([])
    expect(none.error).toMatchObject({
      code: 'NOTHING_SCORED',
      hint: expect.stringContaining('tuner replay') as string,
    })
    expect(none.closed).toBe(1)
    const other = await run(makeScoredRows({}), '--model', 'seed')
    expect(other.error).toMatchObject({ hint: 'There are scores of served.' })
  })

  it('writes JSON that holds all that the text says', async () => {
    const { text } = await run(makeScoredRows({ widthAt: () => 1.3 }), '--json')
    const report = JSON.parse(text) as { sentences: string[]; subjects: { name: string }[] }
    expect(report.subjects.map(({ name }) => name)).toEqual(['BTC 24h'])
    expect(report.sentences.length).toBeGreaterThan(0)
  })

  it('judges no width by a few days, in text and on the page', async () => {
    const { text, files } = await run(makeScoredRows({ widthAt: () => 1.3, days: 1 }), '--html', 'report.html')
    expect(text).toContain('Too few days to judge any width.')
    expect(files.get('report.html')).toContain('<li>Too few days to judge any width.</li>')
  })

  it('writes a page with fans of the newest, the best and the worst prompt', async () => {
    const { files } = await run(makeScoredRows({}), '--html', 'report.html')
    const page = files.get('report.html')!
    expect(page).toContain('fan of')
    expect(page).not.toMatch(/(src|href)="(?!#|data:)/)
  })
})
