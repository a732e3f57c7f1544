import { WalletError } from './wallet-error.ts'

/**
 * A key file holds schnorrkel's canonical form (scalar, nonce). Signing libraries need the ed25519-expanded form, whose
 * scalar is eight times as large. Used in its place, the first form signs without an error, but nobody can verify the
 * signature.
 */
export function expandPrivateKey(canonical: Uint8Array): Uint8Array {
  if (canonical.length !== 64) {
    throw new WalletError('WALLET_KEY_INVALID', `A private key has 64 bytes, this one has ${canonical.length}.`)
  }
  const expanded = Uint8Array.from(canonical)
  let carry = 0
  for (let i = 0; i < 32; i += 1) {
    const shifted = (canonical[i]! << 3) | carry
    expanded[i] = shifted & 0xff
    carry = shifted >> 8
  }
  // A canonical scalar is below the group order (a little over 2^252), so there is no carry.
  if (carry !== 0) {
    throw new WalletError(
      'WALLET_KEY_INVALID',
      'The private key is not in the form that Bittensor wallets write (its scalar is too large).',
      { hint: 'Re-create the hotkey file from its mnemonic with "btcli wallet regen-hotkey".' },
    )
  }
  return expanded
}
