import type { AddressInfo } from 'node:net'
import { LifecycleError } from '#core/base/errors/app-error'
import type { Stoppable } from '#core/base/lifecycle/shutdown-stack'
import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import { IpRanges } from '#core/bittensor/addresses/ip-ranges'
import { AnnouncedAddresses } from '#core/bittensor/admission/announced-addresses'
import type { AuthScheme } from '#core/bittensor/admission/auth-scheme'
import { createBtauthScheme } from '#core/bittensor/admission/btauth-scheme'
import { Gatekeeper } from '#core/bittensor/admission/gatekeeper'
import { IpAllowList } from '#core/bittensor/admission/ip-allow-list'
import { KnownAddresses } from '#core/bittensor/admission/known-addresses'
import type { MetagraphView } from '#core/bittensor/admission/metagraph-view'
import { NonceBook } from '#core/bittensor/admission/nonce-book'
import type { NonceStore } from '#core/bittensor/admission/nonce-store'
import { ProvenAddresses } from '#core/bittensor/admission/proven-addresses'
import { SignatureBudget } from '#core/bittensor/admission/signature-budget'
import type { HotkeyCodec, SignatureVerifier } from '#core/bittensor/admission/signature-verifier'
import { createV10Scheme } from '#core/bittensor/admission/v10-scheme'
import { checkModules, type SubnetModule } from '../subnets/subnet-module.ts'
import type { AxonConfig } from './config.ts'
import { type CrowdReport, CrowdWatch } from './crowd-watch.ts'
import type { AdmittedCallers } from './describe-axons.ts'
import { LogLimit } from './log-limit.ts'
import type { AxonMetrics } from './metrics.ts'
import { RefusalLog } from './refusal-log.ts'
import { RefusalPacer } from './refusal-pacer.ts'
import { type Axon, buildAxon } from './server.ts'
import { UnprovenBodies } from './unproven-bodies.ts'
import { WorkGate } from './work-gate.ts'

/** What all axons of one process share: everything except the nonces, which belong to one hotkey each. */
export interface SharedAxonDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: AxonMetrics
  readonly metagraph: MetagraphView
  readonly verifier: SignatureVerifier
  readonly codec: HotkeyCodec
  readonly nonces: NonceStore
  /** Why the clock is not trusted; undefined when it is. */
  readonly doubt: () => string | undefined
  readonly modules: readonly SubnetModule[]
  /** Those that an earlier process has seen; none unless given. */
  readonly proven?: ProvenAddresses
}

export interface OwnHotkey {
  /** SS58 address. */
  readonly address: string
  readonly port: number
}

export interface RunningAxon {
  readonly hotkey: string
  readonly host: string
  /** The port that is actually used. */
  readonly port: number
}

export interface RunningAxons extends Stoppable {
  readonly axons: readonly RunningAxon[]
  crowd(): CrowdReport
  admits(): AdmittedCallers
}

export interface BuiltAxons {
  readonly axons: readonly Axon[]
  readonly crowd: CrowdWatch
  admits(): AdmittedCallers
}

/** One axon for each of our hotkeys, built but not listening. */
export async function buildAxons(
  deps: SharedAxonDeps,
  hotkeys: readonly OwnHotkey[],
  config: AxonConfig,
): Promise<BuiltAxons> {
  checkModules(deps.modules)
  const log = deps.log.child({ component: 'axon' })
  const { clock, metagraph, verifier, codec, metrics, modules } = deps
  const schemes = [
    createV10Scheme(codec, {
      ...config.auth,
      bodyHashes: modules.flatMap((module) => module.synapses.flatMap((synapse) => synapse.bodyHashes)),
    }),
    createBtauthScheme(codec, { maxAgeMs: config.auth.btauthMaxAgeMs, maxAheadMs: config.auth.btauthMaxAheadMs }),
  ].filter((scheme) => config.auth.schemes.includes(scheme.name))
  const { ipAllowListMode: mode, ipAllowList: entries, ...admission } = config.admission
  const announced = new AnnouncedAddresses(metagraph, admission)
  const listed = new IpRanges(entries)
  const allowList = new IpAllowList(mode, listed, announced)
  const proven = deps.proven ?? new ProvenAddresses(clock)
  const limit = new LogLimit(clock)
  const known = new KnownAddresses(proven, announced, listed)
  const budget = new SignatureBudget({ clock, known, proven }, config.auth)
  const shared = {
    clock,
    log,
    metrics,
    modules,
    limit,
    allowList,
    known,
    crowd: new CrowdWatch(clock),
    unproven: new UnprovenBodies(known),
    refusals: new RefusalLog({ log, limit, metrics }),
    pacer: new RefusalPacer(clock),
    gate: new WorkGate({ clock, metrics }, config.axon),
  }
  const axons = await Promise.all(
    hotkeys.map(async ({ address: receiver }) => {
      const nonces = await NonceBook.open(deps.nonces, {
        receiver,
        retentionNs: longestRetentionNs(schemes),
        maxLanesPerSender: config.auth.maxLanesPerSender,
        doubt: deps.doubt,
      })
      const gatekeeper = new Gatekeeper(
        { clock, metagraph, allowList, nonces, verifier, budget, schemes },
        { ...admission, receiver },
      )
      return buildAxon({ ...shared, gatekeeper }, receiver, config.axon)
    }),
  )
  const admits = () => ({
    mode,
    listed: entries,
    announced: announced.count,
    silentValidators: announced.silentValidators,
  })
  return { axons, crowd: shared.crowd, admits }
}

export async function startAxons(
  deps: SharedAxonDeps,
  hotkeys: readonly OwnHotkey[],
  config: AxonConfig,
): Promise<RunningAxons> {
  const { axons, crowd, admits } = await buildAxons(deps, hotkeys, config)
  const stop = () => stopAxons(axons, deps.clock, config.axon.drainMs)
  const running: RunningAxon[] = []
  try {
    for (const [index, { address, port }] of hotkeys.entries()) {
      const { server } = axons[index]!
      await listen(server, config.axon.host, port)
      running.push({ hotkey: address, host: config.axon.host, port: (server.server.address() as AddressInfo).port })
    }
  } catch (error) {
    await stop()
    throw error
  }
  for (const axon of running) deps.log.info({ event: 'axon.listening', ...axon }, 'Axon listening')
  return { axons: running, crowd: () => crowd.report(), admits, stop }
}

function longestRetentionNs(schemes: readonly AuthScheme[]): bigint {
  let longestNs = 0n
  for (const { longestAgeNs } of schemes) if (longestAgeNs > longestNs) longestNs = longestAgeNs
  return longestNs
}

async function listen(server: Axon['server'], host: string, port: number): Promise<void> {
  try {
    await server.listen({ host, port })
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
    if (reason === undefined) throw cause
    throw new LifecycleError('LISTEN_FAILED', `The axon cannot listen on ${host}:${port} (${reason}).`, {
      cause,
      hint: 'Set axon.port to a free port, or stop the process that holds it.',
      details: { host, port, reason },
    })
  }
}

/** Stops accepting, finishes the requests in progress, and after the given time closes the rest. */
async function stopAxons(axons: readonly Axon[], clock: Clock, drainMs: number): Promise<void> {
  for (const axon of axons) axon.drain()
  const closed = new AbortController()
  const force = () => {
    for (const { server } of axons) server.server.closeAllConnections()
  }
  const forced = clock.sleep(drainMs, closed.signal).then(force, () => {})
  await Promise.all(axons.map(({ server }) => server.close()))
  closed.abort()
  await forced
}
