import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { minuteMs } from '#core/base/time/units'
import { startAxons } from '#daemon/axon/start-axons'
import { defaultSynthConfig } from '#daemon/subnets/synth/config'
import { createSynthModule } from '#daemon/subnets/synth/synth-module'
import { axonFixture } from '#tests/support/axon-fixture'
import { startForecasts } from '#tests/support/forecasting'
import { alice, bob } from '#tests/support/hotkeys'
import { nextNonceNs } from '#tests/support/live-axon'
import { MemoryJournal } from '#tests/support/memory-journal'
import { isoSeconds, promptBody, v10Headers } from '#tests/support/validator-request'
import { waitUntil } from '#tests/support/wait-until'

async function aMiner(options: Parameters<typeof startForecasts>[0] = {}) {
  const journal = new MemoryJournal()
  const forecasts = await startForecasts({ journal, firstReceiver: bob.address, ...options })
  onTestFinished(() => forecasts.stop())
  const fixture = axonFixture({ clock: systemClock })
  const { log, texts, assets } = forecasts
  const synth = createSynthModule({ clock: systemClock, log, texts }, { ...defaultSynthConfig(), netuid: 50, assets })
  const running = await startAxons(
    { ...fixture.deps, modules: [synth] },
    [{ address: bob.address, port: 0 }],
    fixture.config,
  )
  onTestFinished(() => running.stop())
  const url = `http://127.0.0.1:${running.axons[0]!.port}/Simulation`
  const ask = async (prompt: Record<string, unknown>, encoding = 'gzip') => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        ...v10Headers({ sender: alice, receiver: bob.address, nonceNs: nextNonceNs() }),
        'accept-encoding': encoding,
      },
      body: promptBody({ start_time: isoSeconds(startMs), num_simulations: 100, ...prompt }),
    })
    const text = await response.text()
    return { status: response.status, encoding: response.headers.get('content-encoding'), text }
  }
  return { ask, journal, forecasts, log, axonLog: fixture.log }
}

const startMs = Math.ceil(Date.now() / minuteMs) * minuteMs + 120_000
const day = { asset: 'BTC', time_increment: 300, time_length: 86_400 }

describe('a signed prompt', () => {
  it('is answered by the champion, compressed or not, with the very bytes that were recorded', async () => {
    const { ask, journal, log } = await aMiner()
    const plain = await ask(day, 'identity')
    const pressed = await ask(day)
    expect([plain.status, plain.encoding, pressed.status, pressed.encoding]).toEqual([200, null, 200, 'gzip'])
    expect(pressed.text).toBe(plain.text)
    const at = plain.text.indexOf('"simulation_output":') + '"simulation_output":'.length
    // The second answer came from the first's forecast.
    expect(journal.outputs).toEqual([plain.text.slice(at, -1)])
    expect(journal.records[0]).toMatchObject({ rung: 'champion', model: { name: 'calibrated' }, isDegraded: false })
    expect(log.entries.find(({ event }) => event === 'forecast.made')).toMatchObject({ level: 'debug' })
  })

  it('has one line with how it was made, the time of each stage and the time that was left', async () => {
    const { ask, axonLog, log } = await aMiner()
    await ask(day)
    await ask(day)
    const said = [...axonLog.entries, ...log.entries].filter(
      ({ event, level }) => level === 'info' && `${event}`.match(/^(request|forecast)\.(served|made)$/),
    )
    expect(said.map(({ isReused }) => isReused)).toEqual([false, true])
    const facts = { asset: 'BTC', rung: 'champion', model: 'calibrated', arrangement: 'structured', isCapped: false }
    for (const line of said) {
      expect(line).toMatchObject(facts)
      for (const stage of ['forecast', 'sample', 'write', 'check', 'wait', 'record']) {
        expect(line[`${stage}Ms`], stage).toBeTypeOf('number')
      }
      expect(line['leftMs']).toBeGreaterThan(60_000)
      expect(line['leftMs']).toBeLessThan(startMs - Date.now() + 60_000)
    }
  })

  it('is shown by asset and horizon on the health page, with when it was last answered', async () => {
    const { ask, forecasts } = await aMiner()
    expect(forecasts.board.report().parts['forecasts']).not.toHaveProperty('table')
    await ask(day)
    const { table } = forecasts.board.report().parts['forecasts']!
    expect(table).toEqual({
      'BTC 24h': {
        lastMadeAtMs: expect.any(Number),
        answers: 1,
        atDailyCap: 0,
        withIndependentPaths: 0,
        afterFallback: 0,
      },
    })
  })

  it('is answered without a state, from what is typical of the asset, and marked degraded', async () => {
    const { ask, journal, forecasts } = await aMiner({ readEwma: () => undefined, readMemory: () => undefined })
    expect((await ask(day)).status).toBe(200)
    expect(journal.records[0]).toMatchObject({ rung: 'lastSigma', isDegraded: true })
    expect(forecasts.board.report().parts['forecasts']).toMatchObject({ state: 'degraded' })
  })

  it('is answered from paths that were drawn ahead, once there is a habit', async () => {
    const { ask, log } = await aMiner({ synth: { prepareAhead: true } })
    await ask(day)
    const isReady = () => log.entries.filter(({ event }) => event === 'forecast.prepared').length > 0
    await waitUntil(isReady)
    const next = await ask({ ...day, start_time: isoSeconds(startMs + 60_000) })
    expect(next.status).toBe(200)
    const made = log.entries.filter(({ event }) => event === 'forecast.made')
    expect(made.map(({ isPrepared }) => isPrepared)).toEqual([false, true])
  })
})
