import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import type { FloodReport, FloodTask } from '#tests/bench/axon/flood-worker'
import { forkWorker, loopbackAddresses, nextMessage, percentile } from '#tests/bench/axon/load'
import { alice, bob, hotkeyNamed } from '#tests/support/hotkeys'
import { honestBody, nextNonceNs, startLiveAxon } from '#tests/support/live-axon'
import { codeOf, RawConnection, requestText } from '#tests/support/raw-http'
import { v10Headers } from '#tests/support/validator-request'
import { waitUntil } from '#tests/support/wait-until'

/**
 * Each forger has an address and a connection of its own: on loopback every 127.x.y.z is one. They send what passes every
 * cheap check, in the name of a validator. `npm run test:long` asks for 2,500.
 */
const forgers = Number(process.env['VOLCAST_TEST_FORGERS'] ?? 250)
const forgedPerSecond = forgers / 2
/** So the forgers are five seconds of verifying, whatever their number; 500 a second is the default. */
const strangerChecksPerSecond = forgers / 5
const floodSeconds = forgers >= 1_000 ? 25 : 10
const newcomers = 12

it(`forged requests from ${forgers} addresses cost no honest caller an answer, new or known`, {
  timeout: 240_000,
}, async () => {
  const { port, fixture } = await startLiveAxon({
    // A machine that is busy with other things may take long to read a request; that is not the matter here.
    config: { auth: { strangerChecksPerSecond }, axon: { headersTimeoutMs: 60_000, requestTimeoutMs: 60_000 } },
  })
  const newValidator = hotkeyNamed('validator on a new address')
  fixture.metagraph.add(newValidator.address)
  const ask = async (address: string, sender = alice) => {
    const connection = await RawConnection.open(port, address)
    const askedAt = performance.now()
    // One client has one address and one uuid, within which its nonces rise in the order of their arrival.
    const uuid = address.replaceAll('.', '-')
    const headers = v10Headers({ sender, receiver: bob.address, nonceNs: nextNonceNs(), uuid })
    connection.write(requestText(headers, honestBody()))
    const answer = await connection.next()
    connection.destroy()
    const outcome = answer === undefined ? 'closed' : answer.status === 200 ? 'answered' : String(codeOf(answer))
    return { outcome, durationMs: performance.now() - askedAt }
  }
  expect((await ask('127.0.250.1')).outcome).toBe('answered')
  fixture.counters.mostAtWork = 0

  // Well-formed, so that it costs a whole verification: of the forger's own key, in the validator's name.
  const options = { receiver: bob.address, nonceNs: nextNonceNs(), timeout: '110.0' }
  const { bt_header_dendrite_signature: signature } = v10Headers({ ...options, sender: hotkeyNamed('forger') })
  const forged = { ...v10Headers({ ...options, sender: alice }), bt_header_dendrite_signature: signature! }
  const request = requestText(forged, honestBody())
  const child = forkWorker('flood-worker')
  onTestFinished(() => void child.kill('SIGKILL'))
  const report = nextMessage<FloodReport>(child)
  const task: FloodTask = {
    port,
    request,
    perSecond: forgedPerSecond,
    seconds: floodSeconds,
    connections: forgers,
    addresses: loopbackAddresses(forgers),
  }
  child.send(task)
  const refused = (code: 'sig_invalid' | 'verifier_busy') => fixture.counters.refusals.get(code) ?? 0
  await waitUntil(() => refused('sig_invalid') > 0)

  const fromNew: ReturnType<typeof ask>[] = []
  const fromKnown: ReturnType<typeof ask>[] = []
  for (let i = 0; i < newcomers; i += 1) {
    // Each from an address that has never asked, in the name of the hotkey that the forgers use, and of another.
    fromNew.push(ask(`127.0.200.${1 + i}`, i % 2 === 0 ? alice : newValidator))
    fromKnown.push(ask('127.0.250.1'))
    await systemClock.sleep(200)
  }
  const [asNew, asKnown] = [await Promise.all(fromNew), await Promise.all(fromKnown)]
  const { sent, seconds } = await report
  const spread = (answers: typeof asNew) => {
    const durations = answers.map(({ durationMs }) => durationMs)
    return `${percentile(durations, 0.5).toFixed(0)} ms (slowest ${Math.max(...durations).toFixed(0)})`
  }
  console.log(
    `${forgers} forgers, ${(sent / seconds).toFixed(0)} requests a second: ${refused('sig_invalid')} verified, ` +
      `${refused('verifier_busy')} refused without; new addresses ${spread(asNew)}, a known one ${spread(asKnown)}`,
  )
  expect(asNew.map(({ outcome }) => outcome)).toEqual(Array(newcomers).fill('answered'))
  expect(asKnown.map(({ outcome }) => outcome)).toEqual(Array(newcomers).fill('answered'))
  // Each forger had its turn, and none took a place in the validator's name.
  expect(refused('sig_invalid')).toBeGreaterThanOrEqual(forgers)
  expect(fixture.counters.mostAtWork).toBeLessThanOrEqual(2 * newcomers)
})
