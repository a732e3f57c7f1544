import { expect, it } from 'vitest'
import { devHotkey } from '#adapters/wallet/dev-hotkey'
import { minuteMs } from '#core/base/time/units'
import { axonFixture, buildFixtureAxon, fixtureNowMs } from '#tests/support/axon-fixture'
import { bob } from '#tests/support/hotkeys'
import { badCalls, badKinds, minerRefusals } from './bad-calls.ts'
import { type CallFacts, simulationCall } from './simulation-call.ts'

const validator = devHotkey('validator')
const neighbour = devHotkey('neighbour')
const prompt = {
  asset: 'BTC',
  startAtSeconds: Math.floor(fixtureNowMs / minuteMs + 1) * 60,
  stepSeconds: 60,
  timeLengthSeconds: 3_600,
  pathCount: 100,
}

/** A real axon that knows the validator, and facts of requests that it answers. */
async function anAxon() {
  const fixture = axonFixture()
  fixture.metagraph.add(validator.address)
  fixture.metagraph.add(neighbour.address, { hasPermit: false })
  const { server } = await buildFixtureAxon(fixture)
  let nonceNs = BigInt(fixtureNowMs) * 1_000_000n
  const facts = (): CallFacts => {
    nonceNs += 1n
    return { signer: validator, receiver: bob.address, nonceNs, uuid: 'lane-1', timeoutSeconds: 30 }
  }
  const send = (call: ReturnType<typeof simulationCall>) =>
    server.inject({ method: 'POST', url: '/Simulation', headers: call.headers, payload: call.body })
  return { facts, send }
}

it('makes requests that the axon answers, and bad ones that it refuses, each with its own word', async () => {
  const { facts, send } = await anAxon()
  const answered = simulationCall(prompt, facts())
  expect((await send(answered)).statusCode).toBe(200)
  const calls = badCalls({ prompt, answered, facts, stranger: devHotkey('stranger'), neighbour })
  expect(calls.map(({ kind }) => kind)).toEqual(badKinds)
  for (const { kind, expected, call } of calls) {
    const reply = await send(call)
    expect({ kind, status: reply.statusCode, code: reply.json<{ code: string }>().code }).toEqual({
      kind,
      status: minerRefusals[expected].status,
      code: expected,
    })
  }
  expect((await send(simulationCall(prompt, facts()))).statusCode).toBe(200)
})
