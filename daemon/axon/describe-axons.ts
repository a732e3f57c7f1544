import type { PartHealth } from '#core/base/health/health-board'
import { counted } from '#core/base/text/counted'
import type { IpAllowListMode } from '#core/bittensor/admission/ip-allow-list'
import { type CrowdReport, recentMinutes } from './crowd-watch.ts'
import type { AxonCounters } from './metrics.ts'

export interface AdmittedCallers {
  readonly mode: IpAllowListMode
  readonly listed: readonly string[]
  /** Addresses that validators announce on chain. */
  readonly announced: number
  /** Validators that may ask and announce no address. */
  readonly silentValidators: number
}

/** The health page's words about the axons: what they did, who is admitted, and whether honest callers suffered. */
export function describeAxons(
  {
    axons,
    crowd,
    admits,
  }: {
    readonly axons: readonly { readonly port: number }[]
    crowd(): CrowdReport
    admits(): AdmittedCallers
  },
  metrics: Pick<AxonCounters, 'servedTotal' | 'refusals'>,
): PartHealth {
  const ports = axons.map(({ port }) => port).join(', ')
  const refused = [...metrics.refusals.values()].reduce((sum, count) => sum + count, 0)
  const done = `Listening on port ${ports}; ${metrics.servedTotal} prompts answered, ${refused} requests refused.`
  const callers = admits()
  const sentence = `${done} ${describeAdmitted(callers)}`
  const trouble = describeCrowd(crowd())
  if (trouble !== undefined) {
    return { state: 'degraded', sentence: `${sentence} ${trouble}`, hint: crowdHint(callers) }
  }
  if (callers.mode === 'metagraph' && callers.silentValidators > 0) {
    return {
      state: 'degraded',
      sentence,
      hint: 'List the addresses of these validators in admission.ipAllowList, or set admission.ipAllowListMode to fixed or off.',
    }
  }
  return { state: 'ok', sentence }
}

function describeAdmitted({ mode, listed, announced, silentValidators }: AdmittedCallers): string {
  const list = listed.length === 0 ? 'nobody' : listed.join(', ')
  switch (mode) {
    case 'off':
      return 'Validators are admitted from any address.'
    case 'fixed':
      return `Validators are admitted only from: ${list}.`
    case 'metagraph':
      return (
        `Validators are admitted from ${counted(announced, 'announced address', 'announced addresses')} and from: ${list}.` +
        (silentValidators === 0
          ? ''
          : ` ${counted(silentValidators, 'validator announces', 'validators announce')} no address and may be locked out.`)
      )
  }
}

function describeCrowd({ recent }: CrowdReport): string | undefined {
  const parts = [
    ...(recent.knownRefused > 0 ? [`${recent.knownRefused} connections of known addresses were refused`] : []),
    ...(recent.dropped > 0 ? [`${recent.dropped} connections were closed unseen`] : []),
    ...(recent.shed > 0 ? [`${recent.shed} connections without proof were closed to make room`] : []),
  ]
  return parts.length === 0 ? undefined : `In the last ${recentMinutes} minutes ${parts.join(', ')}.`
}

function crowdHint({ mode }: AdmittedCallers): string {
  return mode === 'fixed'
    ? 'Limit new connections in the firewall of this machine to the same addresses.'
    : 'Strangers hold connections open. Set admission.ipAllowListMode to fixed with the addresses of the validators, see "Who may call" in docs/operations.md.'
}
