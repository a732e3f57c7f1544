import { ristretto255 } from '@noble/curves/ed25519.js'
import { sr25519_verify } from '@polkadot-labs/schnorrkel-wasm'
import type { SignatureVerifier } from '#core/bittensor/admission/signature-verifier'

/**
 * The Rust schnorrkel crate compiled to WebAssembly: about 0.17 ms for one verification where the other packages take
 * 1.5 ms and more, so that it can run where the request arrives.
 *
 * The binding panics on a key or signature that is not well formed. A panic prints, leaks its buffers and leaves the
 * module's stack pointer where it was, so a stranger could wear it out; hence nothing reaches it that would panic.
 */
export const schnorrkelVerifier: SignatureVerifier = {
  verify(message, signature, publicKey) {
    return isWellFormed(signature) && isPoint(publicKey) && sr25519_verify(publicKey, message, signature)
  },
}

/** 32 bytes of R, then the scalar s below the group order, with schnorrkel's mark in its highest bit. */
function isWellFormed(signature: Uint8Array): boolean {
  if (signature.length !== 64 || (signature[63]! & 0x80) === 0) return false
  for (let i = 31; i >= 0; i -= 1) {
    const byte = i === 31 ? signature[63]! & 0x7f : signature[32 + i]!
    if (byte !== groupOrder[i]!) return byte < groupOrder[i]!
  }
  return false
}

/** 2^252 + 27742317777372353535851937790883648493, least significant byte first. */
const groupOrder = Uint8Array.from(
  Buffer.from('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010', 'hex'),
)

// A hotkey may be any 32 bytes on the chain. The check takes as long as a verification, so its result is kept by key:
// the codec returns the same array for the same address.
const checkedKeys = new WeakMap<Uint8Array, boolean>()

function isPoint(publicKey: Uint8Array): boolean {
  const known = checkedKeys.get(publicKey)
  if (known !== undefined) return known
  // Zero is the neutral point: anybody can sign for it, and the chain shows it for a uid without an owner.
  const valid = publicKey.length === 32 && publicKey.some((byte) => byte !== 0) && decompresses(publicKey)
  checkedKeys.set(publicKey, valid)
  return valid
}

function decompresses(publicKey: Uint8Array): boolean {
  try {
    ristretto255.Point.fromBytes(publicKey)
    return true
  } catch {
    return false
  }
}
