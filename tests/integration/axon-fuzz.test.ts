import { readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { type RefusalCode, type RefusalTable, refusalTable } from '#core/bittensor/admission/refusals'
import { type SynthRefusalCode, synthRefusals } from '#core/synth/prompts/synth-refusals'
import { axonFixture, buildFixtureAxon } from '#tests/support/axon-fixture'
import { admittedAssets } from '#tests/support/built-in-assets'
import { Coverage } from '#tests/support/fuzz/coverage'
import { Dice } from '#tests/support/fuzz/dice'
import { type FuzzRequest, honestRequest } from '#tests/support/fuzz/fuzz-request'
import { mutate } from '#tests/support/fuzz/mutations'
import { whyRefuse } from '#tests/support/fuzz/plain-rules'
import { diceOf, newRecipe, type Recipe, varied } from '#tests/support/fuzz/recipe'
import { alice, bob, hotkeyNamed } from '#tests/support/hotkeys'
import { RawConnection } from '#tests/support/raw-http'

/**
 * Generated requests against the real axon: most through its router, some as raw bytes over a socket. Everything
 * follows from the seed; VOLCAST_FUZZ_REQUESTS and VOLCAST_FUZZ_SEED ask for more or for other ones. `npm run test:long`
 * asks for 50,000. A request that reaches a block of the watched code which none before it reached is kept and varied;
 * VOLCAST_FUZZ_KEEP=1 writes those to the corpus, with which each run begins.
 */
const requestCount = Number(process.env['VOLCAST_FUZZ_REQUESTS'] ?? 10_000)
const seed = BigInt(process.env['VOLCAST_FUZZ_SEED'] ?? 20_260_716)
const corpusFile = join(import.meta.dirname, '..', 'support', 'fuzz', 'corpus.json')
const watched = /\/(daemon\/axon|core\/bittensor\/admission|core\/synth\/prompts|core\/base\/json)\/[a-z-]+[.]ts$/
const batchSize = 50
const rawShare = 0.01
const hangMs = 20_000

const senders = [
  alice,
  hotkeyNamed('without permit'),
  hotkeyNamed('poor'),
  hotkeyNamed('unregistered'),
  hotkeyNamed('second'),
]

interface Outcome {
  /** Undefined where the connection was closed without an answer, which only raw bytes may lead to. */
  readonly status: number | undefined
  readonly text: string
}

/** Real durations, but a wall clock that the fuzzer turns. */
class TurnableClock {
  offsetMs = 0
  readonly sleep = systemClock.sleep
  readonly monotonicMs = systemClock.monotonicMs
  nowMs = () => 1_779_710_400_000 + systemClock.monotonicMs() + this.offsetMs
}

async function startSubject() {
  const clock = new TurnableClock()
  const timeouts = { headersTimeoutMs: 100, bodyTimeoutMs: 100, requestTimeoutMs: 200 }
  const fixture = axonFixture({
    clock,
    config: { axon: timeouts, auth: { maxFailuresPerIp: 1e9, strangerChecksPerSecond: 1e9 } },
  })
  // A million lines would only fill memory.
  Object.assign(fixture.log, { info: () => {}, warn: () => {} })
  const [, withoutPermit, poor, , second] = senders
  fixture.metagraph.add(withoutPermit!.address, { hasPermit: false })
  fixture.metagraph.add(poor!.address, { stakeTao: 64_999 })
  fixture.metagraph.add(second!.address)
  const { server } = await buildFixtureAxon(fixture)
  await server.listen({ host: '127.0.0.1', port: 0 })
  return { clock, fixture, server, port: (server.server.address() as AddressInfo).port }
}

type Subject = Awaited<ReturnType<typeof startSubject>>

async function inject({ server }: Subject, request: FuzzRequest): Promise<Outcome> {
  const { method, path, headers, body } = request
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const response = await server.inject({
    method: method as 'POST',
    url: path,
    headers,
    ...(hasBody ? { payload: body } : {}),
  })
  const isPacked = response.headers['content-encoding'] === 'gzip'
  const text = isPacked ? gunzipSync(response.rawPayload).toString() : response.body
  return { status: response.statusCode, text: method === 'HEAD' ? '' : text }
}

/** The request as bytes with some of them damaged; what an axon may read of it is then judged by its lines. */
async function sendRaw(
  { port }: Subject,
  request: FuzzRequest,
  dice: Dice,
): Promise<{ outcome: Outcome; sent: FuzzRequest }> {
  // Read as text below, so not packed.
  delete request.headers['accept-encoding']
  const lines = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`)
  const head = `${request.method} ${request.path} HTTP/1.1\r\nhost: x\r\n${lines.join('\r\n')}\r\ncontent-length: ${request.body.length}\r\n\r\n`
  let bytes: Buffer = Buffer.concat([Buffer.from(head, 'latin1'), request.body])
  const damages = dice.below(3)
  if (damages > 0) request.changes.push('damage')
  for (let i = 0; i < damages; i += 1) {
    const at = dice.below(bytes.length)
    const width = dice.below(3)
    bytes = Buffer.concat([bytes.subarray(0, at), dice.bytes(dice.below(3)), bytes.subarray(at + width)])
  }
  const connection = await RawConnection.open(port)
  connection.write(bytes)
  const toHead = bytes.toString('latin1', 0, 5) === 'HEAD '
  let answer = await connection.next({ toHead })
  // An invitation to send the body: the answer follows.
  if (answer?.status === 100) answer = await connection.next({ toHead })
  connection.destroy()
  return { outcome: { status: answer?.status, text: answer?.body ?? '' }, sent: readBack(bytes, request) }
}

function readBack(bytes: Buffer, request: FuzzRequest): FuzzRequest {
  const end = bytes.indexOf('\r\n\r\n')
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const [method = '', path = ''] = first.split(' ')
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`
  }
  const length = Number(headers['content-length'] ?? 0)
  return { ...request, method, path, headers, body: bytes.subarray(end + 4, end + 4 + length) }
}

/** Sends one generated request after the other and judges each answer. */
class Fuzzer {
  readonly subject: Subject
  readonly seen = new Map<string, number>()
  readonly wrong: string[] = []
  sent = 0
  readonly #dice: Dice
  readonly #answered = new Map<string, bigint>()
  readonly #recentNonces: bigint[] = []
  /** Greatest nonce that a sender really signed, answered or not: the axon may have taken it. */
  readonly #presented = new Map<string, bigint>()
  #lastNonceNs = 0n
  #isRegisteredOurselves = true
  readonly #stakes: ReadonlyMap<string, { readonly stakeTao: number; readonly hasPermit: boolean }>

  constructor(subject: Subject, dice: Dice) {
    this.subject = subject
    this.#dice = dice
    this.#stakes = new Map(
      senders.flatMap(({ address }) => {
        const neuron = subject.fixture.metagraph.neuron(address)
        return neuron === undefined
          ? []
          : [[address, { stakeTao: neuron.stakeTao, hasPermit: neuron.hasPermit }] as const]
      }),
    )
  }

  /** Between requests: our registration comes and goes, the clock turns. */
  turnTheWorld(): void {
    const { subject } = this
    if (this.#dice.chance(this.#isRegisteredOurselves ? 0.001 : 0.02)) {
      this.#isRegisteredOurselves = !this.#isRegisteredOurselves
      if (this.#isRegisteredOurselves) subject.fixture.metagraph.registerOwn(bob.address)
      else subject.fixture.metagraph.deregisterOwn(bob.address)
    }
    if (this.#dice.chance(0.004)) subject.clock.offsetMs += (this.#dice.below(400) - 100) * 1_000
  }

  async send(recipe: Recipe): Promise<void> {
    const { subject, seen, wrong } = this
    const nowMs = subject.clock.nowMs()
    const world = {
      nowMs,
      receiver: bob.address,
      senders,
      recentNonces: this.#recentNonces,
      nextNonce: () => {
        const nowNs = BigInt(Math.floor(nowMs * 1_000)) * 1_000n
        const last = this.#lastNonceNs
        this.#lastNonceNs = nowNs > last || last - nowNs > 3_000_000_000n ? nowNs : last + 1n
        return this.#lastNonceNs
      },
    }
    const dice = diceOf(recipe.seed)
    const isRaw = dice.chance(rawShare)
    const request = honestRequest(world, dice.chance(0.7) ? alice : dice.pick(senders), dice)
    for (const [name, stepSeed] of recipe.steps) mutate(request, name, diceOf(stepSeed), world)
    const judge = {
      nowMs,
      receiver: bob.address,
      isRegisteredOurselves: this.#isRegisteredOurselves,
      senders: this.#stakes,
      minStakeTao: 65_000,
      assets: new Set(admittedAssets),
      answered: this.#answered,
    }
    const number = this.sent
    this.sent += 1
    const startedAt = performance.now()
    const { outcome, sent } = isRaw
      ? await sendRaw(subject, request, dice)
      : { outcome: await inject(subject, request), sent: request }
    if (performance.now() - startedAt > hangMs) wrong.push(`${number}: no answer in time`)

    const nonceNs = BigInt(request.signedText.split('.')[0]!)
    const presented = this.#presented.get(request.signer) ?? 0n
    const isHonest = request.changes.length === 0 && nonceNs > presented
    if (nonceNs > presented) this.#presented.set(request.signer, nonceNs)
    const complaint = complaintAbout(outcome, sent, whyRefuse(sent, judge), isHonest)
    if (complaint !== undefined) wrong.push(`${number} ${JSON.stringify(recipe)}: ${complaint}`)
    const code = outcome.status === 200 ? 'served' : codeIn(outcome.text)
    seen.set(code, (seen.get(code) ?? 0) + 1)
    if (outcome.status === 200) remember(sent, this.#answered, this.#recentNonces)
  }
}

/** Requests that reached code which none before them reached; new ones are made of them, too. */
class Corpus {
  readonly kept: Recipe[] = []
  readonly #coverage: Coverage
  readonly #fuzzer: Fuzzer

  constructor(coverage: Coverage, fuzzer: Fuzzer) {
    this.#coverage = coverage
    this.#fuzzer = fuzzer
  }

  /** When a batch has reached something new, its requests are sent again one by one to see which it was. */
  async learnFrom(batch: readonly Recipe[]): Promise<void> {
    const together = this.#coverage.look()
    if (this.#coverage.countNew(together) === 0) return
    for (const recipe of batch) {
      await this.#fuzzer.send(recipe)
      const alone = this.#coverage.look()
      if (this.#coverage.countNew(alone) === 0) continue
      this.#coverage.add(alone)
      this.kept.push(recipe)
    }
    this.#coverage.add(together)
  }
}

it(`judges ${requestCount} generated requests right`, { timeout: 240_000 + requestCount * 20 }, async () => {
  const coverage = new Coverage((url) => watched.test(url))
  const dice = new Dice(seed)
  const fuzzer = new Fuzzer(await startSubject(), dice)
  const corpus = new Corpus(coverage, fuzzer)
  for (const recipe of JSON.parse(readFileSync(corpusFile, 'utf8')) as Recipe[]) {
    await fuzzer.send(recipe)
    await corpus.learnFrom([recipe])
  }
  const fromFile = corpus.kept.length
  while (fuzzer.sent < requestCount) {
    const batch: Recipe[] = []
    while (batch.length < batchSize) {
      fuzzer.turnTheWorld()
      const isVaried = corpus.kept.length > 0 && dice.chance(0.3)
      const recipe = isVaried ? varied(dice.pick(corpus.kept), dice) : newRecipe(dice)
      await fuzzer.send(recipe)
      batch.push(recipe)
    }
    await corpus.learnFrom(batch)
    if (fuzzer.sent % 100_000 < batchSize) console.log(`${fuzzer.sent} sent, judged wrong:`, fuzzer.wrong)
  }

  const { subject, seen, wrong } = fuzzer
  const codes = Object.fromEntries([...seen].sort(([, a], [, b]) => b - a))
  console.log(
    `seed ${seed}: ${fuzzer.sent} requests, ${JSON.stringify(codes)}; ${coverage.percent().toFixed(1)} % of the watched code ran, ` +
      `${corpus.kept.length} requests reached something new, ${fromFile} of them from the corpus`,
  )
  if (process.env['VOLCAST_FUZZ_KEEP'] === '1') writeFileSync(corpusFile, textOf(corpus.kept))
  coverage.stop()
  expect(wrong).toEqual([])
  expect(subject.fixture.counters).toMatchObject({ atWork: 0, waiting: 0 })
  expect(subject.fixture.log.entries.filter((entry) => entry.level === 'error')).toEqual([])
  // The answer text maker of this test never fails for a prompt within the limits.
  expect(seen.get('answer_failed')).toBeUndefined()
  // The generator reaches what it is meant to reach.
  expect(seen.get('served')! / requestCount).toBeGreaterThan(0.1)
  expect(expectedCodes.filter((code) => !seen.has(code))).toEqual([])
  await subject.server.close()
})

/** One line each, so that a change shows which. */
function textOf(recipes: readonly Recipe[]): string {
  return `[\n${recipes.map((recipe) => `  ${JSON.stringify(recipe)}`).join(',\n')}\n]\n`
}

const allRefusals: RefusalTable = { ...refusalTable, ...synthRefusals }

const expectedCodes: readonly (RefusalCode | SynthRefusalCode)[] = [
  'bad_http',
  'bad_json',
  'bad_param',
  'bad_start_time',
  'body_hash_missing',
  'body_hash_unknown',
  'body_too_large',
  'deregistered',
  'expectation_failed',
  'headers_too_large',
  'hotkey_malformed',
  'hotkey_missing',
  'low_stake',
  'media_type',
  'method_not_allowed',
  'no_permit',
  'nonce_malformed',
  'nonce_missing',
  'nonce_replayed',
  'nonce_window',
  'not_found',
  'prompt_missing',
  'scheme_unknown',
  'sig_invalid',
  'sig_malformed',
  'sig_missing',
  'timeout_malformed',
  'unknown_asset',
  'unregistered',
  'upgrade_refused',
  'uuid_malformed',
  'uuid_missing',
  'wrong_receiver',
]

function complaintAbout(
  { status, text }: Outcome,
  request: FuzzRequest,
  refusal: string | undefined,
  isHonest: boolean,
): string | undefined {
  if (status === undefined) return undefined
  if (status === 200) {
    if (refusal !== undefined) return `answered although: ${refusal}`
    return /"simulation_output":\[\d+,\d+,\[/.test(text) ? undefined : 'a 200 without a forecast'
  }
  if (request.method === 'HEAD') return status === 500 ? 'status 500' : undefined
  const code = codeIn(text)
  if (!Object.hasOwn(allRefusals, code)) return `status ${status} with ${text.slice(0, 100)}`
  if (allRefusals[code]?.status !== status) return `status ${status} does not belong to ${code}`
  return isHonest && refusal === undefined ? `an honest request was refused: ${code}` : undefined
}

function codeIn(text: string): string {
  try {
    return (JSON.parse(text) as { code?: string }).code ?? 'no code'
  } catch {
    return 'no answer'
  }
}

function remember(request: FuzzRequest, answered: Map<string, bigint>, recentNonces: bigint[]): void {
  const nonce = BigInt(request.headers['bt_header_dendrite_nonce'] ?? '0')
  const key = `${request.headers['bt_header_dendrite_hotkey']}:${request.headers['bt_header_dendrite_uuid']}`
  const last = answered.get(key)
  if (last === undefined || nonce > last) answered.set(key, nonce)
  recentNonces.push(nonce)
  if (recentNonces.length > 20) recentNonces.shift()
}
