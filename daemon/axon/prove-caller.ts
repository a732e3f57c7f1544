import type { Logger } from '#core/base/log/logger'
import type { Caller, Gatekeeper } from '#core/bittensor/admission/gatekeeper'
import { accept, type Checked } from '#core/bittensor/admission/refusals'
import type { SignatureBudget } from './signature-budget.ts'

export interface ProveDeps {
  readonly log: Logger
  readonly gatekeeper: Gatekeeper
  readonly budget: SignatureBudget
}

/**
 * Verifies the signature within the budget of the caller's address, takes the nonce and begins to write it down. The
 * promise resolves to false when it could not be written.
 */
export function proveCaller(
  { log, gatekeeper, budget }: ProveDeps,
  caller: Caller,
  peerIp: string,
  bodySha256Hex: string,
): Checked<Promise<boolean>> {
  const within = budget.mayVerify(peerIp, caller.neuron.axonIp)
  if (!within.ok) return within
  const proven = gatekeeper.prove(caller, bodySha256Hex)
  if (!proven.ok) {
    if (proven.refusal.code === 'sig_invalid') budget.failed(peerIp)
    return proven
  }
  budget.succeeded(peerIp)
  const recorded = proven.value.durable.then(
    () => true,
    (err: unknown) => {
      log.error({ event: 'nonce.unrecorded', sender: caller.claim.sender, err }, 'A nonce could not be written')
      return false
    },
  )
  return accept(recorded)
}
