/** sr25519 with the signing context "substrate". False for anything that is not a valid signature; never throws. */
export interface SignatureVerifier {
  verify(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean
}

export interface HotkeyCodec {
  /** The 32-byte key of an SS58 address with prefix 42 in its one canonical form, else undefined. */
  decode(address: string): Uint8Array | undefined
}
