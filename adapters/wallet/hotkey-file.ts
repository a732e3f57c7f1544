import type { HotkeySigner } from '#core/bittensor/wallet/hotkey-signer'
import type { HotkeyFileFacts, HotkeyWallet, PasswordSource } from '#core/bittensor/wallet/hotkey-wallet'
import { type KeyDocument, parseKeyDocument } from '#core/bittensor/wallet/key-document'
import { detectEncryption } from '#core/bittensor/wallet/key-encryption'
import { WalletError } from '#core/bittensor/wallet/wallet-error'
import { publicFilePath } from '#core/bittensor/wallet/wallet-layout'
import { openKey } from './open-key.ts'
import { passwordRequest } from './password-sources.ts'
import { type PrivateFile, readPrivateFile } from './private-file.ts'
import { signerOf } from './sr25519-signer.ts'

/** One hotkey file of the standard layout. The coldkey is never read. */
export class HotkeyFile implements HotkeyWallet {
  readonly #path: string
  readonly #passwords: PasswordSource
  readonly #allowOpenFile: boolean

  constructor(deps: { passwords: PasswordSource }, options: { path: string; allowOpenFile: boolean }) {
    this.#path = options.path
    this.#passwords = deps.passwords
    this.#allowOpenFile = options.allowOpenFile
  }

  async inspect(): Promise<HotkeyFileFacts> {
    // Reading the file does no harm, and "wallet show" can then say what is wrong with the permissions.
    const file = await this.#read({ allowOpenFile: true })
    const encryption = detectEncryption(file.content)
    const document = encryption === 'none' ? parseOwn(this.#path, file.content) : await this.#readPublicFile()
    return {
      path: this.#path,
      encryption,
      mode: file.mode,
      isReadableByOthers: file.isReadableByOthers,
      claimedAddress: document?.claimedAddress,
    }
  }

  async unlock(): Promise<HotkeySigner> {
    const { content } = await this.#read({ allowOpenFile: this.#allowOpenFile })
    const encryption = detectEncryption(content)
    if (encryption === 'none') return signerOf(parseOwn(this.#path, content))
    const request = passwordRequest(this.#path)
    const password = await this.#passwords.find(request)
    if (password === undefined) {
      throw new WalletError(
        'WALLET_PASSWORD_MISSING',
        `The hotkey file ${this.#path} is encrypted (${encryption}) and no password was found.`,
        { hint: `Set wallet.passwordFile, BT_WALLET_PASSWORD or ${request.variable}.` },
      )
    }
    return signerOf(parseOwn(this.#path, await openKey(content, encryption, password)))
  }

  #read(options: { allowOpenFile: boolean }): Promise<PrivateFile> {
    return readPrivateFile(this.#path, { ...options, what: 'hotkey file' })
  }

  /** Optional: old wallets have none, and a damaged one says nothing about the key. */
  async #readPublicFile(): Promise<KeyDocument | undefined> {
    try {
      const path = publicFilePath(this.#path)
      const { content } = await readPrivateFile(path, { what: 'public file', allowOpenFile: true })
      return parseKeyDocument(content.toString('utf8'))
    } catch (error) {
      if (error instanceof WalletError) return undefined
      throw error
    }
  }
}

function parseOwn(path: string, content: Buffer): KeyDocument {
  try {
    return parseKeyDocument(content.toString('utf8'))
  } catch (error) {
    if (!(error instanceof WalletError)) throw error
    throw new WalletError(error.code, `${path}: ${error.message}`, { hint: error.hint })
  }
}
