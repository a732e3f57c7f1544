import type { PartHealth } from '#core/base/health/health-board'
import { dayMs, hourMs, minuteMs } from '#core/base/time/units'
import type { ChainStatus } from './chain-status.ts'

interface Finding {
  readonly state: 'degraded' | 'failed'
  readonly sentence: string
  readonly hint?: string
}

export interface MetagraphLimits {
  readonly staleAfterMs: number
  /** From this age on nobody is admitted by it. */
  readonly maxMetagraphAgeMs: number
}

/** One line for the health page: the most serious finding first, or that all is well. */
export function chainHealth(status: ChainStatus, limits: MetagraphLimits): PartHealth {
  const findings = [
    ...hotkeyFindings(status),
    ...connectionFindings(status),
    ...metagraphFindings(status, limits),
    ...clockFindings(status),
  ]
  const gravest = findings.find((finding) => finding.state === 'failed') ?? findings[0]
  if (gravest !== undefined) return gravest
  return { state: 'ok', sentence: wellSentence(status) }
}

function hotkeyFindings({ hotkeys }: ChainStatus): Finding[] {
  return hotkeys.flatMap(({ address, registration, announcement }): Finding[] => {
    if (registration.state === 'deregistered') {
      return [
        {
          state: 'failed',
          sentence: `The hotkey ${address} is not registered on the subnet.`,
          hint: 'Register it again with "btcli subnet register"; the miner notices by itself.',
        },
      ]
    }
    if (announcement.state === 'refused') {
      return [{ state: 'degraded', sentence: `The chain refused the address of ${address}: ${announcement.reason}` }]
    }
    return []
  })
}

function connectionFindings({ connection, whyNotSign }: ChainStatus): Finding[] {
  switch (connection.state) {
    case 'wrongChain':
      return [
        {
          state: 'failed',
          sentence: `The node serves another chain: ${connection.reason}.`,
          hint: 'Check chain.endpoints and chain.genesisHash.',
        },
      ]
    case 'connecting':
    case 'disconnected':
      return [
        { state: 'degraded', sentence: `No connection to the chain: ${connection.reason ?? 'still connecting'}.` },
      ]
    case 'stopped':
      return []
    case 'connected':
      if (whyNotSign === undefined) return []
      return [
        {
          state: 'degraded',
          sentence: `The chain's runtime ${connection.specVersion} is newer than this release can sign for: ${whyNotSign}.`,
          hint: 'Prompts are still answered. Upgrade volcast to announce a new address.',
        },
      ]
  }
}

function metagraphFindings({ metagraph }: ChainStatus, limits: MetagraphLimits): Finding[] {
  if (metagraph.origin === 'none') {
    return [{ state: 'failed', sentence: 'There is no metagraph yet, so no validator can be admitted.' }]
  }
  if (metagraph.ageMs <= limits.staleAfterMs) return []
  const because = metagraph.rejected === undefined ? '' : ` The newest answer was refused: ${metagraph.rejected}.`
  const sentence = `The metagraph is ${age(metagraph.ageMs)} old.${because}`
  if (metagraph.ageMs > limits.maxMetagraphAgeMs) {
    return [
      {
        state: 'failed',
        sentence: `${sentence} No validator is admitted by it any more.`,
        hint: 'Name more nodes in chain.endpoints; admission.maxMetagraphAgeMs is the limit.',
      },
    ]
  }
  const servedUntil = age(limits.maxMetagraphAgeMs)
  return [
    {
      state: 'degraded',
      sentence: `${sentence} It decides who may ask until it is ${servedUntil} old.`,
      hint: 'Name more nodes in chain.endpoints if this lasts.',
    },
  ]
}

function clockFindings({ clock }: ChainStatus): Finding[] {
  if (clock.state !== 'ahead' && clock.state !== 'behind') return []
  const seconds = (Math.abs(clock.offsetMs) / 1_000).toFixed(1)
  return [
    {
      state: 'degraded',
      sentence: `The clock of this computer is about ${seconds} s ${clock.state} of the chain's.`,
      hint: 'Enable time synchronisation, e.g. with "timedatectl set-ntp true": validators refuse a clock that is off by seconds.',
    },
  ]
}

function wellSentence({ connection, metagraph, hotkeys }: ChainStatus): string {
  const places = hotkeys.flatMap(({ registration }) => (registration.state === 'registered' ? [registration.uid] : []))
  const endpoint = connection.state === 'connected' ? connection.endpoint : 'nowhere'
  const block = metagraph.origin === 'none' ? 0 : metagraph.block
  return `Connected to ${endpoint}, block ${block}, uid ${places.join(', ') || 'none'}.`
}

function age(durationMs: number): string {
  if (durationMs < 2 * hourMs) return `${Math.round(durationMs / minuteMs)} min`
  if (durationMs < 2 * dayMs) return `${Math.round(durationMs / hourMs)} h`
  return `${Math.round(durationMs / dayMs)} days`
}
