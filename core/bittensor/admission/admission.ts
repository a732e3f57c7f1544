import type { MetagraphView, NeuronSummary } from './metagraph-view.ts'
import { accept, type Checked, refuse } from './refusals.ts'

/** Who may ask: a registered hotkey with permit and stake, by the last known metagraph. */
export interface AdmissionRules {
  readonly minStakeTao: number
  readonly requirePermit: boolean
  /** An older metagraph no longer decides who is a validator. Days: who was a validator yesterday still is one. */
  readonly maxMetagraphAgeMs: number
}

/** Whether we may serve anybody at all. */
export function checkOurselves(metagraph: MetagraphView, receiver: string, rules: AdmissionRules): Checked<void> {
  const ageMs = metagraph.ageMs()
  if (ageMs === undefined || ageMs > rules.maxMetagraphAgeMs) return refuse('metagraph_unavailable')
  if (metagraph.ownUid(receiver) === undefined) return refuse('deregistered')
  return accept(undefined)
}

/** A filter on the claimed identity, cheap enough to run before the signature check; it proves nothing. */
export function admit(metagraph: MetagraphView, sender: string, rules: AdmissionRules): Checked<NeuronSummary> {
  const neuron = metagraph.neuron(sender)
  if (neuron === undefined) return refuse('unregistered')
  if (rules.requirePermit && !neuron.hasPermit) return refuse('no_permit')
  // Written so that a stake that is not a number is refused too.
  if (!(neuron.stakeTao >= rules.minStakeTao)) return refuse('low_stake')
  return accept(neuron)
}
