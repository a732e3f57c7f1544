import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import type { ScoredPrediction } from '#core/diagnosis/scored-prediction'
import { madeBook } from '#tests/support/made-journal'
import { makeScoredRows } from '#tests/support/scored-rows'
import { addDiagnoseCommand, type DiagnoseWindow } from './diagnose.ts'

const nowMs = Date.UTC(2026, 6, 1)

async function run(rows: readonly ScoredPrediction[], ...argv: string[]) {
  const lines: string[] = []
  const files = new Map<string, string>()
  const asked: DiagnoseWindow[] = []
  let closed = 0
  const program = new Command().exitOverride()
  addDiagnoseCommand(program, {
    open: () => ({
      book: madeBook,
      listAssets: () => ['BTC', 'ETH'],
      readRows: (window) => {
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
    const table = lines.filter((line) => !line.includes('which costs'))
    expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  it('asks for the last thirty days by default, and for what is named', async () => {
    const { asked } = await run(makeScoredRows({}))
    expect(asked[0]).toMatchObject({ fromMs: nowMs - 30 * 86_400_000, toMs: nowMs })
    const named = await run(makeScoredRows({}), '--from', '2026-06-03', '--to', '2026-06-05T00:00:00Z')
    expect(named.asked[0]).toMatchObject({ fromMs: Date.UTC(2026, 5, 3), toMs: Date.UTC(2026, 5, 5) })
  })

  it.each([
    [['--days', 'many'], 'It must be a whole number of days, 1 to 3650.'],
    [['--from', 'yesterday'], '--from is "yesterday", but must be a date or an instant with a zone.'],
    [['--from', '2026-06-05T00:00:00Z', '--to', '2026-06-03T00:00:00Z'], 'is empty'],
  ])('refuses %j', async (argv, message) => {
    const { error, asked } = await run([], ...argv)
    expect(String(error)).toContain(message)
    expect(asked).toEqual([])
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

  it('writes a page with fans of the newest, the best and the worst prompt', async () => {
    const { files } = await run(makeScoredRows({}), '--html', 'report.html')
    const page = files.get('report.html')!
    expect(page).toContain('fan of')
    expect(page).not.toMatch(/(src|href)="(?!#|data:)/)
  })
})
