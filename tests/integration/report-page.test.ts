import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { renderChart } from '#adapters/report/vega-chart'
import { dayMs } from '#core/base/time/units'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { diagnose } from '#core/tuning/diagnosis/diagnose'
import { fanOf } from '#core/tuning/diagnosis/fan'
import type { ReadField } from '#core/tuning/diagnosis/field-comparison'
import { validatorWindows } from '#core/tuning/diagnosis/validator-windows'
import { makePaths } from '#tests/support/made-paths'
import { makePaidReport } from '#tests/support/made-shadow'
import { makeScoredRows } from '#tests/support/scored-rows'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { writeReportPage } from '../../tuner/report/report-page.ts'

const browserPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
if (browserPath === undefined) console.warn('skipped: no Chromium, so nobody looks at the report page')

describe.skipIf(browserPath === undefined)('the diagnosis page in a browser', () => {
  it('shows its findings and all charts, and complains about nothing', { timeout: 120_000 }, async () => {
    const startMs = Date.UTC(2026, 5, 1)
    const paths = makePaths({ pathCount: 200, pointCount: 289, seed: 5 })
    const fan = fanOf('BTC 24h', paths, paths.values.subarray(0, 200), { atMs: startMs, stepSeconds: 300 })
    const rows = makeScoredRows({ widthAt: (hour) => (hour < 6 ? 1.3 : 1) })
    const field = rows.map(({ asset, timeLengthSeconds, startAtMs }, at) => ({
      asset,
      timeLengthSeconds,
      scoredAtMs: startAtMs + timeLengthSeconds * 1000,
      miners: [3900, 4050, 4100].map((crps, uid) => ({ uid, crps: crps + (at % 7), promptScore: 0 })),
    }))
    const readField: ReadField = (_, { fromMs, toMs }) =>
      field.filter(({ scoredAtMs }) => scoredAtMs >= fromMs && scoredAtMs <= toMs)
    const diagnosis = diagnose(rows, 'served', readField)
    const toMs = startMs + 30 * dayMs
    const book = buildRegimeBook(builtInRegimes)
    const competitions = validatorWindows(rows, 'served', { book, fromMs: startMs, toMs, readField })
    const fans = new Map([['BTC 24h', [fan]]])
    const shadow = makePaidReport(field, { fromMs: toMs - 3 * dayMs, toMs, ours: () => 4_020 })
    const input = { diagnosis, competitions, shadow, fans, fromMs: startMs, toMs, model: 'served' }
    const file = join(temporaryFolder(), 'report.html')
    writeFileSync(file, await writeReportPage(input, renderChart))

    const browser = await chromium.launch({ executablePath: browserPath!, args: ['--no-sandbox'] })
    try {
      const page = await browser.newPage({ viewport: { width: 1200, height: 900 } })
      const complaints: string[] = []
      const asked: string[] = []
      page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())))
      page.on('pageerror', (error) => void complaints.push(error.message))
      page.on('request', (request) => void asked.push(request.url()))
      await page.goto(pathToFileURL(file).href)
      expect(await page.locator('figure svg').count()).toBe(13)
      // A chart without marks is as good as none.
      for (const chart of await page.locator('figure svg').all()) {
        expect(await chart.locator('path').count()).toBeGreaterThan(3)
        expect((await chart.boundingBox())!.width).toBeGreaterThan(200)
      }
      expect(await page.locator('ol li').first().textContent()).toMatch(/too wide between 00 and 06 UTC/)
      const screenshot = join(temporaryFolder(), 'report.png')
      await page.screenshot({ path: screenshot, fullPage: true })
      expect(readFileSync(screenshot).length).toBeGreaterThan(20_000)
      expect(complaints).toEqual([])
      expect(asked.filter((url) => !url.startsWith('file:') && !url.startsWith('data:'))).toEqual([])
    } finally {
      await browser.close()
    }
  })
})
