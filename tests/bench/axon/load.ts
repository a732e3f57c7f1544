import { type ChildProcess, fork } from 'node:child_process'
import { request } from 'node:http'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { hotkeyNamed, type TestHotkey } from '#tests/support/hotkeys'
import { isoSeconds, promptBody, v10Headers } from '#tests/support/validator-request'

export const miner = hotkeyNamed('bench miner')
export const validators: readonly TestHotkey[] = Array.from({ length: 256 }, (_, i) => hotkeyNamed(`validator ${i}`))

export interface Sent {
  readonly status: number
  readonly durationMs: number
  readonly encoding: string | undefined
  readonly body: Buffer
}

export interface SignedRequest {
  readonly headers: Record<string, string>
  readonly body: string
}

let nonceNs = 0n

export function sign(sender: TestHotkey, body: string, receiver = miner.address): SignedRequest {
  const nowNs = BigInt(Date.now()) * 1_000_000n
  nonceNs = nowNs > nonceNs ? nowNs : nonceNs + 1n
  const headers = v10Headers({ sender, receiver, nonceNs, timeout: '60.0' })
  return { body, headers: { ...headers, 'accept-encoding': 'gzip, deflate', accept: '*/*', 'user-agent': 'bench' } }
}

/** A one-hour prompt: 1000 x 61. */
export function hourPrompt(asset: string, startAtMs: number): string {
  return promptBody({
    asset,
    start_time: isoSeconds(startAtMs),
    time_increment: 60,
    time_length: 3_600,
    num_simulations: 1_000,
  })
}

/** A 24-hour prompt: 1000 x 289. */
export function dayPrompt(asset: string, startAtMs: number): string {
  return promptBody({
    asset,
    start_time: isoSeconds(startAtMs),
    time_increment: 300,
    time_length: 86_400,
    num_simulations: 1_000,
  })
}

/** On a connection of its own, as a validator's client does; timed from before the connect to the last byte. */
export function post(port: number, { headers, body }: SignedRequest, withinMs = 60_000): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now()
    const call = request(
      {
        port,
        host: '127.0.0.1',
        path: '/Simulation',
        method: 'POST',
        agent: false,
        headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            durationMs: performance.now() - startedAt,
            encoding: response.headers['content-encoding'],
            body: Buffer.concat(chunks),
          }),
        )
      },
    )
    const timer = setTimeout(() => call.destroy(new Error(`no answer within ${withinMs} ms`)), withinMs)
    call.on('close', () => clearTimeout(timer))
    call.on('error', reject)
    call.end(body)
  })
}

/** The paths of an answer, after checking their number and their length: a day in steps of 300 s, an hour in steps of 60 s. */
export function readForecast(sent: Sent): number[][] {
  if (sent.status !== 200) throw new Error(`status ${sent.status}: ${sent.body.toString().slice(0, 200)}`)
  const text = (sent.encoding === 'gzip' ? gunzipSync(sent.body) : sent.body).toString()
  const output = (JSON.parse(text) as { simulation_output: [number, number, ...number[][]] }).simulation_output
  const paths = output.slice(2) as number[][]
  const points = output[1] === 60 ? 61 : 289
  if (paths.length !== 1_000 || paths.some((path) => path.length !== points))
    throw new Error(`not 1000 x ${points} paths`)
  return paths
}

export function percentile(durations: readonly number[], share: number): number {
  const sorted = [...durations].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!
}

/** How many answers a second come back when `concurrency` callers ask one after the other. */
export async function measureRate(
  port: number,
  body: string,
  concurrency: number,
  durationMs: number,
): Promise<number> {
  const startedAt = performance.now()
  let answered = 0
  const worker = async (index: number) => {
    const sender = validators[index]!
    while (performance.now() - startedAt < durationMs) {
      const sent = await post(port, sign(sender, body))
      if (sent.status !== 200) throw new Error(`status ${sent.status}: ${sent.body.toString().slice(0, 200)}`)
      answered += 1
    }
  }
  await Promise.all(Array.from({ length: concurrency }, (_, index) => worker(index)))
  return (answered * 1_000) / (performance.now() - startedAt)
}

/** On Linux each 127.x.y.z is an address of its own. Those from 127.0.200.1 on are left to others. */
export function loopbackAddresses(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `127.0.${1 + Math.floor(i / 250)}.${1 + (i % 250)}`)
}

export function forkWorker(name: string): ChildProcess {
  return fork(join(import.meta.dirname, `${name}.ts`), {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
}

export function nextMessage<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as T))
    child.once('exit', (code) => reject(new Error(`a process of the bench ended with ${code}`)))
  })
}
