import { createHash } from 'node:crypto'
import { encodeAddress } from '@polkadot/util-crypto'
import { getPublicKey, secretFromSeed, sign } from '@scure/sr25519'
import type { HotkeySigner } from '#core/bittensor/wallet/hotkey-signer'
import { addressPrefix } from './sr25519-signer.ts'

/**
 * A public hotkey: its secret is derived from its name. For stand-ins on one machine, where miner and validator must
 * know each other's address without an exchange; it protects nothing.
 */
export function devHotkey(name: string): HotkeySigner {
  const seed = createHash('sha256').update(`volcast throw-away development hotkey: ${name}`).digest()
  const secret = secretFromSeed(seed)
  const publicKey = getPublicKey(secret)
  return {
    address: encodeAddress(publicKey, addressPrefix),
    publicKey,
    sign: (message) => sign(secret, message),
  }
}
