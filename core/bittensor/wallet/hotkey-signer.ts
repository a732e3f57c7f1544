/** A hotkey that can sign. The secret stays inside. */
export interface HotkeySigner {
  /** SS58 with prefix 42. */
  readonly address: string
  readonly publicKey: Uint8Array
  /** A 64-byte sr25519 signature with the context "substrate". */
  sign(message: Uint8Array): Uint8Array
}
