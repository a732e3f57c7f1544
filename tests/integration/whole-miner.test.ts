import { describe, expect, it } from 'vitest'
import { minuteMs } from '#core/base/time/units'
import { readJson } from '#core/synth/scoring/answer-json'
import { validateAnswer } from '#core/synth/scoring/answer-validation'
import { memberOf } from '#core/synth/scoring/json-tape'
import { aNeuron, aNode } from '#tests/support/chain-fixtures'
import { chainedSubnet, secondHotkey, startChainedMiner } from '#tests/support/chained-miner'
import { alice, bob } from '#tests/support/hotkeys'
import { nextNonceNs } from '#tests/support/live-axon'
import { namedRuntime, typeIdOf, withServeArgument } from '#tests/support/mock-node/runtime'
import { isoSeconds, promptBody, v10Headers } from '#tests/support/validator-request'

describe('the whole miner: wallet, chain, market and axon', () => {
  it('answers a registered validator with valid paths, refuses a stranger, and stops clean', async () => {
    const runtime = namedRuntime('424-v16')
    const node = await aNode({ runtime, neurons: chainedSubnet })
    const { miner, axonUrl } = await startChainedMiner(node)
    const listeningAtMs = Date.now()

    const startTime = isoSeconds(Math.ceil(Date.now() / minuteMs) * minuteMs + 60_000)
    const prompt = {
      asset: 'BTC',
      start_time: startTime,
      time_increment: 300,
      time_length: 86_400,
      num_simulations: 1000,
    }
    const ask = (sender: typeof alice) =>
      fetch(axonUrl, {
        method: 'POST',
        headers: v10Headers({ sender, receiver: bob.address, nonceNs: nextNonceNs() }),
        body: promptBody(prompt),
      })

    const answer = await askUntilPriced(() => ask(alice), listeningAtMs + firstStartMs)
    expect(answer.status).toBe(200)
    const reading = readJson(await answer.text())
    if (!reading.ok) throw new Error(reading.problem.message)
    const output = memberOf(reading.tape, 0, 'simulation_output')
    if (output === null) throw new Error('the answer holds no simulation_output')
    const request = { startTime, stepSeconds: 300, timeLengthSeconds: 86_400, pathCount: 1000 }
    for (const digits of ['chars8', 'sigDigits8'] as const) {
      expect(validateAnswer(reading.tape, output, request, { digits, order: 'shapesFirst' }).message).toBe('CORRECT')
    }

    const refusedBefore = await refusedCount(miner.healthUrl)
    const refused = await ask(bob)
    expect(refused.status).toBe(403)

    const health = await healthOf(miner.healthUrl)
    expect(health.parts['chain']?.state).toBe('ok')
    expect(health.parts['axon']?.state).toBe('ok')
    expect(await refusedCount(miner.healthUrl)).toBe(refusedBefore + 1)

    // C5: the chain goes to a runtime that we cannot sign for. Answers need no signature of ours.
    node.upgradeTo(
      withServeArgument(
        runtime,
        'placeholder2',
        typeIdOf(runtime, ({ text }) => text === '{"primitive":"U16"}'),
      ),
    )
    expect((await chainSaying(miner.healthUrl, 'placeholder2: u16')).state).toBe('degraded')
    expect((await ask(alice)).status).toBe(200)

    miner.child.kill('SIGTERM')
    expect(await miner.exit).toBe(0)
  })

  it('never sends a path of one of its hotkeys from another one', async () => {
    const node = await aNode({
      neurons: [...chainedSubnet, aNeuron({ hotkey: secondHotkey.address, hasPermit: false })],
    })
    // Nothing moves and no minute is recorded: two answers differ only where their paths were drawn differently.
    const { miner } = await startChainedMiner(node, {
      env: { VOLCAST_WALLET_HOTKEYS: 'default,second', VOLCAST_RECORDER_ENABLED: 'false' },
      feed: { assets: () => ['BTC'], priceAt: () => 97_000, minuteClose: () => 97_000 },
    })
    const listeningAtMs = Date.now()
    const axons = miner.lines.map((line) => JSON.parse(line) as { event: string; port?: number; hotkey?: string })
    const prompt = { asset: 'BTC', start_time: isoSeconds(Math.ceil(Date.now() / minuteMs) * minuteMs + 5 * minuteMs) }
    const ask = async (receiver: string, kind: { time_increment: number; time_length: number }) => {
      const { port } = axons.find(({ event, hotkey }) => event === 'axon.listening' && hotkey === receiver)!
      const send = () =>
        fetch(`http://127.0.0.1:${port}/Simulation`, {
          method: 'POST',
          headers: v10Headers({ sender: alice, receiver, nonceNs: nextNonceNs() }),
          body: promptBody({ ...prompt, ...kind, num_simulations: 200 }),
        })
      const answer = await askUntilPriced(send, listeningAtMs + firstStartMs)
      const { simulation_output: output } = (await answer.json()) as { simulation_output: unknown[] }
      return output.slice(2).map((path) => JSON.stringify(path))
    }
    for (const kind of [
      { time_increment: 300, time_length: 86_400 },
      { time_increment: 60, time_length: 3_600 },
    ]) {
      const first = await ask(bob.address, kind)
      const other = await ask(secondHotkey.address, kind)
      expect([first.length, other.length]).toEqual([200, 200])
      expect(await ask(bob.address, kind)).toEqual(first)
      expect(other.filter((path) => first.includes(path))).toEqual([])
    }
  })
})

type Health = { parts: Readonly<Record<string, { state: string; sentence: string }>> }

async function healthOf(url: string): Promise<Health> {
  return (await (await fetch(`${url}/health`)).json()) as Health
}

/** More than none right after a start: see `askUntilPriced`. */
async function refusedCount(url: string): Promise<number> {
  const { axon } = (await healthOf(url)).parts
  return Number(/(\d+) requests refused/.exec(axon?.sentence ?? '')?.[1] ?? 0)
}

async function chainSaying(url: string, words: string): Promise<{ state: string; sentence: string }> {
  for (;;) {
    const { chain } = (await healthOf(url)).parts
    if (chain?.sentence.includes(words)) return chain
  }
}

/** So long a first start takes no nonce of a right clock. */
const firstStartMs = 2_000

/**
 * Right after the start the first price may still be on its way; a miner without one says so and invents none. A first
 * start has no record of nonces, so those from before it are refused.
 */
async function askUntilPriced(ask: () => Promise<Response>, nonceTakenFromMs: number): Promise<Response> {
  for (;;) {
    const askedAtMs = Date.now()
    const answer = await ask()
    if (answer.status === 200) return answer
    const why = await answer.text()
    if (askedAtMs > nonceTakenFromMs) expect(why).toContain('price_unavailable')
    else expect(why).toMatch(/price_unavailable|nonce_from_before/)
  }
}
