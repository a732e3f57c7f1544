/** The axon under the load of a whole subnet's validators, under a flood, and beside the SDK's own axon. */

import { schnorrkelVerifier } from '#adapters/sr25519/schnorrkel-verifier'
import { type BenchOptions, type BenchResult, rounded, timeRuns } from '#tests/support/bench'
import { recordedAssets } from '#tests/support/built-in-assets'
import type { ServerReport } from './axon/axon-server-worker.ts'
import type { FloodReport } from './axon/flood-worker.ts'
import {
  dayPrompt,
  forkWorker,
  measureRate,
  miner,
  nextMessage,
  percentile,
  post,
  readForecast,
  type Sent,
  sign,
  validators,
} from './axon/load.ts'
import { startSdkAxon } from './axon/sdk-axon.ts'

export const description =
  '256 validators at once, a flood of unsigned requests from other addresses and from their own, and the SDK in comparison'

const rounds = 5
const floodSeconds = 10
const floodPerSecond = 10_000

let startAtMs = Date.now() + 60_000

/** A start that no request has named yet, so that the cache holds nothing for it. */
function freshStart(): number {
  startAtMs += 1_000
  return startAtMs
}

function checkEqual(answers: readonly Sent[]): void {
  const first = answers[0]!
  readForecast(first)
  for (const answer of answers) {
    if (answer.status !== 200 || !answer.body.equals(first.body)) throw new Error('an answer is not right')
  }
}

/** Every validator at once; prompt i goes to validator i modulo the number of prompts. */
async function burst(port: number, prompts: readonly string[]): Promise<Sent[]> {
  const requests = validators.map((validator, i) => sign(validator, prompts[i % prompts.length]!))
  const answers = await Promise.all(requests.map((signed) => post(port, signed)))
  for (const [i] of prompts.entries()) checkEqual(answers.filter((_, at) => at % prompts.length === i))
  return answers
}

async function bursts(port: number, makePrompts: () => string[]): Promise<number[]> {
  const durations: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    for (const answer of await burst(port, makePrompts())) durations.push(answer.durationMs)
  }
  return durations
}

function seventeenPrompts(): string[] {
  const start = freshStart()
  const later = freshStart()
  return [
    ...recordedAssets.map((asset) => dayPrompt(asset, start)),
    ...recordedAssets.slice(0, 4).map((asset) => dayPrompt(asset, later)),
  ]
}

interface UnderFlood {
  readonly durations: number[]
  readonly refused: number
  readonly flood: FloodReport
}

/** One honest request every 50 ms, a new prompt every second, while the flood runs. */
async function measureUnderFlood(port: number, localAddress?: string): Promise<UnderFlood> {
  const { bt_header_dendrite_signature: _signature, ...unsigned } = sign(validators[0]!, '').headers
  const body = dayPrompt('BTC', Date.now() + 60_000)
  const head = Object.entries(unsigned).map(([name, value]) => `${name}: ${value}\r\n`)
  const request = `POST /Simulation HTTP/1.1\r\nhost: x\r\n${head.join('')}content-length: ${body.length}\r\n\r\n${body}`
  const child = forkWorker('flood-worker')
  child.send({ port, request, perSecond: floodPerSecond, seconds: floodSeconds, connections: 1_000, localAddress })
  const report = nextMessage<FloodReport>(child)
  const calls: Promise<Sent>[] = []
  const until = performance.now() + floodSeconds * 1_000
  for (let i = 0; performance.now() < until; i += 1) {
    const prompt = i % 20 === 0 ? freshStart() : startAtMs
    calls.push(post(port, sign(validators[i % validators.length]!, dayPrompt('ETH', prompt))))
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const answers = await Promise.all(calls)
  return {
    durations: answers.map((answer) => answer.durationMs),
    refused: answers.filter((answer) => answer.status !== 200).length,
    flood: await report,
  }
}

function measureVerification(runs: number): number {
  const { headers } = sign(validators[0]!, '')
  const text = `${headers['bt_header_dendrite_nonce']}.${validators[0]!.address}.${miner.address}`
  const message = new TextEncoder().encode(text)
  const signature = validators[0]!.sign(text)
  const { medianMs } = timeRuns(Math.max(runs, 300), 50, () => {
    if (!schnorrkelVerifier.verify(message, signature, validators[0]!.publicKey)) throw new Error('not verified')
  })
  return medianMs
}

export async function run(options: BenchOptions): Promise<BenchResult> {
  const server = forkWorker('axon-server-worker')
  server.send({ miner: miner.address, validators: validators.map((validator) => validator.address) })
  const { port } = await nextMessage<{ port: number }>(server)
  const report = async () => {
    server.send('report')
    return nextMessage<ServerReport>(server)
  }
  try {
    await burst(port, [dayPrompt('BTC', freshStart())])
    const same = await bursts(port, () => [dayPrompt('BTC', freshStart())])
    const distinct = await bursts(port, seventeenPrompts)
    const { peakRssMb } = await report()
    const flooded = await measureUnderFlood(port)
    const afterFlood = await report()
    // The honest callers' own address: somebody behind the same router, or a proxy in front of the axon.
    const sameAddress = await measureUnderFlood(port, '127.0.0.1')
    const afterSameAddress = await report()

    const prompt = dayPrompt('BTC', freshStart())
    const ready = await post(port, sign(validators[0]!, prompt))
    const oursPerSecond = await measureRate(port, prompt, 8, 5_000)
    const sdkPerSecond = await measureSdk(prompt, readForecast(ready))
    return {
      same_p50_ms: rounded(percentile(same, 0.5), 1),
      same_p99_ms: rounded(percentile(same, 0.99), 1),
      distinct_p50_ms: rounded(percentile(distinct, 0.5), 1),
      distinct_p99_ms: rounded(percentile(distinct, 0.99), 1),
      flood_honest_p50_ms: rounded(percentile(flooded.durations, 0.5), 1),
      flood_honest_p99_ms: rounded(percentile(flooded.durations, 0.99), 1),
      flood_honest_refused: flooded.refused,
      flood_honest_count: flooded.durations.length,
      flood_sent_rps: rounded(flooded.flood.sent / flooded.flood.seconds, 0),
      flood_refused_rps: rounded(flooded.flood.answered / flooded.flood.seconds, 0),
      flood_loop_delay_p99_ms: rounded(afterFlood.loopDelayP99Ms, 1),
      same_address_honest_p50_ms: rounded(percentile(sameAddress.durations, 0.5), 1),
      same_address_honest_p99_ms: rounded(percentile(sameAddress.durations, 0.99), 1),
      same_address_honest_refused: sameAddress.refused,
      same_address_sent_rps: rounded(sameAddress.flood.sent / sameAddress.flood.seconds, 0),
      same_address_refused_rps: rounded(sameAddress.flood.answered / sameAddress.flood.seconds, 0),
      same_address_loop_delay_p99_ms: rounded(afterSameAddress.loopDelayP99Ms, 1),
      verify_ms: rounded(measureVerification(options.runs)),
      rss_mb: rounded(peakRssMb, 1),
      ours_rps: rounded(oursPerSecond, 1),
      sdk_rps: sdkPerSecond === null ? null : rounded(sdkPerSecond, 2),
    }
  } finally {
    if (server.connected) server.send('stop')
  }
}

async function measureSdk(prompt: string, paths: number[][]): Promise<number | null> {
  const sdk = await startSdkAxon([Math.floor(startAtMs / 1_000), 300, ...paths])
  if (sdk === undefined) return null
  try {
    readForecast(await post(sdk.port, sign(validators[0]!, prompt)))
    return await measureRate(sdk.port, prompt, 8, 10_000)
  } finally {
    sdk.stop()
  }
}
