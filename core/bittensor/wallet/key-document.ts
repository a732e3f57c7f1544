import { WalletError } from './wallet-error.ts'

/** The source of the secret, in the order in which the Bittensor tools look. */
export type KeySecret =
  | { readonly kind: 'phrase'; readonly phrase: string }
  | { readonly kind: 'seed'; readonly seed: Uint8Array }
  | { readonly kind: 'privateKey'; readonly canonical: Uint8Array }
  | { readonly kind: 'none' }

/** The content of a decrypted key file. Its claims are checked against the secret before it is used. */
export interface KeyDocument {
  readonly secret: KeySecret
  readonly claimedAddress: string | undefined
  readonly claimedPublicKey: Uint8Array | undefined
}

const sr25519CryptoType = 1

/** Pure. No message of this function ever quotes the file: a wrong secret must not appear in a log line. */
export function parseKeyDocument(text: string): KeyDocument {
  const trimmed = text.trim()
  if (trimmed.startsWith('{')) return fromJson(trimmed)
  if (/^(0x)?[0-9a-fA-F]{64}$/.test(trimmed)) return bare({ kind: 'seed', seed: hexBytes(trimmed) })
  const words = trimmed.split(/\s+/)
  if ([12, 15, 18, 21, 24].includes(words.length) && words.every((word) => /^[a-z]+$/.test(word))) {
    return bare({ kind: 'phrase', phrase: words.join(' ') })
  }
  throw invalid('is neither JSON, nor a hex seed, nor a mnemonic')
}

function bare(secret: KeySecret): KeyDocument {
  return { secret, claimedAddress: undefined, claimedPublicKey: undefined }
}

function fromJson(text: string): KeyDocument {
  const members = readMembers(text)
  if (members.has('encoded') && members.has('encoding')) {
    throw new WalletError(
      'WALLET_KEY_UNSUPPORTED',
      'The key file is an export of polkadot.js, not a Bittensor hotkey.',
      {
        hint: 'Make the hotkey file with "btcli wallet regen-hotkey" from its mnemonic.',
      },
    )
  }
  const cryptoType = members.get('cryptoType')
  if (cryptoType !== undefined && cryptoType !== null && Number(cryptoType) !== sr25519CryptoType) {
    throw new WalletError(
      'WALLET_KEY_UNSUPPORTED',
      `The key is of crypto type ${printable(cryptoType)}; a miner signs with sr25519 (type 1) only.`,
    )
  }
  const publicHex = textMember(members, 'publicKey') ?? textMember(members, 'accountId')
  return {
    secret: secretOf(members),
    // Old files have the name with a leading space.
    claimedAddress: textMember(members, 'ss58Address') ?? textMember(members, ' ss58Address'),
    claimedPublicKey: publicHex === undefined ? undefined : hexMember('publicKey', publicHex, 32),
  }
}

function secretOf(members: ReadonlyMap<string, unknown>): KeySecret {
  const phrase = textMember(members, 'secretPhrase')
  if (phrase !== undefined) return { kind: 'phrase', phrase: phrase.trim().split(/\s+/).join(' ') }
  const seed = textMember(members, 'secretSeed')
  if (seed !== undefined) return { kind: 'seed', seed: hexMember('secretSeed', seed, 32) }
  const canonical = textMember(members, 'privateKey')
  if (canonical !== undefined) return { kind: 'privateKey', canonical: hexMember('privateKey', canonical, 64) }
  return { kind: 'none' }
}

function readMembers(text: string): ReadonlyMap<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The parser's own message quotes the text, so it is left out.
    throw invalid('is cut or is not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('is not a JSON object')
  return new Map(Object.entries(value))
}

function textMember(members: ReadonlyMap<string, unknown>, name: string): string | undefined {
  const value = members.get(name)
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string') throw invalid(`has a ${name.trim()} that is not text`)
  return value
}

function hexMember(name: string, text: string, length: number): Uint8Array {
  if (!new RegExp(`^(0x)?[0-9a-fA-F]{${length * 2}}$`).test(text)) {
    throw invalid(`has a ${name} that is not ${length} bytes of hex`)
  }
  return hexBytes(text)
}

function hexBytes(text: string): Uint8Array {
  const digits = text.startsWith('0x') ? text.slice(2) : text
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16))
}

function printable(value: unknown): string {
  return typeof value === 'number' || /^[a-z0-9-]{1,20}$/i.test(String(value)) ? String(value) : 'unknown'
}

function invalid(what: string): WalletError {
  return new WalletError('WALLET_KEY_INVALID', `The key file ${what}.`)
}
