import { type AuthScheme, type Claim, headerText, type RequestFacts, readSignature } from './auth-scheme.ts'
import { parseNonce, toNs } from './nonce-window.ts'
import { accept, type Checked, refuse } from './refusals.ts'
import type { HotkeyCodec } from './signature-verifier.ts'

/** `btauth/1`, used by newer SDKs: it signs method, target and body. Each nonce is used once, in any order. */
export interface BtauthRules {
  readonly maxAgeMs: number
  readonly maxAheadMs: number
}

export const btauthMarker = 'x-bittensor-version'

// sr25519 only; the scheme's own name for it is the default when the header is absent.
const acceptedCrypto = ['sr25519', 'SR25519', '1']

export function createBtauthScheme(codec: HotkeyCodec, rules: BtauthRules): AuthScheme {
  return {
    name: 'btauth1',
    coversBody: true,
    longestAgeNs: toNs(rules.maxAgeMs),
    readClaim: (facts, receiver) => readClaim(facts, receiver, codec, rules),
  }
}

function readClaim(facts: RequestFacts, receiver: string, codec: HotkeyCodec, rules: BtauthRules): Checked<Claim> {
  const header = (name: string) => headerText(facts.headers, name)

  if (header(btauthMarker) !== '1') return refuse('scheme_unknown')
  const crypto = header('x-bittensor-crypto')
  if (crypto !== undefined && !acceptedCrypto.includes(crypto)) return refuse('scheme_unknown')
  const signature = readSignature(header('x-bittensor-signature'))
  if (!signature.ok) return signature

  const sender = header('x-bittensor-hotkey')
  if (sender === undefined || sender === '') return refuse('hotkey_missing')
  const nonce = header('x-bittensor-nonce')
  if (nonce === undefined) return refuse('nonce_missing')
  // Optional in the format, but without it the request could be replayed to another miner.
  if (header('x-bittensor-receiver') !== receiver) return refuse('wrong_receiver')

  const nonceNs = parseNonce(nonce)
  if (nonceNs === undefined) return refuse('nonce_malformed')
  const senderKey = codec.decode(sender)
  if (senderKey === undefined) return refuse('hotkey_malformed')

  const { method, target } = facts
  return accept({
    scheme: 'btauth1',
    sender,
    senderKey,
    signature: signature.value,
    nonceNs,
    // Each nonce is its own lane: this exact nonce may not come again, but an earlier one may still arrive.
    lane: nonce,
    window: { maxAgeNs: toNs(rules.maxAgeMs), maxAheadNs: toNs(rules.maxAheadMs) },
    timeoutMs: undefined,
    signedText: (bodySha256Hex) =>
      btauthSignedText({ crypto: 'sr25519', method, target, bodySha256Hex, nonce, sender, receiver }),
  })
}

export function btauthSignedText(parts: {
  readonly crypto: string
  readonly method: string
  readonly target: string
  readonly bodySha256Hex: string
  readonly nonce: string
  readonly sender: string
  readonly receiver: string | undefined
}): string {
  return [
    'btauth/1',
    parts.crypto,
    parts.method.toUpperCase(),
    parts.target,
    parts.bodySha256Hex,
    parts.nonce,
    parts.sender,
    parts.receiver ?? '-',
  ].join('\n')
}
