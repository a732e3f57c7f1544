import { createHash } from 'node:crypto'
import { sr25519_pubkey, sr25519_secret_from_seed, sr25519_sign } from '@polkadot-labs/schnorrkel-wasm'

/** A key pair that signs like a validator's hotkey. */
export interface TestHotkey {
  readonly address: string
  readonly publicKey: Uint8Array
  sign(message: string): Uint8Array
}

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

export function hotkeyFromSeed(seed: Uint8Array): TestHotkey {
  const secret = sr25519_secret_from_seed(seed)
  const publicKey = sr25519_pubkey(secret)
  return {
    address: encodeSs58(publicKey, 42),
    publicKey,
    sign: (message) => sr25519_sign(publicKey, secret, new TextEncoder().encode(message)),
  }
}

export function hotkeyNamed(name: string): TestHotkey {
  return hotkeyFromSeed(createHash('sha256').update(`test hotkey ${name}`).digest())
}

// The well-known development keys //Alice and //Bob, whose addresses the protocol's vectors use.
export const alice = hotkeyFromSeed(
  Buffer.from('e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a', 'hex'),
)
export const bob = hotkeyFromSeed(
  Buffer.from('398f0c28f98885e046333d4a41c19cee4c37368a9832c6502f6cfd182e2aef89', 'hex'),
)

export function encodeSs58(publicKey: Uint8Array, prefix: number): string {
  const body = Buffer.concat([Buffer.from([prefix]), publicKey])
  const hash = createHash('blake2b512').update('SS58PRE').update(body).digest()
  let value = BigInt(`0x${Buffer.concat([body, hash.subarray(0, 2)]).toString('hex')}`)
  let text = ''
  for (; value > 0n; value /= 58n) text = alphabet[Number(value % 58n)] + text
  // A leading zero byte (prefix 0) is written as '1'.
  return prefix === 0 ? `1${text}` : text
}
