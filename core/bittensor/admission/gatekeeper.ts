import type { Clock } from '#core/base/time/clock'
import { type AdmissionRules, admit, checkOurselves } from './admission.ts'
import type { AuthScheme, Claim, RequestFacts } from './auth-scheme.ts'
import { btauthMarker } from './btauth-scheme.ts'
import type { IpAllowList } from './ip-allow-list.ts'
import type { MetagraphView, NeuronSummary } from './metagraph-view.ts'
import type { NonceBook } from './nonce-book.ts'
import type { NonceRecord } from './nonce-store.ts'
import { isFresh, toNs } from './nonce-window.ts'
import { accept, type Checked, refuse } from './refusals.ts'
import type { SignatureBudget } from './signature-budget.ts'
import type { SignatureVerifier } from './signature-verifier.ts'

export interface GatekeeperDeps {
  readonly clock: Clock
  readonly metagraph: MetagraphView
  readonly allowList: IpAllowList
  readonly nonces: NonceBook
  readonly verifier: SignatureVerifier
  readonly budget: SignatureBudget
  /** The enabled schemes. */
  readonly schemes: readonly AuthScheme[]
}

export interface GatekeeperRules extends AdmissionRules {
  readonly receiver: string
}

export interface Caller {
  readonly claim: Claim
  readonly neuron: NeuronSummary
  readonly coversBody: boolean
}

/**
 * Decides from the headers alone who is served, with the cheapest checks first: address, form, receiver, registration,
 * permit and stake, age of the nonce; then the signature. Only after that the nonce is taken.
 */
export class Gatekeeper {
  readonly #deps: GatekeeperDeps
  readonly #rules: GatekeeperRules
  readonly #encoder = new TextEncoder()

  constructor(deps: GatekeeperDeps, rules: GatekeeperRules) {
    this.#deps = deps
    this.#rules = rules
  }

  /** All checks without cryptography. */
  check(facts: RequestFacts, peerIp: string): Checked<Caller> {
    const { metagraph, allowList, nonces, clock } = this.#deps
    if (!allowList.allows(peerIp)) return refuse('ip_not_listed')

    const scheme = this.#schemeOf(facts)
    if (scheme === undefined) return refuse('scheme_unknown')
    const claim = scheme.readClaim(facts, this.#rules.receiver)
    if (!claim.ok) return claim

    const ourselves = checkOurselves(metagraph, this.#rules.receiver, this.#rules)
    if (!ourselves.ok) return ourselves
    const neuron = admit(metagraph, claim.value.sender, this.#rules)
    if (!neuron.ok) return neuron

    const { nonceNs, window } = claim.value
    if (!isFresh(nonceNs, toNs(clock.nowMs()), window)) return refuse('nonce_window')
    // Only a shortcut: the nonce is not taken here, because nothing is proven yet.
    const refusal = nonces.refusalOf(claim.value, nonceNs)
    if (refusal !== undefined) return refuse(refusal)
    return accept({ claim: claim.value, neuron: neuron.value, coversBody: scheme.coversBody })
  }

  /** Whether there is budget to verify. A newcomer may have to wait for it. */
  mayProve(peerIp: string, gone?: AbortSignal): Checked<void> | Promise<Checked<void>> {
    return this.#deps.budget.mayVerify(peerIp, gone)
  }

  /**
   * Verifies the signature and takes the nonce. The decision is final; the answer asks the record whether it may go out.
   */
  prove({ claim }: Caller, peerIp: string, bodySha256Hex: string): Checked<NonceRecord> {
    const { budget, clock, nonces, verifier } = this.#deps
    const message = this.#encoder.encode(claim.signedText(bodySha256Hex))
    if (!verifier.verify(message, claim.signature, claim.senderKey)) {
      budget.failed(peerIp)
      return refuse('sig_invalid')
    }
    const taken = nonces.take(claim, claim.nonceNs, toNs(clock.nowMs()))
    if (!taken.taken) return refuse(taken.refusal)
    budget.succeeded(peerIp, claim.sender)
    return accept(taken.record)
  }

  /** The marker alone decides: a request that fails one scheme is never tried with another. */
  #schemeOf(facts: RequestFacts): AuthScheme | undefined {
    const wanted = facts.headers[btauthMarker] === undefined ? 'v10' : 'btauth1'
    return this.#deps.schemes.find((scheme) => scheme.name === wanted)
  }
}
