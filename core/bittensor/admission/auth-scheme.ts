import type { NonceWindow } from './nonce-window.ts'
import { accept, type Checked, refuse } from './refusals.ts'

/** Names in lower case. A header sent twice arrives joined with ", " and then fails the check of its own form. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

export interface RequestFacts {
  readonly method: string
  /** Path and query as sent, still percent-encoded. */
  readonly target: string
  readonly headers: Headers
}

export type SchemeName = 'v10' | 'btauth1'

/** What a request says about its sender. Nothing of it is proven until the signature is verified. */
export interface Claim {
  readonly scheme: SchemeName
  readonly sender: string
  readonly senderKey: Uint8Array
  readonly signature: Uint8Array
  readonly nonceNs: bigint
  /** Nonces rise within a lane. The lanes of one sender are independent. */
  readonly lane: string
  readonly window: NonceWindow
  /** How long the caller waits; undefined when it does not say. */
  readonly timeoutMs: number | undefined
  /** The text that was signed; the digest is used only by a scheme that covers the body. */
  readonly signedText: (bodySha256Hex: string) => string
}

export interface AuthScheme {
  readonly name: SchemeName
  /** A scheme that signs the body can be verified only after reading it. */
  readonly coversBody: boolean
  /** How long a nonce must be remembered. */
  readonly longestAgeNs: bigint
  readClaim(facts: RequestFacts, receiver: string): Checked<Claim>
}

const signatureText = /^0x[0-9a-fA-F]{128}$/

export function readSignature(text: string | undefined): Checked<Uint8Array> {
  if (text === undefined || text === '') return refuse('sig_missing')
  return signatureText.test(text) ? accept(hexBytes(text)) : refuse('sig_malformed')
}

export function headerText(headers: Headers, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : value?.join(', ')
}

function hexBytes(text: string): Uint8Array {
  const bytes = new Uint8Array((text.length - 2) / 2)
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = Number.parseInt(text.slice(2 + 2 * i, 4 + 2 * i), 16)
  return bytes
}
