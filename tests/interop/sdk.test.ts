import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { startAxons } from '#daemon/axon/start-axons'
import { defaultSynthConfig } from '#daemon/subnets/synth/config'
import { createSynthModule } from '#daemon/subnets/synth/synth-module'
import { axonFixture } from '#tests/support/axon-fixture'
import { startForecasts } from '#tests/support/forecasting'
import { hotkeyFromSeed, hotkeyNamed } from '#tests/support/hotkeys'
import { pythonWithSdk, runPython } from '#tests/support/python'
import { isoSeconds, v10Headers } from '#tests/support/validator-request'

const python = pythonWithSdk()
if (python === undefined) console.log('skipped: no Bittensor SDK (VOLCAST_PYTHON names no interpreter that has it)')

const seedOf = (name: string) => createHash('sha256').update(`interop ${name}`).digest()
const names = ['validator', 'unpermitted', 'poor', 'unregistered'] as const
const miners = ['first', 'second', 'third'].map((name) => hotkeyNamed(`${name} miner`))

interface Result {
  readonly status: number
  readonly code?: string
  readonly message?: string
}

describe.skipIf(python === undefined)('the real SDK', () => {
  let results: Record<string, Result & Result[]>
  let startAtSeconds: number
  const prompt = { asset: 'BTC', time_increment: 300, time_length: 86_400, num_simulations: 1_000 }

  beforeAll(async () => {
    const forecasts = await startForecasts()
    const fixture = axonFixture({ clock: systemClock })
    const synth = createSynthModule(
      { clock: systemClock, log: fixture.log, texts: forecasts.texts },
      { ...defaultSynthConfig(), netuid: 50, assets: forecasts.assets },
    )
    const keys = Object.fromEntries(names.map((name) => [name, hotkeyFromSeed(seedOf(name)).address]))
    fixture.metagraph.add(keys['validator']!)
    fixture.metagraph.add(keys['unpermitted']!, { hasPermit: false })
    fixture.metagraph.add(keys['poor']!, { stakeTao: 10 })
    for (const miner of miners) fixture.metagraph.registerOwn(miner.address)
    const running = await startAxons(
      { ...fixture.deps, modules: [synth] },
      miners.map((miner) => ({ address: miner.address, port: 0 })),
      fixture.config,
    )
    startAtSeconds = Math.floor(Date.now() / 1_000) + 100
    try {
      results = (await runPython(
        python!,
        join(import.meta.dirname, 'validator.py'),
        {
          prompt: { ...prompt, start_time: isoSeconds(startAtSeconds * 1_000) },
          miners: running.axons.map(({ hotkey, port }) => ({ hotkey, port })),
          seeds: Object.fromEntries(names.map((name) => [name, `0x${seedOf(name).toString('hex')}`])),
          timeout: 60,
        },
        100_000,
      )) as typeof results
    } finally {
      await running.stop()
      await forecasts.stop()
    }
  }, 120_000)

  const forecast = () => ({
    start: startAtSeconds,
    step: 300,
    paths: 1_000,
    points: [289],
  })

  it('sends the headers that all other tests send', () => {
    const real = results['headers'] as unknown as Record<string, string>
    const { 'content-type': _type, ...ours } = v10Headers({ sender: miners[0]!, receiver: '', nonceNs: 1n })
    expect(Object.keys(real)).toEqual(Object.keys(ours))
    for (const same of ['name', 'bt_header_input_obj_simulation_input', 'computed_body_hash']) {
      expect(real[same]).toBe(ours[same])
    }
    expect(real['bt_header_dendrite_signature']).toMatch(/^0x[0-9a-f]{128}$/)
    expect(real['bt_header_dendrite_nonce']).toMatch(/^[1-9][0-9]{18}$/)
  })

  it('gets 1000 x 289 paths through its own Dendrite, from each of our hotkeys', () => {
    expect(results['dendrite']).toHaveLength(3)
    for (const result of results['dendrite']!)
      expect(result).toMatchObject({ success: true, status: 200, ...forecast() })
  })

  it("gets them as the Synth validator's client sends: one nonce for the batch, http2 switched on, gzip", () => {
    expect(results['batch']).toHaveLength(3)
    for (const result of results['batch']!) {
      expect(result).toMatchObject({
        status: 200,
        http: 'HTTP/1.1',
        encoding: 'gzip',
        header_status: 200,
        body_status: 200,
        echo: { ...prompt, start_time: isoSeconds(startAtSeconds * 1_000) },
        ...forecast(),
      })
    }
  })

  it('reads only ints and floats above zero', () => {
    const { smallest, types } = results['fresh'] as unknown as { smallest: number; types: string[] }
    expect(smallest).toBeGreaterThan(0)
    expect(types).toEqual(['float', 'int'])
  })

  it.each([
    ['unsigned', 401, 'sig_missing'],
    ['empty_signature', 401, 'sig_missing'],
    ['replayed', 401, 'nonce_replayed'],
    ['stale', 401, 'nonce_window'],
    ['wrong_receiver', 401, 'wrong_receiver'],
    ['wrong_receiver_hidden', 401, 'sig_invalid'],
    ['unpermitted', 403, 'no_permit'],
    ['poor', 403, 'low_stake'],
    ['unregistered', 403, 'unregistered'],
  ])('is refused when it calls %s', (name, status, code) => {
    expect(results[name]).toMatchObject({ status, code })
  })

  it('shows the refusal and its sentence to the caller of the Dendrite', () => {
    expect(results['dendrite_unpermitted']).toMatchObject([
      { success: false, status: 403, message: 'This hotkey has no validator permit.', paths: 0 },
    ])
  })
})
