import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { dayMs, minuteMs } from '#core/base/time/units'
import { readJson } from '#core/synth/scoring/answer-json'
import { validateAnswer } from '#core/synth/scoring/answer-validation'
import { memberOf } from '#core/synth/scoring/json-tape'
import { standInSettings, startMarketStandIn } from '#standins/market/server'
import { SyntheticMarket } from '#standins/market/synthetic/synthetic-market'
import { aNeuron, aNode } from '#tests/support/chain-fixtures'
import { alice, bob } from '#tests/support/hotkeys'
import { nextNonceNs } from '#tests/support/live-axon'
import { mockGenesis } from '#tests/support/mock-node/mock-node'
import { startMiner } from '#tests/support/programs'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { isoSeconds, promptBody, v10Headers } from '#tests/support/validator-request'

const bobsSeed = '0x398f0c28f98885e046333d4a41c19cee4c37368a9832c6502f6cfd182e2aef89'

async function aMarket() {
  const originMs = Date.now() - 2 * dayMs
  const feed = new SyntheticMarket({ seed: 3n, originMs })
  const standIn = await startMarketStandIn({ feed, clock: systemClock, realClock: systemClock })
  onTestFinished(() => standIn.stop())
  return standInSettings(standIn.url)
}

function aFolderWithBobsWallet(): string {
  const cwd = temporaryFolder()
  const hotkeys = join(cwd, 'wallets', 'miner', 'hotkeys')
  mkdirSync(hotkeys, { recursive: true })
  const key = { accountId: null, publicKey: null, ss58Address: bob.address, secretSeed: bobsSeed }
  writeFileSync(join(hotkeys, 'default'), JSON.stringify(key), { mode: 0o600 })
  return cwd
}

describe('the whole miner: wallet, chain, market and axon', () => {
  it('answers a registered validator with valid paths, refuses a stranger, and stops clean', async () => {
    const node = await aNode({
      neurons: [
        aNeuron({ hotkey: bob.address, hasPermit: false }),
        aNeuron({ hotkey: alice.address, stakeRao: 70_000n * 10n ** 9n }),
      ],
    })
    const cwd = aFolderWithBobsWallet()
    const settings = {
      market: await aMarket(),
      wallet: { path: join(cwd, 'wallets'), name: 'miner' },
      chain: { network: 'local', endpoints: [node.url], netuid: 50, genesisHash: mockGenesis },
      axon: { host: '127.0.0.1', port: 0 },
      health: { port: 0 },
    }
    writeFileSync(join(cwd, 'volcast.yaml'), JSON.stringify(settings))
    // The environment beats the file, and by default it closes the venues.
    const env = Object.fromEntries(
      Object.entries(settings.market).map(([venue, { baseUrl }]) => [
        `VOLCAST_MARKET_${venue.replace(/([A-Z])/g, '_$1').toUpperCase()}_BASE_URL`,
        baseUrl,
      ]),
    )
    const miner = await startMiner([], { cwd, env })
    const listening = miner.lines
      .map((line) => JSON.parse(line) as { event: string; port?: number })
      .find(({ event }) => event === 'axon.listening')
    const url = `http://127.0.0.1:${listening?.port}/Simulation`

    const startTime = isoSeconds(Math.ceil(Date.now() / minuteMs) * minuteMs + 60_000)
    const prompt = {
      asset: 'BTC',
      start_time: startTime,
      time_increment: 300,
      time_length: 86_400,
      num_simulations: 1000,
    }
    const ask = (sender: typeof alice) =>
      fetch(url, {
        method: 'POST',
        headers: v10Headers({ sender, receiver: bob.address, nonceNs: nextNonceNs() }),
        body: promptBody(prompt),
      })

    const answer = await askUntilPriced(() => ask(alice))
    expect(answer.status).toBe(200)
    const reading = readJson(await answer.text())
    if (!reading.ok) throw new Error(reading.problem.message)
    const output = memberOf(reading.tape, 0, 'simulation_output')
    if (output === null) throw new Error('the answer holds no simulation_output')
    const request = { startTime, stepSeconds: 300, timeLengthSeconds: 86_400, pathCount: 1000 }
    for (const digits of ['chars8', 'sigDigits8'] as const) {
      expect(validateAnswer(reading.tape, output, request, { digits, order: 'shapesFirst' }).message).toBe('CORRECT')
    }

    const refused = await ask(bob)
    expect(refused.status).toBe(403)

    const health = (await (await fetch(`${miner.healthUrl}/health`)).json()) as {
      parts: Record<string, { state: string }>
    }
    expect(health.parts['chain']?.state).toBe('ok')
    expect(health.parts['axon']).toMatchObject({
      state: 'ok',
      sentence: expect.stringContaining('1 requests refused') as string,
    })
    miner.child.kill('SIGTERM')
    expect(await miner.exit).toBe(0)
  })
})

/** Right after the start the first price may still be on its way; a miner without one says so and invents none. */
async function askUntilPriced(ask: () => Promise<Response>): Promise<Response> {
  for (;;) {
    const answer = await ask()
    if (answer.status !== 503) return answer
    expect(await answer.text()).toContain('price_unavailable')
  }
}
