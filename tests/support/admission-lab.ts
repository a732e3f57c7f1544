import type { Clock } from '#core/base/time/clock'
import { IpRanges } from '#core/bittensor/addresses/ip-ranges'
import type { AdmissionRules } from '#core/bittensor/admission/admission'
import { AnnouncedAddresses } from '#core/bittensor/admission/announced-addresses'
import { IpAllowList, type IpAllowListMode } from '#core/bittensor/admission/ip-allow-list'
import { KnownAddresses } from '#core/bittensor/admission/known-addresses'
import { ProvenAddresses } from '#core/bittensor/admission/proven-addresses'
import { SignatureBudget, type SignatureBudgetRules } from '#core/bittensor/admission/signature-budget'
import { FakeMetagraph } from './fake-metagraph.ts'

const anyValidator: AdmissionRules = { minStakeTao: 1_000, requirePermit: true, maxMetagraphAgeMs: 1_000 }

export interface AddressFacts {
  readonly metagraph?: FakeMetagraph
  readonly mode?: IpAllowListMode
  readonly listed?: readonly string[]
  readonly admission?: AdmissionRules
}

/** What the axon knows about addresses, as the miner wires it. */
export function addressParts(clock: Clock, facts: AddressFacts = {}) {
  const { metagraph = new FakeMetagraph(), mode = 'off', admission = anyValidator } = facts
  const listed = new IpRanges(facts.listed ?? [])
  const announced = new AnnouncedAddresses(metagraph, admission)
  const proven = new ProvenAddresses(clock)
  const known = new KnownAddresses(proven, announced, listed)
  return { metagraph, listed, announced, proven, known, allowList: new IpAllowList(mode, listed, announced) }
}

export function budgetWith(clock: Clock, rules: SignatureBudgetRules, facts: AddressFacts = {}) {
  const parts = addressParts(clock, facts)
  return { ...parts, budget: new SignatureBudget({ clock, ...parts }, rules) }
}
