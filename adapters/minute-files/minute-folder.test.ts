import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { minuteMs } from '#core/base/time/units'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { TestClock } from '#tests/support/test-clock'
import { MinuteFolder, readRecordedFeed } from './minute-folder.ts'
import { writeMinuteParquet } from './parquet.ts'

const startMs = Date.UTC(2025, 4, 20)
const nowMs = startMs + 10 * minuteMs + 30_000

function aFolder() {
  const folder = temporaryFolder()
  const rows = (closes: (number | undefined)[]) =>
    closes.map((close, i) => (close === undefined ? '' : `${startMs / 1000 + i * 60},${close}\n`)).join('')
  writeFileSync(join(folder, 'BTC.csv'), `ts,close\n${rows([1, 2, undefined, 4, 5, 6, 7, 8, 9, 10, 11, 12])}`)
  writeFileSync(join(folder, 'ETH.csv.gz'), gzipSync(`ts,close\n${rows([10, 20])}`))
  const openAtMs = Float64Array.of(startMs, startMs + 60_000)
  writeFileSync(join(folder, 'XAU.parquet'), writeMinuteParquet({ openAtMs, close: Float64Array.of(4_000, 4_001) }))
  writeFileSync(join(folder, 'BAD.csv'), 'ts,close\n1747699200,1\n1747699260,x\n')
  return { folder, venue: new MinuteFolder({ clock: new TestClock(nowMs) }, folder) }
}

describe('a folder of minutes as a venue', () => {
  it('has the minutes of CSV, zipped CSV and Parquet, with holes as holes, and none of the future', async () => {
    const { venue } = aFolder()
    const closesOf = async (symbol: string) => {
      const answer = await venue.fetchMinutes({ symbol, fromMs: startMs, toMs: startMs + 3_600_000 })
      return answer.ok
        ? answer.minutes.map(({ openAtMs, close }) => `${(openAtMs - startMs) / minuteMs}: ${close}`)
        : answer
    }
    expect(await closesOf('BTC')).toEqual(['0: 1', '1: 2', '3: 4', '4: 5', '5: 6', '6: 7', '7: 8', '8: 9', '9: 10'])
    expect(await closesOf('ETH')).toEqual(['0: 10', '1: 20'])
    expect(await closesOf('XAU')).toEqual(['0: 4000', '1: 4001'])
  })

  it('has the close of the last full minute as its price, dated by the end of that minute', async () => {
    const { venue } = aFolder()
    const answers = await venue.fetchLatest(['BTC', 'ETH', 'DOGE'])
    expect(answers.get('BTC')).toMatchObject({ ok: true, priceUsd: 10, publishedAtMs: startMs + 600_000 })
    expect(answers.get('ETH')).toMatchObject({ ok: true, priceUsd: 20, publishedAtMs: startMs + 120_000 })
    expect(answers.get('DOGE')).toMatchObject({ ok: false, reason: 'unknownSymbol' })
  })

  it('names the file and the line that it cannot read, and never leaves the folder', async () => {
    const { venue } = aFolder()
    const bad = await venue.fetchMinutes({ symbol: 'BAD', fromMs: startMs, toMs: nowMs })
    expect(bad).toMatchObject({ ok: false, reason: 'malformed', message: expect.stringMatching(/BAD[.]csv.*line 3/) })
    for (const symbol of ['../BTC', '/etc/passwd', '', '..', 'BTC\0']) {
      const answer = await venue.fetchMinutes({ symbol, fromMs: startMs, toMs: nowMs })
      expect(answer).toMatchObject({ ok: false, reason: 'unknownSymbol' })
    }
  })

  it('reads a file that was added later', async () => {
    const { folder, venue } = aFolder()
    expect((await venue.fetchLatest(['SOL'])).get('SOL')).toMatchObject({ ok: false })
    writeFileSync(join(folder, 'SOL.csv'), `ts,close\n${startMs / 1000},146.74\n`)
    expect((await venue.fetchLatest(['SOL'])).get('SOL')).toMatchObject({ ok: true, priceUsd: 146.74 })
  })
})

describe('a folder of minutes as a market', () => {
  it('has the files that are named after an asset', async () => {
    const { folder } = aFolder()
    const feed = await readRecordedFeed(folder, ['BTC', 'ETH', 'SOL'])
    expect(feed.assets()).toEqual(['BTC', 'ETH'])
    expect(feed.minuteClose('BTC', startMs + 60_000)).toBe(2)
  })

  it('says what is missing', async () => {
    await expect(readRecordedFeed(temporaryFolder(), ['BTC'])).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    await expect(readRecordedFeed('/nowhere/at/all', ['BTC'])).rejects.toMatchObject({ code: 'INPUT_FILE_UNREADABLE' })
  })
})
