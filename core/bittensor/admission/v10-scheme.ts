import { type AuthScheme, type Claim, headerText, type RequestFacts, readSignature } from './auth-scheme.ts'
import { longestAgeNs, parseNonce, type V10WindowRules, v10Window } from './nonce-window.ts'
import { accept, type Checked, refuse } from './refusals.ts'
import type { HotkeyCodec } from './signature-verifier.ts'

/**
 * The scheme of the Python SDK up to version 10. The version header is not signed, and a lower version would switch the
 * freshness check off, so it is never read. The input_obj, size and name headers carry nothing and are not read either.
 */
export interface V10Rules extends V10WindowRules {
  /** The possible body hashes of our synapses; the header must be one of them. */
  readonly bodyHashes: readonly string[]
}

export function createV10Scheme(codec: HotkeyCodec, rules: V10Rules): AuthScheme {
  return {
    name: 'v10',
    coversBody: false,
    longestAgeNs: longestAgeNs(rules),
    readClaim: (facts, receiver) => readClaim(facts, receiver, codec, rules),
  }
}

function readClaim(facts: RequestFacts, receiver: string, codec: HotkeyCodec, rules: V10Rules): Checked<Claim> {
  const header = (name: string) => headerText(facts.headers, name)

  // The signature first: a flood without signatures costs one look-up per request.
  const signature = readSignature(header('bt_header_dendrite_signature'))
  if (!signature.ok) return signature

  const sender = header('bt_header_dendrite_hotkey')
  if (sender === undefined || sender === '') return refuse('hotkey_missing')
  const nonce = header('bt_header_dendrite_nonce')
  if (nonce === undefined) return refuse('nonce_missing')
  const uuid = header('bt_header_dendrite_uuid')
  if (uuid === undefined || uuid === '') return refuse('uuid_missing')
  const bodyHash = header('computed_body_hash')
  if (bodyHash === undefined || bodyHash === '') return refuse('body_hash_missing')

  const namedReceiver = header('bt_header_axon_hotkey')
  if (namedReceiver !== undefined && namedReceiver !== receiver) return refuse('wrong_receiver')
  if (!rules.bodyHashes.includes(bodyHash)) return refuse('body_hash_unknown')

  const nonceNs = parseNonce(nonce)
  if (nonceNs === undefined) return refuse('nonce_malformed')
  if (!uuidText.test(uuid)) return refuse('uuid_malformed')
  const timeoutMs = parseTimeoutMs(header('timeout'))
  if (timeoutMs === undefined) return refuse('timeout_malformed')
  const senderKey = codec.decode(sender)
  if (senderKey === undefined) return refuse('hotkey_malformed')

  return accept({
    scheme: 'v10',
    sender,
    senderKey,
    signature: signature.value,
    nonceNs,
    lane: uuid,
    window: v10Window(timeoutMs, rules),
    timeoutMs,
    signedText: () => v10SignedText({ nonce, sender, receiver, uuid, bodyHash }),
  })
}

/** The receiver is our own address, never the header's. */
export function v10SignedText(parts: {
  readonly nonce: string
  readonly sender: string
  readonly receiver: string
  readonly uuid: string
  readonly bodyHash: string
}): string {
  return `${parts.nonce}.${parts.sender}.${parts.receiver}.${parts.uuid}.${parts.bodyHash}`
}

const uuidText = /^[0-9A-Za-z-]{1,64}$/

// What Python prints for a float: 51.25, 60.0, 1e-05. No sign, no nan, no inf.
const floatText = /^(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)(?:e[+-]?[0-9]{1,3})?$/i

/** What a synapse of the SDK waits that names no time of its own. */
const sdkTimeoutMs = 12_000

function parseTimeoutMs(text: string | undefined): number | undefined {
  if (text === undefined) return sdkTimeoutMs
  return text.length <= 40 && floatText.test(text) ? Number(text) * 1_000 : undefined
}
