import { decodeAddress, encodeAddress, mnemonicToMiniSecret, mnemonicValidate } from '@polkadot/util-crypto'
import { getPublicKey, secretFromSeed, sign } from '@scure/sr25519'
import type { HotkeySigner } from '#core/bittensor/wallet/hotkey-signer'
import type { KeyDocument, KeySecret } from '#core/bittensor/wallet/key-document'
import { expandPrivateKey } from '#core/bittensor/wallet/private-key'
import { WalletError } from '#core/bittensor/wallet/wallet-error'

/** Bittensor writes all addresses with this SS58 prefix. */
export const addressPrefix = 42

/** Derives the key pair and refuses it when the file claims another address. */
export function signerOf(document: KeyDocument): HotkeySigner {
  const secret = expandedSecret(document.secret)
  const publicKey = getPublicKey(secret)
  const address = encodeAddress(publicKey, addressPrefix)
  checkClaims(document, publicKey, address)
  return { address, publicKey, sign: (message) => sign(secret, message) }
}

function expandedSecret(secret: KeySecret): Uint8Array {
  switch (secret.kind) {
    case 'phrase':
      if (!mnemonicValidate(secret.phrase, undefined, true)) {
        throw new WalletError(
          'WALLET_KEY_INVALID',
          'The mnemonic of the key file is not valid (a word or its checksum).',
        )
      }
      return secretFromSeed(mnemonicToMiniSecret(secret.phrase, '', undefined, true))
    case 'seed':
      return secretFromSeed(secret.seed)
    case 'privateKey':
      return expandPrivateKey(secret.canonical)
    case 'none':
      throw new WalletError('WALLET_KEY_UNSUPPORTED', 'The key file has no secret, only public parts.', {
        hint: 'Set wallet.hotkeys to the hotkey itself, not to its "pub.txt" file.',
      })
  }
}

function checkClaims(document: KeyDocument, publicKey: Uint8Array, address: string): void {
  const claims = [
    document.claimedAddress === undefined ? undefined : publicKeyOf(document.claimedAddress),
    document.claimedPublicKey,
  ]
  for (const claim of claims) {
    if (claim !== undefined && !Buffer.from(claim).equals(publicKey)) {
      throw new WalletError(
        'WALLET_ADDRESS_MISMATCH',
        `The secret of the key file belongs to ${address}, but the file says ${encodeAddress(claim, addressPrefix)}.`,
      )
    }
  }
}

/** Any prefix is accepted here, because old files were written with others; the key decides. */
function publicKeyOf(address: string): Uint8Array {
  try {
    return decodeAddress(address.trim())
  } catch {
    throw new WalletError('WALLET_KEY_INVALID', 'The ss58Address of the key file is not a valid address.')
  }
}
