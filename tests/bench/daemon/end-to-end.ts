/** Signed prompts through the axon of the compiled miner: how long an answer takes, and what memory stays. */

import { gunzipSync } from 'node:zlib'
import { minuteMs } from '#core/base/time/units'
import { post, type Sent, sign, validators } from '#tests/bench/axon/load'
import { bob } from '#tests/support/hotkeys'
import { isoSeconds, promptBody } from '#tests/support/validator-request'
import { MinerChild } from './miner-child.ts'

export interface Shape {
  readonly asset: string
  readonly lengthSeconds: number
  readonly stepSeconds: number
}

const day = { lengthSeconds: 86_400, stepSeconds: 300 }
const hour = { lengthSeconds: 3_600, stepSeconds: 60 }
/** What validators ask for in turn. */
export const shapes: readonly Shape[] = [
  ...['BTC', 'ETH', 'XAU', 'SOL', 'SP500', 'NVDAX', 'TSLAX', 'AAPLX', 'GOOGLX', 'XRP', 'HYPE', 'WTIOIL'].map(
    (asset) => ({ asset, ...day }),
  ),
  ...['BTC', 'ETH', 'SOL', 'XRP', 'HYPE'].map((asset) => ({ asset, ...hour })),
]

const startWithinMs = 3_500_000

function ask(child: MinerChild, shape: Shape, startAtMs: number, turn: number): Promise<Sent> {
  const body = promptBody({
    asset: shape.asset,
    start_time: isoSeconds(startAtMs),
    time_increment: shape.stepSeconds,
    time_length: shape.lengthSeconds,
    num_simulations: 1_000,
  })
  return post(child.port, sign(validators[turn % validators.length]!, body, bob.address))
}

function checkAnswer(sent: Sent, shape: Shape): void {
  if (sent.status !== 200) throw new Error(`status ${sent.status}: ${sent.body.toString().slice(0, 200)}`)
  const text = (sent.encoding === 'gzip' ? gunzipSync(sent.body) : sent.body).toString()
  const [, , ...paths] = (JSON.parse(text) as { simulation_output: [number, number, ...number[][]] }).simulation_output
  const pointCount = shape.lengthSeconds / shape.stepSeconds + 1
  if (paths.length !== 1_000 || paths.some((path) => path.length !== pointCount)) throw new Error('not the paths asked')
}

/** The first prices come within seconds of the start. */
async function waitForPrices(child: MinerChild): Promise<void> {
  for (const [i, shape] of shapes.entries()) {
    for (let turn = 0; ; turn += 1) {
      const sent = await ask(child, shape, nextMinute() + 3_000, i)
      if (sent.status === 200) break
      if (turn > 200) throw new Error(`no price of ${shape.asset}: ${sent.body.toString()}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

function nextMinute(): number {
  return Math.ceil(Date.now() / minuteMs) * minuteMs + minuteMs
}

/** Distinct prompts one after the other, all assets and both horizons in turn; answers how long those of a day took. */
async function askDistinct(child: MinerChild, promptCount: number): Promise<number[]> {
  const dayMs: number[] = []
  for (let turn = 0; turn < promptCount; turn += 1) {
    const shape = shapes[turn % shapes.length]!
    // Whole minutes would run out within the hour ahead; any second is as good a start.
    const startAtMs = nextMinute() + ((7_000 * Math.floor(turn / shapes.length)) % startWithinMs) + 5_000
    const sent = await ask(child, shape, startAtMs, turn)
    if (turn < 2 * shapes.length || sent.status !== 200) checkAnswer(sent, shape)
    if (shape.stepSeconds === 300) dayMs.push(sent.durationMs)
  }
  return dayMs
}

export async function measureUnprepared(promptCount: number): Promise<readonly number[]> {
  const child = await MinerChild.start(validators, { synth: { prepareAhead: false } })
  try {
    await waitForPrices(child)
    return await askDistinct(child, promptCount)
  } finally {
    await child.stop()
  }
}

export interface PreparedReport {
  readonly dayMs: readonly number[]
  readonly rssMb: number
  readonly peakMb: number
}

/**
 * The same shapes minute after minute; only answers of which the log says that their paths were ready are counted. Then
 * distinct prompts, and what memory is in use after all of them.
 */
export async function measurePrepared(rounds: number, promptCount: number): Promise<PreparedReport> {
  const child = await MinerChild.start(validators)
  const dayShapes = shapes.filter(({ stepSeconds }) => stepSeconds === 300)
  try {
    await waitForPrices(child)
    const dayMs: number[] = []
    const firstMs = nextMinute() + minuteMs
    for (let round = 0; round < rounds; round += 1) {
      const startAtMs = firstMs + round * minuteMs
      const answers: { sent: Sent; shape: Shape }[] = []
      for (const [turn, shape] of dayShapes.entries()) {
        const sent = await ask(child, shape, startAtMs, turn)
        answers.push({ sent, shape })
        const line = await eventually(() => child.find(shape.asset, startAtMs, shape.stepSeconds))
        if (line.isPrepared) dayMs.push(sent.durationMs)
      }
      // Reading one leaves this process with so much to collect that it would be late in taking the next.
      for (const { sent, shape } of answers) checkAnswer(sent, shape)
      // Two rounds of drawing: the prompts of the next minute are ready after the second.
      await new Promise((resolve) => setTimeout(resolve, 7_000))
    }
    await askDistinct(child, promptCount)
    return { dayMs, rssMb: child.residentMb(), peakMb: child.peakMb() }
  } finally {
    await child.stop()
  }
}

async function eventually<T>(find: () => T | undefined): Promise<T> {
  for (let turn = 0; turn < 500; turn += 1) {
    const found = find()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('the log does not say what was asked')
}
