/** Models that are other processes, over real HTTP, as rungs of the real ladder. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { DiskModelFolder } from '#adapters/onnx/disk-model-folder'
import { ModelRuntime } from '#adapters/onnx/model-runtime'
import { AnswerBudget } from '#core/forecast/ladder/answer-budget'
import { ForecastLadder } from '#core/forecast/ladder/ladder'
import { ModelShelf } from '#core/forecast/ladder/model-shelf'
import { OnnxShelf } from '#core/forecast/models/onnx/onnx-shelf'
import { defaultParameters } from '#core/forecast/parameters/default-parameters'
import { InlineEnsembles } from '#daemon/forecasting/inline-ensembles'
import { answerWith } from '#tests/support/ladder-lab'
import { features, fixedCloses, harManifest, madeMinutes } from '#tests/support/onnx-models'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { waitUntil } from '#tests/support/wait-until'
import { WatchedLogger } from '#tests/support/watched-logger'

const sha256 = 'a'.repeat(64)
const example = join(import.meta.dirname, '..', '..', 'models', 'examples', 'python-server')
/** What a terminal would obey, and what would start a line of its own in a log. */
const evil = '\u001b[2J\n{"level":"fatal"}'

interface Question {
  readonly sha256: string
  readonly inputs: { readonly past: { readonly dims: number[]; readonly values: number[] } }
  readonly outputs: string[]
}
type Behaviour = (response: ServerResponse, question: Question) => void

function send(response: ServerResponse, answer: unknown, status = 200): void {
  response.writeHead(status).end(typeof answer === 'string' ? answer : JSON.stringify(answer))
}

const tensorOf = ({ inputs }: Question, shift = 0) => ({
  dims: [1, 288],
  values: Array.from({ length: 288 }, (_, k) => inputs.past.values.at(-1)! * 2 - 13.4 + shift + k / 1000),
})
const sound: Behaviour = (response, question) =>
  send(response, { sha256, outputs: { log_variance: tensorOf(question) } })

async function startServer(first: Behaviour = sound, port = 0) {
  const state = { behave: first, requests: 0, last: undefined as Question | undefined }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      state.requests += 1
      state.last = JSON.parse(Buffer.concat(chunks).toString()) as Question
      state.behave(response, state.last)
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const stop = (): void => {
    server.closeAllConnections()
    server.close()
  }
  onTestFinished(stop)
  return { state, stop, port: (server.address() as AddressInfo).port }
}

function place(folder: string, url: string, changes: object = {}): void {
  const manifest = { ...harManifest, file: undefined, format: undefined }
  mkdirSync(join(folder, 'har'), { recursive: true })
  writeFileSync(join(folder, 'har', 'manifest.json'), JSON.stringify({ ...manifest, url, sha256, ...changes }))
}

/** A shelf over the folder and a ladder whose champion is the model. */
async function aMiner(folder: string, options: { champion?: string; deadlineMs?: number; servers?: string[] } = {}) {
  const { champion = 'onnx:har', deadlineMs = 5_000, servers = [] } = options
  const log = new WatchedLogger()
  const clock = systemClock
  const startAtMs = Math.ceil(clock.nowMs() / 60_000) * 60_000 + 60_000
  const runtime = new ModelRuntime({ clock, log, servers })
  onTestFinished(() => runtime.stop())
  const closes = fixedCloses(madeMinutes(startAtMs - 120_000, 3_000))
  const models = new OnnxShelf(
    { folder: new DiskModelFolder(folder), runtime, features, closes, clock, log },
    { deadlineMs, largestSdRatio: 4 },
  )
  await models.load()
  const parameters = { ...defaultParameters('BTC'), champion: { low: champion, high: champion } }
  const shelf = new ModelShelf((name) => {
    const model = name === 'ewma' ? { name, forecast: answerWith({ stepVariances: calm }) } : models.find(name)
    return model === undefined ? undefined : { model, versionOf: () => ('version' in model ? model.version : '1') }
  })
  const hashBytes = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
  const ensembles = new InlineEnsembles({ hashBytes, monotonicMs: () => clock.monotonicMs() })
  const ladder = new ForecastLadder({
    ...{ clock, log, shelf, ensembles, lastResort: ensembles, scoredIntervals: () => [] },
    parameters: { inForce: () => ({ revision: 1, of: () => parameters, previousChampion: () => undefined }) },
  })
  const prompt = {
    asset: 'BTC',
    startAtSeconds: startAtMs / 1_000,
    lengthSeconds: 86_400,
    stepSeconds: 300,
    pathCount: 20,
  }
  const answer = async () => {
    const budget = new AnswerBudget(clock, { safetyMarginMs: 3_000, computeTimeoutMs: 10_000 }, startAtMs)
    const made = await ladder.answer({ prompt, startPriceUsd: 100, seed: 1n }, budget)
    if (!made.ok) throw new Error(made.falls.map(({ detail }) => detail).join('; '))
    return made
  }
  return { log, models, answer }
}
const calm = new Float64Array(288).fill(1e-7)

describe('a model that is another process', () => {
  it('is the champion, with the inputs and outputs of a file', async () => {
    const { state, port } = await startServer()
    const folder = temporaryFolder()
    place(folder, `http://127.0.0.1:${port}/forecast`)
    const miner = await aMiner(folder)
    expect(miner.models.health()).toMatchObject({ state: 'ok' })
    const { rung, model, recipe, falls } = await miner.answer()
    expect({ rung, name: model.name, version: model.version, falls }).toEqual({
      ...{ rung: 'champion', name: 'onnx:har', version: sha256, falls: [] },
    })
    expect(state.last).toMatchObject({
      contract: 1,
      sha256,
      outputs: ['log_variance'],
      inputs: { past: { dims: [1, 12, 3] } },
    })
    const variances = recipe.forecast[0].process.stepVariances
    expect(variances[287]! / variances[0]!).toBeCloseTo(Math.exp(0.287), 9)
  })

  it.each<[string, string, Behaviour]>([
    ['hangs', 'no answer of ', () => {}],
    ['drips', 'no answer of ', (response) => void drip(response)],
    [
      'breaks off',
      'cannot be reached',
      (response) => void response.writeHead(200).write('{', () => response.destroy()),
    ],
    ['refuses', 'answered with HTTP 500', (response) => send(response, evil, 500)],
    ['redirects', 'answered with HTTP 302', (response) => void response.writeHead(302, { location: '/else' }).end()],
    ['sends text', 'the answer is not JSON', (response) => send(response, evil)],
    ['sends nothing', 'the answer has no outputs', (response) => send(response, { sha256 })],
    ['sends without end', 'has more than 1000000 bytes', (response) => void flood(response)],
    [
      'is of another version',
      'the answer is not of version',
      (response, question) => send(response, { sha256: evil, outputs: { log_variance: tensorOf(question) } }),
    ],
    [
      'leaves an output out',
      'output log_variance is missing',
      (response) => send(response, { sha256, outputs: { [evil]: 1 } }),
    ],
    [
      'sends words for numbers',
      'output log_variance is missing',
      (response) =>
        send(response, { sha256, outputs: { log_variance: { dims: [1, 288], values: Array(288).fill(evil) } } }),
    ],
    [
      'sends another shape',
      'has the shape [1,3], not [1,288]',
      (response) => send(response, { sha256, outputs: { log_variance: { dims: [1, 3], values: [1, 2, 3] } } }),
    ],
    [
      'sends too few',
      'has 3 values, not 288',
      (response) => send(response, { sha256, outputs: { log_variance: { dims: [1, 288], values: [1, 2, 3] } } }),
    ],
    [
      'sends infinity',
      'is Infinity at 0',
      (response) =>
        send(
          response,
          `{"sha256":"${sha256}","outputs":{"log_variance":{"dims":[1,288],"values":[1e999${',1'.repeat(287)}]}}}`,
        ),
    ],
    [
      'lies a thousandfold',
      'a deviation of ',
      (response, question) => send(response, { sha256, outputs: { log_variance: tensorOf(question, 9) } }),
    ],
  ])('costs its rung only when it %s, and nothing of it reaches the log', async (_, sentence, behave) => {
    const { state, port } = await startServer()
    const folder = temporaryFolder()
    place(folder, `http://127.0.0.1:${port}/`)
    const miner = await aMiner(folder, { deadlineMs: 1_000 })
    state.behave = behave
    const { rung, falls } = await miner.answer()
    expect(rung).toBe('ewma')
    expect(falls[0]).toMatchObject({ rung: 'champion', kind: 'noAnswer', detail: expect.stringContaining(sentence) })
    const said = JSON.stringify([miner.log.entries, falls, miner.models.health()])
    expect(said).not.toContain('[2J')
    expect(said).not.toContain('fatal')
    state.behave = sound
    expect((await miner.answer()).rung).toBe('champion')
  })

  it('closes the connection of an answer that is late', async () => {
    const { state, port } = await startServer()
    const folder = temporaryFolder()
    place(folder, `http://127.0.0.1:${port}/`)
    const miner = await aMiner(folder, { deadlineMs: 1_000 })
    let isClosed = false
    state.behave = (response) =>
      void response.on('close', () => {
        isClosed = true
      })
    await miner.answer()
    await waitUntil(() => isClosed)
  })

  it('rests when it died, is found when it comes back, also with a new version', async () => {
    const { stop, port } = await startServer()
    const folder = temporaryFolder()
    place(folder, `http://127.0.0.1:${port}/`)
    const miner = await aMiner(folder)
    stop()
    for (let i = 0; i < 4; i += 1) expect((await miner.answer()).rung).toBe('ewma')
    expect(miner.models.health().sentence).toMatch(/cannot be reached \(ECONN(REFUSED|RESET)\)/)
    const next = 'b'.repeat(64)
    await startServer(
      (response, question) => send(response, { sha256: next, outputs: { log_variance: tensorOf(question) } }),
      port,
    )
    place(folder, `http://127.0.0.1:${port}/`, { sha256: next })
    await miner.models.askAgain()
    expect((await miner.answer()).model).toMatchObject({ name: 'onnx:har', version: next })
  })

  it('may start after the miner; until then it is said once', async () => {
    const { stop, port } = await startServer()
    stop()
    const folder = temporaryFolder()
    place(folder, `http://127.0.0.1:${port}/`)
    const miner = await aMiner(folder)
    await miner.models.askAgain()
    expect((await miner.answer()).falls[0]).toMatchObject({ kind: 'missing' })
    expect(miner.log.count('model_fallback')).toBe(1)
    await startServer(sound, port)
    await miner.models.askAgain()
    expect((await miner.answer()).rung).toBe('champion')
  })

  it('is asked on another host only where models.servers lists it', async () => {
    const folder = temporaryFolder()
    place(folder, 'http://model.invalid:9000/')
    const { models } = await aMiner(folder)
    expect(models.whyNot('onnx:har')).toBe(
      'http://model.invalid:9000 is not this machine, and models.servers does not list it',
    )
    const listed = await aMiner(folder, { servers: ['http://model.invalid:9000'] })
    expect(listed.models.whyNot('onnx:har')).toMatch(/cannot be reached/)
  })
})

describe('the example in Python', () => {
  it('has the hash of its program in its manifest, and answers as the champion', async () => {
    const manifest = JSON.parse(readFileSync(join(example, 'manifest.json'), 'utf8')) as { sha256: string; url: string }
    const program = join(example, 'server.py')
    expect(manifest.sha256).toBe(createHash('sha256').update(readFileSync(program)).digest('hex'))
    const { stop, port } = await startServer()
    stop()
    const folder = temporaryFolder()
    cpSync(example, join(folder, 'python-server'), { recursive: true })
    const url = manifest.url.replace('9000', `${port}`)
    writeFileSync(join(folder, 'python-server', 'manifest.json'), JSON.stringify({ ...manifest, url }))
    const child = spawn(process.env['VOLCAST_PYTHON'] ?? 'python3', [program, `${port}`], { stdio: 'ignore' })
    onTestFinished(() => void child.kill())
    await answers(url)
    const { rung, model } = await (await aMiner(folder, { champion: 'onnx:python-server' })).answer()
    expect({ rung, version: model.version }).toEqual({ rung: 'champion', version: manifest.sha256 })
  })
})

function drip(response: ServerResponse): void {
  response.writeHead(200)
  const timer = setInterval(() => response.write(' '), 20)
  response.on('close', () => clearInterval(timer))
}

function flood(response: ServerResponse): void {
  response.writeHead(200)
  const more = (): void => {
    while (!response.destroyed && response.write(' '.repeat(65_536)));
  }
  response.on('drain', more)
  more()
}

async function answers(url: string): Promise<void> {
  for (;;) {
    try {
      await fetch(url)
      return
    } catch {
      await systemClock.sleep(50)
    }
  }
}
