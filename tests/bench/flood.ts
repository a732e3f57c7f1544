/** Five floods on our axon and on the SDK's own, in one run, while an honest validator asks. */

import { type BenchOptions, type BenchResult, rounded } from '#tests/support/bench'
import { hotkeyNamed } from '#tests/support/hotkeys'
import type { ServerReport } from './axon/axon-server-worker.ts'
import type { FloodReport, FloodTask } from './axon/flood-worker.ts'
import {
  dayPrompt,
  forkWorker,
  loopbackAddresses,
  miner,
  nextMessage,
  percentile,
  post,
  readForecast,
  sign,
  validators,
} from './axon/load.ts'
import { startSdkAxon } from './axon/sdk-axon.ts'

export const description = "an honest caller beside five floods, at our axon and at the SDK's own"

const floodSeconds = 10
const askEveryMs = 200
/** A validator of the subnet does not wait longer for a prompt of an hour. */
const patienceMs = 15_000
const honestAddress = '127.0.0.1'

type Flood = Omit<FloodTask, 'port' | 'seconds'>

function floods(): Readonly<Record<string, Flood | undefined>> {
  const { bt_header_dendrite_signature: _signature, ...unsigned } = sign(validators[0]!, '').headers
  // Well-formed, so that it costs a whole verification: of the forger's own key, in the validator's name.
  const { bt_header_dendrite_signature } = sign(hotkeyNamed('forger'), '').headers
  const forged = { ...unsigned, bt_header_dendrite_signature: bt_header_dendrite_signature! }
  return {
    none: undefined,
    unsigned_other_addresses: {
      request: requestOf(unsigned),
      perSecond: 10_000,
      connections: 1_000,
      addresses: loopbackAddresses(1_000),
    },
    unsigned_same_address: {
      request: requestOf(unsigned),
      perSecond: 10_000,
      connections: 1_000,
      addresses: [honestAddress],
    },
    silent_connections: { request: '', perSecond: 0, connections: 4_500, addresses: loopbackAddresses(3) },
    forged_signatures: {
      request: requestOf(forged),
      perSecond: 2_500,
      connections: 2_500,
      addresses: loopbackAddresses(2_500),
    },
  }
}

function requestOf(headers: Readonly<Record<string, string>>): string {
  const body = dayPrompt('BTC', Date.now() + 60_000)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST /Simulation HTTP/1.1\r\nhost: x\r\n${lines.join('')}content-length: ${body.length}\r\n\r\n${body}`
}

/** One validator, a request every 200 ms, a new prompt every two seconds. */
async function askThrough(port: number): Promise<BenchResult> {
  const calls: Promise<number | undefined>[] = []
  const startAtMs = Date.now() + 60_000
  const until = performance.now() + floodSeconds * 1_000
  for (let i = 0; performance.now() < until; i += 1) {
    const prompt = dayPrompt('ETH', startAtMs + 1_000 * Math.floor(i / 10))
    const call = post(port, sign(validators[0]!, prompt), patienceMs)
    calls.push(
      call.then(
        ({ status, durationMs }) => (status === 200 ? durationMs : undefined),
        () => undefined,
      ),
    )
    await new Promise((resolve) => setTimeout(resolve, askEveryMs))
  }
  const answers = await Promise.all(calls)
  const durations = answers.filter((durationMs) => durationMs !== undefined)
  const at = (share: number) => (durations.length === 0 ? null : rounded(percentile(durations, share), 0))
  return { asked: calls.length, answered: durations.length, p50_ms: at(0.5), p99_ms: at(0.99), max_ms: at(1) }
}

async function measure(port: number, flood: Flood | undefined): Promise<BenchResult> {
  if (flood === undefined) return askThrough(port)
  const child = forkWorker('flood-worker')
  const report = nextMessage<FloodReport>(child)
  child.send({ ...flood, port, seconds: floodSeconds } satisfies FloodTask)
  const honest = await askThrough(port)
  const { sent, answered, seconds, reconnects } = await report
  return {
    ...honest,
    flood_sent_per_second: rounded(sent / seconds, 0),
    flood_answered_per_second: rounded(answered / seconds, 0),
    reconnects,
  }
}

async function measureAll(startAnew: () => Promise<{ port: number; stop: () => Promise<BenchResult> }>) {
  const results: Record<string, BenchResult> = {}
  for (const [name, flood] of Object.entries(floods())) {
    // Each flood finds a server that has answered its validator once and knows nothing of the floods before.
    const { port, stop } = await startAnew()
    readForecast(await post(port, sign(validators[0]!, dayPrompt('BTC', Date.now() + 60_000))))
    const figures = await measure(port, flood)
    results[name] = { ...figures, ...(await stop()) }
  }
  return results
}

async function startOurs() {
  const server = forkWorker('axon-server-worker')
  server.send({ miner: miner.address, validators: validators.map((validator) => validator.address) })
  const { port } = await nextMessage<{ port: number }>(server)
  const stop = async () => {
    server.send('report')
    const { loopDelayP99Ms, peakRssMb } = await nextMessage<ServerReport>(server)
    const gone = new Promise((resolve) => server.once('exit', resolve))
    server.send('stop')
    await gone
    return { loop_delay_p99_ms: rounded(loopDelayP99Ms, 1), peak_rss_mb: rounded(peakRssMb, 0) }
  }
  return { port, stop }
}

export async function run(_options: BenchOptions): Promise<BenchResult> {
  const paths = Array.from({ length: 1_000 }, (_, i) => Array.from({ length: 289 }, (_, j) => 3_000 + i + j / 8))
  const startSdk = async () => {
    const sdk = await startSdkAxon([Math.floor(Date.now() / 1_000), 300, ...paths])
    if (sdk === undefined) return undefined
    const stop = async () => {
      sdk.stop()
      return {}
    }
    return { port: sdk.port, stop }
  }
  const ours = await measureAll(startOurs)
  const first = await startSdk()
  if (first === undefined) return { ours, sdk: null }
  await first.stop()
  return { ours, sdk: await measureAll(async () => (await startSdk())!) }
}
