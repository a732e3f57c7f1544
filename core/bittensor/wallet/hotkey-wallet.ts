import type { HotkeySigner } from './hotkey-signer.ts'
import type { KeyEncryption } from './key-encryption.ts'

/** What is known about a key file without its password. */
export interface HotkeyFileFacts {
  readonly path: string
  readonly encryption: KeyEncryption
  /** As `ls` counts it, e.g. "600". */
  readonly mode: string
  readonly isReadableByOthers: boolean
  /** From the public file next to an encrypted key; not checked against the secret. */
  readonly claimedAddress: string | undefined
}

export interface PasswordRequest {
  readonly keyFilePath: string
  /** The environment variable that the Bittensor tools would use for this file. */
  readonly variable: string
}

/** One place to look for a password. Undefined means: not here, try the next one. */
export interface PasswordSource {
  find(request: PasswordRequest): Promise<string | undefined>
}

/** One hotkey file. */
export interface HotkeyWallet {
  inspect(): Promise<HotkeyFileFacts>
  /** Reads, decrypts and checks the key. Throws a WalletError that says what to do. */
  unlock(): Promise<HotkeySigner>
}
