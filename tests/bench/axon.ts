/** L1 to L4 of the catalogue: the axon under the load of a whole subnet's validators, and beside the SDK's own axon. */

import { schnorrkelVerifier } from '#adapters/sr25519/schnorrkel-verifier'
import { type BenchOptions, type BenchResult, rounded, timeRuns } from '#tests/support/bench'
import { recordedAssets } from '#tests/support/built-in-assets'
import { runsLong } from '#tests/support/long-tests'
import type { ServerReport } from './axon/axon-server-worker.ts'
import {
  dayPrompt,
  forkWorker,
  hourPrompt,
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
  '256 validators at once with one prompt, 17, and one each; 16 validators for a while (VOLCAST_LONG_TESTS=1: ten minutes); the SDK in comparison'

const rounds = 5
const steadySeconds = runsLong ? 600 : 20
const steadyValidators = 16
/** Each of them asks for each prompt once in that time. */
const steadyCycleSeconds = 60
/** Of the catalogue, in milliseconds: p99 of the answers, and of the delay of the event loop. */
const targets = { same: 2_000, distinct: 4_000, starts: 12_000, steady: 500, loopDelay: 50 }

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

function seventeenPrompts(startAtMs = freshStart()): string[] {
  return [
    ...recordedAssets.slice(0, 12).map((asset) => dayPrompt(asset, startAtMs)),
    ...recordedAssets.slice(0, 5).map((asset) => hourPrompt(asset, startAtMs)),
  ]
}

interface Steady {
  readonly durations: readonly number[]
  readonly refused: number
}

/** Each validator asks for its own prompts, evenly over the cycle: no two requests are alike. */
async function askSteadily(port: number): Promise<Steady> {
  const calls: Promise<Sent>[] = []
  const everyMs = (steadyCycleSeconds * 1_000) / (17 * steadyValidators)
  const beganAt = performance.now()
  for (let i = 0; i * everyMs < steadySeconds * 1_000; i += 1) {
    const waitMs = beganAt + i * everyMs - performance.now()
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
    const turn = Math.floor(i / steadyValidators)
    const startAtMs = Date.now() + 60_000 + 1_000 * (i % steadyValidators)
    calls.push(post(port, sign(validators[i % steadyValidators]!, seventeenPrompts(startAtMs)[turn % 17]!)))
  }
  const answers = await Promise.all(calls)
  return {
    durations: answers.map(({ durationMs }) => durationMs),
    refused: answers.filter(({ status }) => status !== 200).length,
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
    const starts = await bursts(port, () => validators.map(() => dayPrompt('BTC', freshStart())))
    const { peakRssMb } = await report()
    const steady = await askSteadily(port)
    const { loopDelayP99Ms } = await report()

    const prompt = dayPrompt('BTC', freshStart())
    const ready = await post(port, sign(validators[0]!, prompt))
    const oursPerSecond = await measureRate(port, prompt, 8, 5_000)
    const sdkPerSecond = await measureSdk(prompt, readForecast(ready))
    return {
      ...figuresOf('L1_same', same, targets.same),
      ...figuresOf('L2_distinct', distinct, targets.distinct),
      ...figuresOf('L3_starts', starts, targets.starts),
      ...figuresOf('L4_steady', steady.durations, targets.steady),
      L4_steady_seconds: steadySeconds,
      L4_steady_refused: steady.refused,
      L4_loop_delay_p99_ms: rounded(loopDelayP99Ms, 1),
      L4_loop_delay_target_ms: targets.loopDelay,
      verify_ms: rounded(measureVerification(options.runs)),
      rss_mb: rounded(peakRssMb, 1),
      ours_rps: rounded(oursPerSecond, 1),
      sdk_rps: sdkPerSecond === null ? null : rounded(sdkPerSecond, 2),
    }
  } finally {
    if (server.connected) server.send('stop')
  }
}

function figuresOf(name: string, durations: readonly number[], targetMs: number): BenchResult {
  return {
    [`${name}_count`]: durations.length,
    [`${name}_p50_ms`]: rounded(percentile(durations, 0.5), 1),
    [`${name}_p99_ms`]: rounded(percentile(durations, 0.99), 1),
    [`${name}_p99_target_ms`]: targetMs,
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
