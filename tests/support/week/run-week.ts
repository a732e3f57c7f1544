import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '#adapters/clock/system-clock'
import { SqliteGovernanceStore } from '#adapters/sqlite/governance-store'
import { SplitMix64 } from '#core/base/random/rng'
import type { Clock } from '#core/base/time/clock'
import { dayMs, hourMs } from '#core/base/time/units'
import { createPriceSourceLookup, createScoredSources } from '#core/market/venues/price-sources'
import { createPriceRouter } from '#core/market/venues/router'
import { defaultServingFallbacks } from '#core/market/venues/serving-fallbacks'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { recordedAssets } from '../built-in-assets.ts'
import { aNeuron, aNode } from '../chain-fixtures.ts'
import { type DevMarket, type DevMiner, startDevMarket, startDevMiner } from '../dev-miner.ts'
import { devSigner } from '../dev-signer.ts'
import { countRecorded } from '../left-behind.ts'
import { healthOf } from '../miner-watch.ts'
import { type MockNode, mockGenesis } from '../mock-node/mock-node.ts'
import { namedRuntime, typeIdOf, withRenamedFields, withServeArgument } from '../mock-node/runtime.ts'
import { aSmallDisk, type SmallDisk } from '../small-disk.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { openGovernanceOf } from '../test-database.ts'
import { forge, standSilent } from './crowds.ts'
import { excusesFor } from './excuses.ts'
import { type Finished, HonestValidators } from './honest-validators.ts'
import { runBeside } from './run-beside.ts'
import { SupervisedMiner } from './supervised-miner.ts'
import { explain, type Reason, type Span } from './verdict.ts'
import { WeekOperator } from './week-operator.ts'
import { type FaultKind, outageOf, type PlannedFault, pick, priceServers, type WeekPlan } from './week-plan.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const wrongClock = fileURLToPath(new URL('../preloads/wrong-clock.mjs', import.meta.url))

const alice = devSigner('//Alice')
/** Both validators that stay. */
const validators = [devSigner('//Bob'), devSigner('//Charlie')]

export interface WeekReport {
  readonly prompts: number
  readonly answered: number
  readonly missed: ReadonlyMap<Reason, number>
  /** Misses without a declared reason. */
  readonly unexplained: readonly Finished[]
  readonly injected: ReadonlyMap<string, number>
  /** Answers without a record and without a word about it. */
  readonly lost: number
  readonly unpersisted: number
  readonly records: number
  readonly changes: { readonly accepted: number; readonly refused: number }
  readonly ledger: { readonly isSound: boolean; readonly entryCount: number; readonly missing: readonly number[] }
  /** What the miner did that nobody asked for, and what could not be done to it. */
  readonly failures: readonly string[]
  /** Parts of the health page that were not well in the end. */
  readonly unwell: readonly string[]
  readonly exitCode: number | null
  /** Of the real time that the miner was up. */
  readonly crowdedOutSeconds: number
  readonly mostMegabytes: number
  readonly lastMegabytes: number
  readonly mostFiles: number
  readonly lastFiles: number
  readonly events: ReadonlyMap<string, number>
}

export interface WeekOptions {
  /** Of so many prompts of the network one is asked. */
  readonly oneOf: number
  readonly tell: (text: string) => void
}

/** Everything is drawn from the plan; how fast the processes get on is not. */
export async function runWeek(plan: WeekPlan, options: WeekOptions): Promise<WeekReport> {
  return (await Week.begin(plan, options)).run()
}

/** A whole miner in a market, on a chain and on a disk that all follow the plan. */
class Week {
  readonly #plan: WeekPlan
  readonly #options: WeekOptions
  readonly #market: DevMarket
  readonly #clock: Clock
  /** When the plan began: with the first answer. */
  #beganMs = 0
  readonly #disk: SmallDisk
  readonly #node: MockNode
  readonly #miner: SupervisedMiner
  readonly #honest: HonestValidators
  readonly #dbPath: string
  readonly #clockFile: string
  readonly #outages = new Map<string, Span[]>()
  /** When the miner read the metagraph. */
  readonly #readsMs: number[] = []
  /** As they came to be. */
  readonly #spans: (Span & { readonly kind: FaultKind })[] = []
  readonly #injected = new Map<string, number>()
  readonly #failures: string[] = []
  readonly #operator: WeekOperator
  #rpcLosses = 0
  #fullDisks = 0
  #jumps = 0
  #wrongMs = 0
  #isMinerIn = true
  readonly #newcomers: string[] = []
  readonly #joinedMs = new Map<string, number>()
  #swaps = 0

  static async begin(plan: WeekPlan, options: WeekOptions): Promise<Week> {
    const folder = temporaryFolder()
    const market = await startDevMarket(plan.speed, { seed: plan.seed, beginsAtMs: plan.beginsAtMs })
    const disk = await aSmallDisk(256)
    return new Week(plan, options, { market, disk, folder, node: await aNode({ nowMs: () => market.clock.nowMs() }) })
  }

  private constructor(
    plan: WeekPlan,
    options: WeekOptions,
    world: { market: DevMarket; disk: SmallDisk; node: MockNode; folder: string },
  ) {
    const { market, disk, node, folder } = world
    this.#plan = plan
    this.#options = options
    this.#market = market
    this.#clock = market.clock
    this.#disk = disk
    this.#node = node
    this.#dbPath = join(disk.folder, 'miner.sqlite')
    this.#operator = new WeekOperator({ plan, disk, dbPath: this.#dbPath, clock: market.clock, tell: options.tell })
    this.#clockFile = join(folder, 'wrong-by')
    writeFileSync(this.#clockFile, '0')
    this.#setNeurons()
    node.spoilMetagraph = (answer) => {
      this.#readsMs.push(this.#clock.nowMs())
      return answer
    }
    this.#layGovernance(folder)
    const wallets = join(folder, 'wallets')
    mkdirSync(join(wallets, 'dev', 'hotkeys'), { recursive: true })
    copyFileSync(
      join(import.meta.dirname, '..', 'fixtures', 'wallet', 'alice-uri'),
      join(wallets, 'dev', 'hotkeys', 'default'),
    )
    const start = (port: number) => this.#startMiner(port, wallets)
    // The clock may have changed since the start read it.
    const onReady = ({ child }: DevMiner) => void child.kill('SIGUSR2')
    this.#miner = new SupervisedMiner({ clock: this.#clock, start, tell: options.tell, onReady })
    const book = buildRegimeBook(builtInRegimes)
    this.#honest = new HonestValidators({ clock: this.#clock, book }, validators, {
      speed: plan.speed,
      timeoutSeconds: answerSeconds * plan.speed,
      receiver: alice.address,
      oneOf: options.oneOf,
    })
  }

  async run(): Promise<WeekReport> {
    const { lengthMs } = this.#plan
    const kept = this.#miner.keepUp()
    const isOver = new AbortController()
    const blocks = this.#every(500, () => this.#node.produceBlock(), isOver.signal)
    const measures = this.#every(1_000, () => this.#miner.measure(), isOver.signal)
    const words = this.#every(60_000, () => this.#options.tell(this.#progress()), isOver.signal)
    await this.#waitForHealth()
    this.#beganMs = this.#clock.nowMs()
    const faults = this.#plan.faults.map((fault) => this.#inflict(fault))
    await this.#honest.askUntil(this.#beganMs + lengthMs, () => this.#miner.port)
    await Promise.all(faults)
    const unwell = await this.#waitForHealth()
    this.#miner.measure()
    isOver.abort()
    this.#miner.stop()
    const exitCode = await kept
    await Promise.all([blocks, measures, words])
    return this.#report(exitCode, unwell)
  }

  #progress(): string {
    const { finished } = this.#honest
    const outcomes = new Map<string, number>()
    for (const { outcome } of finished) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    const hours = (this.#clock.nowMs() - this.#beganMs) / hourMs
    const miner = this.#miner.current === undefined ? 'down' : `${Math.round(this.#miner.lastBytes / 1e6)} MB`
    return `${hours.toFixed(1)} h: ${JSON.stringify(Object.fromEntries(outcomes))}, miner ${miner}`
  }

  #startMiner(port: number, wallets: string) {
    const { speed, timeZone } = this.#plan
    const slow = (seconds: number) => seconds * 1_000 * speed
    return startDevMiner(this.#market, this.#dbPath, {
      port,
      inNamespaceOf: this.#disk.pid,
      extraEnv: { TZ: timeZone, NODE_OPTIONS: `--import ${wrongClock}`, WRONG_CLOCK_FILE: this.#clockFile },
      settings: {
        ...{ 'wallet.path': wallets, 'wallet.name': 'dev', 'wallet.allowOpenKeyFile': true },
        'chain.network': 'local',
        'chain.endpoints': JSON.stringify([this.#node.url]),
        'chain.genesisHash': mockGenesis,
        // Cron runs on real time.
        'chain.refreshCron': '* * * * * *',
        'journal.trimCron': '* * * * * *',
        'chain.refreshJitterMs': 0,
        'chain.connectDeadlineMs': slow(10),
        'chain.requestDeadlineMs': slow(10),
        'chain.headStallMs': slow(10),
        'chain.startPatienceMs': slow(3),
        'chain.staleAfterMs': slow(20),
        'chain.clockToleranceMs': slow(5),
        // Requests have real deadlines.
        'market.requestDeadlineMs': 3_000,
        'market.historyDeadlineMs': 20_000,
        'market.pollMs': slow(0.5),
        'market.coingecko.pollMs': slow(1),
        'market.retryFirstMs': slow(0.2),
        'market.retryMaxMs': slow(1),
        'market.freshMs': slow(2),
        'market.maxAgeMs': slow(priceAgeSeconds),
        'synth.maxStartAheadMs': slow(120),
        'auth.maxTimeoutMs': slow(answerSeconds),
        'axon.maxWorkMs': slow(answerSeconds),
        'axon.maxWaitMs': slow(answerSeconds / 2),
        'auth.strangerChecksPerSecond': Math.max(1, Math.round(500 / speed)),
        // The tuner's jobs run on real time; changes are made by hand here.
        'tuning.enabled': false,
      },
    })
  }

  /** The miner of an operator who has had it for three weeks: changes are allowed. */
  #layGovernance(folder: string): void {
    const path = join(folder, 'miner.sqlite')
    const db = openGovernanceOf(path)
    new SqliteGovernanceStore(db).recordStart(this.#plan.beginsAtMs - 20 * dayMs)
    db.close()
    for (const name of readdirSync(folder).filter((own) => own.startsWith('miner'))) {
      copyFileSync(join(folder, name), join(this.#disk.outside, name))
    }
  }

  async #inflict(planned: PlannedFault): Promise<void> {
    await this.#until(planned.fromMs)
    if (needMiner.has(planned.kind)) await this.#untilUp()
    const fromMs = this.#clock.nowMs()
    const sinceMs = fromMs - this.#beganMs
    try {
      const fault = { ...planned, fromMs: sinceMs, toMs: sinceMs + planned.toMs - planned.fromMs }
      if (!(await this.#doIt(fault))) return
      this.#injected.set(fault.kind, (this.#injected.get(fault.kind) ?? 0) + 1)
      this.#spans.push({ kind: fault.kind, fromMs, toMs: this.#clock.nowMs() })
    } catch (error) {
      this.#failures.push(`${planned.kind}: ${String(error)}`)
    }
  }

  async #untilUp(): Promise<void> {
    while (this.#miner.current === undefined) await systemClock.sleep(100)
  }

  /** False: there was nothing to do it to. */
  async #doIt(fault: PlannedFault): Promise<boolean> {
    const rng = new SplitMix64(fault.seed)
    const isOver = () => this.#clock.nowMs() - this.#beganMs >= fault.toMs
    switch (fault.kind) {
      case 'venueOutage':
      case 'marketOutage': {
        const { servers, fault: broken } = outageOf(fault)
        for (const venue of servers) {
          const own = this.#outages.get(venue) ?? []
          own.push({ fromMs: this.#beganMs + fault.fromMs, toMs: this.#beganMs + fault.toMs })
          this.#outages.set(venue, own)
          const body = JSON.stringify({ ...broken, venue, forSeconds: (fault.toMs - fault.fromMs) / 1_000 })
          const headers = { 'content-type': 'application/json' }
          const answer = await fetch(`${this.#market.url}/faults`, { method: 'POST', headers, body })
          if (!answer.ok) throw new Error(await answer.text())
        }
        return true
      }
      case 'rpcLoss': {
        this.#rpcLosses += 1
        await this.#node.server.kill()
        await this.#until(fault.toMs)
        this.#rpcLosses -= 1
        if (this.#rpcLosses === 0) await this.#node.server.listen()
        return true
      }
      case 'runtimeUpgrade': {
        const runtime = namedRuntime('424-v16')
        const others = [
          namedRuntime('393-v16'),
          withRenamedFields(runtime, { coldkeys: 'ownrkeys', incentives: 'rewardings' }),
          withServeArgument(
            runtime,
            'placeholder2',
            typeIdOf(runtime, ({ text }) => text === '{"primitive":"U16"}'),
          ),
        ]
        this.#node.upgradeTo(pick(rng, others))
        await this.#until(fault.toMs)
        this.#node.upgradeTo(runtime)
        return true
      }
      case 'clockJump': {
        // The first one would take everything for old.
        const sizes = [365 * dayMs, -2 * dayMs, 2 * hourMs, -365 * dayMs, 2 * dayMs, -2 * hourMs]
        const offMs = sizes[this.#jumps % sizes.length]!
        this.#jumps += 1
        this.#setClock(offMs)
        await this.#until(fault.toMs)
        if (this.#wrongMs === offMs) this.#setClock(0)
        return true
      }
      case 'diskFull': {
        this.#fullDisks += 1
        while (!isOver()) {
          this.#disk.fill()
          await systemClock.sleep(200)
        }
        this.#fullDisks -= 1
        if (this.#fullDisks === 0) this.#disk.empty()
        return true
      }
      case 'lock':
        await this.#lockFor((fault.toMs - fault.fromMs) / this.#plan.speed)
        return true
      case 'kill':
        return this.#miner.kill()
      case 'forgers': {
        const nowMs = () => this.#clock.nowMs()
        const sender = validators[0]!.address
        await forge({ port: () => this.#miner.port, sender, receiver: alice.address, nowMs }, isOver)
        return true
      }
      case 'silentCrowd': {
        const leave = standSilent(this.#miner.port, 600)
        await this.#until(fault.toMs)
        leave()
        return true
      }
      case 'metagraphSwap':
        this.#swaps += 1
        this.#setNeurons()
        return true
      case 'deregistered':
        this.#isMinerIn = false
        this.#setNeurons()
        await this.#until(fault.toMs)
        this.#isMinerIn = true
        this.#setNeurons()
        return true
      case 'newcomer': {
        const signer = devSigner(`//New//${fault.seed}`)
        // It asks at once; the miner reads the metagraph later.
        this.#joinedMs.set(signer.address, this.#clock.nowMs())
        this.#newcomers.push(signer.address)
        this.#setNeurons()
        this.#honest.signers.push(signer)
        await this.#until(fault.toMs)
        this.#honest.signers.splice(this.#honest.signers.indexOf(signer), 1)
        return true
      }
      case 'change':
        return this.#operator.change(rng)
    }
  }

  #setClock(offMs: number): void {
    this.#wrongMs = offMs
    writeFileSync(this.#clockFile, String(offMs))
    this.#miner.current?.child.kill('SIGUSR2')
  }

  /** All places in another order, and the neighbours replaced. */
  #setNeurons(): void {
    const rng = new SplitMix64(this.#plan.seed).fork(`swap ${this.#swaps}`)
    const neurons = [
      ...(this.#isMinerIn ? [aNeuron({ hotkey: alice.address, hasPermit: false })] : []),
      ...validators.map(({ address }) => aNeuron({ hotkey: address })),
      ...this.#newcomers.slice(-20).map((hotkey) => aNeuron({ hotkey })),
      ...Array.from({ length: 8 }, (_, i) => aNeuron({ hotkey: devSigner(`//Hot//${this.#swaps}//${i}`).address })),
    ]
    const order = neurons.map((neuron) => ({ neuron, at: rng.next() })).sort((a, b) => a.at - b.at)
    this.#node.setNeurons(order.map(({ neuron }) => neuron))
  }

  /** Another process holds all three files. */
  async #lockFor(durationMs: number): Promise<void> {
    const script = `const Database = require(${JSON.stringify(join(root, 'node_modules', 'better-sqlite3'))})
      for (const file of ['miner.sqlite', 'miner-nonces.sqlite', 'miner-governance.sqlite']) {
        try { new Database(${JSON.stringify(this.#disk.folder)} + '/' + file, { timeout: 500 }).exec('begin immediate') } catch {}
      }
      setTimeout(() => process.exit(), ${Math.round(durationMs)})`
    await runBeside(this.#disk, ['-e', script])
  }

  async #until(sinceBeginMs: number): Promise<void> {
    const leftMs = this.#beganMs + sinceBeginMs - this.#clock.nowMs()
    if (leftMs > 0) await this.#clock.sleep(leftMs)
  }

  async #every(realMs: number, work: () => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      work()
      await systemClock.sleep(realMs, signal).catch(() => undefined)
    }
  }

  async #waitForHealth(): Promise<string[]> {
    const giveUpMs = performance.now() + 60_000
    for (;;) {
      const { current } = this.#miner
      const health = current === undefined ? undefined : await healthOf(current).catch(() => undefined)
      const parts = Object.entries(health?.parts ?? {})
      const unwell = parts.filter(([, { state }]) => state !== 'ok' && state !== 'notConfigured')
      if (parts.length > 0 && unwell.length === 0) return []
      if (performance.now() > giveUpMs) return unwell.map(([name, { sentence }]) => `${name}: ${sentence}`)
      await systemClock.sleep(500)
    }
  }

  async #report(exitCode: number | null, unwell: readonly string[]): Promise<WeekReport> {
    const { finished } = this.#honest
    const miner = this.#miner
    const missed = new Map<Reason, number>()
    const unexplained: Finished[] = []
    const excuses = excusesFor({
      speed: this.#plan.speed,
      lives: miner.lives,
      crowdedOut: miner.crowdedOut,
      joinedMs: this.#joinedMs,
      readsMs: this.#readsMs,
      spans: this.#spans,
      outages: this.#outages,
      serversOf: (asset) => serversOf(asset, this.#beganMs),
      assets: recordedAssets,
    })
    for (const prompt of finished) {
      if (prompt.outcome === 'answered') continue
      const reason = explain(prompt, excuses)
      if (reason === undefined) unexplained.push(prompt)
      else missed.set(reason, (missed.get(reason) ?? 0) + 1)
    }
    const answered = finished.filter(({ outcome }) => outcome === 'answered')
    const kept = answered.filter(({ outputHash }) => !miner.unpersisted.has(outputHash!))
    const ids = new Set(kept.map(({ id }) => id!))
    const left = this.#takeDatabase()
    const recorded = countRecorded(left, ids)
    const { accepted } = this.#operator
    const history = await this.#operator.history()
    const present = new Set(history.changes.map(({ id }) => id))
    return {
      prompts: finished.length,
      answered: answered.length,
      missed,
      unexplained,
      injected: this.#injected,
      lost: ids.size - recorded,
      unpersisted: miner.unpersisted.size,
      records: recorded,
      changes: { accepted: accepted.length, refused: this.#operator.refused },
      ledger: { ...history.verification, missing: accepted.filter((id) => !present.has(id)) },
      failures: [...this.#failures, ...miner.failures],
      unwell,
      exitCode,
      crowdedOutSeconds: Math.round(
        miner.crowdedOut.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0) / this.#plan.speed / 1_000,
      ),
      mostMegabytes: Math.round(miner.mostBytes / 1e6),
      lastMegabytes: Math.round(miner.lastBytes / 1e6),
      mostFiles: miner.mostFiles,
      lastFiles: miner.lastFiles,
      events: miner.events,
    }
  }

  /** A copy: SQLite would follow the path out of the file systems of the miner. */
  #takeDatabase(): string {
    const folder = temporaryFolder()
    for (const name of readdirSync(this.#disk.outside).filter((own) => own.startsWith('miner.sqlite'))) {
      copyFileSync(join(this.#disk.outside, name), join(folder, name))
    }
    return join(folder, 'miner.sqlite')
  }
}

/** What would be nothing to a miner that is down. */
const needMiner: ReadonlySet<FaultKind> = new Set(['clockJump', 'forgers', 'silentCrowd'])

/** In seconds of real time. */
const answerSeconds = 30
const priceAgeSeconds = 8

function serversOf(asset: string, nowMs: number): string[] {
  const scored = createPriceSourceLookup(
    createScoredSources(buildRegimeBook(builtInRegimes), { pythHistory: 'pythPro' }),
  )
  const router = createPriceRouter({ scored, fallbacks: defaultServingFallbacks })
  const serverOf = (venue: string) => priceServers.find((server) => venue.startsWith(server)) ?? venue
  return [...new Set(router.serving(asset, nowMs).map(({ venue }) => serverOf(venue)))]
}
