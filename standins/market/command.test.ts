import { Command, CommanderError } from 'commander'
import { describe, expect, it } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { followStandInClock } from '#adapters/market/follow-clock'
import { minuteMs } from '#core/base/time/units'
import { MinuteBatch } from '#core/market/minutes/minute-batch'
import { RecordedFeed } from '#core/market/minutes/recorded-feed'
import { TestLogger } from '#tests/support/test-logger'
import { addDevMarketCommand, type DevMarketDeps } from './command.ts'

const startMs = Date.UTC(2025, 4, 20)

function aFeed(): RecordedFeed {
  const batch = new MinuteBatch()
  for (let i = 0; i < 3_000; i += 1) batch.setClose(startMs + i * minuteMs, 100_000 + i)
  return new RecordedFeed(new Map([['BTC', batch]]))
}

/** Runs the command, calls `visit` while it stands, and lets it end. */
async function run(
  argv: string[],
  visit: (said: string) => Promise<void> = async () => undefined,
  deps: Partial<DevMarketDeps> = {},
): Promise<void> {
  const lines: string[] = []
  const program = new Command('miner').exitOverride().configureOutput({ writeErr: () => undefined })
  const command = addDevMarketCommand(program, {
    realClock: systemClock,
    terminal: { write: (line) => void lines.push(line), warn: () => undefined, columns: undefined, hasColor: false },
    log: new TestLogger(),
    readRecorded: async () => aFeed(),
    readScript: () => ({ faults: [] }),
    untilStopped: () => visit(lines.join('\n')),
    ...deps,
  })
  command.exitOverride()
  await program.parseAsync(['market', '--port', '0', ...argv], { from: 'user' })
}

describe('miner dev market', () => {
  it('serves a folder from the second day of the recording on, faster than life, and prints the settings', async () => {
    await run(['--dir', 'minutes', '--speed', '500', '--json'], async (said) => {
      const { url, startAt, speed, market } = JSON.parse(said)
      expect({ startAt, speed }).toEqual({ startAt: '2025-05-21T00:00:00.000Z', speed: 500 })
      expect(market.binance.baseUrl).toBe(`${url}/binance`)
      const clock = await followStandInClock(url, systemClock)
      expect(clock.nowMs()).toBeGreaterThanOrEqual(startMs + 86_400_000)
      const kline = await fetch(`${url}/binance/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=2&startTime=${startMs}`)
      expect(((await kline.json()) as string[][]).map((row) => row[4])).toEqual(['100000.00000000', '100001.00000000'])
      expect(kline.headers.get('date')).toMatch(/21 May 2025/)
    })
  })

  it('serves a synthetic market in real time, the same for the same seed', async () => {
    const prices: unknown[] = []
    for (let i = 0; i < 2; i += 1) {
      await run(['--seed', '7', '--from', '2026-10-01', '--hermes-key', 'k'], async (said) => {
        expect(said).toContain('market:\n  binance:\n    baseUrl: http://127.0.0.1:')
        const url = /baseUrl: (http:[^\n]*)\/binance/.exec(said)![1]!
        expect((await fetch(`${url}/hermes/v2/updates/price/latest?ids[]=ff`)).status).toBe(401)
        const query = `symbol=ETHUSDT&interval=1m&limit=30&startTime=${Date.UTC(2026, 8, 30)}`
        prices.push(await (await fetch(`${url}/binance/api/v3/klines?${query}`)).json())
      })
    }
    expect(prices[0]).toHaveLength(30)
    expect(prices[0]).toEqual(prices[1])
  })

  it('runs a fault script by the time of the market', async () => {
    const script = { faults: [{ venue: 'binanceSpot', kind: 'geoBlocked', fromSeconds: 0, forSeconds: 3600 }] }
    await run(
      ['--dir', 'minutes', '--faults', 'outages.yaml', '--json'],
      async (said) => {
        const { url } = JSON.parse(said)
        expect((await fetch(`${url}/binance/api/v3/ticker/price?symbol=BTCUSDT`)).status).toBe(451)
        expect((await fetch(`${url}/synth/v2/leaderboard/latest`)).status).toBe(200)
      },
      { readScript: () => script },
    )
  })

  it('takes a fault while it runs, from then on, and says what is wrong with one', async () => {
    await run(['--json'], async (said) => {
      const { url } = JSON.parse(said)
      const price = async () => (await fetch(`${url}/binance/api/v3/ticker/price?symbol=BTCUSDT`)).status
      const post = (fault: object) =>
        fetch(`${url}/faults`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(fault),
        })
      expect(await price()).toBe(200)
      const refused = await post({ venue: 'nowhere', kind: 'down' })
      expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('venue')])
      expect((await post({ venue: 'binanceSpot', kind: 'geoBlocked', forSeconds: 3_600 })).status).toBe(204)
      expect(await price()).toBe(451)
      expect((await post({ venue: 'binanceSpot', kind: 'serverError', fromSeconds: 3_600 })).status).toBe(204)
      expect(await price()).toBe(451)
    })
  })

  it.each([
    [['--speed', '0'], /between 1 and 1000/],
    [['--speed', '1001'], /between 1 and 1000/],
    [['--seed', 'x'], /whole number/],
    [['--from', 'yesterday'], /instant in UTC/],
  ])('says what is wrong with %j', async (argv, message) => {
    await expect(run(argv)).rejects.toThrow(message)
    await expect(run(argv)).rejects.toThrow(CommanderError)
  })

  it('explains itself, with every option', async () => {
    const said: string[] = []
    const program = new Command('miner').configureOutput({ writeOut: (text) => void said.push(text) })
    addDevMarketCommand(program, {} as DevMarketDeps)
      .exitOverride()
      .configureOutput({ writeOut: (text) => void said.push(text) })
    await expect(program.parseAsync(['market', '--help'], { from: 'user' })).rejects.toMatchObject({ exitCode: 0 })
    expect(said.join('')).toMatch(/--seed <number>.*\(default: 1\)/s)
    expect(said.join('')).toContain('miner dev market --seed 7')
  })

  it('says which entry of a fault script is wrong', async () => {
    const script = {
      faults: [
        { venue: 'binanceSpot', kind: 'down' },
        { venue: 'nowhere', kind: 'down' },
      ],
    }
    await expect(run(['--faults', 'f.yaml'], undefined, { readScript: () => script })).rejects.toThrow(
      /f[.]yaml.*faults[.]1[.]venue/,
    )
  })

  it('says that a port is taken', async () => {
    await run(['--json'], async (said) => {
      const port = new URL(JSON.parse(said).url).port
      await expect(run(['--port', port])).rejects.toMatchObject({ code: 'LISTEN_FAILED' })
    })
  })
})
