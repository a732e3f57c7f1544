import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import { run } from '#tests/bench/skill'
import { temporaryFolder } from '#tests/support/temporary-folder'

const startAtSeconds = Date.UTC(2026, 5, 1) / 1000

/** Nights half as lively as days; a hole of some hours. */
function fiveMinutes(days: number): string {
  const rng = new SplitMix64(6n)
  let price = 20
  const rows = Array.from({ length: days * 288 }, (_, i) => {
    price *= 1 + 0.004 * (rng.next() - 0.5) * (i % 288 < 144 ? 1 : 2)
    return i > 4000 && i < 4040 ? '' : `${startAtSeconds + i * 300},${price.toFixed(5)},0,0,0,0`
  })
  return ['ts,close,open,high,low,volume', ...rows.filter((row) => row !== '')].join('\n')
}

function makeFolder(): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'NEWCOIN_5m.csv'), fiveMinutes(30))
  writeFileSync(join(folder, 'BROKEN.csv.gz'), 'no gzip at all')
  writeFileSync(join(folder, 'OIL_15m.csv'), 'ts,close\n')
  return folder
}

describe('the skill bench on a folder nobody has seen', { timeout: 60_000 }, () => {
  it('scores an unknown asset and says of everything else why it is left out', async () => {
    const { assets, skipped } = await run({ runs: 1, market: makeFolder(), limit: '24' })
    expect(assets).toMatchObject({ NEWCOIN: { low: { windows: 24, ratio: expect.closeTo(0.96, 1) } } })
    expect(skipped).toMatchObject({
      'BROKEN low': expect.stringContaining('BROKEN.csv.gz: '),
      'BROKEN high': expect.stringContaining('BROKEN.csv.gz: '),
      'NEWCOIN high': 'no file with steps of one minute',
      OIL_15m: 'steps of 15 minutes are not the grid of any prompt',
    })
  })
  it('pairs prompts with the file and lists each, scored or not', async () => {
    const folder = makeFolder()
    const at = (minutes: number) => new Date((startAtSeconds + minutes * 60) * 1000).toISOString()
    const ask = (asset: string, minutes: number, time_length = 86_400) => ({
      asset,
      start_time: at(minutes),
      time_length,
    })
    const file = join(folder, 'prompts.json')
    const day = 1440
    writeFileSync(
      file,
      JSON.stringify([
        ask('NEWCOIN', 25 * day),
        ask('NEWCOIN', 25 * day + 2),
        ask('NEWCOIN', 60 * day),
        ask('NEWCOIN', 25 * day, 3600),
        ask('DOGE', 25 * day),
      ]),
    )
    const { prompts } = await run({ runs: 1, market: folder, prompts: file })
    expect(prompts).toHaveLength(5)
    expect(prompts).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ asset: 'NEWCOIN', start_time: at(25 * day), calibrated: expect.any(Number) }),
        expect.objectContaining({ skipped: 'start between two prices of the file, and there are no minutes' }),
        expect.objectContaining({ start_time: at(60 * day), skipped: 'lie outside the prices of the file' }),
        expect.objectContaining({ time_length: 3600, skipped: 'no file with steps of one minute' }),
        expect.objectContaining({ asset: 'DOGE', skipped: 'no file of this asset' }),
      ]),
    )
  })
  it('answers a prompt file of another shape with a sentence', async () => {
    const folder = makeFolder()
    const file = join(folder, 'wrong.json')
    writeFileSync(file, '[{"asset": "BTC", "start_time": "2026-06-20 12:00", "time_length": 3600}]')
    await expect(run({ runs: 1, market: folder, prompts: file })).rejects.toThrow('is not an instant with a zone')
  })
})
