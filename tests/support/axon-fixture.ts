import { createHotkeyCodec } from '#adapters/sr25519/hotkey-codec'
import { schnorrkelVerifier } from '#adapters/sr25519/schnorrkel-verifier'
import type { Clock } from '#core/base/time/clock'
import type { NonceStore } from '#core/bittensor/admission/nonce-store'
import type { AnswerText, AnswerTextMaker } from '#core/forecast/ladder/answer-text-maker'
import { EnsembleWorkshop } from '#core/forecast/ladder/ensemble-workshop'
import { questionOf } from '#core/forecast/ladder/ladder'
import { ReferenceModel } from '#core/forecast/models/reference'
import { samplerVersion } from '#core/forecast/paths/path-sampler'
import type { Prompt } from '#core/synth/prompts/prompt'
import { type AxonConfig, defaultAxonConfig } from '#daemon/axon/config'
import { AxonCounters } from '#daemon/axon/metrics'
import type { Axon } from '#daemon/axon/server'
import { buildAxons, type OwnHotkey, type SharedAxonDeps } from '#daemon/axon/start-axons'
import { defaultSynthConfig, type SynthConfig } from '#daemon/subnets/synth/config'
import { createSynthModule } from '#daemon/subnets/synth/synth-module'
import { admittedAssets } from './built-in-assets.ts'
import { FakeMetagraph } from './fake-metagraph.ts'
import { alice, bob } from './hotkeys.ts'
import { MemoryNonceStore } from './memory-nonce-store.ts'
import { TestClock } from './test-clock.ts'
import { TestLogger } from './test-logger.ts'

/** Instant of the protocol's own example request, two seconds after its nonce. */
export const fixtureNonceNs = 1_779_710_400_123_456_789n
export const fixtureNowMs = 1_779_710_402_123

/** Makes small real paths on the calling thread and counts how often it was asked. */
export class InlineTextMaker implements AnswerTextMaker {
  asked: Prompt[] = []
  answer: ((prompt: Prompt) => Promise<AnswerText>) | undefined

  async makeAnswerText(prompt: Prompt): Promise<AnswerText> {
    this.asked.push(prompt)
    if (this.answer !== undefined) return this.answer(prompt)
    return makeInline(prompt)
  }
}

const workshop = new EnsembleWorkshop({ hashBytes: () => '', monotonicMs: () => 0 })

/** The reference miner's forecast from one fixed price. */
function makeInline(prompt: Prompt): AnswerText {
  const answer = new ReferenceModel().forecast(questionOf({ ...prompt, asset: 'BTC' }))
  if (!answer.ok) throw new Error(answer.reason)
  const recipe = {
    samplerVersion,
    forecast: answer.forecast,
    startPriceUsd: 103_251.37,
    seed: 1n,
    arrangement: { kind: 'independent' },
    flatFirstPath: false,
  } as const
  const made = workshop.make({ prompt, recipe })
  return made.ok ? made : { ok: false, reason: 'failed', detail: made.detail }
}

type Sections = { [K in keyof AxonConfig]?: Partial<AxonConfig[K]> }

export function axonConfigWith(changes: Sections = {}): AxonConfig {
  const base = defaultAxonConfig()
  return {
    axon: { ...base.axon, host: '127.0.0.1', port: 0, ...changes.axon },
    auth: { ...base.auth, ...changes.auth },
    admission: { ...base.admission, ...changes.admission },
  }
}

export interface AxonFixture {
  readonly deps: SharedAxonDeps
  readonly config: AxonConfig
  readonly clock: Clock
  readonly log: TestLogger
  readonly metagraph: FakeMetagraph
  readonly counters: AxonCounters
  readonly texts: InlineTextMaker
  readonly nonces: NonceStore
}

/** Everything an axon needs; Bob is the miner and Alice a permitted validator. */
export function axonFixture(
  options: {
    config?: Sections
    synth?: Partial<SynthConfig>
    clock?: Clock
    nonces?: NonceStore
    texts?: InlineTextMaker
  } = {},
): AxonFixture {
  const clock = options.clock ?? new TestClock(fixtureNowMs)
  const log = new TestLogger()
  const metagraph = new FakeMetagraph()
  metagraph.registerOwn(bob.address)
  metagraph.add(alice.address)
  const counters = new AxonCounters()
  const texts = options.texts ?? new InlineTextMaker()
  const nonces = options.nonces ?? new MemoryNonceStore()
  const synth = createSynthModule(
    { clock, log, texts },
    { ...defaultSynthConfig(), netuid: 50, assets: new Set(admittedAssets), ...options.synth },
  )
  const deps: SharedAxonDeps = {
    clock,
    log,
    metrics: counters,
    metagraph,
    verifier: schnorrkelVerifier,
    codec: createHotkeyCodec(),
    nonces,
    doubt: () => undefined,
    modules: [synth],
  }
  return { deps, config: axonConfigWith(options.config), clock, log, metagraph, counters, texts, nonces }
}

export async function buildFixtureAxon(fixture: AxonFixture): Promise<Axon> {
  const hotkeys: OwnHotkey[] = [{ address: bob.address, port: 0 }]
  const {
    axons: [axon],
  } = await buildAxons(fixture.deps, hotkeys, fixture.config)
  return axon!
}
