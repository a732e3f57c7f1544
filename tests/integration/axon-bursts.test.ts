import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { minuteMs } from '#core/base/time/units'
import { startAxons } from '#daemon/axon/start-axons'
import { defaultSynthConfig } from '#daemon/subnets/synth/config'
import { createSynthModule } from '#daemon/subnets/synth/synth-module'
import { axonFixture } from '#tests/support/axon-fixture'
import { startForecasts } from '#tests/support/forecasting'
import { bob, hotkeyNamed } from '#tests/support/hotkeys'
import { nextNonceNs } from '#tests/support/live-axon'
import { isoSeconds, promptBody, v10Headers } from '#tests/support/validator-request'

/** L1 to L3 with their meaning, not their load: `npm run bench -- axon` has 256 validators and measures the time. */
const validators = Array.from({ length: 24 }, (_, i) => hotkeyNamed(`validator ${i}`))
const startMs = Math.ceil(Date.now() / minuteMs) * minuteMs + 120_000
const day = { asset: 'BTC', time_increment: 300, time_length: 86_400, num_simulations: 20 }
const assets = ['BTC', 'ETH', 'SOL']

async function aMiner() {
  const forecasts = await startForecasts()
  onTestFinished(() => forecasts.stop())
  const fixture = axonFixture({ clock: systemClock })
  for (const { address } of validators) fixture.metagraph.add(address)
  const { log, texts } = forecasts
  const config = { ...defaultSynthConfig(), netuid: 50, assets: forecasts.assets }
  const modules = [createSynthModule({ clock: systemClock, log, texts }, config)]
  const running = await startAxons({ ...fixture.deps, modules }, [{ address: bob.address, port: 0 }], fixture.config)
  onTestFinished(() => running.stop())
  const url = `http://127.0.0.1:${running.axons[0]!.port}/Simulation`
  const askAtOnce = (promptOf: (i: number) => Record<string, unknown>) =>
    Promise.all(
      validators.map(async (sender, i) => {
        const headers = v10Headers({ sender, receiver: bob.address, nonceNs: nextNonceNs() })
        const body = promptBody({ ...day, start_time: isoSeconds(startMs), ...promptOf(i) })
        const response = await fetch(url, { method: 'POST', headers, body })
        const text = await response.text()
        const output = (JSON.parse(text) as { simulation_output: [number, number, ...number[][]] }).simulation_output
        return { status: response.status, text, startSeconds: output[0], firstPath: JSON.stringify(output[2]) }
      }),
    )
  const made = () => log.entries.filter(({ event }) => event === 'forecast.made').length
  return { askAtOnce, made }
}

it('L1: all validators at once with one prompt get the same bytes of one forecast', async () => {
  const { askAtOnce, made } = await aMiner()
  const answers = await askAtOnce(() => ({}))
  expect(answers.map(({ status }) => status)).toEqual(validators.map(() => 200))
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
  expect(made()).toBe(1)
})

it('L2: all validators at once with a few prompts get one forecast for each prompt', async () => {
  const { askAtOnce, made } = await aMiner()
  const answers = await askAtOnce((i) => ({ asset: assets[i % assets.length] }))
  expect(answers.map(({ status }) => status)).toEqual(validators.map(() => 200))
  for (const [i, { text }] of answers.entries()) expect(text).toBe(answers[i % assets.length]!.text)
  expect(new Set(answers.map(({ text }) => text)).size).toBe(assets.length)
  expect(made()).toBe(assets.length)
})

it('L3: all validators at once with starts of their own get a forecast each, with that start', async () => {
  const { askAtOnce, made } = await aMiner()
  const startOf = (i: number): number => startMs + i * 1_000
  const answers = await askAtOnce((i) => ({ start_time: isoSeconds(startOf(i)) }))
  expect(answers.map(({ status }) => status)).toEqual(validators.map(() => 200))
  expect(answers.map(({ startSeconds }) => startSeconds * 1_000)).toEqual(validators.map((_, i) => startOf(i)))
  expect(new Set(answers.map(({ firstPath }) => firstPath)).size).toBe(validators.length)
  expect(made()).toBe(validators.length)
})
