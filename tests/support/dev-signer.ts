import {
  encodeAddress,
  keyExtractSuri,
  keyFromPath,
  mnemonicToMiniSecret,
  sr25519PairFromSeed,
} from '@polkadot/util-crypto'
import { sign } from '@scure/sr25519'
import type { HotkeySigner } from '#core/bittensor/wallet/hotkey-signer'

/** The phrase behind //Alice and all other development keys of Substrate chains. It protects nothing. */
const devPhrase = 'bottom drive obey lake curtain smoke basket hold race lonely fit walk'

/** A well-known development key, e.g. `//Alice`. */
export function devSigner(uri: string): HotkeySigner {
  const { path } = keyExtractSuri(`${devPhrase}${uri}`)
  const root = sr25519PairFromSeed(mnemonicToMiniSecret(devPhrase, '', undefined, true))
  const { publicKey, secretKey } = keyFromPath(root, path, 'sr25519')
  return { address: encodeAddress(publicKey, 42), publicKey, sign: (message) => sign(secretKey, message) }
}
